"""Clubs: accounts that hand lots round in no order, each pair too seldom to tell, all of them bound in circles."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import BoolArray, IntArray
from tradewind.surveillance.detectors.owners.wash_state import Memory
from tradewind.surveillance.detectors.owners.wash_ties import Deal, tie_surprise
from tradewind.surveillance.graph.partners import grow, pair_key
from tradewind.surveillance.graph.table import find

WEAK_BAR = 0.8
"""Bond of the pairs of a club, which as a whole must be beyond chance by the bar of a pair."""


@njit(cache=True, nogil=True, error_model="numpy")
def find_club(m: Memory, d: Deal, members: IntArray, since: int) -> int:
    """Return the number of members of a group whose pairs met too seldom to tell but who are bound in circles.

    Everybody in it has at least two of the others as a partner: five accounts that hand lots round, in no order.
    """
    members[0], members[1] = d.maker, d.taker
    count = grow(m.net, members, 2, since, WEAK_BAR)
    if count < 3:
        return 0
    bound = _bound(m, d.symbol, members[:count], since)
    x = 0
    while x < count:
        if np.sum(bound[x, :count]) >= 2:
            x += 1
            continue
        count -= 1  # the last one takes the place of whoever leaves, and all are looked at again
        members[x] = members[count]
        bound[x, :], bound[:, x] = bound[count, :], bound[:, count]
        bound[x, x] = False
        x = 0
    return count if count >= 3 else 0


@njit(cache=True, nogil=True, error_model="numpy")
def _bound(m: Memory, symbol: int, members: IntArray, since: int) -> BoolArray:
    """Return (members, members) which pairs met beyond chance by :data:`WEAK_BAR`, each weighed once."""
    count = members.size
    bound = np.zeros((count, count), np.bool_)
    for x in range(count):
        for y in range(x):
            place = find(m.net.keys, pair_key(members[x], members[y], m.net.near))
            if place >= 0 and m.net.seen[place] >= since:
                beyond = tie_surprise(m, members[x], members[y], place, symbol)
                bound[x, y] = bound[y, x] = beyond >= WEAK_BAR
    return bound
