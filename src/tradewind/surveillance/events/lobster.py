"""LOBSTER's files: the messages of one ticker's day, and the book after each of them.

Format: https://lobsterdata.com/info/DataStructure.php (Huang, Polak 2011). ``TICKER_DATE_START_END_message_N.csv`` has
time in seconds after midnight in New York, type, order id, size, price in ten-thousandths of a dollar, direction of
the resting order; row k of ``..._orderbook_N.csv`` is the book after message k: ask price, ask size, bid price, bid
size of the best level, then of the next, up to N.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.core.errors import InputError
from tradewind.surveillance.events.cells import NANOSECONDS, ints, times
from tradewind.surveillance.events.order import join_tables
from tradewind.surveillance.events.problems import Problem, Problems
from tradewind.surveillance.events.sources import headless_csv
from tradewind.surveillance.events.table import EventTable, Kind, Names

EMPTY = 9_999_999_999
"""The price of an empty ask level, and with a minus of an empty bid level; its size is 0."""
_NAME = re.compile(r"(?P<ticker>.+)_(?P<date>\d{4}-\d\d-\d\d)_\d+_\d+_(message|orderbook)_(?P<levels>\d+)")
_KINDS = np.array([0, Kind.NEW, Kind.CANCEL, Kind.CANCEL, Kind.TRADE, Kind.HIDDEN, Kind.HIDDEN, Kind.HALT], np.int8)
_FIELDS = ("time", "type", "order id", "size", "price", "direction")


@dataclass(frozen=True)
class LobsterDay:
    """What a file's name says.

    Attributes
    ----------
    ticker : the symbol.
    midnight : nanoseconds from 1970-01-01 UTC to the day's first moment in New York.
    """

    ticker: str
    midnight: int


@dataclass(frozen=True, eq=False)
class Messages:
    """Messages as they lie in the file, those that make no sense left out; times in nanoseconds after midnight.

    ``rows`` is the 1-based number of each in the file.
    """

    time: IntArray
    type: IntArray
    order: IntArray
    size: IntArray
    price: IntArray
    direction: IntArray
    rows: IntArray


def midnight_of(day: date, zone: str = "America/New_York") -> int:
    """Return the nanoseconds from 1970-01-01 UTC to the start of ``day``, counted back from its noon in ``zone``."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
    return (int(noon.timestamp()) - 12 * 3600) * NANOSECONDS["s"]


def lobster_day(path: str | Path, ticker: str | None = None, day: date | None = None) -> LobsterDay:
    """Return ticker and midnight as a file's name says them, or as they are given.

    Raises
    ------
    InputError : the name does not say what is not given.
    """
    found = _NAME.match(Path(path).name)
    if found is None and (ticker is None or day is None):
        raise InputError(
            "the name does not say the ticker and the date",
            file=path,
            fix="name it as LOBSTER does, AAPL_2012-06-21_34200000_57600000_message_10.csv, or give both",
        )
    said = found.groupdict() if found is not None else {}
    return LobsterDay(ticker or said["ticker"], midnight_of(day or date.fromisoformat(said["date"])))


def read_messages(path: str | Path, problems: Problems | None = None) -> Messages:
    """Read a message file; rows that make no sense go to ``problems``.

    Raises
    ------
    InputError : the file is not there, damaged, or has fewer than six columns.
    """
    found = Problems() if problems is None else problems
    columns = headless_csv(path, 6)
    cells = [times(columns[0], NANOSECONDS["s"]), *(ints(column) for column in columns[1:])]
    kind, size, price = cells[1].values, cells[3].values, cells[4].values
    wrong = np.zeros(len(kind), dtype=bool)
    for name, cell in zip(_FIELDS, cells, strict=True):
        for row in np.flatnonzero((cell.empty | cell.unreadable) & ~wrong).tolist():
            found.add(Problem(code="unreadable", message=f"the {name} cannot be read", row=row + 1))
        wrong |= cell.empty | cell.unreadable
    executes = (kind >= 1) & (kind <= 6)
    checks = (
        ("unknown_kind", (kind < 1) | (kind > 7), kind, "{} is no type of message"),
        ("bad_size", executes & (size <= 0), size, "the size is {}"),
        ("bad_price", executes & (price <= 0), price, "the price is {}"),
    )
    for code, bad, values, text in checks:
        for row in np.flatnonzero(bad & ~wrong).tolist():
            found.add(Problem(code=code, message=text.format(values[row]), row=row + 1))
        wrong |= bad
    kept = np.flatnonzero(~wrong)
    time, kind, order, size, price, direction = (cell.values[kept] for cell in cells)
    return Messages(time, kind, order, size, price, direction, kept + 1)


