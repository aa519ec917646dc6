"""What a run reads: files of events, a folder of them, or LOBSTER's pair; their sessions and number of rows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.core.errors import InputError, UsageError
from tradewind.surveillance.events import (
    EventTable,
    Names,
    Problems,
    ReadOptions,
    merged,
    read_events,
    read_lobster,
    read_news_events,
    read_quotes,
    rechunked,
)
from tradewind.surveillance.events.cells import times
from tradewind.surveillance.events.dialect import learn_dialect
from tradewind.surveillance.events.sources import CSV_SUFFIXES, PARQUET_SUFFIXES, open_source
from tradewind.surveillance.events.table import CHUNK
from tradewind.surveillance.live.spans import SessionCutter
from tradewind.surveillance.sessions import Sessions


@dataclass(frozen=True, kw_only=True)
class Span:
    """First and last time of a file, nanoseconds, and how many rows have one."""

    first: int
    last: int
    rows: int


@dataclass(frozen=True, kw_only=True)
class EventFiles:
    """Files that together are one source of events.

    Attributes
    ----------
    events : files of events; each is ordered by itself, and files that overlap in time are merged.
    news, quotes : a file merged in, where given.
    lobster : in place of ``events``: a message file and, where given, its orderbook file.
    options : how the files are read.
    """

    events: tuple[Path, ...] = ()
    news: Path | None = None
    quotes: Path | None = None
    lobster: tuple[Path, Path | None] | None = None
    options: ReadOptions = field(default_factory=ReadOptions)

    @classmethod
    def of(
        cls,
        path: Path | None,
        *,
        news: Path | None = None,
        quotes: Path | None = None,
        lobster: tuple[Path, Path | None] | None = None,
    ) -> EventFiles:
        """Return what flags name: a file, every file of a folder, or LOBSTER's pair.

        Raises
        ------
        UsageError : both or neither are given. InputError : the folder holds no file of events.
        """
        if (path is None) == (lobster is None):
            raise UsageError("one source of events is read", fix="give either --events or --lobster")
        if path is None:
            return cls(lobster=lobster, news=news, quotes=quotes)
        return cls(events=event_files(path), news=news, quotes=quotes)

    @property
    def names(self) -> tuple[str, ...]:
        """The files, as text."""
        if self.lobster is not None:
            return tuple(str(path) for path in self.lobster if path is not None)
        beside = [path for path in (self.news, self.quotes) if path is not None]
        return tuple(str(path) for path in (*self.events, *beside))

    def look(self) -> tuple[Sessions, int]:
        """Read the times alone and return the sessions they fall into, and how many rows there are.

        Raises
        ------
        InputError : a file is not there, empty or damaged. SchemaError : it lacks a column.
        """
        if self.lobster is not None:
            table = read_lobster(*self.lobster)
            return Sessions.of_times(table.time), len(table)
        cutter, rows = SessionCutter(), 0
        for path in self.events:
            for time in _times(path, self.options):
                cutter.add(time)
                rows += len(time)
        return cutter.sessions(), rows

    def chunks(self, problems: Problems, rows: int = CHUNK) -> Iterator[EventTable]:
        """Yield all events in the order of time, ``rows`` at once.

        Raises
        ------
        InputError : a file is not there, empty or damaged. SchemaError : it lacks a column.
        """
        return rechunked(self._all(problems), rows)

    def _all(self, problems: Problems) -> Iterator[EventTable]:
        if self.lobster is not None:
            table = read_lobster(*self.lobster, problems=problems)
            how = replace(self.options, symbols=table.symbols, accounts=table.accounts)
            chunks: Iterator[EventTable] = iter([table])
        else:
            how = replace(self.options, symbols=Names(), accounts=Names())
            chunks = _in_time(self.events, problems, how)
        if self.quotes is not None:
            chunks = merged(chunks, read_quotes(self.quotes, problems=problems, options=how))
        if self.news is not None:
            chunks = merged(chunks, iter([read_news_events(self.news, problems=problems, options=how)]))
        return chunks


def event_files(path: Path) -> tuple[Path, ...]:
    """Return ``path``, or the Parquet and CSV files of the folder ``path`` by name.

    Raises
    ------
    InputError : there is nothing there.
    """
    if not path.is_dir():
        if not path.exists():
            raise InputError("there is no such file", file=path, fix="check the path")
        return (path,)
    suffixes = (*PARQUET_SUFFIXES, *CSV_SUFFIXES)
    found = tuple(sorted(p for p in path.iterdir() if p.is_file() and p.name.lower().endswith(suffixes)))
    shown = tuple(p for p in found if not p.name.startswith((".", "_", "truth.", "news.")))
    if not shown:
        raise InputError("the folder holds no file of events", file=path, fix="put .parquet or .csv files there")
    return shown


def _times(path: Path, options: ReadOptions) -> Iterator[IntArray]:
    """Yield the times of a file that can be used, as they stand there."""
    source = open_source(path)
    dialect = learn_dialect(source, options, Problems())
    name = dialect.columns["time"]
    for batch in source.batches([name]):
        time = times(batch.columns[name], dialect.time_factor)
        yield time.values[dialect.usable(time)]


def _span(path: Path, options: ReadOptions) -> Span:
    first, last, rows = np.iinfo(np.int64).max, np.iinfo(np.int64).min, 0
    for time in _times(path, options):
        if len(time):
            first, last, rows = min(first, int(time.min())), max(last, int(time.max())), rows + len(time)
    return Span(first=int(first), last=int(last), rows=rows)


def _in_time(files: tuple[Path, ...], problems: Problems, how: ReadOptions) -> Iterator[EventTable]:
    """Yield the events of files one after another; those that overlap in time are merged."""
    if len(files) == 1:
        yield from read_events(files[0], problems=problems, options=how)
        return
    spans = sorted(((_span(path, how), path) for path in files), key=lambda pair: (pair[0].first, str(pair[1])))
    together: list[Path] = []
    reached = np.iinfo(np.int64).min
    for span, path in spans:
        if together and span.first >= reached:
            yield from _merged(together, problems, how)
            together = []
        together.append(path)
        reached = max(reached, span.last)
    yield from _merged(together, problems, how)


def _merged(files: list[Path], problems: Problems, how: ReadOptions) -> Iterator[EventTable]:
    chunks = read_events(files[0], problems=problems, options=how)
    for path in files[1:]:
        chunks = merged(read_events(path, problems=problems, options=how), chunks)
    return chunks
