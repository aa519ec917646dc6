"""Forward fill over closures: every symbol on the sessions of one exchange, and a flag for what was filled."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray, TimeArray
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data.calendar import session_closes, sessions


@dataclass(frozen=True, kw_only=True, eq=False)
class FilledPanel:
    """A panel without holes.

    Attributes
    ----------
    panel : bars of each symbol on every session from its first bar to its last.
    filled : (n, 6) True where a value was filled, columns as ``fields``.
    closed : (n,) True where the whole bar was filled: the symbol did not trade on that session.
    fields : names of the columns of ``filled``.
    """

    panel: Panel
    filled: BoolArray
    closed: BoolArray
    fields: tuple[str, ...] = PRICE_FIELDS


def fill_closures(panel: Panel, *, calendar: str | None = "XNYS") -> FilledPanel:
    """Lay each symbol of a daily panel on the exchange's sessions and carry the last close over those it missed.

    Parameters
    ----------
    panel : daily bars; NaN fields of a bar that is there are filled with the symbol's last value of that field.
    calendar : exchange whose sessions count; None takes the dates that the panel has. A bar on a date that is no
        session stays.

    Returns
    -------
    FilledPanel; a filled bar has the last close as its four prices, the last adjusted close, and volume 0. It is known
    at the session's close. Values before a symbol's first one stay NaN. Nothing looks ahead.

    Raises
    ------
    UsageError : the calendar is not known.
    """
    if not len(panel):
        return FilledPanel(panel=panel, filled=np.zeros((0, 6), dtype=bool), closed=np.zeros(0, dtype=bool))
    day = panel.times if calendar is None else sessions(panel.times[0], panel.times[-1], calendar)
    first, last = panel.time[panel.offsets[:-1]], panel.time[panel.offsets[1:] - 1]
    codes, times, source = [], [], []
    for s in range(panel.n_symbols):
        rows = np.arange(panel.offsets[s], panel.offsets[s + 1])
        extra = np.setdiff1d(day[(day > first[s]) & (day < last[s])], panel.time[rows])
        when = np.concatenate([panel.time[rows], extra])
        order = np.argsort(when, kind="stable")
        codes.append(np.full(len(when), s))
        times.append(when[order])
        source.append(np.concatenate([rows, np.full(len(extra), -1)])[order])
    return _assemble(panel, np.concatenate(codes), np.concatenate(times), np.concatenate(source), calendar)


def _assemble(panel: Panel, code: IntArray, time: TimeArray, source: IntArray, calendar: str | None) -> FilledPanel:
    closed: BoolArray = source < 0
    offsets = np.concatenate([[0], np.cumsum(np.bincount(code, minlength=panel.n_symbols))]).astype(np.int64)
    first = offsets[:-1][code]
    kept = np.maximum(source, 0)
    raw = {name: np.where(closed, np.nan, getattr(panel, name)[kept]) for name in PRICE_FIELDS}
    close = forward_fill(raw["close"], first)
    columns: dict[str, AnyArray] = {}
    for name in PRICE_FIELDS:
        whole = forward_fill(raw[name], first)
        if name == "volume":
            whole = np.where(closed, 0.0, whole)
        elif name != "adj_close":
            whole = np.where(closed, close, whole)
        columns[name] = whole
    known_at = np.where(closed, session_closes(time, calendar), panel.known_at[kept])
    fear = None if panel.fear is None else forward_fill(np.where(closed, np.nan, panel.fear[kept]), first)
    filled = np.stack([np.isnan(raw[name]) & ~np.isnan(columns[name]) for name in PRICE_FIELDS], axis=1)
    result = Panel(
        symbols=panel.symbols,
        offsets=offsets,
        time=time,
        known_at=known_at,
        sectors=panel.sectors,
        market_cap=panel.market_cap,
        fear=fear,
        **columns,
    )
    return FilledPanel(panel=result, filled=filled, closed=closed)


def forward_fill(values: FloatArray, first: IntArray, limit: int | None = None) -> FloatArray:
    """Carry the last value forward within each symbol.

    Parameters
    ----------
    values : (n,) with NaN where missing.
    first : (n,) first row of each row's symbol.
    limit : most rows in a row to fill; None for all.

    Returns
    -------
    (n,) float64; NaN before a symbol's first value and beyond ``limit``. A row uses nothing after it.
    """
    row = np.arange(len(values))
    last = np.maximum.accumulate(np.where(np.isnan(values), -1, row)) if len(values) else row
    good = last >= first
    if limit is not None:
        good &= row - last <= limit
    return np.where(good, values[np.maximum(last, 0)], np.nan)
