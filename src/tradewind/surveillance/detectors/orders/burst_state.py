"""State behind quote stuffing: each pair's usual rate of messages, its present burst and the run of bursts it is in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tradewind.core.arrays import AnyArray
from tradewind.surveillance.detectors.orders.rows import ROW
from tradewind.surveillance.detectors.orders.slots import Slots, longer, make_slots

CREW = 8
"""Pairs of a symbol remembered as in a burst at the same time."""
EVIDENCE_KEPT = 24
"""Telling events remembered by run of bursts."""

BURST = np.dtype(
    [
        ("messages", np.float64),
        ("orders", np.float64),
        ("cancels", np.float64),
        ("shares", np.float64),
        ("filled", np.float64),
        ("fills", np.float64),
        ("log_life", np.float64),
        ("log_size", np.float64),
        ("at_touch", np.float64),
        ("level", np.float64),
        ("buys", np.float64),
        ("repeats", np.float64),
        ("moved", np.float64),
        ("symbol_messages", np.float64),
        ("symbol_trades", np.float64),
        ("mid", np.float64),
        ("crossing", np.float64),
        ("trips", np.float64),
    ]
)
"""Counts of one burst; ``symbol_*`` and ``mid`` are what the symbol had when it began."""

PAIR = np.dtype(
    [
        ("excess", np.float64),
        ("usual_count", np.float64),
        ("usual_since", np.int64),
        ("last", np.int64),
        ("start", np.int64),
        ("last_price", np.int64),
        ("last_size", np.int64),
        ("last_mid", np.float64),
        ("orders", np.float64),
        ("cancels", np.float64),
        ("fills", np.float64),
        ("log_life", np.float64),
        ("burst", BURST),
        ("run", np.int64),
        ("run_start", np.int64),
        ("run_end", np.int64),
        ("run_bursts", np.int64),
        ("run_messages", np.float64),
        ("revision", np.int64),
        ("shown", np.float64),
        ("told", np.int64),
        ("evidence", np.int64, (EVIDENCE_KEPT,)),
    ]
)
"""What is known of a pair: the running excess of messages over the usual rate, habits, the burst, the run of bursts."""

MARKET = np.dtype(
    [
        ("usual_count", np.float64),
        ("usual_time", np.float64),
        ("last", np.int64),
        ("messages", np.float64),
        ("trades", np.float64),
        ("mid", np.float64),
        ("orders", np.float64),
        ("log_size", np.float64),
        ("cancels", np.float64),
        ("log_life", np.float64),
        ("log_gap", np.float64),
        ("crew", np.int64, (CREW,)),
    ]
)
"""What is known of a symbol; ``crew`` holds slots + 1 of the pairs that were in a burst last."""


class Bursts(NamedTuple):
    """The state: who holds which slot, pairs by slot, symbols, the number of runs so far, the row being read."""

    slots: Slots
    pairs: AnyArray
    markets: AnyArray
    counts: AnyArray
    row: AnyArray


def make_bursts(count: int, symbols: int) -> Bursts:
    """Return the state with ``count`` slots and room for ``symbols`` symbols."""
    return Bursts(
        make_slots(count), np.zeros(count, PAIR), np.zeros(symbols, MARKET), np.zeros(1, np.int64), np.zeros(1, ROW)
    )


def grow_bursts(state: Bursts, symbols: int) -> Bursts:
    """Return the state with room for ``symbols`` symbols; what it held is kept."""
    return state._replace(markets=longer(state.markets, symbols))


class Stuffed(NamedTuple):
    """What a pass over rows found; one row a candidate.

    ``whole``: symbol, episode, revision, start, end, row, accounts and pieces of evidence; ``accounts``: the account
    and those in a burst beside it.
    """

    whole: AnyArray
    rule: AnyArray
    features: AnyArray
    accounts: AnyArray
    evidence: AnyArray


F_SYMBOL, F_EPISODE, F_REVISION, F_START, F_END, F_ROW, F_ACCOUNTS, F_TOLD = range(8)


def make_stuffed(count: int, features: int) -> Stuffed:
    """Return room for ``count`` candidates of ``features`` features."""
    return Stuffed(
        np.zeros((count, 8), np.int64),
        np.zeros(count),
        np.zeros((count, features), np.float32),
        np.zeros((count, CREW + 1), np.int64),
        np.zeros((count, EVIDENCE_KEPT), np.int64),
    )
