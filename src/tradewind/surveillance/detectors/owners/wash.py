"""Wash trading: trades without a change of owner, by one account, a pair, or round a ring.

Whoever meets far more often than partners by chance would, gives back what it bought from the group, and does so with
orders of one size entered one just before the other, trades with itself (MAR Annex I A(c), Commodity Exchange Act
4c(a); detection of colluding cliques: Cao, Li, Coleman, Belatreche, McGinnity 2014; Franke, Sternberg et al. 2021).
Market makers meet everybody, so meetings are measured against the configuration model of the trading graph. Trades
whose taker the source does not tell cannot be judged and are left out.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tradewind.core.arrays import IntArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.detectors.owners.found import Found, candidate_of, room_for
from tradewind.surveillance.detectors.owners.wash_club import WEAK_BAR, find_club
from tradewind.surveillance.detectors.owners.wash_groups import (
    FEATURES,
    describe,
    evidence_of,
    rule_of,
    tell,
)
from tradewind.surveillance.detectors.owners.wash_state import (
    MARK_BEFORE,
    T_LEVEL,
    T_RAW,
    Memory,
    Trades,
    WashMemory,
    trades_of,
)
from tradewind.surveillance.detectors.owners.wash_ties import (
    Deal,
    close_ring,
    note_lot,
    note_market,
    note_parties,
    note_ring,
    note_tie,
    tie_surprise,
)
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.events.table import Kind
from tradewind.surveillance.graph.partners import MEMBERS, OWNER, grow, strengthen
from tradewind.surveillance.schemes import Scheme

_NEW, _TRADE = int(Kind.NEW), int(Kind.TRADE)
_BAR = 3.0
"""A pair is looked at where chance gives so many meetings once in a thousand pairs."""
_BAR_SELF = 1.0
"""An account that trades with itself is looked at sooner: few venues let it happen by chance."""
_RING_BAR = 7.0
"""A ring is looked at where a trade closes one like it by chance once in a thousand trades."""


@njit(cache=True, nogil=True, error_model="numpy")
def _growing(m: Memory, d: Deal, place: int, members: IntArray) -> int:
    """Return the number of members of the group that this trade makes worth describing, 0 where there is none."""
    a, b = d.maker, d.taker
    tie, symbol = m.tie[place], d.symbol
    beyond = tie_surprise(m, a, b, place, symbol)
    if a != b and beyond >= WEAK_BAR:
        strengthen(m.net, a, b, beyond)
        strengthen(m.net, b, a, beyond)
    ring, rare = close_ring(m, d, members)
    since = int(m.market[symbol, MARK_BEFORE])
    if ring > 0 and rare >= _RING_BAR:
        note_ring(m, float(d.size), rare, members[:ring])
        return grow(m.net, members, ring, since, _BAR)
    enough = beyond >= _BAR_SELF if a == b else (beyond >= _BAR and tie[T_RAW] >= 2.0)
    if tie[T_RAW] < tie[T_LEVEL] or not enough:
        return find_club(m, d, members, since) if a != b and beyond >= WEAK_BAR else 0
    tie[T_LEVEL] = tie[T_RAW] + max(1.0, tie[T_RAW] // 4.0)
    members[0] = a
    if a == b:
        return 1
    members[1] = b
    return grow(m.net, members, 2, since, _BAR)


@njit(cache=True, nogil=True, error_model="numpy")
def _report(m: Memory, d: Deal, members: IntArray, found: Found, n: int) -> int:
    """Describe a group and write it as a candidate where it has news; return the number of candidates so far."""
    features = found.features[n]
    span = describe(m, d.symbol, members, features)
    chance = features[1] < _BAR and features[21] == 0.0 and features[22] == 0.0
    if chance or span.raw < 1.3 * span.told + 0.5:
        return n
    episode = span.episode
    if episode == 0:
        m.episodes[0] += 1
        episode = m.episodes[0]
    order = np.argsort(-m.party[members, 3], kind="mergesort")
    tell(m, members, span, episode)
    found.whole[n, 0] = d.row
    found.whole[n, 1] = d.symbol
    found.whole[n, 2] = episode
    found.whole[n, 3] = span.revision
    found.whole[n, 4] = span.first
    found.whole[n, 5] = span.last
    found.whole[n, 6] = members.size
    found.whole[n, 7] = evidence_of(m, members, found.evidence[n])
    found.rule[n] = rule_of(features)
    for k in range(members.size):
        found.members[n, k] = m.net.near[members[order[k]], OWNER]
    return n + 1


@njit(cache=True, nogil=True, error_model="numpy")
def _deal(m: Memory, t: Trades, i: int) -> Deal:
    """Return row ``i``, a trade whose two parties are known."""
    arriving = m.arriving[t.symbol[i]]
    known = t.taker_order[i] != 0 and arriving[0] == t.taker_order[i]
    return Deal(
        t.first_row + i,
        t.time[i],
        int(t.symbol[i]),
        t.seq[i],
        int(t.pair[i]),
        int(t.taker_pair[i]),
        int(t.account[i]),
        int(t.taker[i]),
        int(t.taker_side[i]),
        t.price[i],
        t.size[i],
        t.order_left[i],
        t.ask_size[i] if t.taker_side[i] > 0 else t.bid_size[i],
        t.order_size[i] == t.size[i] and (not known or arriving[1] == t.size[i]),
        math.log(max(float(t.time[i] - t.order_time[i]), 0.0) * 1e-9 + 1e-3),
        math.log(max(float(t.size[i]), 1.0)),
        float(t.ask[i] - t.bid[i]) if t.bid[i] > 0 and t.ask[i] > t.bid[i] else 0.0,
    )


@njit(cache=True, nogil=True, error_model="numpy")
def _scan(m: Memory, t: Trades, start: int, found: Found) -> tuple[int, int]:
    """Read rows from ``start`` on, until ``found`` is full; return the next row and the number found."""
    m, t, found = borrowed(m), borrowed(t), borrowed(found)
    members = np.empty(MEMBERS, np.int64)
    n, i = 0, start
    while i < t.time.size and n < found.rule.size:
        kind = t.kind[i]
        if kind == _NEW:
            if t.level[i] < 0:
                m.arriving[t.symbol[i], 0] = t.order[i]
                m.arriving[t.symbol[i], 1] = t.size[i]
        elif kind == _TRADE and t.pair[i] >= 0 and t.taker_pair[i] >= 0:
            d = _deal(m, t, i)
            note_market(m, d)
            note_parties(m, d)
            count = _growing(m, d, note_tie(m, d), members)
            note_lot(m, d)
            if count > 0:
                n = _report(m, d, members[:count], found, n)
        i += 1
    return i, n


class WashDetector:
    """Finds groups that trade with themselves; ``pairs`` bounds how many pairs of accounts are followed at once."""

    scheme = Scheme.WASH_TRADING
    feature_names: tuple[str, ...] = FEATURES

    def __init__(self, pairs: int = 1 << 16) -> None:
        self._memory = WashMemory(pairs)
        self._found = room_for(len(FEATURES))

    def update(self, tape: Tape) -> list[Candidate]:
        """Read the next rows and return the candidates they complete, by row."""
        if not len(tape):
            return []
        trades = trades_of(tape)
        slots = max(int(tape.pair.max()), int(tape.taker_pair.max())) + 1
        self._memory.fit(int(tape.symbol.max()) + 1, slots)
        candidates: list[Candidate] = []
        row = 0
        while row < len(tape):
            row, count = _scan(self._memory.arrays, trades, row, self._found)
            candidates.extend(self._candidate(k) for k in range(count))
        return candidates

    def finish(self) -> list[Candidate]:
        """Return nothing: every group was told with the trade that made it worth telling."""
        return []

    def _candidate(self, k: int) -> Candidate:
        own = float(self._found.features[k, FEATURES.index("self_share")])
        variant = "self" if own > 0.5 else "pair" if int(self._found.whole[k, 6]) == 2 else "ring"
        return candidate_of(self._found, k, self.scheme, variant)
