"""A replayed market written as LOBSTER's pair of files, for tools that read those."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import numpy as np

from tradewind.core.errors import UsageError
from tradewind.core.files import write_text
from tradewind.surveillance.events.lobster import EMPTY, midnight_of
from tradewind.surveillance.events.lobster_book import change_level
from tradewind.surveillance.events.table import Kind

if TYPE_CHECKING:
    from tradewind.surveillance.book.tape import Tape

_SECOND = 1_000_000_000
_ZONE = "America/New_York"
_BESIDE = (Kind.HIDDEN, Kind.HALT)
"""What is written and leaves the book as it is."""


@dataclass(frozen=True)
class _Message:
    """One line of a message file; ``time`` in nanoseconds since 1970-01-01 UTC."""

    time: int
    type: int
    order: int
    size: int
    price: int
    side: int

    def line(self, midnight: int) -> str:
        seconds, nanoseconds = divmod(self.time - midnight, _SECOND)
        return f"{seconds}.{nanoseconds:09d},{self.type},{self.order},{self.size},{self.price},{self.side}"


def write_lobster(tapes: Iterable[Tape], folder: str | Path, *, symbol: str, levels: int = 10) -> tuple[Path, Path]:
    """Write one symbol of a replayed market, of one day in New York, as a message and an orderbook file.

    As on LOBSTER, the part of an order that is executed on arrival is seen in the executions of the orders it met and
    only the rest of it is entered; news and quotes have no place. Accounts are lost.

    Parameters
    ----------
    tapes : the replay, in order.
    levels : levels of the orderbook file.

    Raises
    ------
    UsageError : the symbol has no events, or events of more than one day.
    OutputError : the folder cannot be written.
    """
    messages = list(_messages(tapes, symbol))
    if not messages:
        raise UsageError(f"there are no orders in {symbol!r}", fix="name a symbol that was traded")
    days = {_day(messages[0].time), _day(messages[-1].time)}
    if len(days) > 1:
        raise UsageError(f"the events run from {min(days)} to {max(days)}", fix="give the events of one day")
    day = days.pop()
    midnight = midnight_of(day.date(), _ZONE)
    start, end = (messages[0].time - midnight) // _SECOND, -(-(messages[-1].time - midnight) // _SECOND)
    stem = f"{symbol}_{day:%Y-%m-%d}_{start * 1000}_{end * 1000}"
    lines = "".join(f"{message.line(midnight)}\n" for message in messages)
    book = "".join(f"{row}\n" for row in _book(messages, levels))
    return (
        write_text(Path(folder) / f"{stem}_message_{levels}.csv", lines),
        write_text(Path(folder) / f"{stem}_orderbook_{levels}.csv", book),
    )


def _day(time: int) -> datetime:
    return (
        datetime.fromtimestamp(time // _SECOND, UTC)
        .astimezone(ZoneInfo(_ZONE))
        .replace(hour=0, minute=0, second=0, microsecond=0)
    )


def _messages(tapes: Iterable[Tape], symbol: str) -> Iterator[_Message]:
    """Yield the messages of one symbol."""
    columns = ("kind", "time", "order", "size", "price", "side", "level", "order_left", "taker_order")
    arrivals = _Arrivals()
    for tape in tapes:
        rows = np.flatnonzero(tape.symbol == tape.symbols.find(symbol))
        cells = (getattr(tape, name)[rows].tolist() for name in columns)
        for kind, time, order, size, price, side, level, left, taker in zip(*cells, strict=True):
            row = _Message(time, 1, order, size, price, side)
            if kind == Kind.TRADE:
                yield from arrivals.executed(replace(row, type=4), taker)
            elif kind == Kind.CANCEL:
                yield from arrivals.cancelled(replace(row, type=3 if size >= left else 2))
            elif kind == Kind.NEW:
                yield from arrivals.entered(row, aggressive=level < 0 or price == 0)
            elif kind in _BESIDE:
                yield from arrivals.rest()
                hidden = kind == Kind.HIDDEN
                yield replace(row, type=5, order=0) if hidden else _Message(time, 7, 0, 0, price, -1)
    yield from arrivals.rest()


class _Arrivals:
    """Holds an order that crosses the book back until its executions are told; then what is left of it is entered."""

    def __init__(self) -> None:
        self._held: _Message | None = None

    def rest(self) -> Iterator[_Message]:
        """Yield what is left of the order held back; nothing of a market order rests."""
        if self._held is not None and self._held.price > 0:
            yield self._held
        self._held = None

    def entered(self, order: _Message, *, aggressive: bool) -> Iterator[_Message]:
        yield from self.rest()
        if aggressive:
            self._held = order
        else:
            yield order

    def executed(self, trade: _Message, taker: int) -> Iterator[_Message]:
        if self._held is not None and self._held.order == taker:
            self._shrink(trade.size)
        else:
            yield from self.rest()
        yield trade

    def cancelled(self, cancel: _Message) -> Iterator[_Message]:
        if self._held is not None and self._held.order == cancel.order:
            self._shrink(cancel.size)
            return
        yield from self.rest()
        if cancel.size > 0 and cancel.price > 0:  # a market order never stood in the book
            yield cancel

    def _shrink(self, size: int) -> None:
        assert self._held is not None, "asked by the callers"
        left = self._held.size - size
        self._held = replace(self._held, size=left) if left > 0 else None


def _book(messages: list[_Message], levels: int) -> Iterator[str]:
    """Yield the published row after each message."""
    room = len({message.price for message in messages}) + 1
    keys, sizes, count = np.zeros((2, room), np.int64), np.zeros((2, room), np.int64), [0, 0]
    by = {1: 1, 2: -1, 3: -1, 4: -1}
    for message in messages:
        side = 0 if message.side > 0 else 1
        sign = 1 - 2 * side
        if message.type in by:
            change = by[message.type] * message.size
            count[side] = change_level(keys[side], sizes[side], count[side], sign * message.price, change)
        cells = []
        for level in range(1, levels + 1):
            for s, empty in ((1, EMPTY), (0, -EMPTY)):
                at = count[s] - level
                cells += [(1 - 2 * s) * int(keys[s, at]), int(sizes[s, at])] if at >= 0 else [empty, 0]
        yield ",".join(map(str, cells))
