"""Each account's closest partners, and the group that grows from a pair along them."""

from __future__ import annotations

from typing import NamedTuple

from numba import njit

from tradewind.core.arrays import FloatArray, Int32Array, IntArray
from tradewind.surveillance.graph.table import find, key_of

PARTNERS = 8
"""Partners remembered for an account; the weakest gives way to a stronger one."""
OWNER = PARTNERS
"""Column of ``near`` that holds the account."""
MEMBERS = 12
"""Most members a group can have."""


class Partners(NamedTuple):
    """Bonds between nodes; a node is a slot of (account, symbol) or an account.

    ``keys`` and ``seen`` are the pair table's keys and the row of each pair's last deed; ``near`` (nodes, PARTNERS + 1)
    the partners of each node and, last, the account in it, -1 for none; ``bond`` (nodes, PARTNERS) how strong each bond
    was when it was last strengthened.
    """

    keys: IntArray
    seen: IntArray
    near: Int32Array
    bond: FloatArray


@njit(cache=True, nogil=True, error_model="numpy")
def pair_key(a: int, b: int, near: Int32Array) -> int:
    """Return the key of the unordered pair of two nodes, and of their owners: a node used again has new pairs."""
    if a > b:
        a, b = b, a
    return key_of((a << 32) | b, near[a, OWNER], near[b, OWNER])


@njit(cache=True, nogil=True, error_model="numpy")
def strengthen(net: Partners, node: int, other: int, bond: float) -> None:
    """Remember ``other`` among the partners of ``node`` where the bond is strong enough."""
    weakest = 0
    for k in range(PARTNERS):
        if net.near[node, k] == other:
            net.bond[node, k] = bond
            return
        if net.bond[node, k] < net.bond[node, weakest]:
            weakest = k
    if bond > net.bond[node, weakest]:
        net.near[node, weakest] = other
        net.bond[node, weakest] = bond


@njit(cache=True, nogil=True, error_model="numpy")
def grow(net: Partners, members: IntArray, count: int, since: int, bar: float) -> int:
    """Add to ``members[:count]`` whoever is bound to one of them, near ones first; return the new count.

    A bond counts where it is at least ``bar`` strong and its pair acted at the row ``since`` or later.
    """
    reached = 0
    while reached < count and count < members.size:
        node = members[reached]
        reached += 1
        for k in range(PARTNERS):
            other = net.near[node, k]
            if other < 0 or net.bond[node, k] < bar or count >= members.size:
                continue
            known = False
            for j in range(count):
                known = known or members[j] == other
            if known or net.near[other, OWNER] < 0:
                continue
            place = find(net.keys, pair_key(node, other, net.near))
            if place >= 0 and net.seen[place] >= since:
                members[count] = other
                count += 1
    return count
