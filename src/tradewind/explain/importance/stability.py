"""Whether importance keeps its order from period to period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import stats

from tradewind.core import InputError
from tradewind.core.arrays import FloatArray, IntArray, TimeArray
from tradewind.evaluation.days import day_codes
from tradewind.explain.importance.settings import ImportanceSettings, Period

LEAST_DAYS = 5
STABLE, LOOSE = 0.7, 0.4
MONTHS = {"month": 1, "quarter": 3}


@dataclass(frozen=True, kw_only=True, eq=False)
class Stability:
    """Importance of parts by period.

    Attributes
    ----------
    periods : first month of each (``2015-06``); those with fewer than ``LEAST_DAYS`` days are left out.
    names : parts, the most important first. ``importance`` : (periods, parts) mean absolute contribution, probability.
    concordance : Kendall's W of the parts' ranks over all periods: 1 where the order never changes, near
        1 / periods where it is chance; NaN with fewer than 2 periods or parts.
    chance : p value of W by Friedman's chi-squared: how often unrelated orders would agree as much.
    successive : Spearman correlation of each period with the one before. ``overlap`` : share of the ``top`` parts that
        were so in the period before.
    """

    periods: tuple[str, ...]
    names: tuple[str, ...]
    importance: FloatArray
    concordance: float
    chance: float
    successive: tuple[float, ...]
    overlap: tuple[float, ...]
    top: int

    @property
    def verdict(self) -> str:
        """What the figures allow to say, in words."""
        if not np.isfinite(self.concordance):
            return "too few periods to say"
        if self.concordance >= STABLE:
            return "the order of importance is stable"
        if self.concordance >= LOOSE:
            return "the order of importance changes somewhat"
        return "the order of importance is not stable"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "periods": list(self.periods),
            "names": list(self.names),
            "importance": self.importance.tolist(),
            "concordance": self.concordance,
            "chance": self.chance,
            "successive": list(self.successive),
            "overlap": list(self.overlap),
            "top": self.top,
            "verdict": self.verdict,
        }


def period_codes(time: TimeArray, period: Period) -> tuple[IntArray, tuple[str, ...]]:
    """Return ((m,) code, first month of each period as text) of times; periods without a row do not appear."""
    step = MONTHS[period]
    months = time.astype("datetime64[M]").astype(np.int64) // step * step
    found, code = np.unique(months, return_inverse=True)
    return code.astype(np.int64), tuple(str(m) for m in found.astype("datetime64[M]"))


def stability(
    values: FloatArray, names: Sequence[str], time: TimeArray, settings: ImportanceSettings | None = None
) -> Stability:
    """Follow mean absolute contributions ``values`` (m, k) of ``names`` over the periods of ``time`` (m,).

    Source: Kendall and Babington Smith (1939), "The problem of m rankings", with the correction for ties.

    Raises
    ------
    InputError : there are no rows.
    """
    s = settings or ImportanceSettings()
    if not len(values):
        raise InputError("there are no explained rows to follow over time", fix="explain more days")
    code, periods = period_codes(time, s.period)
    days = np.array([len(day_codes(time[code == i])[1]) for i in range(len(periods))])
    kept = np.flatnonzero(days >= LEAST_DAYS)
    table = np.array([np.abs(values[code == i]).mean(axis=0) for i in kept]).reshape(len(kept), len(names))
    order = np.argsort(-np.abs(values).mean(axis=0), kind="stable")
    table = table[:, order]
    w, p = concordance(table)
    top = min(s.top, len(names))
    pairs = list(pairwise(table))
    return Stability(
        periods=tuple(periods[i] for i in kept),
        names=tuple(names[i] for i in order),
        importance=table,
        concordance=w,
        chance=p,
        successive=tuple(rank_agreement(a, b) for a, b in pairs),
        overlap=tuple(top_overlap(a, b, top) for a, b in pairs),
        top=top,
    )


def concordance(table: FloatArray) -> tuple[float, float]:
    """Return (Kendall's W, p value) of (judges, items) scores; NaN with fewer than 2 of either, or no order at all."""
    judges, items = table.shape
    if judges < 2 or items < 2:
        return float("nan"), float("nan")
    ranks = stats.rankdata(table, axis=1)
    ties = 0.0
    for row in ranks:
        count = np.unique(row, return_counts=True)[1].astype(np.float64)
        ties += float((count**3 - count).sum())
    deviation = float(((ranks.sum(axis=0) - judges * (items + 1) / 2) ** 2).sum())
    most = judges**2 * (items**3 - items) - judges * ties
    if most <= 0:
        return float("nan"), float("nan")
    w = 12.0 * deviation / most
    return w, float(stats.chi2.sf(judges * (items - 1) * w, items - 1))


def rank_agreement(first: FloatArray, second: FloatArray) -> float:
    """Return the Spearman correlation of two importances; NaN where one does not vary."""
    if len(first) < 2 or min(np.ptp(first), np.ptp(second)) <= 0:
        return float("nan")
    return float(stats.spearmanr(first, second).statistic)


def top_overlap(first: FloatArray, second: FloatArray, top: int) -> float:
    """Return the share of the ``top`` items of ``first`` that are among those of ``second``; 0 is never top."""
    a, b = ({int(i) for i in np.argsort(-x, kind="stable")[:top] if x[i] > 0} for x in (first, second))
    return len(a & b) / max(len(a), 1)
