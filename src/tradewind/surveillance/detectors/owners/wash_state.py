"""What the wash-trade detector remembers: of a symbol, of an account in it, of a pair of accounts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from tradewind.core.arrays import FloatArray, Int32Array, IntArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.events.table import Int8Array
from tradewind.surveillance.graph.partners import PARTNERS, Partners
from tradewind.surveillance.graph.table import grown, room

MEMORY = 3000.0
"""Trades of the symbol after which what was counted weighs 1/e: time is counted in the symbol's own trades."""
LOTS = 6
"""Last purchases of an account that a ring is followed back through."""
SIZES = 96
"""Places of a symbol's histogram of trade sizes, four to a factor of e."""
TOLD = 8
"""Last trades of a pair that are kept as evidence."""

# Columns of a symbol.
CLOCK, TRADES, LOG_SIZE, LOG_AGE, SPREAD, MATCHED, VOLUME, MARK, MARK_BEFORE, MARKET = range(10)
# Columns of an account in a symbol.
P_CLOCK, P_MAKER, P_TAKER, P_VOLUME, P_NET, P_LOT, PARTY = range(7)
# Columns of a pair of accounts in a symbol; "low" is the one with the lower slot.
(
    T_CLOCK,
    T_COUNT,
    T_LOW_SOLD,
    T_HIGH_SOLD,
    T_MATCHED,
    T_ALONE,
    T_QUICK,
    T_LOG_AGE,
    T_LOG_SIZE,
    T_LOG_SIZE2,
    T_GAP,
    T_GAP2,
    T_GAPS,
    T_RAW,
    T_LOWEST,
    T_HIGHEST,
    T_CYCLES,
    T_CYCLE,
    T_LEVEL,
    TIE,
) = range(20)
# Whole columns of a pair: first and last time, episode (0 none yet), revisions so far, its group's trades when told.
S_FIRST, S_LAST, S_EPISODE, S_REVISION, S_TOLD, STORY = range(6)


class Trades(NamedTuple):
    """Columns of the tape that the detector reads, and the number of its first row."""

    first_row: int
    time: IntArray
    symbol: Int32Array
    seq: IntArray
    kind: Int8Array
    account: Int32Array
    side: Int8Array
    price: IntArray
    size: IntArray
    order: IntArray
    order_size: IntArray
    order_left: IntArray
    order_time: IntArray
    bid: IntArray
    ask: IntArray
    bid_size: IntArray
    ask_size: IntArray
    level: Int32Array
    taker: Int32Array
    taker_order: IntArray
    taker_side: Int8Array
    pair: Int32Array
    taker_pair: Int32Array


class Memory(NamedTuple):
    """All state of the detector as arrays: by symbol, by slot of (account, symbol), by pair."""

    market: FloatArray  # (symbols, MARKET + SIZES) last how often trades of each size were seen
    arriving: IntArray  # (symbols, 2) order id and size of the last aggressive order
    party: (
        FloatArray  # (slots, PARTY + 2 * LOTS) last from which slot (+1) it bought, and the shares, negative where the
    )
    # trade filled both orders whole
    net: Partners
    tie: FloatArray
    story: IntArray  # (pairs, STORY + TOLD) last the venue_seq of the last trades
    episodes: IntArray  # (1,) the next episode's number


def trades_of(tape: Tape) -> Trades:
    """Return the tape's columns as the kernel takes them."""
    columns = tape.columns()
    return Trades(tape.first_row, **{name: columns[name] for name in Trades._fields[1:]})


@dataclass
class WashMemory:
    """Owns the arrays; those by symbol and by slot grow with what a tape brings, pairs have ``pairs`` places."""

    pairs: int = 1 << 16
    arrays: Memory = field(init=False)

    def __post_init__(self) -> None:
        n = room(self.pairs, 0)
        net = Partners(
            np.zeros(n, np.int64),
            np.zeros(n, np.int64),
            np.empty((0, PARTNERS + 1), np.int32),
            np.empty((0, PARTNERS)),
        )
        self.arrays = Memory(
            np.empty((0, MARKET + SIZES)),
            np.empty((0, 2), np.int64),
            np.empty((0, PARTY + 2 * LOTS)),
            net,
            np.zeros((n, TIE)),
            np.zeros((n, STORY + TOLD), np.int64),
            np.zeros(1, np.int64),
        )

    def fit(self, symbols: int, slots: int) -> None:
        """Make room for codes below ``symbols`` and slots below ``slots``."""
        old = self.arrays
        s, p = room(symbols, len(old.market), 16), room(slots, len(old.party))
        net = old.net._replace(near=grown(old.net.near, p, -1), bond=grown(old.net.bond, p))
        self.arrays = old._replace(
            market=grown(old.market, s),
            arriving=grown(old.arriving, s),
            party=grown(old.party, p),
            net=net,
        )
