"""The log page by page, the newest entry first, in bounded time however few entries are found."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from tradewind.governance.audit.query import Entry, Filter, Reader, entry_of
from tradewind.governance.audit.store import Ledger

_LOOKS = 512


@dataclass(frozen=True, kw_only=True)
class Page:
    """What one look found.

    Attributes
    ----------
    entries : the newest first.
    below : give it as :attr:`Filter.below` for what follows; None: there is nothing more.
    read : entries that were looked at.
    hurried : time ran out before the page was full; what follows may hold more.
    """

    entries: tuple[Entry, ...]
    below: int | None
    read: int
    hurried: bool


def read_page(ledger: Ledger, chosen: Filter, reader: Reader, *, size: int, seconds: float) -> Page:
    """Return at most ``size`` entries; stop after ``seconds``, with what was found by then.

    Raises
    ------
    InputError : an entry is encrypted and there is no key for it.
    """
    until = time.monotonic() + seconds
    found: list[Entry] = []
    read, last, hurried, more = 0, 0, False, False
    where, values = _condition(ledger, chosen)
    for row in ledger.rows(where, values, newest=True):
        if len(found) == size:
            more = True
            break
        if read and read % _LOOKS == 0 and time.monotonic() > until:
            more = hurried = True
            break
        read, last = read + 1, row.seq
        body = reader.body(row)
        if body is not None:
            found.append(entry_of(row, body))
    return Page(entries=tuple(found), below=last if more else None, read=read, hurried=hurried)


def _condition(ledger: Ledger, chosen: Filter) -> tuple[str, list[Any]]:
    """Return the SQL condition; times become a span of numbers, since entries are wanted in the order of these."""
    where, values = chosen.sql(encrypted=bool(ledger.data_keys()), by_time=False)
    if chosen.since is None and chosen.until is None:
        return where, values
    span = ledger.span(*Filter(since=chosen.since, until=chosen.until).sql())
    low, high = span or (0, -1)
    return f"{where} AND seq >= ? AND seq <= ?", [*values, low, high]
