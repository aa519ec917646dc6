"""A bounded table of the pairs (account, symbol) that were active last: the state of a detector by pair.

The tape numbers pairs; a detector keeps its heavier state for a smaller number of them, by *slot*. Where all slots are
taken, the clock algorithm (Corbato 1968) gives the slot of a long-silent pair to the new one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray
from tradewind.surveillance.detectors.orders.rows import Rows

USED = 0
HAND = 1


class Slots(NamedTuple):
    """Who holds which slot: the slot by pair (-1 for none), the holder by slot, slots in use and the clock's hand."""

    of_pair: AnyArray
    holder: AnyArray
    clock: AnyArray


HOLDER = np.dtype([("pair", np.int32), ("account", np.int32), ("symbol", np.int32), ("touched", np.int32)])
"""A slot's pair, and whether it was seen since the clock's hand last passed."""


def make_slots(count: int) -> Slots:
    """Return a table of ``count`` free slots."""
    return Slots(np.full(1024, -1, np.int32), np.zeros(count, HOLDER), np.zeros(2, np.int64))


def longer(array: AnyArray, length: int) -> AnyArray:
    """Return ``array`` with ``length`` rows, the new ones zero; itself where it is long enough."""
    if len(array) >= length:
        return array
    grown = np.zeros((length, *array.shape[1:]), array.dtype)
    grown[: len(array)] = array
    return grown


def cover_pairs(slots: Slots, rows: Rows) -> Slots:
    """Return the table with room in ``of_pair`` for every pair among ``rows``."""
    if not len(rows.pair):
        return slots
    most = int(max(rows.pair.max(), rows.taker_pair.max())) + 1
    if most <= len(slots.of_pair):
        return slots
    grown = np.full(1 << (most - 1).bit_length(), -1, np.int32)
    grown[: len(slots.of_pair)] = slots.of_pair
    return slots._replace(of_pair=grown)


@njit(cache=True, nogil=True, error_model="numpy", inline="always")
def held(slots: Slots, pair: int, account: int, symbol: int) -> int:
    """Return the slot that the pair holds, -1 where it holds none."""
    slot = slots.of_pair[pair]
    if slot >= 0:
        holder = slots.holder[slot]
        if holder.account == account and holder.symbol == symbol:
            holder.touched = 1
            return int(slot)
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def assign(slots: Slots, pair: int, account: int, symbol: int) -> int:
    """Give the pair a slot and return it; what the slot held before is the caller's to clear."""
    slot = slots.of_pair[pair]
    if slot < 0:
        if slots.clock[USED] < len(slots.holder):
            slot = slots.clock[USED]
            slots.clock[USED] += 1
        else:
            slot = silent(slots)
            slots.of_pair[slots.holder[slot].pair] = -1
        slots.of_pair[pair] = slot
    holder = slots.holder[slot]
    holder.pair = pair
    holder.account = account
    holder.symbol = symbol
    holder.touched = 1
    return int(slot)


@njit(cache=True, nogil=True, error_model="numpy")
def silent(slots: Slots) -> int:
    """Return the next slot under the clock's hand that was not touched since the hand last passed."""
    hand = slots.clock[HAND]
    while slots.holder[hand].touched:
        slots.holder[hand].touched = 0
        hand = (hand + 1) % len(slots.holder)
    slots.clock[HAND] = (hand + 1) % len(slots.holder)
    return int(hand)
