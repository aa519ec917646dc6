"""Every view of global importance in one record, with one table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tradewind.explain.importance.drift import ImportanceDrift
from tradewind.explain.importance.permutation import PermutationImportance
from tradewind.explain.importance.shapley import ShapImportance
from tradewind.explain.importance.stability import Stability


@dataclass(frozen=True, kw_only=True)
class GlobalImportance:
    """Shapley and permutation importance, stability and drift of the first; ``drift`` is None without a reference."""

    shap: ShapImportance
    permutation: PermutationImportance
    stability: Stability
    drift: ImportanceDrift | None

    def table(self, most: int | None = None) -> list[dict[str, Any]]:
        """Return a line per column, the largest Shapley importance first, with what its group is worth shuffled."""
        group_of = {name: group for group in self.permutation.groups for name in group.names}
        lines = []
        for part in self.shap.columns[:most]:
            group = group_of.get(part.name)
            lines.append(
                {
                    "column": part.name,
                    "importance": part.importance.value,
                    "from": part.importance.lower,
                    "to": part.importance.upper,
                    "share": part.share.value,
                    "trend": part.trend,
                    "shuffled with": len(group.names) - 1 if group else None,
                    "log loss +": group.log_loss.value if group else None,
                    "accuracy -": group.accuracy.value if group else None,
                    "verdict": group.verdict if group else "not shuffled",
                }
            )
        return lines

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "shap": self.shap.to_dict(),
            "permutation": self.permutation.to_dict(),
            "stability": self.stability.to_dict(),
            "drift": None if self.drift is None else self.drift.to_dict(),
        }