def read_book(path: str | Path, levels: int | None = None, rows: int | None = None) -> IntArray:
    """Return an orderbook file as (rows, 4 x levels): ask price, ask size, bid price, bid size a level.

    Parameters
    ----------
    levels : the best levels that are wanted; all by default.
    rows : the first rows that are wanted; all by default.

    Raises
    ------
    InputError : the file is not there or damaged, has too few columns, or a cell that is no number.
    """
    columns = headless_csv(path, 4 if levels is None else 4 * levels, rows)
    wanted = columns[: len(columns) - len(columns) % 4] if levels is None else columns[: 4 * levels]
    cells = [ints(column) for column in wanted]
    for number, cell in enumerate(cells, 1):
        bad = np.flatnonzero(cell.empty | cell.unreadable)
        if len(bad):
            raise InputError(
                "a cell is no whole number",
                file=path,
                row=int(bad[0]) + 1,
                field=str(number),
                fix="give an orderbook file as LOBSTER writes it",
            )
    return np.stack([cell.values for cell in cells], axis=1) if cells else np.empty((0, 0), dtype=np.int64)


def read_lobster(
    message: str | Path,
    orderbook: str | Path | None = None,
    *,
    ticker: str | None = None,
    day: date | None = None,
    problems: Problems | None = None,
) -> EventTable:
    """Return a day of LOBSTER messages as events; ``seq`` is the row in the file, the accounts are nobody's.

    The file begins in the middle of a day's trading: orders entered before are unknown. With the orderbook file the
    volume that stood there at the start is entered first, one order without an owner a level (``seq`` 0, a negative
    id), and what the messages take from unknown orders at those prices is taken from it. Volume below the published
    levels stays unknown.

    Parameters
    ----------
    ticker, day : where the file's name does not say them.

    Raises
    ------
    InputError : a file is not there or damaged, or its name says neither ticker nor date.
    """
    named = lobster_day(message, ticker, day)
    messages = read_messages(message, problems)
    symbols, accounts = Names((named.ticker,)), Names()
    order = np.where(_KINDS[messages.type] == Kind.HALT, 0, messages.order)
    size = np.where(messages.type == 3, 0, messages.size)
    first: EventTable | None = None
    if orderbook is not None and len(messages.rows):
        start = _book_before(messages, read_book(orderbook, rows=1)[0])
        first = _standing(start, int(messages.time[0]) + named.midnight, symbols, accounts)
        place = _place(messages.direction, messages.price)
        old = _entered_before(messages) & np.isin(place, first.order)
        order, size = np.where(old, place, order), np.where(old, messages.size, size)
    halts = messages.type == 7
    table = _events(
        time=messages.time + named.midnight,
        seq=messages.rows,
        kind=_KINDS[messages.type],
        order=order,
        side=np.where(halts | (messages.type == 6), 0, np.sign(messages.direction)).astype(np.int8),
        price=np.where(halts, np.clip(messages.price, -1, 1), messages.price),
        size=np.where(halts, 0, size),
        symbols=symbols,
        accounts=accounts,
    )
    return table if first is None else join_tables([first, table])


def _events(**columns: AnyArray | Names) -> EventTable:
    n = len(columns["time"])
    filled: dict[str, AnyArray | Names] = {"symbol": np.zeros(n, np.int32), "account": np.full(n, -1, np.int32)}
    return EventTable(**filled, **columns)  # type: ignore[arg-type]


def _place(side: IntArray, price: IntArray) -> IntArray:
    """Return the id of the order that stands for the volume of one level at the start."""
    return -(2 * price + (side > 0)) - 1


def _entered_before(messages: Messages) -> AnyArray:
    """Return the messages about visible orders that no earlier message of the file entered."""
    ids, first, back = np.unique(messages.order, return_index=True, return_inverse=True)
    del ids
    visible = (messages.type >= 2) & (messages.type <= 4)
    entered = np.where(messages.type == 1, messages.rows, np.iinfo(np.int64).max)
    earliest = np.full(len(first), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(earliest, back, entered)
    return np.asarray(visible & (earliest[back] > messages.rows), dtype=bool)


def _book_before(messages: Messages, row: IntArray) -> dict[tuple[int, int], int]:
    """Return (side, price) -> size before the first message: the first published row with the message undone."""
    book: dict[tuple[int, int], int] = {}
    for level in row.reshape(-1, 4).tolist():
        for side, (price, size) in ((-1, level[:2]), (1, level[2:])):
            if abs(price) != EMPTY and size > 0:
                book[side, price] = size
    kind, place = int(messages.type[0]), (int(messages.direction[0]), int(messages.price[0]))
    if 1 <= kind <= 4:
        book[place] = book.get(place, 0) + (-1 if kind == 1 else 1) * int(messages.size[0])
    return {place: size for place, size in book.items() if size > 0}


def _standing(book: dict[tuple[int, int], int], time: int, symbols: Names, accounts: Names) -> EventTable:
    """Return one new order for each level of the book at the start."""
    side, price = (np.array([place[i] for place in book], dtype=np.int64) for i in (0, 1))
    n = len(book)
    return _events(
        time=np.full(n, time),
        seq=np.zeros(n, dtype=np.int64),
        kind=np.full(n, Kind.NEW, dtype=np.int8),
        order=_place(side, price),
        side=side.astype(np.int8),
        price=price,
        size=np.array(list(book.values()), dtype=np.int64),
        symbols=symbols,
        accounts=accounts,
    )
