"""The checklist of a model card: a card with a gap says so and does not pass."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tradewind.governance.cards.sources import CardSources
from tradewind.governance.filled import is_placeholder

_RECORD = "give it to `tradewind models register`, or complete a draft with `tradewind models amend`"
_NOTES = "write it into the notes file (`tradewind card new` makes one) and give that with --notes"
_METRICS = "measure the model with `tradewind evaluate` and give its metrics.json with --metrics"
_APPROVAL = "bring the model through `tradewind models` (validate, approve): each decision is signed and kept"


@dataclass(frozen=True)
class Requirement:
    """One field of a card: its dotted ``path`` in the sources, the ``section`` that shows it, how to ``give`` it.

    Where not ``required`` the card says "not assessed" in its place, and only a strict check fails.
    """

    path: str
    section: str
    give: str
    required: bool = True


@dataclass(frozen=True)
class Gap:
    """A requirement that is not met, and whether the field is missing or holds a placeholder."""

    requirement: Requirement
    why: str

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        need = self.requirement
        return {
            "field": need.path,
            "section": need.section,
            "why": self.why,
            "give": need.give,
            "required": need.required,
        }


def _needs(prefix: str, section: str, names: str, give: str) -> tuple[Requirement, ...]:
    return tuple(Requirement(f"{prefix}.{name}", section, give) for name in names.split())


REQUIREMENTS: tuple[Requirement, ...] = (
    *_needs("record", "Identity", "name version author created use_case purpose", _RECORD),
    *_needs("notes", "Identity", "owner contact tier", _NOTES),
    *_needs("notes", "Use", "intended_use out_of_scope users considerations", _NOTES),
    *_needs("record.data", "Training data", "panel symbols bars first last", _RECORD),
    *_needs("record.inputs.prices", "Training data", "path sha256", _RECORD),
    *_needs("record", "Training data", "train_rows trained_until", _RECORD),
    *_needs("notes", "Training data", "survivorship", _NOTES),
    *_needs("record", "Features and members", "features settings settings_id seeds folds", _RECORD),
    *_needs("metrics", "Performance", "accuracy mcc brier ic n", _METRICS),
    *_needs("metrics.verdict", "Performance", "words p_value n_days", _METRICS),
    *_needs("metrics", "Performance", "baselines models", _METRICS),
    *_needs("main", "Performance", "accuracy_interval", _METRICS),
    *_needs("main", "Calibration", "calibration_error log_loss coverage", _METRICS),
    *_needs("metrics", "Slices", "slices", _METRICS),
    *_needs("metrics", "Stress", "stress", _METRICS),
    *_needs("record", "Complexity", "complexity budget", _RECORD),
    *_needs("record", "Limitations", "limitations", _RECORD),
    *_needs("notes", "Limitations", "failure_modes", _NOTES),
    *_needs("notes", "Monitoring", "monitoring retraining_triggers", _NOTES),
    Requirement("stage", "Approvals", _APPROVAL),
    Requirement("history", "Approvals", _APPROVAL),
    *_needs("record", "Reproduction", "model_sha256 forecasts_sha256 code", _RECORD),
    *_needs("record.environment", "Reproduction", "lock_sha256", _RECORD),
    Requirement(
        "explanation", "Explanation", "give importance.json of `tradewind importance` with --explanation", False
    ),
    Requirement("fairness", "Fairness", "give the report of `tradewind fairness measure` with --fairness", False),
    Requirement("quality", "Training data", "give the output of `tradewind check --json` with --quality", False),
)


@dataclass(frozen=True)
class Checklist:
    """The gaps of one card, and whether what may be left unassessed counts."""

    gaps: tuple[Gap, ...]
    checked: int
    strict: bool

    @property
    def failing(self) -> tuple[Gap, ...]:
        """The gaps for which the card does not pass."""
        return tuple(gap for gap in self.gaps if self.strict or gap.requirement.required)

    @property
    def unassessed(self) -> tuple[Gap, ...]:
        """The gaps that the card may state openly."""
        return tuple(gap for gap in self.gaps if gap not in self.failing)

    @property
    def complete(self) -> bool:
        """Whether the card passes."""
        return not self.failing

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "complete": self.complete,
            "checked": self.checked,
            "strict": self.strict,
            "gaps": [gap.to_dict() for gap in self.gaps],
        }


def check_card(sources: CardSources, *, strict: bool = False) -> Checklist:
    """Return which required fields of a card are missing or hold a placeholder.

    Parameters
    ----------
    strict : explanation, fairness and quality of the data must be there too, not "not assessed".
    """
    content = sources.to_dict()
    gaps = []
    for need in REQUIREMENTS:
        why = _gap(_look(content, need.path))
        if why:
            gaps.append(Gap(need, why))
    return Checklist(tuple(gaps), len(REQUIREMENTS), strict)


def _look(content: Mapping[str, Any], path: str) -> Any:
    found: Any = content
    for part in path.split("."):
        if not isinstance(found, Mapping) or part not in found:
            return None
        found = found[part]
    return found


def _gap(value: Any) -> str:
    """Return why ``value`` does not count, "" where it does; 0 counts as a figure (an MCC may be 0)."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "is missing"
    if isinstance(value, str):
        if not value.strip():
            return "is empty"
        return "holds a placeholder" if is_placeholder(value) else ""
    if isinstance(value, Mapping | list | tuple):
        if not value:
            return "is empty"
        if isinstance(value, list | tuple) and any(isinstance(one, str) and is_placeholder(one) for one in value):
            return "holds a placeholder"
        if isinstance(value, list | tuple) and all(one is None for one in value):
            return "is missing"
    return ""
