"""What a symbol's bar could plausibly have been: its five moves, within what its own past days have shown.

A bar is told by five moves, each a natural logarithm and free of the price level:

======  ==============================================================================================
close   adjusted close over the adjusted close before: the day's return
open    adjusted open over the adjusted close before: the gap
high    high over the larger of open and close: how far the price rose beyond where it began and ended
low     the smaller of open and close over the low
volume  shares traded (adjusted for splits) over their median of the 20 bars before
======  ==============================================================================================
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tradewind.core import InputError, Panel
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.explain.what_if.bar import Bar

INPUTS = ("close", "open", "high", "low", "volume")
USUAL_BARS = 20
LEAST_PAST = 60


def moves_of(panel: Panel, rows: slice) -> FloatArray:
    """(k, 5) moves of the bars of ``rows``, all of one symbol; NaN where a part is missing, zero or has no past.

    The range needs ``USUAL_BARS`` bars before ``rows`` for the volume and one for the returns, where the symbol has
    them.
    """
    own = panel.offsets[panel.symbol_code[rows.start]]
    first = max(int(own), rows.start - USUAL_BARS - 1)
    part = slice(first, rows.stop)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = panel.adj_close[part] / panel.close[part]
        close = np.log(panel.adj_close[part])
        opened = np.log(panel.open[part] * factor)
        high, low = np.log(panel.high[part] * factor), np.log(panel.low[part] * factor)
        shares = panel.volume[part] / factor
        before = np.r_[np.nan, close[:-1]]
        out = np.stack(
            [
                close - before,
                opened - before,
                high - np.maximum(opened, close),
                np.minimum(opened, close) - low,
                np.log(shares / _usual(shares)),
            ],
            axis=1,
        )
    out[~np.isfinite(out)] = np.nan
    return out[rows.start - first :]


def _usual(shares: FloatArray) -> FloatArray:
    """(k,) median of the ``USUAL_BARS`` entries before each, fewer (at least five) at the start."""
    out = np.full(len(shares), np.nan)
    for i in range(5, len(shares)):
        out[i] = np.median(shares[max(i - USUAL_BARS, 0) : i])
    return out


@dataclass(frozen=True, kw_only=True, eq=False)
class Plausible:
    """The moves a row's bar made, and those its symbol's past makes plausible.

    Attributes
    ----------
    bar, before_close, usual_shares : the bar as it is, the adjusted close before it, the usual shares traded.
    past : (k, 5) moves of the bars before it; now : (5,) its own.
    low, high : (5,) bounds: outer quantiles of ``past``, widened to hold ``now``.
    deviation : (5,) standard deviation of ``past``: the unit in which a change is measured.
    """

    bar: Bar
    before_close: float
    usual_shares: float
    past: FloatArray
    now: FloatArray
    low: FloatArray
    high: FloatArray
    deviation: FloatArray

    @classmethod
    def of(cls, panel: Panel, row: int, *, window: int = 250, outer: float = 0.005) -> Plausible:
        """Measure the ``window`` bars before ``row``; its own bar and later ones take no part in the bounds.

        Raises
        ------
        InputError : the symbol has fewer than ``LEAST_PAST`` bars before it.
        """
        start = int(panel.offsets[panel.symbol_code[row]])
        if row - start <= LEAST_PAST:
            raise InputError(
                f"{panel.symbols[panel.symbol_code[row]]} has only {row - start} bars before "
                f"{str(panel.time[row])[:10]}, too few to say which moves are plausible",
                fix=f"ask about a day with more than {LEAST_PAST} bars before it",
            )
        every = moves_of(panel, slice(max(row - window, start), row + 1))
        past, now = every[:-1], every[-1]
        counted = np.isfinite(past).sum(axis=0) >= LEAST_PAST
        filled = np.where(counted, past, 0.0)
        low, high = np.nanquantile(filled, (outer, 1.0 - outer), axis=0)
        usable = counted & np.isfinite(now)
        part = slice(max(row - USUAL_BARS, start), row)
        factor = panel.adj_close[part] / panel.close[part]
        return cls(
            bar=Bar.at(panel, row),
            before_close=float(panel.adj_close[row - 1]),
            usual_shares=float(np.median(panel.volume[part] / factor)),
            past=past,
            now=now,
            low=np.where(usable, np.minimum(low, now), np.nan),
            high=np.where(usable, np.maximum(high, now), np.nan),
            deviation=np.where(usable, np.nanstd(filled, axis=0, ddof=1), np.nan),
        )

    @property
    def usable(self) -> AnyArray:
        """(5,) True for moves that are known and vary, so that they can be changed."""
        return np.isfinite(self.now) & (self.deviation > 0)

    def distance(self, changed: Mapping[str, float]) -> float:
        """Return the sum of the changes to the moves ``changed``, each in standard deviations of its past."""
        return float(sum(abs(v - self.now[i]) / self.deviation[i] for i, v in _indexed(changed)))

    def percentile(self, name: str, move: float) -> float:
        """Return the share of past days, in per cent, whose move was below ``move`` (ties as half)."""
        past = self.past[:, INPUTS.index(name)]
        past = past[np.isfinite(past)]
        return float(100.0 * ((past < move).mean() + 0.5 * (past == move).mean()))

    def rarity(self, name: str, move: float) -> float:
        """Return the share of past days, in per cent, whose move lay at least as far from the median as ``move``."""
        past = self.past[:, INPUTS.index(name)]
        past = past[np.isfinite(past)]
        middle = np.median(past)
        return float(100.0 * (np.abs(past - middle) >= abs(move - middle)).mean())

    def bar_of(self, changed: Mapping[str, float]) -> Bar:
        """Return the bar with the moves ``changed`` (by input) and everything else as near as it can be to the bar.

        A price beyond the day's range widens the range to hold it; where the price moves away, high and low follow
        only as far as needed for their own moves to stay plausible.
        """
        bar = self.bar
        factor = bar.adj_close / bar.close
        close = self.before_close * float(np.exp(changed["close"])) / factor if "close" in changed else bar.close
        opened = self.before_close * float(np.exp(changed["open"])) / factor if "open" in changed else bar.open
        top, bottom = max(opened, close), min(opened, close)
        high = self._edge("high", changed, bar.high / top)
        low = self._edge("low", changed, bottom / bar.low)
        shares = self.usual_shares * float(np.exp(changed["volume"])) * factor if "volume" in changed else bar.volume
        return Bar(
            open=opened,
            high=top * high,
            low=bottom / low,
            close=close,
            adj_close=close * factor,
            volume=float(np.round(shares)),
        )

    def _edge(self, name: str, changed: Mapping[str, float], ratio: float) -> float:
        """Return how far high or low lies beyond the body of the bar, as a ratio of at least 1."""
        if name in changed:
            return float(np.exp(max(changed[name], 0.0)))
        most = self.high[INPUTS.index(name)]
        return float(np.clip(ratio, 1.0, np.exp(most) if np.isfinite(most) else np.inf))


def _indexed(changed: Mapping[str, float]) -> list[tuple[int, float]]:
    return [(INPUTS.index(name), value) for name, value in changed.items()]
