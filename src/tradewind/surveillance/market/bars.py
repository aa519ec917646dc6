"""Pumps and other price-volume anomalies on bars alone, for those who have no orders.

A bar is held against the symbol's own latest bars: robust z of the log volume and of the return (median and median
absolute deviation), an EWMA control chart of their product (Roberts 1959), and an isolation forest (Liu, Ting and Zhou
2008) over all of them. A pump on bars is a rise far beyond the usual with volume far beyond the usual, and its dump the
fall back after it; a bear raid is the mirror image and is not told here, for falls with volume are too common.

Everything in a row is known with its bar: windows end before it, the forest is fitted on earlier bars only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.core.errors import InputError
from tradewind.core.panel import Panel

COLUMNS = ("volume_z", "return_z", "range_z", "ewma_z", "rise_z", "rise_volume_z", "fall_back")


@dataclass(frozen=True, kw_only=True)
class BarSettings:
    """How bars are judged.

    Attributes
    ----------
    window : bars before the present one that say what is usual; half of them must be there.
    ewma : weight of the present bar in the control chart, in (0, 1].
    rise : most bars a rise may take.
    memory : bars after a rise's top in which a fall back still belongs to it.
    fit_part : part of the panel's times the isolation forest is fitted on; rows within have no ``isolation``.
    seed : of the forest.
    """

    window: int = 60
    ewma: float = 0.3
    rise: int = 10
    memory: int = 20
    fit_part: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse settings that mean nothing."""
        if self.window < 10 or self.rise < 1 or self.memory < 1:
            raise InputError("bars are judged by a window of at least 10 bars, a rise and a memory of at least 1")
        if not (0.0 < self.ewma <= 1.0 and 0.0 < self.fit_part < 1.0):
            raise InputError("ewma must lie in (0, 1] and fit_part in (0, 1)")


def bar_anomalies(panel: Panel, settings: BarSettings | None = None) -> pl.DataFrame:
    """Return a table with one row per bar of ``panel``, in its order.

    Columns: ``symbol``, ``time``, ``known_at``; ``volume_z``, ``return_z``, ``range_z`` the bar against the window;
    ``ewma_z`` the control chart of return_z x volume_z; ``rise_z``, ``rise_volume_z`` the largest rise that ended at
    the bar or within the memory before it, in usual moves over as many bars, and its volume; ``fall_back`` the part of
    it lost since; ``isolation`` the forest's score (0.5 usual, 1 alone); ``score`` in [0, 1] how much like a pump it
    looks; ``stage``: ``"rise"``, ``"reversal"`` once half is lost, empty below a score of 0.5. Unknown is NaN.

    Daily or minute bars alike: only the order of bars counts, and prices enter as ratios of ``adj_close``.
    """
    chosen = settings or BarSettings()
    numbers = np.full((len(panel), len(COLUMNS)), np.nan)
    close = panel.adj_close
    extent = np.where(panel.low > 0, np.log(panel.high / np.where(panel.low > 0, panel.low, 1.0)), np.nan)
    volume = np.log1p(np.where(panel.volume >= 0, panel.volume, np.nan))
    log_close = np.where(close > 0, np.log(np.where(close > 0, close, 1.0)), np.nan)
    for s in range(panel.n_symbols):
        rows = slice(int(panel.offsets[s]), int(panel.offsets[s + 1]))
        limits = np.array([chosen.window, chosen.rise, chosen.memory], dtype=np.int64)
        _judge(log_close[rows], volume[rows], extent[rows], limits, chosen.ewma, numbers[rows])
    table = dict(zip(COLUMNS, numbers.T, strict=True))
    lively = np.clip((np.nan_to_num(table["rise_z"]) - 2.0) / 4.0, 0.0, 1.0)
    busy = np.clip((np.nan_to_num(table["rise_volume_z"]) - 1.0) / 3.0, 0.0, 1.0)
    lost = np.clip(np.nan_to_num(table["fall_back"]), 0.0, 1.0)
    score = np.sqrt(lively * busy) * (0.6 + 0.4 * lost)
    stage = np.where(score < 0.5, "", np.where(lost >= 0.5, "reversal", "rise"))
    return pl.DataFrame(
        {
            "symbol": np.array(panel.symbols)[panel.symbol_code],
            "time": panel.time,
            "known_at": panel.known_at,
            **table,
            "isolation": _isolation(panel, numbers[:, :4], chosen),
            "score": score,
            "stage": stage,
        }
    )


