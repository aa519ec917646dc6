"""What the detector of coordinated accounts remembers: recent actions, accounts in a symbol, pairs of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tradewind.core.arrays import FloatArray, Int32Array, IntArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.events.table import Int8Array
from tradewind.surveillance.graph.partners import PARTNERS, Partners
from tradewind.surveillance.graph.table import grown, room

MEMORY = 5000.0
"""Actions in the symbol after which what was counted weighs 1/e."""
RECENT = 20
"""Actions of a side of a symbol that a new one is held against."""
WINDOW = 10_000_000_000
"""Actions further apart than this, in nanoseconds, are not together."""
SKETCH = 1 << 20
"""Small counters through which a pair must pass before it gets a place in the table."""
IGNORED = 255
"""Counter of a pair that was together often and no more than by chance; it is left alone until this has halved."""
KNOWN = 2
"""Times together after which a pair gets one."""
TOLD = 8
"""Rows of a pair that are kept as evidence."""
NEARNESS = (0.25, 1.0, 4.0)
"""Times in mean gaps between actions of a side within which two actions are near; a last scale is all of them."""
FARTHEST = 12.0
"""Mean gaps beyond which two actions are not together."""
SCALES = 8
"""Ways of being together that are counted: at each of four scales, any two actions, then two of like size and kind."""
ALIKE = 0.3
"""Most that the logarithms of two like sizes differ."""
CROSS = 1 << 14
"""Pairs of accounts of which is remembered in which symbols they acted together."""

# Columns of a symbol.
CLOCK, ACTIONS, LOG_SIZE, SIZE_STEP, AGGRESSIVE, MOVE_GAP, SIDE_GAP, MARKET = range(8)
# Whole columns of a symbol: time and middle (bid plus ask) of the last move, rows that mark older and newer halves,
# how many actions were ever put among the recent ones of the sell side, of the buy side.
W_MOVED, W_MIDDLE, W_MARK, W_MARK_BEFORE, W_HEAD, _, WHOLE = range(7)
# A recent action: who, when, in which row, its size's logarithm and reaction in millionths, 1 where it crossed.
R_SLOT, R_TIME, R_ROW, R_SEQ, R_LOG_SIZE, R_REACTION, R_AGGRESSIVE, ACTION = range(8)
MILLION = 1e6
# Columns of an account in a symbol; last others met, by scale.
A_CLOCK, A_ACTIONS, A_NET, A_MET = range(4)
ACTOR = A_MET + SCALES
# Whole columns of an account in a symbol: row of its last buy and last sell, the last action that met it.
L_BUY, L_SELL, L_MET, LATEST = range(4)
# Columns of a pair; last times together, by scale.
(
    B_CLOCK,
    B_SAME,
    B_OPPOSITE,
    B_SIZE,
    B_LOG_SIZE,
    B_JITTER,
    B_QUICK,
    B_AGGRESSIVE,
    B_REACTION,
    B_CROWD,
    B_BUYS,
    B_TRADED,
    B_GAP,
    B_GAP2,
    B_GAPS,
    B_RAW,
    B_LEVEL,
    B_MET,
) = range(18)
BOND = B_MET + SCALES
# Whole columns of a pair: first and last time, episode (0 none yet), revisions so far, its group's count when told.
S_FIRST, S_LAST, S_EPISODE, S_REVISION, S_TOLD, STORY = range(6)


class Actions(NamedTuple):
    """Columns of the tape that the detector reads, and the number of its first row."""

    first_row: int
    time: IntArray
    symbol: Int32Array
    seq: IntArray
    kind: Int8Array
    account: Int32Array
    side: Int8Array
    size: IntArray
    bid: IntArray
    ask: IntArray
    level: Int32Array
    taker: Int32Array
    taker_order: IntArray
    taker_side: Int8Array
    pair: Int32Array
    taker_pair: Int32Array


class Memory(NamedTuple):
    """All state of the detector as arrays."""

    market: FloatArray
    whole: IntArray
    recent: IntArray  # (2 * symbols, RECENT, ACTION) sells of symbol s at 2 s, buys at 2 s + 1
    actor: FloatArray
    latest: IntArray
    sketch: npt.NDArray[np.uint8]
    net: Partners
    bond: FloatArray
    story: IntArray  # (pairs, STORY + TOLD) last the venue_seq of their last actions together
    cross: IntArray  # (CROSS, 2) key of a pair of accounts, bits of the symbols
    counters: IntArray  # next episode, actions seen, additions to the sketch since it was halved


def actions_of(tape: Tape) -> Actions:
    """Return the tape's columns as the kernel takes them."""
    columns = tape.columns()
    return Actions(tape.first_row, **{name: columns[name] for name in Actions._fields[1:]})


@dataclass
class TogetherMemory:
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
            np.empty((0, MARKET)),
            np.empty((0, WHOLE), np.int64),
            np.empty((0, RECENT, ACTION), np.int64),
            np.empty((0, ACTOR)),
            np.empty((0, LATEST), np.int64),
            np.zeros(SKETCH, np.uint8),
            net,
            np.zeros((n, BOND)),
            np.zeros((n, STORY + TOLD), np.int64),
            np.zeros((CROSS, 2), np.int64),
            np.zeros(3, np.int64),
        )

    def fit(self, symbols: int, slots: int) -> None:
        """Make room for codes below ``symbols`` and slots below ``slots``."""
        old = self.arrays
        s, p = room(symbols, len(old.market), 16), room(slots, len(old.actor))
        net = old.net
        self.arrays = old._replace(
            market=grown(old.market, s),
            whole=grown(old.whole, s),
            recent=grown(old.recent, 2 * s),
            actor=grown(old.actor, p),
            latest=grown(old.latest, p, -1),
            net=net._replace(near=grown(net.near, p, -1), bond=grown(net.bond, p)),
        )
