"""From messages to columns: what is read of each bar, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import nan

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.streaming.features.assembly import Bars
from tradewind.streaming.features.quarantine import Quarantine, Quarantined, Reason
from tradewind.streaming.log.protocol import Message
from tradewind.streaming.records import Bar

_TIME, _KNOWN, _WRITTEN, _PLACE, _PRICES, _FEAR = 1, 2, 3, 4, slice(5, 11), 11
WIDTH = 12
LAST_TIME = 2**53
"""Times are read through float64 columns, which hold whole microseconds up to the year 2255."""


def refuse(quarantine: Quarantine, message: Message, reason: Reason, detail: str) -> None:
    """Put the record of ``message`` into quarantine."""
    quarantine.put(
        Quarantined(
            reason=reason,
            detail=detail,
            topic=message.topic,
            partition=message.partition,
            offset=message.offset,
            record=message.record,
        )
    )


def bars_by_time(
    messages: Sequence[Message], codes: Mapping[str, int], quarantine: Quarantine, ahead: float
) -> Iterator[tuple[int, Bars, int]]:
    """Iterate over (time, bars, more), oldest first: the last bar of each key, and how many others it replaces.

    A record that is no bar, is of a symbol not in ``codes``, says what no market can do, or claims to be known more
    than ``ahead`` seconds after the log took it goes to ``quarantine``.
    """
    table = _table(messages, codes, quarantine)
    if not len(table):
        return
    valid = _valid(table)
    early = valid & (table[:, _KNOWN] > table[:, _WRITTEN] + ahead * 1e6)
    for place in table[~valid, _PLACE].astype(np.int64).tolist():
        refuse(quarantine, messages[place], "invalid", "prices, volume or times that no market can have")
    for place in table[early, _PLACE].astype(np.int64).tolist():
        refuse(quarantine, messages[place], "from_the_future", "known_at lies too far after the log took it")
    table = table[valid & ~early]
    time = table[:, _TIME].astype(np.int64)
    if len(time) > 1 and bool((time[1:] < time[:-1]).any()):
        order = np.argsort(time, kind="stable")
        table, time = table[order], time[order]
    bounds = np.flatnonzero(np.concatenate([[True], time[1:] != time[:-1], [True]])).tolist() if len(time) else []
    whole = table[:, :_PLACE].astype(np.int64)
    for start, stop in pairwise(bounds):
        part = slice(start, stop)
        bars = Bars(
            code=whole[part, 0],
            known_at=whole[part, _KNOWN],
            written_at=whole[part, _WRITTEN],
            prices=table[part, _PRICES],
            fear=table[part, _FEAR],
        )
        last = bars.last_of_each()
        yield int(time[start]), last, len(bars.code) - len(last.code)


def _table(messages: Sequence[Message], codes: Mapping[str, int], quarantine: Quarantine) -> FloatArray:
    """(n, WIDTH) of the bars of known symbols, in order; the hot loop of the service, so it makes plain tuples."""
    rows: list[tuple[float, ...]] = []
    append, get = rows.append, codes.get
    for place, message in enumerate(messages):
        bar = message.record
        if type(bar) is not Bar:
            refuse(quarantine, message, "wrong_kind", f"{type(bar).__name__} where bars are read")
            continue
        code = get(bar.symbol)
        if code is None:
            refuse(quarantine, message, "unknown_symbol", f"{bar.symbol!r} is not in the universe")
            continue
        fear = bar.fear
        append(
            (
                code, bar.time, bar.known_at, message.written_at, place,
                bar.open, bar.high, bar.low, bar.close, bar.adj_close, bar.volume, nan if fear is None else fear,
            )
        )  # fmt: skip
    return np.array(rows, dtype=np.float64).reshape(-1, WIDTH)


def _valid(table: FloatArray) -> BoolArray:
    """(n,) rows that a market can bring; a missing field (NaN) passes, except the close."""
    opened, high, low, close, adjusted, volume = table[:, _PRICES].T
    ok = (close > 0.0) & np.isfinite(close) & ~(high < low)
    for price in (opened, high, low, adjusted):
        ok &= ~((price <= 0.0) | np.isinf(price))
    ok &= ~((volume < 0.0) | np.isinf(volume))
    ok &= (np.abs(table[:, _TIME]) < LAST_TIME) & (np.abs(table[:, _KNOWN]) < LAST_TIME)
    result: BoolArray = ok & (table[:, _KNOWN] >= table[:, _TIME])
    return result
