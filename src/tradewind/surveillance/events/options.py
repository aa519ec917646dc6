"""What a caller may say about a file of events that the file does not say itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from tradewind.surveillance.events.table import Names


@dataclass(frozen=True, kw_only=True)
class ReadOptions:
    """How a file is to be read; the defaults find out by themselves what can be found out.

    Attributes
    ----------
    columns : field of an event (``time``, ``symbol``, ``seq``, ``kind``, ``order``, ``account``, ``side``, ``price``,
        ``size``) -> the file's column, where its name does not tell.
    time_unit : unit of a column of numbers; None takes it from the column's name or from the size of the numbers.
    price_unit : dollars in one unit of the price column: 1 for dollars, 0.0001 for LOBSTER's whole numbers. A column
        of whole numbers is taken as dollars too: nothing in surveillance depends on the level of prices.
    window : rows within which rows that came late are put back into their place.
    symbols, accounts : names to go on with, where several files are read as one source.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    time_unit: Literal["ns", "us", "ms", "s"] | None = None
    price_unit: float = 1.0
    window: int = 8_192
    symbols: Names | None = None
    accounts: Names | None = None
