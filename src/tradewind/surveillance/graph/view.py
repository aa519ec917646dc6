"""What the graph of accounts says about a candidate: trades inside the group, moments in common, partners."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numba import njit

from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.graph.accounts import (
    MEMORY,
    N_BOUGHT,
    N_CLOCK,
    N_MET,
    N_SOLD,
    N_TAKEN,
    NODE,
    AccountGraph,
    GraphState,
    Rows,
    edge_weight,
    read,
)
from tradewind.surveillance.graph.table import find, key_of, surprise

FEATURES = (
    "graph_inside_share",
    "graph_inside_excess",
    "graph_two_way",
    "graph_balance",
    "graph_linked_members",
    "graph_together_surprise",
    "graph_together_excess",
    "graph_together_share",
    "graph_strength",
    "graph_net_share",
    "graph_least_inside_share",
    "graph_density",
)
"""``inside_share``, ``least_inside_share``: of what the members traded anywhere, how much with each other in this
symbol, over all and for the least tied; ``inside_excess``: log of that weight over what partners met by chance would
give; ``two_way``: sold and sold back, of all inside; ``balance``: 1 where each member bought inside as much as it
sold inside; ``linked_members``: share of members that both sold and bought inside; ``together_surprise``,
``together_excess``: moments in common of the closest pair, in any symbol, beyond chance, -log10 and log ratio;
``together_share``: of all members' takes; ``strength``: log of the members' mean weight in typical trades;
``net_share``: one-sidedness of all they traded; ``density``: pairs with trades inside of all pairs.
"""
MOST = 12
"""Accounts of a candidate that are looked at."""


@njit(cache=True, nogil=True, error_model="numpy")
def _node_totals(g: GraphState, accounts: IntArray, out: FloatArray) -> None:
    """Write each account's counts as of now into ``out`` (accounts, NODE); zeros for one that never traded."""
    for x in range(accounts.size):
        place = find(g.node_keys[0], key_of(accounts[x], 0, 1))
        if place >= 0:
            keep = math.exp((g.nodes[place, N_CLOCK] - g.totals[0]) / MEMORY)
            for column in range(N_SOLD, NODE):
                out[x, column] = g.nodes[place, column] * keep


