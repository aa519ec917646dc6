"""How the challenger is made: fitted anew or brought up to date, on which span, and why so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import Field

from tradewind.core import Settings, UsageError
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.retraining.triggers import PastRun, TriggerFired
from tradewind.training import TrainedModel

Kind = Literal["full", "incremental"]
CALIBRATION, LOST = "calibration_drift", frozenset({"accuracy_drop", "ic_drop"})


class PlanSettings(Settings):
    """How a challenger is made.

    ``window`` : train on the newest ``months`` (``moving``) or on everything (``expanding``). ``kind`` : None lets the
    reason decide. ``refit`` : members that an incremental retraining fits anew; trees and lines take seconds, nets
    minutes; empty keeps all members and fits weights, calibration and interval alone. ``recent_months`` : span before
    the trial on which those are fitted; ``recent_days`` : fewest days of it that no kept member has seen.
    ``full_every`` : incremental retrainings in a row before a full one.
    """

    kind: Kind | None = None
    window: Literal["moving", "expanding"] = "moving"
    months: int = Field(default=24, ge=1)
    refit: tuple[str, ...] = ("xgboost", "lightgbm", "catboost", "random_forest", "logistic")
    recent_months: int = Field(default=6, ge=1)
    recent_days: int = Field(default=20, ge=5)
    full_every: int = Field(default=3, ge=1)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What is to be done: ``refit`` are the members that are fitted anew; ``reason`` says why it is done so."""

    kind: Kind
    window: Literal["moving", "expanding"]
    months: int
    refit: tuple[str, ...]
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {**asdict(self), "refit": list(self.refit)}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Plan:
        """Read what :meth:`to_dict` wrote."""
        return cls(**{**row, "refit": tuple(row["refit"])})


@dataclass(frozen=True, kw_only=True)
class Occasion:
    """What a plan is made from: what fired, the findings known by ``at``, and earlier runs, oldest first."""

    fired: Sequence[TriggerFired]
    at: datetime
    findings: Sequence[Finding] = ()
    runs: Sequence[PastRun] = ()


def make_plan(champion: TrainedModel, occasion: Occasion, settings: PlanSettings | None = None) -> Plan:
    """Return how to retrain ``champion``.

    Drift and lost performance say that the world has changed: everything is fitted anew, on a moving window. What only
    lost its calibration, and what is due by the calendar, is brought up to date, and fitted anew every few times.

    Raises
    ------
    UsageError : an incremental retraining is asked for and the champion cannot be updated.
    """
    s = settings or PlanSettings()
    asked = next((str(one.evidence["kind"]) for one in occasion.fired if one.evidence.get("kind")), None) or s.kind
    bar = _bar(champion)
    if asked == "incremental" and bar:
        raise UsageError(f"the champion cannot be updated: {bar}", field="kind", fix="ask for a full retraining")
    kind, why = (asked, "it was asked for") if asked in ("full", "incremental") else _chosen(occasion, s)
    if kind == "incremental" and bar:
        kind, why = "full", f"{why}; but {bar}"
    kept = tuple(name for name in champion.settings.models if name in s.refit) if kind == "incremental" else ()
    span = "everything" if s.window == "expanding" else f"the newest {s.months} months"
    how = (
        f"fitted anew on {span}" if kind == "full"
        else f"weights, calibration and interval on {s.recent_months} months"
        + (f", {', '.join(kept)} fitted anew on {span}" if kept else ", every member kept")
    )  # fmt: skip
    return Plan(
        kind="full" if kind == "full" else "incremental",
        window=s.window,
        months=s.months,
        refit=kept,
        reason=f"{why}: {how}",
    )


def _chosen(occasion: Occasion, s: PlanSettings) -> tuple[str, str]:
    names = {one.trigger for one in occasion.fired}
    if names & {"drift", "performance"}:
        return "full", "the data or what they say have changed"
    row = 0
    for run in reversed(occasion.runs):
        if run.kind != "incremental":
            break
        row += 1
    if row >= s.full_every:
        return "full", f"{row} incremental retrainings have followed one another"
    kinds = {one.kind for one in occasion.findings if (occasion.at - one.known_at).days <= 30}
    if CALIBRATION in kinds and not kinds & LOST:
        return "incremental", "calibration has drifted and skill has not"
    if "calendar" in names:
        return "incremental", "it is due and nothing has changed"
    return "full", "a person asked and named no kind"


def _bar(champion: TrainedModel) -> str:
    """Return why ``champion`` cannot be updated in part; empty where it can."""
    if champion.shift is not None or champion.settings.fairness.on:
        return "its forecasts of groups are made alike, which is fitted with the members"
    return ""
