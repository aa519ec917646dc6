"""Retrain where much of what the model rests on has drifted, and has stayed so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime

import numpy as np
from pydantic import Field, model_validator

from tradewind.core import Settings
from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.retraining.triggers.state import TriggerFired, TriggerState

FEATURE, MULTIVARIATE = "feature_drift", "multivariate_drift"


class DriftSettings(Settings):
    """When drift calls for a retraining.

    ``psi`` : population stability index from which a feature counts as drifted. ``share`` : share of the model's
    importance that must have drifted, on the newest day; ``exit_share`` : share below which it must not have fallen on
    any of the ``sustained_days`` days up to then (hysteresis: drift that comes and goes starts anew each time).
    ``hold_days`` : how long a finding counts, since watchers look every few slices and markets close.
    """

    psi: float = Field(default=0.2, gt=0.0)
    share: float = Field(default=0.25, gt=0.0, le=1.0)
    exit_share: float = Field(default=0.15, gt=0.0, le=1.0)
    sustained_days: int = Field(default=14, ge=1)
    hold_days: int = Field(default=8, ge=1)

    @model_validator(mode="after")
    def _in_order(self) -> DriftSettings:
        if self.exit_share > self.share:
            raise ValueError("exit_share must not be above share")
        return self


class DriftTrigger:
    """Fires on sustained drift told by findings ``feature_drift`` and ``multivariate_drift``.

    The index of a finding is ``evidence["psi"]``, or its ``statistic`` where ``evidence["statistic"]`` or nothing says
    that the statistic is another. A multivariate finding speaks for the whole model. Findings from before the last
    retraining do not count: it has answered them.
    """

    name = "drift"

    def __init__(self, settings: DriftSettings | None = None) -> None:
        self.settings = settings or DriftSettings()

    def consider(self, state: TriggerState) -> TriggerFired | None:
        """See :class:`~tradewind.monitoring.retraining.triggers.state.Trigger`."""
        s = self.settings
        days = s.sustained_days
        seen = self._seen(state, days)
        shares = _shares(seen, state, days)
        if not len(shares) or shares[-1] < s.share or shares.min() < s.exit_share:
            return None
        newest = sorted(name for name, held in seen.items() if held[-1] and name != MULTIVARIATE)
        whole = MULTIVARIATE in seen and bool(seen[MULTIVARIATE][-1])
        named = ", ".join(newest[:5]) + (" and others" if len(newest) > 5 else "")
        return TriggerFired(
            trigger=self.name,
            at=state.now,
            reason=(
                f"{100 * shares[-1]:.0f} % of what the model rests on has drifted, and at least "
                f"{100 * shares.min():.0f} % for {days} days ({named or 'the features taken together'})"
            ),
            evidence={"share": float(shares[-1]), "least_share": float(shares.min()), "days": days,
                      "features": newest, "multivariate": whole},
        )  # fmt: skip

    def _seen(self, state: TriggerState, days: int) -> dict[str, BoolArray]:
        """Return, by feature, on which of the newest ``days`` days (oldest first) a finding of drift is in force."""
        s, today = self.settings, state.now.date()
        seen: dict[str, BoolArray] = {}
        for finding in state.findings:
            if state.last_started is not None and finding.known_at <= state.last_started:
                continue
            ago = (today - _day(finding.known_at)).days
            if ago >= days + s.hold_days:
                continue
            for name, index in _drifted(finding):
                if index >= s.psi or name == MULTIVARIATE:
                    held = seen.setdefault(name, np.zeros(days, dtype=np.bool_))
                    first = days - 1 - ago
                    held[max(first, 0) : max(first + s.hold_days, 0)] = True
        return seen


def _shares(seen: Mapping[str, BoolArray], state: TriggerState, days: int) -> FloatArray:
    """(days,) share of the model's importance that is drifted on each day."""
    total = sum(state.importance.values()) if state.importance else float(state.features)
    shares = np.zeros(days)
    for name, held in seen.items():
        if name == MULTIVARIATE:
            weight = 1.0
        elif total > 0:
            weight = (state.importance.get(name, 0.0) if state.importance else 1.0) / total
        else:
            weight = 0.0
        shares += weight * held
    return np.minimum(shares, 1.0)


def _drifted(finding: Finding) -> Iterator[tuple[str, float]]:
    """Yield (feature, its stability index) of a finding, ``multivariate_drift`` for the features taken together."""
    if finding.kind == MULTIVARIATE:
        yield MULTIVARIATE, float("inf")
    elif finding.kind == FEATURE:
        listed = finding.evidence.get("psi_by_feature")  # a summary of more features than are told one by one
        if isinstance(listed, Mapping):
            yield from ((str(name), _number(value)) for name, value in listed.items())
        name = finding.subject.get("feature")
        if name is not None:
            yield name, _index(finding)


def _index(finding: Finding) -> float:
    if "psi" in finding.evidence:
        return _number(finding.evidence["psi"])
    return finding.statistic if finding.evidence.get("statistic", "psi") == "psi" else float("nan")


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else float("nan")


def _day(moment: datetime) -> date:
    return moment.date()
