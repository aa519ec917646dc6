"""What the detector of marking the close remembers of a session, and how it takes rows in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, Int32Array, IntArray
from tradewind.surveillance.detectors.prices.pace import note_print, note_size
from tradewind.surveillance.detectors.prices.state import PRINTS, REF, SYMBOL_COLUMNS, VOLUME, grown
from tradewind.surveillance.sessions import Sessions

WINDOWS = 4
SHARE = (1.0, 1.0 / 3.0, 0.1, 1.0 / 30.0)
"""The windows before the close, as parts of the zone that is watched."""
ZONE_PART, ZONE_MOST = 0.2, 1800.0
"""The zone: the last fifth of the session, half an hour at most (seconds)."""
LISTED = 16
"""Accounts a symbol's zone keeps: those who took most, net."""

# columns of `actors`; per window: bought and sold by taking, bought and sold by resting, impact
TOOK_BUY, TOOK_SELL, REST_BUY, REST_SELL, MOVED = 0, 1, 2, 3, 4
WINDOW_COLUMNS = 5
DAY_TOOK, DAY_FILLS, DAY_NET, ZONE_FILLS, ZONE_SMALL, ZONE_BUYS, ZONE_SELLS = 20, 21, 22, 23, 24, 25, 26
FIRST_T, LAST_T, LAST_PRINT, TOLD, LAST_REF, ZONE_CASH, BEFORE_NET, FIRST_FILL = 27, 28, 29, 30, 31, 32, 33, 34
COST, TAKES = 35, 36
ACTOR_COLUMNS = 37

# columns of `zones`, a row per symbol; per window: taken on the buying and the selling side, the price at its start
SYMBOL_BUY, SYMBOL_SELL, START_REF, START_PRINTS, START_VAR, START_VAR_N, START_T = 0, 1, 2, 3, 4, 5, 6
ZONE_WINDOW = 7
DAY_CASH, DAY_VOLUME, NEW_BUY, NEW_SELL, ZONE_PRINTS, PENDING, PENDING_REF, OPEN_REF = 28, 29, 30, 31, 32, 33, 34, 35
ZONE_COLUMNS = 36

# columns of `owners`
ACCOUNT, SYMBOL, PAIR, SESSION, TOUCHED, FIRST_NS, LAST_NS, EVIDENCE_N = 0, 1, 2, 3, 4, 5, 6, 7
SEQS = 8
KEPT = 24
OWNER_COLUMNS = SEQS + KEPT


class CloseState(NamedTuple):
    """``symbols`` (symbols, columns of :mod:`state`), ``zones`` (symbols, columns), ``session`` (symbols,) of each
    zone, ``listed`` (symbols, LISTED) slots, ``actors`` and ``owners`` (slots, columns), ``slot_of`` (pairs,),
    ``order`` (symbols, 2) the latest order that took, ``clock`` (4,): slots used, hand, session now, its end seen."""

    symbols: FloatArray
    zones: FloatArray
    session: IntArray
    listed: IntArray
    actors: FloatArray
    owners: IntArray
    slot_of: Int32Array
    order: IntArray
    clock: IntArray

    @classmethod
    def empty(cls, slots: int) -> CloseState:
        """Return a state that has seen nothing."""
        return cls(
            symbols=np.zeros((0, SYMBOL_COLUMNS)),
            zones=np.zeros((0, ZONE_COLUMNS)),
            session=np.zeros(0, np.int64),
            listed=np.zeros((0, LISTED), np.int64),
            actors=np.zeros((slots, ACTOR_COLUMNS)),
            owners=np.zeros((slots, OWNER_COLUMNS), np.int64),
            slot_of=np.zeros(0, np.int32),
            order=np.zeros((0, 2), np.int64),
            clock=np.array([0, 0, -1, 0], np.int64),
        )

    def with_room(self, symbols: int, pairs: int) -> CloseState:
        """Return the state with room for so many symbols and pairs."""
        state = self
        if symbols > len(self.session):
            size = max(symbols, 2 * len(self.session))
            state = state._replace(
                symbols=grown(self.symbols, size, 0),
                zones=grown(self.zones, size, 0),
                session=grown(self.session, size, -2),
                listed=grown(self.listed, size, -1),
                order=grown(self.order, size, 0),
            )
        if pairs > len(self.slot_of):
            state = state._replace(slot_of=grown(self.slot_of, max(pairs, 2 * len(self.slot_of)), -1))
        return state


class Hours(NamedTuple):
    """Opening and closing times of sessions, nanoseconds, as the kernels read them."""

    opens: IntArray
    closes: IntArray

    @classmethod
    def of(cls, sessions: Sessions) -> Hours:
        """Return the hours of ``sessions``."""
        return cls(np.ascontiguousarray(sessions.opens), np.ascontiguousarray(sessions.closes))


