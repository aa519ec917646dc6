"""The one form in which orders, trades and news travel through surveillance: columns, names coded as integers."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from enum import IntEnum
from typing import Any

import numpy as np
import numpy.typing as npt

from tradewind.core.arrays import AnyArray, Int32Array, IntArray

PRICE_UNIT = 10_000
"""Price units in one dollar: prices are whole ten-thousandths, as LOBSTER writes them."""
CHUNK = 100_000
"""Events read at once from a table that is already in memory."""

Int8Array = npt.NDArray[np.int8]


class Kind(IntEnum):
    """What happened.

    A replaced order is two rows: CANCEL of what was left, then NEW under the same ``order_id``.
    """

    NEW = 1
    """An order entered; ``price`` 0 is a market order."""
    CANCEL = 2
    """``size`` units of an order taken back; size 0 takes back all that is left."""
    TRADE = 3
    """``size`` units executed at ``price``; which of the two orders the row names is settled by the book."""
    HIDDEN = 4
    """An execution against an order that was not shown; leaves the book as it is."""
    HALT = 5
    """Trading stopped or resumed in the symbol; ``price`` as LOBSTER: -1 stopped, 0 quoting, 1 trading again."""
    NEWS = 6
    """News about the symbol became public; ``side`` is its tone where known, ``order_id`` a hash of its text."""
    QUOTE = 7
    """The best price and size of one side, as a venue publishes it; used where a symbol has no orders."""


class Names:
    """Names coded as integers in the order in which they were first seen; shared by all chunks of one source."""

    def __init__(self, names: tuple[str, ...] = ()) -> None:
        self._names: list[str] = list(names)
        self._codes: dict[str, int] = {name: i for i, name in enumerate(names)}

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, code: int) -> str:
        """Return the name of ``code``; empty for -1, the code of nobody."""
        return self._names[code] if code >= 0 else ""

    def code(self, name: str) -> int:
        """Return the code of ``name``, a new one where it is seen for the first time; -1 for an empty name."""
        if not name:
            return -1
        found = self._codes.get(name)
        if found is None:
            found = self._codes[name] = len(self._names)
            self._names.append(name)
        return found

    def find(self, name: str) -> int:
        """Return the code of ``name``, -1 where it was never seen."""
        return self._codes.get(name, -1)

    def all(self) -> tuple[str, ...]:
        """Return every name, by code."""
        return tuple(self._names)


@dataclass(frozen=True, kw_only=True)
class EventTable:
    """Events in the order in which the venue published them; n rows, every column of length n.

    Attributes
    ----------
    time : nanoseconds since 1970-01-01 UTC, int64.
    symbol : code in ``symbols``, int32.
    seq : the venue's sequence number, int64.
    kind : :class:`Kind`, int8.
    order : order id, int64; an id that is not a number is hashed to one. 0 where there is none.
    account : code in ``accounts``, int32; -1 where it is not known.
    side : +1 buy, -1 sell, 0 unknown, int8.
    price : ten-thousandths of a dollar, int64.
    size : shares, int64.
    symbols, accounts : the names behind the codes.
    contra, contra_order : of a TRADE or HIDDEN whose source names both sides in one row: account (int32, -1 unknown)
        and order id (int64, 0 unknown) of the other side than ``account`` and ``order``. None in most sources.
    """

    time: IntArray
    symbol: Int32Array
    seq: IntArray
    kind: Int8Array
    order: IntArray
    account: Int32Array
    side: Int8Array
    price: IntArray
    size: IntArray
    symbols: Names = field(repr=False)
    accounts: Names = field(repr=False)
    contra: Int32Array | None = None
    contra_order: IntArray | None = None

    def __len__(self) -> int:
        return len(self.time)

    def columns(self) -> dict[str, AnyArray]:
        """Return the nine columns by name, and the two about the other side where the source has them."""
        named = {f.name: getattr(self, f.name) for f in fields(self) if f.name not in ("symbols", "accounts")}
        return {name: column for name, column in named.items() if column is not None}

    def take(self, rows: AnyArray | slice) -> EventTable:
        """Return the rows that an index array, a mask or a slice picks."""
        picked: dict[str, Any] = {name: column[rows] for name, column in self.columns().items()}
        return replace(self, **picked)
