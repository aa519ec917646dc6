"""State behind spoofing and layering: each pair's habits, its recent fills and orders, its present cycle and episode.

A *batch* is the cancels of one pair on one side of orders that all rested when the first of them was cancelled. A
*cycle* is a batch that passes the low bar. An *episode* is a run of cycles of one pair on one side.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tradewind.core.arrays import AnyArray
from tradewind.surveillance.detectors.orders.rows import ROW
from tradewind.surveillance.detectors.orders.slots import Slots, longer, make_slots

FILLS = 16
"""Fills remembered by pair (executions of one moment and side are one fill)."""
ENTRIES = 12
"""Entered orders remembered by pair and side."""
LEVELS = 16
"""Most prices and cancels told apart in one batch."""
EVIDENCE_KEPT = 32
"""Telling events remembered by episode."""
PARTNERS = 4
"""Other accounts that may be earning from a pair's cycles, remembered by episode."""
PRINTS = 32
"""Executions remembered by symbol."""
BATCHES = 24
"""Batches remembered by symbol, whoever took them back."""
BATCH_PRICES = 6
"""Prices remembered of each of them."""
QUEUE = 1 << 17
"""Batches that may wait to be settled."""

# habit[slot]: totals and slow means of the pair
NEWS, CANCELS, FILLED, LOG_SIZE, LOG_LIFE, BOUGHT, SOLD = range(7)
# fill[slot, k]: signed shares, price times shares, shares taken rather than made
SHARES, PAID, TAKEN = range(3)
# batch_time[side slot]
START, FIRST, LAST, DUE, LAST_ORDER, COUNTED, ENTERED = range(7)
# batch[side slot]
SIZE, LIFE, LARGEST, LEVEL, DISTANCE, SAME, OTHER, MID, ORDERS, PRICES, CANCEL_ROWS = range(11)
# episode_time[side slot]
EPISODE, CYCLES, BEGAN, ENDED, LONGEST_GAP, SHOWN_CYCLES, SPOOF_REVISION, LAYER_REVISION, TOLD = range(9)
# episode[side slot]
SHOWN_SPOOF, SHOWN_LAYER, MOST_LEVELS, BEST_SCORE, CANCELS_BEFORE, NEWS_BEFORE = range(6)
# partner[side slot, k]
P_ACCOUNT, P_HITS, P_FILLS_BEFORE, P_SLOT, P_CYCLE = range(5)
# market[symbol]
M_NEWS, M_LOG_SIZE, M_CANCELS, M_LOG_LIFE, M_SPREADS, M_LOG_SPREAD, M_MID, M_ROWS = range(8)
# prints[symbol, k]
T_TIME, T_BUYER, T_SELLER, T_BUYER_SLOT, T_SELLER_SLOT = range(5)
# batches[symbol, k], then its prices
B_SIDE, B_ACCOUNT, B_START, B_FIRST, B_SIZE, B_PRICES, BATCH = range(7)

(
    C_SIZE,
    C_OWN_SIZE,
    C_GENUINE,
    C_SHARE,
    C_SHIFT,
    C_LEVEL,
    C_DISTANCE,
    C_LIFE,
    C_CANCELLED,
    C_OPPOSITE,
    C_TAKEN,
    C_DELAY,
    C_DELAY_SHARE,
    C_ADVANTAGE,
    C_MOVE,
    C_REVERSAL,
    C_LEVELS,
    C_MULTI,
    C_ORDERS,
    C_LARGEST,
    C_SPAN,
    C_SCORE,
    C_SIZE_SQUARED,
    C_LIFE_SQUARED,
    C_ENTRY_SPAN,
    C_MIRROR,
    C_LEAD,
    C_LEAD_SIZE,
    C_GROUP_LEVELS,
    C_COMPANY,
    C_COMPANY_SIZE,
) = range(31)
MEASURES = 31
"""Measures of a cycle, in ``cycle``; their sums over an episode's earlier cycles are in ``total``."""


