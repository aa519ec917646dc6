"""What is wrong with a source of events: counted by code, with a few examples of each; nothing here stops a run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

from tradewind.core.files import atomic_path, write_json_file

MEANINGS: Mapping[str, str] = {
    "unreadable": "a value that cannot be read; the row was skipped",
    "missing_column": "a column that can be lived without",
    "unknown_kind": "a kind of event that is not known; the row was skipped",
    "ignored_kind": "an event that says nothing about orders (an acknowledgement, a rejection); skipped",
    "incomplete_change": "an order changed without a new price and size; the row was skipped",
    "unknown_side": "a side that is neither buy nor sell; the row was kept with its side unknown",
    "missing_symbol": "a row without a symbol; skipped",
    "missing_order": "an order without an id: skipped where it is cancelled, kept where it is entered",
    "bad_size": "a size that is not above 0 where one is needed; the row was skipped",
    "bad_price": "a price below 0, not finite or too large; the row was skipped",
    "fractional_size": "sizes that are not whole were scaled or rounded",
    "converted_time": "times were given in another unit than nanoseconds and were converted",
    "doubtful_time": "times that look like another unit than their column's name says; the name was believed",
    "coarse_price": "prices too fine for ten-thousandths of a dollar were scaled",
    "time_out_of_range": "a time before 1900 or after 2200, or before 1990 in a file of dates; the row was skipped",
    "late": "a row whose time lies before that of one already read; sorted into place inside the window",
    "too_late": "a row later than the window could put right; processed where it stood, at the time reached by then",
    "clock_back": "a time a little before that of the event with the number before; raised to it, as the numbers say",
    "no_events": "the file has its columns and no row",
    "unsorted": "the file is not in the order of time: it was read whole and sorted",
    "duplicate": "a row that repeats one already read under its sequence number; dropped",
    "repeated_seq": "different rows under one sequence number; both were kept",
    "seq_gap": "sequence numbers are missing: events were lost",
    "locked_book": "best bid and best ask were equal while both stood in the book",
    "crossed_book": "the best bid lay above the best ask while both stood in the book",
    "unknown_order": "an event names an order that was never entered, or left long ago",
    "over_execution": "more was executed or cancelled than the order had left",
    "repeated_order": "an order entered under an id that is still in the book; it replaced the one there",
    "finished_order": "an event names an order that lately left the book",
    "dropped_order": "more orders rested than the book has room for; the oldest were dropped",
    "unusable_order": "an event without a side or a size where one is needed; the row was skipped",
}
"""Each code in words: what was found and what was done with it. Other codes may be added by whoever finds more."""


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One finding.

    Attributes
    ----------
    code : a key of :data:`MEANINGS`, or another short name in snake_case.
    message : what is wrong with this one, in a sentence without a final stop, with the value.
    row : 1-based number of the data row in the source, not counting the header; 0 where it is not known.
    seq : the venue's sequence number; -1 where there is none.
    symbol : name of the symbol; empty where it is not known.
    count : how many rows it stands for; ``row`` and ``seq`` are those of the first.
    """

    code: str
    message: str
    row: int = 0
    seq: int = -1
    symbol: str = ""
    count: int = 1


class Problems:
    """Collects findings in bounded memory: every one is counted, the first ``examples`` of each code are kept.

    Shared by the reader, the book and whatever follows; its methods are cheap, but a caller with many findings in one
    chunk adds the first few as examples and the rest as one Problem with a ``count``.
    """

    def __init__(self, examples: int = 20) -> None:
        self._limit = examples
        self._counts: dict[str, int] = {}
        self._examples: dict[str, list[Problem]] = {}

    def add(self, problem: Problem) -> None:
        """Count ``problem`` and keep it where its code has not yet enough examples."""
        if problem.count <= 0:
            return
        self._counts[problem.code] = self._counts.get(problem.code, 0) + problem.count
        kept = self._examples.setdefault(problem.code, [])
        if len(kept) < self._limit:
            kept.append(problem)

    def room(self, code: str) -> int:
        """Return how many more examples of ``code`` would be kept."""
        return self._limit - len(self._examples.get(code, ()))

    def count(self, code: str) -> int:
        """Return how often ``code`` was found."""
        return self._counts.get(code, 0)

    def counts(self) -> dict[str, int]:
        """Return how often each code was found, the most frequent first."""
        return dict(sorted(self._counts.items(), key=lambda item: (-item[1], item[0])))

    def examples(self, code: str) -> tuple[Problem, ...]:
        """Return the kept examples of ``code``."""
        return tuple(self._examples.get(code, ()))

    def __len__(self) -> int:
        return sum(self._counts.values())

    def __iter__(self) -> Iterator[Problem]:
        """Go through the kept examples, code by code."""
        for code in self.counts():
            yield from self._examples[code]


def write_problems(problems: Problems, folder: str | Path) -> tuple[Path, Path]:
    """Write ``problems.json`` (counts and meanings) and ``problems.parquet`` (the examples) into ``folder``.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    found = [
        {"code": code, "count": count, "meaning": MEANINGS.get(code, ""), "first": asdict(problems.examples(code)[0])}
        for code, count in problems.counts().items()
    ]
    summary = write_json_file(Path(folder) / "problems.json", {"total": len(problems), "problems": found})
    schema = {
        "code": pl.String,
        "message": pl.String,
        "row": pl.Int64,
        "seq": pl.Int64,
        "symbol": pl.String,
        "count": pl.Int64,
    }
    table = Path(folder) / "problems.parquet"
    with atomic_path(table) as draft:
        pl.DataFrame([asdict(problem) for problem in problems], schema=schema).write_parquet(draft)
    return summary, table
