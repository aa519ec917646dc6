"""What a bar check may look at: bars of one symbol or of a whole panel, and their trailing windows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray, TimeArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Bars:
    """Bars in the order of a panel.

    Attributes
    ----------
    first : (n,) first row of each row's symbol: nothing before it belongs to the symbol.
    time, known_at : (n,) ``datetime64[us]``.
    open, high, low, close, adj_close, volume : (n,) float64, NaN where missing.
    sessions : sorted session dates of the exchange (``datetime64[D]``) or None where there is no calendar.
    """

    first: IntArray
    time: TimeArray
    known_at: TimeArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    adj_close: FloatArray
    volume: FloatArray
    sessions: TimeArray | None = None

    @classmethod
    def of_panel(cls, panel: Panel, sessions: TimeArray | None = None) -> Bars:
        """Return the bars of every symbol of ``panel``."""
        return cls(
            first=panel.offsets[:-1][panel.symbol_code].astype(np.int64),
            time=panel.time,
            known_at=panel.known_at,
            open=panel.open,
            high=panel.high,
            low=panel.low,
            close=panel.close,
            adj_close=panel.adj_close,
            volume=panel.volume,
            sessions=sessions,
        )

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.time)

    @cached_property
    def row(self) -> IntArray:
        """(n,) row numbers."""
        return np.arange(len(self), dtype=np.int64)

    @cached_property
    def has_previous(self) -> BoolArray:
        """(n,) True where the symbol has a bar before."""
        mask: BoolArray = self.row > self.first
        return mask

    @cached_property
    def date(self) -> TimeArray:
        """(n,) dates, ``datetime64[D]``."""
        return self.time.astype("datetime64[D]")

    @cached_property
    def close_return(self) -> FloatArray:
        """(n,) log return of close from the bar before; NaN where either is missing or not positive."""
        return self.step(safe_log(self.close))

    @cached_property
    def adjusted_return(self) -> FloatArray:
        """(n,) log return of adjusted close from the bar before; NaN where either is missing or not positive."""
        return self.step(safe_log(self.adj_close))

    @cached_property
    def move_size(self) -> FloatArray:
        """(n,) absolute adjusted log return."""
        return np.abs(self.adjusted_return)

    @cached_property
    def split_volume(self) -> FloatArray:
        """(n,) volume in shares of one split adjustment: times close / adj_close, relative to other bars only.

        Dividends move it too, by a per cent or so. Where the factor is not known, the volume as it is.
        """
        factor = np.exp(safe_log(self.close) - safe_log(self.adj_close))
        return self.volume * np.where(np.isfinite(factor), factor, 1.0)

    def before(self, values: AnyArray, lag: int = 1) -> FloatArray:
        """(n,) ``values`` of the symbol ``lag`` bars before; NaN where it has none."""
        out = np.full(len(self), np.nan)
        if lag < len(self):
            out[lag:] = values[:-lag]
        out[self.row - lag < self.first] = np.nan
        return out

    def step(self, values: FloatArray) -> FloatArray:
        """(n,) difference of ``values`` from the symbol's bar before."""
        return values - self.before(values)

    def usual(self, values: FloatArray, rows: IntArray, width: int, least: int) -> FloatArray:
        """Median of the ``width`` values before each of ``rows`` (k,); NaN where fewer than ``least`` are there."""
        out = np.full(len(rows), np.nan)
        if not len(rows):
            return out
        index = rows[:, None] - np.arange(width, 0, -1)
        inside = index >= self.first[rows][:, None]
        window = np.where(inside, values[np.maximum(index, 0)], np.nan)
        ordered = np.sort(window, axis=1)  # NaN comes last, so the median lies among the first ``count`` values
        count = np.isfinite(window).sum(axis=1)
        row = np.arange(len(rows))
        middle = 0.5 * (ordered[row, np.maximum(count - 1, 0) // 2] + ordered[row, np.minimum(count // 2, width - 1)])
        return np.where(count >= least, middle, out)

    def sigma(self, rows: IntArray, width: int, least: int) -> FloatArray:
        """Usual size of a daily move before ``rows`` as a standard deviation: median absolute return over 0.6745."""
        return self.usual(self.move_size, rows, width, least) / 0.6745


def safe_log(values: FloatArray) -> FloatArray:
    """Return the natural logarithm; NaN where a value is missing, infinite or not positive."""
    good = np.isfinite(values) & (values > 0)
    return np.log(np.where(good, values, 1.0)) + np.where(good, 0.0, np.nan)
