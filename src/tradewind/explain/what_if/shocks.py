"""Changes to the bars of a whole market at its last day: a fall, a gap, wilder days, thin volume, fear.

Each takes a panel that ends on the day of the shock and returns one of the same rows. Prices stay positive and a day's
range always holds its open and close.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.core import Panel, UsageError
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.models.past import past_return

LEAST_RETURNS = 20
LOWEST = -0.95


def last_rows(panel: Panel) -> IntArray:
    """Return the rows of the panel's last day."""
    return np.flatnonzero(panel.time == panel.times[-1]).astype(np.int64)


def day_betas(panel: Panel, rows: IntArray, window: int = 250) -> FloatArray:
    """(k,) beta of the symbols of ``rows`` (one day) to their equal-weighted market over the ``window`` days before it.

    1 where a symbol has fewer than ``LEAST_RETURNS`` returns; scaled to a mean of 1, so that the market is the mean.
    """
    table = np.full((window, len(rows)), np.nan)
    day = int(panel.time_code[rows[0]])
    change = past_return(panel, 1)
    for k, row in enumerate(rows):
        first = int(panel.offsets[panel.symbol_code[row]])
        past = np.arange(max(first, row - window), row)
        place = panel.time_code[past] - (day - window)
        seen = place >= 0
        table[place[seen], k] = change[past[seen]]
    known = np.isfinite(table)
    count = known.sum(axis=1)
    market = np.where(count > 0, np.nansum(table, axis=1) / np.maximum(count, 1), np.nan)
    out = np.ones(len(rows))
    for k in range(len(rows)):
        use = known[:, k] & np.isfinite(market)
        if use.sum() >= LEAST_RETURNS:
            x = market[use] - market[use].mean()
            power = float(x @ x)
            if power > 1e-16:
                out[k] = float(x @ table[use, k]) / power
    mean = out.mean()
    return out / mean if mean > 0.1 else np.ones(len(rows))


def at_closes(panel: Panel, rows: IntArray, close: FloatArray) -> Panel:
    """Return ``panel`` with ``close`` (k,) at ``rows``; the day's range is widened where it must be."""
    factor = panel.adj_close[rows] / panel.close[rows]
    columns = {name: getattr(panel, name).copy() for name in ("high", "low", "close", "adj_close")}
    columns["close"][rows] = close
    columns["adj_close"][rows] = close * factor
    columns["high"][rows] = np.fmax(columns["high"][rows], close)
    columns["low"][rows] = np.fmin(columns["low"][rows], close)
    return replace(panel, **columns)


def market_move(panel: Panel, move: float) -> Panel:
    """Return ``panel`` where the equal-weighted market's return on its last day is ``move`` (a fraction).

    Each symbol's own return changes by its beta times what the market's changes by, so what was its own stays its own.
    """
    rows = last_rows(panel)
    own = past_return(panel, 1)[rows]
    known = np.isfinite(own)
    rows, own = rows[known], own[known]
    if not len(rows):
        raise UsageError("no symbol has two bars by that day, so the market has no return", fix="choose a later day")
    moved = own + day_betas(panel, rows) * (move - own.mean())
    factor = panel.adj_close[rows] / panel.close[rows]
    before = panel.adj_close[rows - 1]
    return at_closes(panel, rows, before * (1 + np.maximum(moved, LOWEST)) / factor)


def gap_move(panel: Panel, rows: IntArray, move: float) -> Panel:
    """Return ``panel`` where each of ``rows`` opens ``move`` from the close before; the whole bar moves with its open.

    Rows without a bar before, or without an open, are left as they are.
    """
    rows = rows[np.isfinite(past_return(panel, 1)[rows]) & np.isfinite(panel.open[rows])]
    factor = panel.adj_close[rows] / panel.close[rows]
    scale = panel.adj_close[rows - 1] * (1 + move) / (panel.open[rows] * factor)
    columns = {name: getattr(panel, name).copy() for name in ("open", "high", "low", "close", "adj_close")}
    for column in columns.values():
        column[rows] *= scale
    return replace(panel, **columns)


def wilder(panel: Panel, times: float, bars: int = 20) -> Panel:
    """Return ``panel`` with the deviations of each symbol's last ``bars`` bars multiplied by ``times``.

    Daily log returns are spread about their mean, and open, high and low about the close. The return over the bars as a
    whole stays as it was; only symbols with a bar on the last day and bars enough change.
    """
    columns = {name: getattr(panel, name).copy() for name in ("open", "high", "low", "close", "adj_close")}
    for row in last_rows(panel):
        first = int(panel.offsets[panel.symbol_code[row]])
        if row - bars < first:
            continue
        part = slice(int(row) - bars + 1, int(row) + 1)
        level = np.log(panel.adj_close[int(row) - bars : int(row) + 1])
        change = np.diff(level)
        if not np.isfinite(change).all():
            continue
        path = np.exp(level[0] + np.cumsum(change.mean() + times * (change - change.mean())))
        factor = panel.adj_close[part] / panel.close[part]
        close = path / factor
        columns["adj_close"][part], columns["close"][part] = path, close
        for name in ("open", "high", "low"):
            columns[name][part] = close * (getattr(panel, name)[part] / panel.close[part]) ** times
    return replace(panel, **columns)


def thinner(panel: Panel, times: float, bars: int = 5) -> Panel:
    """Return ``panel`` with the volume of the last ``bars`` bars of every symbol of its last day times ``times``."""
    volume = panel.volume.copy()
    for row in last_rows(panel):
        first = max(int(panel.offsets[panel.symbol_code[row]]), int(row) - bars + 1)
        volume[first : int(row) + 1] = np.round(volume[first : int(row) + 1] * times)
    return replace(panel, volume=volume)


def fear_moved(panel: Panel, *, add: float = 0.0, to: float | None = None) -> Panel:
    """Return ``panel`` whose fear index on its last day is higher by ``add``, or ``to``.

    Raises
    ------
    UsageError : the panel has no fear index.
    """
    if panel.fear is None:
        raise UsageError("the prices come without a fear index, so it cannot be moved", fix="give --fear FILE")
    fear = panel.fear.copy()
    rows = last_rows(panel)
    fear[rows] = np.maximum(fear[rows] + add if to is None else to, 0.0)
    return replace(panel, fear=fear)
