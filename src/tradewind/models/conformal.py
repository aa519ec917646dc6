"""Return intervals with a promised coverage: split conformal, scaled by volatility, adapted as labels become known."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from pydantic import Field

from tradewind.core import NotFittedError, Settings, UsageError
from tradewind.core.arrays import AnyArray, FloatArray, TimeArray


class ConformalSettings(Settings):
    """``alpha`` : wished share of misses. ``rate`` : step of the adaptive miss rate; 0 holds it fixed."""

    alpha: float = Field(default=0.1, gt=0.0, lt=1.0)
    rate: float = Field(default=0.03, ge=0.0, le=1.0)


class ConformalInterval:
    """Intervals ``expected +- q * scale``, with ``q`` a quantile of ``|return - expected| / scale`` held out.

    Scaling by a row's own trailing volatility makes the interval wide when the market is wild (locally weighted split
    conformal: Lei et al. 2018, *JASA* 113). Exchangeability does not hold over years of returns, so :meth:`adapt` moves
    the miss rate by ``rate * (alpha - missed)`` for each day whose labels have become known: adaptive conformal
    inference (Gibbs and Candes 2021, *NeurIPS*), which holds the long-run coverage whatever the data do.
    """

    def __init__(self, settings: ConformalSettings | None = None) -> None:
        self.settings = settings or ConformalSettings()
        self._scores: FloatArray | None = None
        self._alpha = self.settings.alpha

    @property
    def alpha(self) -> float:
        """The miss rate in force; may leave [0, 1] for a while, then the interval is widest or a point."""
        return self._alpha

    def fit(self, returns: FloatArray, expected: FloatArray, scale: FloatArray) -> Self:
        """Keep the scores of calibration rows that the forecasts were not fitted on.

        Parameters
        ----------
        returns, expected : (m,) realised and expected returns; rows where one is NaN are left out.
        scale : (m,) positive; the row's trailing volatility as known at the row.

        Raises
        ------
        UsageError : no row is left.
        """
        scores = _scores(returns, expected, scale)
        scores = np.sort(scores[np.isfinite(scores)])
        if len(scores) == 0:
            raise UsageError(
                "no calibration row has both a return and a forecast", field="returns", fix="give more history"
            )
        self._scores, self._alpha = scores, self.settings.alpha
        return self

    def quantile(self, alpha: float) -> float:
        """Return the score that the next row exceeds with probability at most ``alpha``.

        The ``ceil((m + 1)(1 - alpha))``-th smallest score. Where ``alpha`` asks for more than the scores can promise,
        it is the greatest score stretched by the share asked beyond it: a bounded stand-in for an infinite interval.
        """
        scores = self._fitted()
        m = len(scores)
        if alpha >= 1.0:
            return 0.0
        rank = int(np.ceil((m + 1) * (1.0 - alpha)))
        if rank <= m:
            return float(scores[max(rank, 1) - 1])
        return float(scores[-1] * (1.0 + max(0.0, 1.0 / (m + 1) - alpha)))

    def interval(self, expected: FloatArray, scale: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return (lower, upper) bounds, (m,) each, at the miss rate in force; NaN where ``scale`` is NaN."""
        half = self.quantile(self._alpha) * scale
        return expected - half, expected + half

    def adapt(self, returns: FloatArray, expected: FloatArray, scale: FloatArray) -> Self:
        """Learn from one day's rows whose labels have just become known; call in order of time.

        The day's share of misses at the miss rate in force moves it once. Rows with a NaN are left out.
        """
        scores = _scores(returns, expected, scale)
        scores = scores[np.isfinite(scores)]
        if len(scores):
            missed = float(np.mean(scores > self.quantile(self._alpha)))
            self._alpha += self.settings.rate * (self.settings.alpha - missed)
        return self

    def intervals_over_time(
        self, returns: FloatArray, expected: FloatArray, scale: FloatArray, *, start: TimeArray, end: TimeArray
    ) -> tuple[FloatArray, FloatArray]:
        """Return (lower, upper) of rows in any order, adapting day by day; this object is left as it was.

        The bounds of a row use labels with ``end`` at or before its ``start``, each with the score it had then.

        Parameters
        ----------
        returns, expected, scale : (m,); a NaN return is never learned from.
        start, end : (m,) when the forecast is made and when its label is known; NaT: never.
        """
        scores = _scores(returns, expected, scale)
        times = np.unique(start)
        slot = np.searchsorted(times, start)
        # A label enters at the first forecast time at or after it is known; after the last one it is not needed.
        usable = np.isfinite(scores) & ~np.isnat(end)
        enters = np.where(usable, np.searchsorted(times, end, side="left"), len(times))
        by_entry, entries = _grouped(enters, len(times) + 1)
        by_slot, slots = _grouped(slot, len(times))
        alpha, half = self._alpha, np.full(len(start), np.nan)
        used = np.zeros(len(start))  # the quantile each row's interval was built with
        for t in range(len(times)):
            known = by_entry[entries[t] : entries[t + 1]]
            for day in np.unique(slot[known]):
                own = known[slot[known] == day]
                alpha += self.settings.rate * (self.settings.alpha - float(np.mean(scores[own] > used[own])))
            rows = by_slot[slots[t] : slots[t + 1]]
            used[rows] = self.quantile(alpha)
            half[rows] = used[rows] * scale[rows]
        return expected - half, expected + half

    def to_dict(self) -> dict[str, Any]:
        """Return the fitted state, JSON-ready."""
        return {
            "settings": self.settings.model_dump(mode="json"),
            "alpha": self._alpha,
            "scores": self._fitted().tolist(),
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Return the intervals that :meth:`to_dict` described."""
        one = cls(ConformalSettings(**state["settings"]))
        one._alpha = float(state["alpha"])
        one._scores = np.array(state["scores"], dtype=np.float64)
        return one

    def _fitted(self) -> FloatArray:
        if self._scores is None:
            raise NotFittedError("the conformal interval is used before it is fitted")
        return self._scores


def _scores(returns: FloatArray, expected: FloatArray, scale: FloatArray) -> FloatArray:
    """(m,) absolute errors in units of ``scale``; NaN where ``scale`` is not positive."""
    safe = np.where(scale > 0.0, scale, np.nan)
    scores: FloatArray = np.abs(returns - expected) / safe
    return scores


def _grouped(keys: AnyArray, count: int) -> tuple[AnyArray, AnyArray]:
    """Return positions sorted by key (stable) and the bounds of each key 0 to ``count - 1`` in them."""
    order = np.argsort(keys, kind="stable")
    return order, np.searchsorted(keys[order], np.arange(count + 1))