@njit(cache=True, nogil=True, error_model="numpy")
def zone_seconds(hours: Hours, session: int) -> float:
    """Seconds before the close that are watched."""
    return float(min(ZONE_PART * (hours.closes[session] - hours.opens[session]) * 1e-9, ZONE_MOST))


@njit(cache=True, nogil=True, error_model="numpy")
def slot_for(state: CloseState, pair: int, account: int, symbol: int) -> int:
    """Return the slot of a pair of the tape, clean in a new session; -1 where nobody is known."""
    if pair < 0:
        return -1
    owners, session = state.owners, state.clock[2]
    slot = state.slot_of[pair]
    if slot >= 0 and owners[slot, ACCOUNT] == account and owners[slot, SYMBOL] == symbol:
        owners[slot, TOUCHED] = 1
        if owners[slot, SESSION] != session:
            state.actors[slot] = 0.0
            owners[slot, SESSION], owners[slot, EVIDENCE_N] = session, 0
        return int(slot)
    if slot < 0:
        slot = _free_slot(state)
        state.slot_of[pair] = slot
    state.actors[slot] = 0.0
    owners[slot] = 0
    owners[slot, ACCOUNT], owners[slot, SYMBOL], owners[slot, PAIR] = account, symbol, pair
    owners[slot, SESSION], owners[slot, TOUCHED] = session, 1
    return int(slot)


@njit(cache=True, nogil=True, error_model="numpy")
def _free_slot(state: CloseState) -> int:
    """Return an unused slot, or that of a pair long silent (second chance)."""
    owners = state.owners
    if state.clock[0] < len(owners):
        state.clock[0] += 1
        return int(state.clock[0] - 1)
    hand = state.clock[1]
    while owners[hand, TOUCHED] == 1:
        owners[hand, TOUCHED] = 0
        hand = (hand + 1) % len(owners)
    state.clock[1] = (hand + 1) % len(owners)
    state.slot_of[owners[hand, PAIR]] = -1
    return int(hand)


@njit(cache=True, nogil=True, error_model="numpy")
def note_evidence(owners: IntArray, seq: int, time: int) -> None:
    """Keep the sequence number of an account's execution, the first ones and the last."""
    n = owners[EVIDENCE_N]
    at = n if n < KEPT else KEPT // 2 + (n - KEPT // 2) % (KEPT - KEPT // 2)
    owners[SEQS + at] = seq
    owners[EVIDENCE_N] = n + 1
    if n == 0:
        owners[FIRST_NS] = time
    owners[LAST_NS] = time


@njit(cache=True, nogil=True, error_model="numpy")
def enter_windows(z: FloatArray, s: FloatArray, part: float, now: tuple[float, float, float]) -> None:
    """Note where the symbol stands when each window before the close begins.

    ``part`` of the zone is left; ``now``: the variance per second and per print, and the seconds left.
    """
    for k in range(WINDOWS):
        at = k * ZONE_WINDOW
        if part <= SHARE[k] and z[at + START_REF] == 0.0:
            z[at + START_REF], z[at + START_PRINTS] = s[REF], s[PRINTS]
            z[at + START_VAR], z[at + START_VAR_N], z[at + START_T] = now


@njit(cache=True, nogil=True, error_model="numpy")
def open_session(state: CloseState, symbol: int) -> None:
    """Clear a symbol's zone for a new session."""
    state.zones[symbol] = 0.0
    state.listed[symbol] = -1
    state.session[symbol] = state.clock[2]
    state.zones[symbol, OPEN_REF] = state.symbols[symbol, REF]


@njit(cache=True, nogil=True, error_model="numpy")
def list_actor(state: CloseState, symbol: int, slot: int) -> None:
    """Keep an account among the symbol's listed, in place of the one who took least, net."""
    listed = state.listed[symbol]
    weakest, least = -1, _weight(state, slot)
    for k in range(LISTED):
        other = listed[k]
        if other == slot:
            return
        if other < 0:
            listed[k] = slot
            return
        weight = _weight(state, other)
        if weight < least:
            weakest, least = k, weight
    if weakest >= 0:
        listed[weakest] = slot


@njit(cache=True, nogil=True, error_model="numpy")
def _weight(state: CloseState, slot: int) -> float:
    """An account's net taking in the zone, with what it did in the last windows counted again."""
    a = state.actors[slot]
    total = 0.0
    for k in range(WINDOWS):
        at = k * WINDOW_COLUMNS
        total += abs(a[at + TOOK_BUY] - a[at + TOOK_SELL])
    return total


@njit(cache=True, nogil=True, error_model="numpy")
def symbol_trade(s: FloatArray, numbers: tuple[float, float, float, float], fresh: bool) -> None:
    """Take an execution into the symbol's usual pace; ``numbers``: seconds, reference price, shares, spread."""
    if fresh:
        note_print(s, numbers[0], numbers[1])
    note_size(s, numbers[2], numbers[3])
    s[VOLUME] += numbers[2]
