"""What tokens hold, and what is kept of every event to make them of."""

from __future__ import annotations

from typing import NamedTuple

from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, Int32Array, IntArray
from tradewind.surveillance.events.table import Kind

LENGTH = 64
"""Events of a candidate that are looked at, over all its accounts."""
MOST = 8
"""Accounts of a candidate that are looked at."""
PLACES = 1 << 15
LEAST = 1e-6
SIZE_MEMORY = 512.0
NEWS = int(Kind.NEWS)

KIND, SIDE, LEVEL, AGGRESSIVE, SIZE, AGE, FILLED, DISTANCE = range(8)
KEPT = 8
"""What is kept of an event: 0 entered, 1 cancelled, 2 traded resting, 3 traded arriving; +1 or -1; log2 of one plus the
better levels; 1 where it crossed; log2 size over the symbol's typical; log2 seconds its order had lived, 0 where it
had just come; share of the order that was filled; how far behind the mid, in spreads."""

NAMES = (
    "present",
    "entered",
    "cancelled",
    "traded_resting",
    "traded_arriving",
    "side",
    "level",
    "aggressive",
    "size",
    "gap",
    "age",
    "filled",
    "distance",
    "first_account",
    "in_span",
    "moved",
    "away",
    "flow",
    "between",
    "news",
)
"""Columns of a token. ``side``: 1 for the side on which the accounts acted more often, -1 for the other; ``gap``,
``age``: log2 seconds less the mean of the window's gaps, -3 for no gap; the rest as kept, scaled to about 1. What the
market did since the token before: ``moved`` the mid, in typical spreads, ``flow`` what others bought by crossing less
what they sold so, in typical orders, both on the accounts' side and as signed logarithms, ``between`` log2 of one plus
the symbol's events, ``news`` 1 where there was any; ``away``: the mid's move since the first token. Padding, at the
front, is all 0."""
WIDTH = len(NAMES)

MID, BEFORE, AFTER, SEEN, ITEMS = range(5)
MARKS = 5
"""Where a symbol stood at an event: twice the mid; shares bought less shares sold by crossing, before it and with it;
events and items of news so far."""

COUNT, LOG_SIZE, SPREADS, SPREAD = range(4)
USUAL = 4
"""What is usual in a symbol: orders seen, the mean of log2 of their sizes; spreads seen, their mean."""


class Rows(NamedTuple):
    """The columns of a tape that tokens are made of."""

    time: IntArray
    symbol: Int32Array
    kind: AnyArray
    account: Int32Array
    side: AnyArray
    price: IntArray
    size: IntArray
    bid: IntArray
    ask: IntArray
    order_size: IntArray
    order_left: IntArray
    order_time: IntArray
    level: Int32Array
    taker: Int32Array
    taker_side: AnyArray
    pair: Int32Array
    taker_pair: Int32Array


class Rings(NamedTuple):
    """``events`` (places, LENGTH, KEPT) with ``times`` and ``marks`` (places, LENGTH, MARKS); ``state`` of
    places (key, events written, touched, pair); place plus one by pair; ``finder`` (key, place plus one); ``clock``
    (places used, hand); ``symbols`` (symbols, USUAL) and ``now`` (symbols, MARKS)."""

    events: Float32Array
    times: IntArray
    marks: IntArray
    state: IntArray
    of_pair: Int32Array
    finder: IntArray
    clock: IntArray
    symbols: FloatArray
    now: IntArray


class Asked(NamedTuple):
    """Candidates: position of the row, symbol, start (nanoseconds), accounts (n, MOST) with -1 for none."""

    row: IntArray
    symbol: IntArray
    start: IntArray
    accounts: IntArray