def _isolation(panel: Panel, numbers: FloatArray, settings: BarSettings) -> FloatArray:
    """Return the forest's score of the rows after those it was fitted on; NaN where there is none."""
    from sklearn.ensemble import IsolationForest  # brings pandas

    out = np.full(len(panel), np.nan)
    whole = np.isfinite(numbers).all(axis=1)
    if not len(panel):
        return out
    early = panel.time_code < int(settings.fit_part * len(panel.times))
    if (whole & early).sum() < 2 * settings.window or not (whole & ~early).any():
        return out
    rows = int((whole & early).sum())
    forest = IsolationForest(n_estimators=100, max_samples=min(256, rows), random_state=settings.seed)
    forest.fit(numbers[whole & early])
    later = np.flatnonzero(whole & ~early)
    out[later] = -forest.score_samples(numbers[later])
    return out


@njit(cache=True, nogil=True, error_model="numpy")
def _robust(x: FloatArray, r: int, window: int) -> float:
    """The deviation of entry ``r`` from the median of the ``window`` entries before it; NaN where too few are known."""
    past = x[max(r - window, 0) : r]
    past = past[np.isfinite(past)]
    if past.size < window // 2 or not np.isfinite(x[r]):
        return np.nan
    centre = np.median(past)
    width = 1.4826 * np.median(np.abs(past - centre))
    if width <= 0.0:
        width = np.std(past)
    if width <= 0.0:
        return np.nan
    return float(min(max((x[r] - centre) / width, -50.0), 50.0))


@njit(cache=True, nogil=True, error_model="numpy")
def _judge(
    price: FloatArray, volume: FloatArray, extent: FloatArray, limits: IntArray, weight: float, out: FloatArray
) -> None:
    """Fill the columns of one symbol; ``price`` and ``volume`` are logarithms."""
    n = len(price)
    moves, usual = np.full(n, np.nan), np.full(n, np.nan)
    moves[1:] = price[1:] - price[:-1]
    chart, spread = 0.0, 1.0
    top = np.zeros(5)
    for r in range(n):
        usual[r] = _usual(moves, r, limits[0])
        out[r, 0] = _robust(volume, r, limits[0])
        out[r, 1] = _robust(moves, r, limits[0])
        out[r, 2] = _robust(extent, r, limits[0])
        product = out[r, 0] * out[r, 1]
        if np.isfinite(product):
            out[r, 3] = (weight * product + (1.0 - weight) * chart) / np.sqrt(spread * weight / (2.0 - weight))
            chart = weight * min(max(product, -10.0), 10.0) + (1.0 - weight) * chart
            spread += 0.02 * (min(product * product, 100.0) - spread)
        _rise(price, usual, r, limits, (top, out))


@njit(cache=True, nogil=True, error_model="numpy")
def _rise(
    price: FloatArray, usual: FloatArray, r: int, limits: IntArray, top_and_out: tuple[FloatArray, FloatArray]
) -> None:
    """Write the clearest rise that ended at bar ``r``, or what has become of the one before.

    The remembered top: its z, the z of its volume, its price, its gain, its age in bars.
    """
    top, out = top_and_out
    best, start = 0.0, -1
    for h in range(1, min(limits[1], r) + 1):
        z = (price[r] - price[r - h]) / (usual[r - h + 1] * np.sqrt(float(h)))
        if z > best:
            best, start = z, r - h
    top[4] += 1.0
    if start >= 0 and (best >= top[0] or top[4] > limits[2]):
        top[0], top[1], top[2] = best, np.nanmean(out[start + 1 : r + 1, 0]), price[r]
        top[3], top[4] = price[r] - price[start], 0.0
    elif top[4] > limits[2]:
        top[0] = 0.0
    if top[0] > 0.0:
        out[r, 4], out[r, 5] = top[0], top[1]
        out[r, 6] = min(max((top[2] - price[r]) / top[3], 0.0), 2.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _usual(moves: FloatArray, r: int, window: int) -> float:
    """The usual size of a bar's move before bar ``r``; NaN where too few are known."""
    past = moves[max(r - window, 0) : r]
    past = past[np.isfinite(past)]
    if past.size < window // 2:
        return np.nan
    return float(max(1.4826 * np.median(np.abs(past - np.median(past))), 0.3 * np.std(past), 1e-9))
