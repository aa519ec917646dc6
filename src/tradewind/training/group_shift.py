"""Fairness after training: each group's forecasts are moved by one number, learned on rows no member had seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import expit, logit

from tradewind.core.arrays import AnyArray, BoolArray, FloatArray
from tradewind.features.slices import UNKNOWN

Equalise = Literal["none", "parity", "opportunity"]
LEAST_ROWS = 100
EDGE = 1e-6


@dataclass(frozen=True, kw_only=True)
class GroupShift:
    """What is added to the log odds of each group's probabilities.

    The order of forecasts within a group stays as it was, and with it the group's rank IC; what is paid is calibration
    within groups and the order across groups. Groups that are not in ``shifts`` are left alone.

    Attributes
    ----------
    equalise : ``parity`` (equal shares forecast to rise) or ``opportunity`` (equal shares among the rows that rose).
    shifts : log odds to add, by group.
    """

    equalise: Equalise
    shifts: Mapping[str, float]

    @classmethod
    def fit(
        cls, probability: FloatArray, group: AnyArray, direction: FloatArray, equalise: Equalise, strength: float = 1.0
    ) -> GroupShift:
        """Learn the shifts that give every group the share of all rows (Hardt, Price and Srebro 2016, by threshold).

        Parameters
        ----------
        probability, direction : (m,) out-of-fold forecasts and labels; NaN labels do not count for ``opportunity``.
        group : (m,) str; ``unknown`` rows and groups under :data:`LEAST_ROWS` rows are not shifted and not counted.
        strength : 1 closes the gap seen here, 0 leaves it.
        """
        counted: BoolArray = np.isfinite(probability) & (group != UNKNOWN)
        if equalise == "opportunity":
            counted &= direction == 1.0
        odds, name = log_odds(probability[counted]), group[counted]
        names, size = np.unique(name, return_counts=True)
        large = [str(one) for one in names[size >= LEAST_ROWS]]
        if equalise == "none" or len(large) < 2:
            return cls(equalise=equalise, shifts={})
        among = np.isin(name, large)
        share = float((odds[among] > 0.0).mean())
        return cls(equalise=equalise, shifts={one: -strength * _cut(odds[name == one], share) for one in large})

    def apply(self, probability: FloatArray, group: AnyArray) -> FloatArray:
        """Return (m,) shifted probabilities; a row whose shift is 0 keeps its probability bit for bit."""
        added = self.of(group)
        moved: FloatArray = np.where(added == 0.0, probability, expit(log_odds(probability) + added))
        return moved

    def of(self, group: AnyArray) -> FloatArray:
        """Return (m,) the log odds added to rows of ``group``."""
        names, place = np.unique(group, return_inverse=True)
        return np.array([self.shifts.get(str(name), 0.0) for name in names], dtype=np.float64)[place]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {"equalise": self.equalise, "shifts": dict(self.shifts)}

    @classmethod
    def from_dict(cls, state: Mapping[str, Any]) -> GroupShift:
        """Return the shifts that :meth:`to_dict` described."""
        return cls(equalise=state["equalise"], shifts={str(k): float(v) for k, v in state["shifts"].items()})


def log_odds(probability: FloatArray) -> FloatArray:
    """Return the log odds of ``probability`` kept :data:`EDGE` away from 0 and 1."""
    odds: FloatArray = logit(np.clip(probability, EDGE, 1.0 - EDGE))
    return odds


def _cut(odds: FloatArray, share: float) -> float:
    """Return the value above which ``share`` of ``odds`` lie, midway between its neighbours; 0 if it already is."""
    wanted = round(share * len(odds))
    if int((odds > 0.0).sum()) == wanted:
        return 0.0
    ordered = np.sort(odds)[::-1]
    if wanted == 0:
        return float(ordered[0])
    if wanted == len(odds):
        return float(ordered[-1]) - 1e-9
    return float(ordered[wanted - 1] + ordered[wanted]) / 2.0
