"""Features of a symbol against the others: the line on the market, its sector, the fear index along its bars."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.core.panel import UNKNOWN_SECTOR
from tradewind.features.cross_section import ranks
from tradewind.features.market import BETA_WINDOW, DAYS_PER_YEAR
from tradewind.features.online.rings import change_over, latest, over_mean, percentile_of, push
from tradewind.features.trailing import window_moments, window_regression

LINE_FEATURES = (
    "beta_60", "market_correlation_60", "idiosyncratic_volatility_60", "residual_return_1", "residual_return_5",
)  # fmt: skip
SECTOR_FEATURES = (
    "sector_relative_5", "sector_relative_20", "sector_relative_60", "sector_return_1", "sector_return_5",
    "sector_over_market_20", "sector_breadth", "sector_return_rank_20",
)  # fmt: skip
FEAR_FEATURES = ("fear_zscore_250", "fear_change_1", "fear_change_5", "fear_over_realised_20", "fear_greed")

_YEAR = float(np.sqrt(DAYS_PER_YEAR))
_FEAR_WINDOW = 250


class MarketLine:
    """The latest returns of every symbol and of the others on its days, and the line of one on the other."""

    def __init__(self, n_symbols: int) -> None:
        self._ring = np.full((n_symbols, 3, 2 * BETA_WINDOW), np.nan)  # own return, the others', the residual
        self._line = np.full((n_symbols, 2), np.nan)  # slope and intercept at the bar before
        self._seen = np.zeros(n_symbols, dtype=np.int64)
        self.memory: dict[str, AnyArray] = {"ring": self._ring, "line": self._line, "seen": self._seen}

    def advance(self, code: IntArray, move: FloatArray, out: FloatArray) -> None:
        """Take the (k,) returns of a slice in and write the (5, k) features."""
        _line(self._ring, self._line, self._seen, code, move, out)


@njit(cache=True, nogil=True)
def _line(
    ring: FloatArray, line: FloatArray, seen: IntArray, code: IntArray, move: FloatArray, out: FloatArray
) -> None:
    out[:] = np.nan
    total, count = 0.0, 0
    for value in move:
        if np.isfinite(value):
            total += value
            count += 1
    for i in range(code.size):
        s = code[i]
        n, own, held = seen[s], move[i], np.isfinite(move[i])
        number = count - held
        others = (total - (own if held else 0.0)) / number if number >= 1 else np.nan
        push(ring[s, 0], n, own)
        push(ring[s, 1], n, others)
        residual = own - line[s, 1] - line[s, 0] * others  # the line known a bar before: a surprise, not a fit
        push(ring[s, 2], n, residual)
        out[3, i] = residual
        line[s] = np.nan
        if n >= BETA_WINDOW - 1:
            slope, correlation, intercept, deviation = window_regression(
                latest(ring[s, 0], n, BETA_WINDOW), latest(ring[s, 1], n, BETA_WINDOW)
            )
            line[s, 0], line[s, 1] = slope, intercept
            out[0, i], out[1, i], out[2, i] = slope, correlation, deviation * _YEAR
        if n >= 4:
            out[4, i] = window_moments(latest(ring[s, 2], n, 5))[0] * 5.0
        seen[s] = n + 1


class Sectors:
    """The groups of symbols whose sector is known."""

    def __init__(self, sectors: Sequence[str]) -> None:
        names = sorted(set(sectors) - {UNKNOWN_SECTOR})
        place = {name: at for at, name in enumerate(names)}
        self._code = np.array([place.get(name, -1) for name in sectors], dtype=np.int64)
        self._count = len(names)

    def advance(self, code: IntArray, rows: FloatArray, over: float, out: FloatArray) -> None:
        """Write the (8, k) features from the (B, k) numbers of the rows; ``over``: the market's mean 20-bar return."""
        sector = self._code[code]
        order = np.argsort(sector, kind="stable")
        bounds = np.searchsorted(sector[order], np.arange(self._count + 1))
        _sectors(sector, rows, over, out)
        out[7] = ranks(rows[2], order, bounds)


@njit(cache=True, nogil=True)
def _sectors(sector: IntArray, rows: FloatArray, over: float, out: FloatArray) -> None:
    out[:7] = np.nan
    total = np.zeros((5, sector.max() + 2))
    count = np.zeros(total.shape)
    for i in range(sector.size):
        for series in range(5):
            value = rows[series if series < 4 else 7, i]
            if sector[i] >= 0 and np.isfinite(value):
                total[series, sector[i]] += value
                count[series, sector[i]] += 1.0
    for i in range(sector.size):
        g = sector[i]
        if g < 0:
            continue
        for j in range(3):
            own = rows[j + 1, i]
            held = np.isfinite(own)
            number = count[j + 1, g] - held
            if number >= 1:
                out[j, i] = own - (total[j + 1, g] - (own if held else 0.0)) / number
        for j in range(2):
            out[3 + j, i] = _mean(total[j, g], count[j, g])
        out[5, i] = _mean(total[2, g], count[2, g]) - over
        out[6, i] = _mean(total[4, g], count[4, g])


@njit(cache=True, nogil=True)
def _mean(total: float, count: float) -> float:
    return total / count if count >= 2.0 else np.nan


class Fear:
    """The fear index along the bars of every symbol; ``known`` False: there is none, and the market speaks alone."""

    def __init__(self, n_symbols: int, *, known: bool) -> None:
        self._known = known
        self._ring = np.full((n_symbols if known else 0, 2, 2 * _FEAR_WINDOW), np.nan)
        self._seen = np.zeros(n_symbols if known else 0, dtype=np.int64)
        self.memory: dict[str, AnyArray] = {"ring": self._ring, "seen": self._seen}

    def advance(self, code: IntArray, fear: FloatArray | None, market: tuple[float, float], out: FloatArray) -> None:
        """Write the (5, k) features; ``market``: its volatility, and the index of fear and greed without fear."""
        if not self._known:
            out[:4], out[4] = np.nan, market[1]
            return
        level = np.full(len(code), np.nan) if fear is None else np.array(fear, dtype=np.float64)
        _fear(self._ring, self._seen, code, level, market, out)


@njit(cache=True, nogil=True)
def _fear(
    ring: FloatArray, seen: IntArray, code: IntArray, fear: FloatArray, market: tuple[float, float], out: FloatArray
) -> None:
    out[:] = np.nan
    realised, index = market
    for i in range(code.size):
        own, n, now = ring[code[i]], seen[code[i]], fear[i]
        push(own[0], n, now)
        out[1, i], out[2, i] = change_over(own[0], n, 1), change_over(own[0], n, 5)
        if realised > 0.0:
            out[3, i] = now / 100.0 / realised
        push(own[1], n, over_mean(window_moments(latest(own[0], n, 50))[0], now) if n >= 49 else np.nan)
        out[4, i] = index
        if n >= _FEAR_WINDOW - 1:
            mean, deviation = window_moments(latest(own[0], n, _FEAR_WINDOW))
            if deviation > 0.0:
                out[0, i] = (now - mean) / deviation
            calm = 1.0 - percentile_of(latest(own[1], n, _FEAR_WINDOW))
            if calm == calm:
                out[4, i] = 0.8 * index + 0.2 * calm
        seen[code[i]] = n + 1
