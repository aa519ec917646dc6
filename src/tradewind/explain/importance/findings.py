"""Everything `tradewind importance` found, in one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core import InputError, NoProgress, Progress
from tradewind.explain.effects import Effect, EffectSettings, accumulated_effect, partial_dependence
from tradewind.explain.importance.report import GlobalImportance
from tradewind.explain.probe import sampled
from tradewind.explain.quality import QualityReport
from tradewind.explain.rules import RuleSet
from tradewind.explain.subject import Subject


@dataclass(frozen=True, kw_only=True)
class Findings:
    """Global importance, effects, rules and quality of one model over one span.

    Attributes
    ----------
    about : model, span and rows, JSON-ready. ``effects`` : accumulated local effect and partial dependence of each of
        the top columns, in pairs. ``quality`` : None where a member cannot be asked about one row alone; ``notes`` say
        why.
    """

    about: dict[str, Any]
    importance: GlobalImportance
    effects: tuple[tuple[Effect, Effect], ...]
    rules: RuleSet
    quality: QualityReport | None
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "about": self.about,
            "notes": list(self.notes),
            **self.importance.to_dict(),
            "effects": [one.to_dict() for pair in self.effects for one in pair],
            "rules": self.rules.to_dict(),
            "quality": None if self.quality is None else self.quality.to_dict(),
        }


def top_effects(
    subject: Subject,
    importance: GlobalImportance,
    count: int,
    *,
    settings: EffectSettings | None = None,
    progress: Progress | None = None,
) -> tuple[tuple[Effect, Effect], ...]:
    """Return (ALE, partial dependence) of the ``count`` most important columns that vary over the rows.

    Raises
    ------
    UsageError : a member reads the bars of other stocks, so that no row can be changed alone.
    """
    s, watcher = settings or EffectSettings(), progress or NoProgress()
    probe = subject.probe(sampled(subject.rows, s.rows, s.seed))
    found: list[tuple[Effect, Effect]] = []
    moving = [p.name for p in importance.shap.columns if np.ptp(probe.inputs[:, probe.names.index(p.name)]) > 0]
    for number, name in enumerate(moving[:count]):
        watcher.update("effects", number, min(count, len(moving)))
        found.append((accumulated_effect(probe, name, subject.raw, s), partial_dependence(probe, name, subject.raw, s)))
    if not moving:
        raise InputError("no column varies over the rows", fix="give a longer span")
    watcher.update("effects", len(found), len(found))
    return tuple(found)