PAIR = np.dtype(
    [
        ("habit", np.float64, (7,)),
        ("fill_time", np.int64, (FILLS,)),
        ("fill_seq", np.int64, (FILLS,)),
        ("fill", np.float64, (FILLS, 3)),
        ("fill_count", np.int64),
    ]
)
"""What is known of a pair."""

SIDE = np.dtype(
    [
        ("entry_time", np.int64, (ENTRIES,)),
        ("entry_seq", np.int64, (ENTRIES,)),
        ("entry_mid", np.float64, (ENTRIES,)),
        ("entry_size", np.float64, (ENTRIES,)),
        ("entry_count", np.int64),
        ("batch_time", np.int64, (7,)),
        ("batch", np.float64, (11,)),
        ("batch_price", np.int64, (LEVELS,)),
        ("batch_seq", np.int64, (LEVELS,)),
        ("cycle", np.float64, (MEASURES,)),
        ("total", np.float64, (MEASURES,)),
        ("episode_time", np.int64, (9,)),
        ("episode", np.float64, (6,)),
        ("evidence", np.int64, (EVIDENCE_KEPT,)),
        ("partner", np.int64, (PARTNERS, 5)),
        ("comrade", np.int64, (PARTNERS, 5)),
    ]
)
"""What is known of one side of a pair's orders; the sides of slot k are 2k (sells) and 2k + 1 (buys)."""

MARKET = np.dtype(
    [
        ("market", np.float64, (8,)),
        ("prints", np.int64, (PRINTS, 5)),
        ("print_count", np.int64),
        ("batches", np.int64, (BATCHES, BATCH + BATCH_PRICES)),
        ("batch_count", np.int64),
    ]
)
"""What is known of a symbol."""


class Pretences(NamedTuple):
    """The state: who holds which slot, pairs by slot, sides, symbols, batches waiting to be settled.

    ``queue`` holds (due, side); ``counts`` its head and tail, and the number of episodes so far; ``row`` the
    row that is being read.
    """

    slots: Slots
    pairs: AnyArray
    sides: AnyArray
    markets: AnyArray
    queue: AnyArray
    counts: AnyArray
    row: AnyArray


HEAD, TAIL, EPISODES = range(3)


def make_pretences(count: int, symbols: int) -> Pretences:
    """Return the state with ``count`` slots and room for ``symbols`` symbols."""
    return Pretences(
        slots=make_slots(count),
        pairs=np.zeros(count, PAIR),
        sides=np.zeros(2 * count, SIDE),
        markets=np.zeros(symbols, MARKET),
        queue=np.zeros((QUEUE, 2), np.int64),
        counts=np.zeros(3, np.int64),
        row=np.zeros(1, ROW),
    )


def grow_pretences(state: Pretences, symbols: int) -> Pretences:
    """Return the state with room for ``symbols`` symbols; what it held is kept."""
    return state._replace(markets=longer(state.markets, symbols))


class Found(NamedTuple):
    """What a pass over rows found; one row a candidate.

    ``whole``: side slot, account, symbol, episode, revision as spoofing and as layering (-1 where it is not told),
    start, end, row, partner and comrade (-1 for none), pieces of evidence. ``rules``: as spoofing, as layering.
    """

    whole: AnyArray
    rules: AnyArray
    features: AnyArray
    evidence: AnyArray


F_SIDE, F_ACCOUNT, F_SYMBOL, F_EPISODE, F_SPOOF, F_LAYER, F_START, F_END, F_ROW, F_PARTNER, F_COMRADE, F_TOLD = range(
    12
)


def make_found(count: int, features: int) -> Found:
    """Return room for ``count`` candidates of ``features`` features."""
    return Found(
        np.zeros((count, 12), np.int64),
        np.zeros((count, 2)),
        np.zeros((count, features), np.float32),
        np.zeros((count, EVIDENCE_KEPT), np.int64),
    )
