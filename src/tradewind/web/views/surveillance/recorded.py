"""Recorded events laid out so that any moment of any symbol is at hand: one file a symbol, and the book now and then.

The first question about a source reads it once from end to end and leaves beside the workspace

- ``<symbol code>.rows``: its events in order, ten int64 each;
- ``<symbol code>.books``: every :data:`EVERY` events of the source, the orders that rest then, as events;
- ``about.json``: names, how executions are written, what was wrong with the events, where each book lies.

What is asked later reads one symbol from the last book before the moment on. The folder can be thrown away.
"""

from __future__ import annotations

import bisect
import hashlib
import shutil
import tempfile
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.core.files import read_json, write_json_file
from tradewind.surveillance.book import BookReplay, TradeStyle, detect_style
from tradewind.surveillance.book.resting import resting
from tradewind.surveillance.events import EventTable, Kind, Names, Problems, join_tables
from tradewind.surveillance.live.sources import EventFiles, event_files
from tradewind.web.problems import absent

FIELDS = ("time", "seq", "kind", "order", "account", "side", "price", "size", "contra", "contra_order")
NARROW: Mapping[str, Any] = {"kind": np.int8, "side": np.int8, "account": np.int32, "contra": np.int32}
EVERY = 50_000
"""Events of the source between two books that are kept."""
ABOUT, FORMAT = "about.json", 1
LAYOUTS = 3
"""Layouts that are kept, the latest."""


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """A source that is laid out.

    Attributes
    ----------
    folder : where. symbols, accounts : names by code. style : how executions are written.
    problems : what was wrong with the events, by code. events : how many there are.
    books : by symbol code, where each kept book lies: (row of the symbol that follows, its time, first, last + 1).
    files : names of the files it was made from.
    """

    folder: Path
    symbols: Names = field(repr=False)
    accounts: Names = field(repr=False)
    style: TradeStyle
    problems: Mapping[str, int]
    events: int
    books: Mapping[str, list[list[int]]] = field(repr=False)
    files: tuple[str, ...] = ()

    def until(self, symbol: str, start: int, end: int) -> tuple[EventTable, int]:
        """Return events of a symbol that a book must read to tell of ``start`` to ``end`` (nanoseconds, both included).

        Second: how many of them lie before ``start``. None where the symbol has no event.
        """
        code = self.symbols.find(symbol)
        rows = self._rows(code, "rows")
        if code < 0 or not len(rows):
            return self._table(np.empty((0, len(FIELDS)), dtype=np.int64), code), 0
        low = bisect.bisect_left(rows, start, key=_time)
        high = bisect.bisect_right(rows, end, lo=low, key=_time)
        kept = self.books.get(str(code), [])
        place = bisect.bisect_right(kept, low, key=lambda book: book[0]) - 1
        first, head = 0, np.empty((0, len(FIELDS)), dtype=np.int64)
        if place >= 0:
            first, head = kept[place][0], self._rows(code, "books")[kept[place][1] : kept[place][2]]
        table = self._table(np.concatenate([head, rows[first:high]]), code)
        return table, len(head) + low - first

    def span(self, symbol: str) -> tuple[int, int] | None:
        """Return the times of a symbol's first and last event; None where it has none."""
        rows = self._rows(self.symbols.find(symbol), "rows")
        return (int(rows[0, 0]), int(rows[-1, 0])) if len(rows) else None

    def _rows(self, code: int, kind: str) -> IntArray:
        path = self.folder / f"{code}.{kind}"
        if code < 0 or not path.is_file() or not path.stat().st_size:
            return np.empty((0, len(FIELDS)), dtype=np.int64)
        found: IntArray = np.memmap(path, dtype=np.int64, mode="r").reshape(-1, len(FIELDS))
        return found

    def _table(self, rows: IntArray, code: int) -> EventTable:
        columns: dict[str, Any] = {
            name: np.ascontiguousarray(rows[:, place], dtype=NARROW.get(name, np.int64))
            for place, name in enumerate(FIELDS)
        }
        symbol = np.full(len(rows), code, dtype=np.int32)
        return EventTable(symbol=symbol, symbols=self.symbols, accounts=self.accounts, **columns)


def _time(row: IntArray) -> int:
    return int(row[0])


_READING = threading.Lock()
_OPENED: dict[Path, Recorded] = {}


def recorded(events: Path, cache: Path) -> Recorded:
    """Return the events of a file or a folder, laid out under ``cache``; the first call reads them from end to end.

    Raises
    ------
    Problem : there are no events (404). InputError, SchemaError : they cannot be read.
    """
    if not events.exists() or (events.is_dir() and not any(events.iterdir())):
        raise absent(
            "record of the market",
            f"The events that cases are replayed from are looked for in {events}.",
            f"tradewind dashboard --events FOLDER, or copy the events of the run to {events}",
        )
    files = event_files(events)
    folder = cache / _state(files)
    with _READING:
        known = _OPENED.get(folder)
        if known is None or not (folder / ABOUT).is_file():
            if not (folder / ABOUT).is_file():
                _lay_out(events, folder)
            known = _OPENED[folder] = _opened(folder, tuple(path.name for path in files))
    return known


