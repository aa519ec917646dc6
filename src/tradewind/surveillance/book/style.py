"""How a source writes executions, and how that is found from its first events."""

from __future__ import annotations

from enum import IntEnum

from tradewind.surveillance.book import named


class TradeStyle(IntEnum):
    """Which of the two orders of an execution a TRADE row names.

    Where the book knows the named order it settles most of this itself; the style decides what is left.
    """

    RESTING = named.RESTING_NAMED
    """One row, the resting order's (LOBSTER); the book finds who arrived, where that order was entered before."""
    ARRIVING = named.ARRIVING_NAMED
    """One row, the arriving order's; the resting order is the first in line."""
    BOTH = named.BOTH_NAMED
    """Two rows, one a side, one right after the other."""
    PRINTS = named.PRINTS
    """Rows name no order of the book, at most an account: a tape of trades."""
    IMPLIED = named.UNPRINTED
    """No row: orders that cross have traded, price and time first. Given up with the first TRADE row after all."""
