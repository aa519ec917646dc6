"""Coordinated accounts: a group that acts on one side in the same moments, again and again, as if under one hand.

Each order is held against those that others entered on the same side of the symbol within the last seconds. How often
two accounts are together is compared with what their activity and the crowds they were in would give by chance (a
Poisson law); pairs far beyond it grow into groups. MAR Annex I A(e) names such collusion; co-occurrence tests for
account coordination: Pacheco et al. 2021 (social networks), Wang et al. 2022 (trading accounts). What others also react
to (news, moves) raises everybody's expected number; the features tell reaction, crowds and quoting on both sides apart.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.detectors.owners.found import Found, candidate_of, room_for
from tradewind.surveillance.detectors.owners.together_bonds import (
    SAMPLED,
    Act,
    bond_surprise,
    enter,
    fade_actor,
    meet,
    meet_opposite,
    note_market,
    note_move,
    sketch_place,
)
from tradewind.surveillance.detectors.owners.together_groups import (
    FEATURES,
    describe,
    evidence_of,
    prune,
    rule_of,
    tell,
)
from tradewind.surveillance.detectors.owners.together_state import (
    A_NET,
    B_LEVEL,
    B_OPPOSITE,
    B_RAW,
    B_SAME,
    B_TRADED,
    CLOCK,
    IGNORED,
    MILLION,
    R_LOG_SIZE,
    RECENT,
    S_EPISODE,
    SCALES,
    W_HEAD,
    W_MARK_BEFORE,
    Actions,
    Memory,
    TogetherMemory,
    actions_of,
)
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.events.table import Kind
from tradewind.surveillance.graph.partners import MEMBERS, OWNER, grow, pair_key, strengthen
from tradewind.surveillance.graph.table import find
from tradewind.surveillance.schemes import Scheme

_NEW, _TRADE = int(Kind.NEW), int(Kind.TRADE)
_PLENTY = 40.0
"""Times together after which a pair that is no more so than by chance is left alone for a while."""
_BAR = 1.2
"""A pair whose meetings chance gives once in sixteen pairs may belong to a group: the group as a whole decides."""
_FIRST_BAR = 1.5
"""A pair must be rarer than this for a group to be looked at."""
_RELATED = 0.35
"""A bond counts in a group where it is at least so strong as a part of the bond the group began with."""
_GROUP_BAR = 2.5
"""A group is told where chance gives its meetings once in three hundred, and more for each further member."""


@njit(cache=True, nogil=True, error_model="numpy")
def _seed(m: Memory, act: Act, places: IntArray, touched: int, members: IntArray) -> int:
    """Strengthen the bonds of the pairs an action touched; return the group of the most surprising one due, or 0."""
    best, chosen, compared = 0.0, -1, np.empty((SCALES, 2))
    for j in range(touched):
        place, other = places[2 * j], places[2 * j + 1]
        bond = m.bond[place]
        if bond[B_RAW] < bond[B_LEVEL]:
            continue
        bond[B_LEVEL] = bond[B_RAW] + max(1.0, (bond[B_RAW] + 1.0) // 3.0)
        beyond = 0.0
        if bond[B_OPPOSITE] <= bond[B_SAME] + 2.0:  # makers are together on both sides
            beyond = bond_surprise(m, (act.slot, other), place, act.symbol, compared)
        if beyond == 0.0 and bond[B_RAW] >= _PLENTY:
            m.sketch[sketch_place(act.slot, other)] = IGNORED
        strengthen(m.net, act.slot, other, beyond)
        strengthen(m.net, other, act.slot, beyond)
        if beyond >= _FIRST_BAR and beyond > best:
            best, chosen = beyond, other
    if chosen < 0:
        return 0
    members[0], members[1] = act.slot, chosen
    count = grow(m.net, members, 2, m.whole[act.symbol, W_MARK_BEFORE], max(_BAR, _RELATED * best))
    return prune(m, act.symbol, members, count)


@njit(cache=True, nogil=True, error_model="numpy")
def _report(m: Memory, act: Act, members: IntArray, found: Found, n: int) -> int:
    """Describe a group and write it as a candidate where it has news; return the number of candidates so far."""
    features = found.features[n]
    span = describe(m, act.symbol, members, features)
    began = find(m.net.keys, pair_key(members[0], members[1], m.net.near))
    fresh = began >= 0 and m.story[began, S_EPISODE] == 0
    enough = _GROUP_BAR + max(members.size - 2, 0)
    if (
        features[6] < 0.52
        or max(features[30], features[3]) < enough
        or not (fresh or span.raw >= 1.3 * span.told + 1.0)
    ):
        return n
    episode = span.episode
    if episode == 0:
        m.counters[0] += 1
        episode = m.counters[0]
    tell(m, members, span, episode)
    found.whole[n, 0] = act.row
    found.whole[n, 1] = act.symbol
    found.whole[n, 2] = episode
    found.whole[n, 3] = span.revision
    found.whole[n, 4] = span.first
    found.whole[n, 5] = span.last
    found.whole[n, 6] = members.size
    found.whole[n, 7] = evidence_of(m, members, found.evidence[n])
    found.rule[n] = rule_of(features)
    for k in range(members.size):
        found.members[n, k] = m.net.near[members[k], OWNER]
    return n + 1


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _act(m: Memory, act: Act, places: IntArray, members: IntArray, met: FloatArray) -> int:
    """Take one action in; return the size of the group it makes worth describing, or 0."""
    side = 2 * act.symbol + (1 if act.side > 0 else 0)
    head = m.whole[act.symbol, W_HEAD + (side & 1)]
    last = m.recent[side, (head - 1) % RECENT, R_LOG_SIZE] / MILLION if head > 0 else act.log_size
    reaction = note_market(m.market[act.symbol], m.whole[act.symbol], act, last)
    fade_actor(m, act.slot, act.account, m.market[act.symbol, CLOCK])
    touched = meet(m, act, side, places, met)
    if act.row % SAMPLED == 0:
        meet_opposite(m, act, 4 * act.symbol + 1 - side)
    group = _seed(m, act, places, touched, members) if touched > 0 else 0
    enter(m, act, side, reaction)
    return group


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def _trade(m: Memory, t: Actions, i: int) -> None:
    """Follow positions, and trades between two accounts that act together."""
    maker, taker, sign = t.pair[i], t.taker_pair[i], 1.0 if t.taker_side[i] > 0 else -1.0
    if maker >= 0 and m.net.near[maker, OWNER] == t.account[i]:
        m.actor[maker, A_NET] -= sign * t.size[i]
    if taker >= 0 and m.net.near[taker, OWNER] == t.taker[i]:
        m.actor[taker, A_NET] += sign * t.size[i]
    if maker >= 0 and taker >= 0 and maker != taker:
        place = find(m.net.keys, pair_key(maker, taker, m.net.near))
        if place >= 0:
            m.bond[place, B_TRADED] += 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def _scan(m: Memory, t: Actions, start: int, found: Found) -> tuple[int, int]:
    """Read rows from ``start`` on, until ``found`` is full; return the next row and the number found."""
    m, t, found = borrowed(m), borrowed(t), borrowed(found)
    members, places, met = np.empty(MEMBERS, np.int64), np.empty(2 * RECENT, np.int64), np.empty(SCALES)
    n, i = 0, start
    while i < t.time.size and n < found.rule.size:
        symbol, kind = t.symbol[i], t.kind[i]
        if t.bid[i] > 0 and t.ask[i] > 0:
            note_move(m.market[symbol], m.whole[symbol], t.time[i], t.bid[i] + t.ask[i])
        entered = kind == _NEW and t.pair[i] >= 0 and t.side[i] != 0
        printed = kind == _TRADE and t.taker_pair[i] >= 0 and t.taker_order[i] == 0
        if kind == _TRADE:
            _trade(m, t, i)
        if entered or printed:
            act = Act(
                t.first_row + i,
                t.time[i],
                int(symbol),
                t.seq[i],
                int(t.pair[i] if entered else t.taker_pair[i]),
                int(t.account[i] if entered else t.taker[i]),
                int(t.side[i] if entered else t.taker_side[i]),
                math.log(max(float(t.size[i]), 1.0)),
                1 if printed or t.level[i] < 0 else 0,
            )
            count = _act(m, act, places, members, met)
            if count > 0:
                n = _report(m, act, members[:count], found, n)
        i += 1
    return i, n


class CoordinationDetector:
    """Finds groups that act as one; ``pairs`` bounds how many pairs of accounts are followed at once."""

    scheme = Scheme.COORDINATED_ACCOUNTS
    feature_names: tuple[str, ...] = FEATURES

    def __init__(self, pairs: int = 1 << 16) -> None:
        self._memory = TogetherMemory(pairs)
        self._found = room_for(len(FEATURES))

    def update(self, tape: Tape) -> list[Candidate]:
        """Read the next rows and return the candidates they complete, by row."""
        if not len(tape):
            return []
        actions = actions_of(tape)
        slots = max(int(tape.pair.max()), int(tape.taker_pair.max())) + 1
        self._memory.fit(int(tape.symbol.max()) + 1, slots)
        candidates: list[Candidate] = []
        row = 0
        while row < len(tape):
            row, count = _scan(self._memory.arrays, actions, row, self._found)
            candidates.extend(candidate_of(self._found, k, self.scheme) for k in range(count))
        return candidates

    def finish(self) -> list[Candidate]:
        """Return nothing: every group was told with the action that made it worth telling."""
        return []