def _state(files: tuple[Path, ...]) -> str:
    parts = [f"{path.absolute()}:{path.stat().st_size}:{path.stat().st_mtime_ns}" for path in files]
    return hashlib.sha256("\n".join([str(FORMAT), *parts]).encode()).hexdigest()[:24]


def _opened(folder: Path, files: tuple[str, ...]) -> Recorded:
    about = read_json(folder / ABOUT, what="the layout of recorded events")
    return Recorded(
        folder=folder,
        symbols=Names(tuple(about["symbols"])),
        accounts=Names(tuple(about["accounts"])),
        style=TradeStyle(about["style"]),
        problems=about["problems"],
        events=about["events"],
        books=about["books"],
        files=files,
    )


def _lay_out(events: Path, folder: Path) -> None:
    """Read all events; the folder is there as a whole or not at all."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=folder.parent))
    try:
        writing = _Writing(draft)
        for table in EventFiles.of(events).chunks(writing.problems, EVERY):
            writing.take(table)
        writing.close()
        try:
            draft.rename(folder)
        except OSError:
            if not (folder / ABOUT).is_file():  # else another process was quicker, with the same
                raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    _forget(folder.parent)


def _forget(cache: Path) -> None:
    """Remove layouts of events that have changed since, but for the last few: others may still read them."""
    made = sorted((path for path in cache.iterdir() if (path / ABOUT).is_file()), key=lambda path: path.stat().st_mtime)
    for path in made[:-LAYOUTS]:
        shutil.rmtree(path, ignore_errors=True)


class _Writing:
    """Writes chunks to the files of their symbols, and keeps the books between them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.problems = Problems()
        self._replay: BookReplay | None = None
        self._held: EventTable | None = None
        self._names: tuple[Names, Names] = (Names(), Names())
        self._counts: dict[int, int] = {}
        self._kept: dict[int, int] = {}
        self._books: dict[str, list[list[int]]] = {}

    def take(self, table: EventTable) -> None:
        """Take the next chunk; what follows its last safe cut waits for the next one."""
        whole = table if self._held is None else join_tables([self._held, table])
        cut = _safe_cut(whole)
        self._held = whole.take(slice(cut, None))
        if cut:
            self._write(whole.take(slice(0, cut)))

    def close(self) -> None:
        """Write what waits, and what the files are."""
        if self._held is not None and len(self._held):
            self._write(self._held)
        symbols, accounts = self._names
        about = {
            "symbols": symbols.all(),
            "accounts": accounts.all(),
            "style": int(TradeStyle.RESTING if self._replay is None else self._replay.style),
            "problems": self.problems.counts(),
            "events": sum(self._counts.values()),
            "books": self._books,
        }
        write_json_file(self._folder / ABOUT, about)

    def _write(self, table: EventTable) -> None:
        if self._replay is None:
            self._names = (table.symbols, table.accounts)
            self._replay = BookReplay(table.symbols, table.accounts, problems=self.problems, style=detect_style(table))
        for code, rows in _by_symbol(table):
            _append(self._folder / f"{code}.rows", rows)
            self._counts[code] = self._counts.get(code, 0) + len(rows)
        self._replay.update(table)
        for code, rows in _by_symbol(resting(self._replay, *self._names)):
            first = self._kept.get(code, 0)
            _append(self._folder / f"{code}.books", rows)
            self._kept[code] = first + len(rows)
            self._books.setdefault(str(code), []).append([self._counts.get(code, 0), first, first + len(rows)])


def _safe_cut(table: EventTable) -> int:
    """Return how many rows end at a moment of their own with an event that no other belongs to; 0 where none do."""
    quiet = np.isin(table.kind, (Kind.NEW, Kind.CANCEL))
    apart = np.append(np.diff(table.time) > 0, False)
    found = np.flatnonzero(quiet & apart)
    return int(found[-1]) + 1 if len(found) else 0


def _by_symbol(table: EventTable) -> list[tuple[int, IntArray]]:
    """Return the rows of each symbol, in order, ten int64 each; events of no symbol are left out."""
    missing = {"contra": -1, "contra_order": 0}
    if not len(table):
        return []
    columns = table.columns()
    rows = np.empty((len(table), len(FIELDS)), dtype=np.int64)
    for place, name in enumerate(FIELDS):
        rows[:, place] = columns.get(name, missing.get(name, 0))
    order = np.argsort(table.symbol, kind="stable")
    codes, starts = np.unique(table.symbol[order], return_index=True)
    parts = np.split(rows[order], starts[1:])
    return [(int(code), part) for code, part in zip(codes.tolist(), parts, strict=True) if code >= 0]


def _append(path: Path, rows: IntArray) -> None:
    with path.open("ab") as file:
        file.write(np.ascontiguousarray(rows).tobytes())