@njit(cache=True, nogil=True, error_model="numpy")
def _moments(g: GraphState, accounts: IntArray, nodes: FloatArray, out: FloatArray) -> None:
    """Write what moments in common say."""
    total, takes = 0.0, 0.0
    for x in range(accounts.size):
        takes += nodes[x, N_TAKEN]
        for y in range(x + 1, accounts.size):
            a, b = min(accounts[x], accounts[y]), max(accounts[x], accounts[y])
            _, count = edge_weight(g, 1, a, b, -1)
            total += count
            met = nodes[x, N_MET] * nodes[y, N_TAKEN] + nodes[y, N_MET] * nodes[x, N_TAKEN]
            chance = met / max(g.totals[1], 1.0) + 0.02
            out[5] = max(out[5], surprise(count, chance))
            out[6] = max(out[6], math.log((count + 0.5) / (chance + 0.5)))
    out[7] = total / max(takes, 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _inside(g: GraphState, accounts: IntArray, symbol: int, flow: FloatArray) -> tuple[float, float, float]:
    """Fill ``flow`` with what each sold and bought inside; return the weight, its two-way part, the pairs."""
    weight, both, pairs = 0.0, 0.0, 0.0
    for x in range(accounts.size):
        for y in range(x, accounts.size):
            there, _ = edge_weight(g, 0, accounts[x], accounts[y], symbol)
            back = there
            if x != y:
                back, _ = edge_weight(g, 0, accounts[y], accounts[x], symbol)
                pairs += 1.0 if there + back > 0.0 else 0.0
            flow[x, 0] += there
            flow[y, 1] += there
            if x != y:
                flow[y, 0] += back
                flow[x, 1] += back
            weight += there + back if x != y else there
            both += 2.0 * min(there, back) if x != y else there
    return weight, both, pairs


@njit(cache=True, nogil=True, error_model="numpy")
def describe_accounts(g: GraphState, accounts: IntArray, symbol: int, out: FloatArray) -> None:
    """Write the features of a set of accounts in a symbol, in the order of :data:`FEATURES`."""
    n = accounts.size
    nodes, flow = np.zeros((n, NODE)), np.zeros((n, 2))
    _node_totals(g, accounts, nodes)
    weight, both, pairs = _inside(g, accounts, symbol, flow)
    sold, bought = np.sum(nodes[:, N_SOLD]), np.sum(nodes[:, N_BOUGHT])
    left, linked, least, net = 0.0, 0.0, 1.0, 0.0
    for x in range(n):
        own = nodes[x, N_SOLD] + nodes[x, N_BOUGHT]
        left += abs(flow[x, 0] - flow[x, 1])
        linked += 1.0 if flow[x, 0] > 0.0 and flow[x, 1] > 0.0 else 0.0
        least = min(least, (flow[x, 0] + flow[x, 1]) / max(own, 1e-9))
        net += abs(nodes[x, N_SOLD] - nodes[x, N_BOUGHT])
    out[:] = 0.0
    out[0] = 2.0 * weight / max(sold + bought, 1e-9)
    out[1] = math.log((weight + 0.5) / (sold * bought / max(g.totals[0], 1.0) + 0.5))
    out[2] = both / max(weight, 1e-9)
    out[3] = 1.0 - left / max(2.0 * weight, 1e-9) if weight > 0.0 else 0.0
    out[4] = linked / n
    _moments(g, accounts, nodes, out)
    out[8] = math.log((sold + bought) / n + 1.0)
    out[9] = net / max(sold + bought, 1e-9)
    out[10] = least
    out[11] = pairs / (n * (n - 1) / 2.0) if n > 1 else 1.0


@njit(cache=True, nogil=True, error_model="numpy")
def advance(g: GraphState, rows: Rows, first_row: int, asked: IntArray, out: FloatArray) -> None:
    """Read all rows, and describe each candidate (sorted by row) once its row has been read.

    ``asked`` (candidates, 3 + MOST): row, symbol, number of accounts, accounts. One call for all of them: calling a
    compiled function for each costs more than what it does.
    """
    g, rows, asked, out = borrowed(g), borrowed(rows), borrowed(asked), borrowed(out)
    done = 0
    for k in range(len(asked)):
        upto = min(asked[k, 0] + 1 - first_row, rows.kind.size)
        if upto > done:
            read(g, rows, first_row, done, upto)
            done = upto
        describe_accounts(g, asked[k, 3 : 3 + asked[k, 2]], asked[k, 1], out[k])
    read(g, rows, first_row, done, rows.kind.size)


class GraphView:
    """Describes a candidate's accounts by the graph as it stood at the candidate's row; see :data:`FEATURES`."""

    feature_names: tuple[str, ...] = FEATURES
    hears_all: bool = False
    dear: bool = False

    def __init__(self, graph: AccountGraph | None = None) -> None:
        self.graph = AccountGraph() if graph is None else graph

    def advance(self, tape: Tape, candidates: Sequence[Candidate]) -> Float32Array:
        """Read the next rows and describe the candidates that became known within them, each at its own row."""
        out = np.zeros((len(candidates), len(FEATURES)))
        asked = np.zeros((len(candidates), 3 + MOST), np.int64)
        for i, candidate in enumerate(candidates):
            accounts = candidate.accounts[:MOST]
            asked[i, :3] = candidate.row, candidate.symbol, len(accounts)
            asked[i, 3 : 3 + len(accounts)] = accounts
        self.graph.fit(tape)
        advance(self.graph.state, Rows.of(tape), tape.first_row, asked, out)
        return out.astype(np.float32)
