"""The graph of accounts, built trade by trade: who sold to whom in which symbol, and who traded in the same moments.

Both kinds of edge live in tables of fixed size, fade with the trades that follow, and carry what a reader needs: weight
(in typical trades of the symbol), count, and for moments in common the number that chance would give.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, Int32Array, IntArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.events.table import Int8Array, Kind
from tradewind.surveillance.graph.table import claim, find, grown, key_of, room

MEMORY = 20_000.0
"""Trades of the market after which an edge weighs 1/e."""
RECENT = 12
"""Takers of a side of a symbol that a new one is held against."""
WINDOW = 5_000_000_000
"""Trades further apart than this, in nanoseconds, have no moment in common."""
_TRADE = int(Kind.TRADE)

# Columns of an edge: ends, symbol, row of its last trade (whole numbers); clock, weight, count (real ones).
E_FROM, E_TO, E_SYMBOL, E_SEEN, ENDS = range(5)
W_CLOCK, W_WEIGHT, W_COUNT, WEIGHTS = range(4)
# Columns of a node: clock, weight sold and bought, trades taken, others met when it took.
N_CLOCK, N_SOLD, N_BOUGHT, N_TAKEN, N_MET, NODE = range(6)


class GraphState(NamedTuple):
    """All state of the graph as arrays. ``totals``: clock of trades, fading number of takes."""

    keys: IntArray  # (2, edges) of sales, of moments in common
    ends: IntArray  # (2, edges, ENDS)
    weights: FloatArray  # (2, edges, WEIGHTS)
    node_keys: IntArray  # (1 + 1, nodes) key, row last seen
    nodes: FloatArray
    recent: IntArray  # (2 * symbols, 2 * RECENT + 1) account and time of the last takers, how many there were
    sizes: FloatArray  # (symbols,) typical size of a trade
    totals: FloatArray


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def node_of(g: GraphState, account: int, row: int) -> int:
    """Return the place of an account, a new one where it has none; its counts brought to now."""
    key = key_of(account, 0, 1)
    place = find(g.node_keys[0], key)
    if place < 0:
        place = claim(g.node_keys[0], g.node_keys[1], key)
        g.nodes[place] = 0.0
    node = g.nodes[place]
    keep = math.exp((node[N_CLOCK] - g.totals[0]) / MEMORY)
    node[N_SOLD] *= keep
    node[N_BOUGHT] *= keep
    node[N_TAKEN] *= keep
    node[N_MET] *= keep
    node[N_CLOCK] = g.totals[0]
    g.node_keys[1, place] = row
    return place


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def add_edge(g: GraphState, layer: int, ends: tuple[int, int, int], weight: float, row: int) -> None:
    """Add weight to the edge of a layer with these ends and symbol."""
    source, target, symbol = ends
    key = key_of(source, target, symbol + 2)
    place = find(g.keys[layer], key)
    if place < 0:
        place = claim(g.keys[layer], g.ends[layer, :, E_SEEN], key)
        g.ends[layer, place, E_FROM] = source
        g.ends[layer, place, E_TO] = target
        g.ends[layer, place, E_SYMBOL] = symbol
        g.weights[layer, place] = 0.0
        g.weights[layer, place, W_CLOCK] = g.totals[0]
    edge = g.weights[layer, place]
    keep = math.exp((edge[W_CLOCK] - g.totals[0]) / MEMORY)
    edge[W_WEIGHT] = edge[W_WEIGHT] * keep + weight
    edge[W_COUNT] = edge[W_COUNT] * keep + 1.0
    edge[W_CLOCK] = g.totals[0]
    g.ends[layer, place, E_SEEN] = row


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def edge_weight(g: GraphState, layer: int, source: int, target: int, symbol: int) -> tuple[float, float]:
    """Return an edge's weight and count as of now, 0 where there is none."""
    place = find(g.keys[layer], key_of(source, target, symbol + 2))
    if place < 0:
        return 0.0, 0.0
    edge = g.weights[layer, place]
    keep = math.exp((edge[W_CLOCK] - g.totals[0]) / MEMORY)
    return edge[W_WEIGHT] * keep, edge[W_COUNT] * keep


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def meet_takers(g: GraphState, taker: int, side: int, time: int, row: int) -> int:
    """Hold a taker against the recent ones of its side; add edges of moments in common, return how many others."""
    recent = g.recent[side]
    held, others = min(recent[2 * RECENT], RECENT), 0
    for back in range(1, held + 1):
        k = (recent[2 * RECENT] - back) % RECENT
        other = recent[k]
        if other == taker or time - recent[RECENT + k] > WINDOW:
            break
        others += 1
        add_edge(g, 1, (min(taker, other), max(taker, other), -1), 1.0, row)
    k = (recent[2 * RECENT] - 1) % RECENT
    if held == 0 or recent[k] != taker:
        k = recent[2 * RECENT] % RECENT
        recent[2 * RECENT] += 1
    recent[k] = taker
    recent[RECENT + k] = time
    return others


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def add_trade(g: GraphState, row: int, deal: tuple[int, int, int, int], size: int, time: int) -> None:
    """Take one trade in; ``deal``: symbol, maker, taker, side of the taker."""
    symbol, maker, taker, side = deal
    keep = math.exp(-1.0 / MEMORY)
    g.totals[0] += 1.0
    g.totals[1] *= keep
    typical = g.sizes[symbol]
    g.sizes[symbol] = size if typical == 0.0 else typical + 0.01 * (min(float(size), 20.0 * typical) - typical)
    weight = min(size / g.sizes[symbol], 50.0)
    seller, buyer = (maker, taker) if side > 0 else (taker, maker)
    add_edge(g, 0, (seller, buyer, symbol), weight, row)
    g.nodes[node_of(g, seller, row), N_SOLD] += weight
    g.nodes[node_of(g, buyer, row), N_BOUGHT] += weight
    recent = g.recent[2 * symbol + (1 if side > 0 else 0)]
    fresh = recent[2 * RECENT] == 0 or recent[(recent[2 * RECENT] - 1) % RECENT] != taker
    met = meet_takers(g, taker, 2 * symbol + (1 if side > 0 else 0), time, row)
    if fresh:
        g.totals[1] += 1.0
        node = node_of(g, taker, row)
        g.nodes[node, N_TAKEN] += 1.0
        g.nodes[node, N_MET] += met


class Rows(NamedTuple):
    """Columns of the tape that the graph reads."""

    kind: Int8Array
    time: IntArray
    symbol: Int32Array
    account: Int32Array
    taker: Int32Array
    taker_side: Int8Array
    size: IntArray

    @classmethod
    def of(cls, tape: Tape) -> Rows:
        """Return the columns of ``tape``."""
        return cls(tape.kind, tape.time, tape.symbol, tape.account, tape.taker, tape.taker_side, tape.size)


@njit(cache=True, nogil=True, error_model="numpy")
def read(g: GraphState, rows: Rows, first_row: int, start: int, stop: int) -> None:
    """Take the trades of rows ``start`` to ``stop`` (positions) in."""
    g, rows = borrowed(g), borrowed(rows)
    for i in range(start, stop):
        if rows.kind[i] == _TRADE and rows.account[i] >= 0 and rows.taker[i] >= 0 and rows.taker_side[i] != 0:
            deal = (
                int(rows.symbol[i]),
                int(rows.account[i]),
                int(rows.taker[i]),
                int(rows.taker_side[i]),
            )
            add_trade(g, first_row + i, deal, rows.size[i], rows.time[i])


@dataclass(frozen=True, eq=False)
class Edges:
    """Edges as columns: accounts, symbol (-1 for moments in common, which are of any), weight and count as of now."""

    source: IntArray
    target: IntArray
    symbol: IntArray
    weight: FloatArray
    count: FloatArray

    def __len__(self) -> int:
        return len(self.source)

    def strongest(self, most: int) -> Edges:
        """Return the ``most`` heaviest edges, heaviest first, equal ones by their ends."""
        order = np.lexsort((self.symbol, self.target, self.source, -self.weight))[:most]
        return Edges(self.source[order], self.target[order], self.symbol[order], self.weight[order], self.count[order])


@dataclass
class AccountGraph:
    """A multigraph of accounts in bounded memory.

    Parameters
    ----------
    edges : places for edges of each kind; the longest silent give way.
    nodes : places for accounts.
    """

    edges: int = 1 << 16
    nodes: int = 1 << 16
    state: GraphState = field(init=False)

    def __post_init__(self) -> None:
        e, n = room(self.edges, 0), room(self.nodes, 0)
        self.state = GraphState(
            np.zeros((2, e), np.int64),
            np.zeros((2, e, ENDS), np.int64),
            np.zeros((2, e, WEIGHTS)),
            np.zeros((2, n), np.int64),
            np.zeros((n, NODE)),
            np.zeros((0, 2 * RECENT + 1), np.int64),
            np.zeros(0),
            np.zeros(2),
        )

    def update(self, tape: Tape) -> None:
        """Take the next rows in; however a tape is cut into runs, the graph is the same."""
        if len(tape):
            self.fit(tape)
            read(self.state, Rows.of(tape), tape.first_row, 0, len(tape))

    def fit(self, tape: Tape) -> None:
        """Make room for the symbols of ``tape``."""
        symbols = room(int(tape.symbol.max(initial=-1)) + 1, len(self.state.sizes), 16)
        self.state = self.state._replace(
            recent=grown(self.state.recent, 2 * symbols), sizes=grown(self.state.sizes, symbols)
        )

    def sales(self, symbol: int | None = None) -> Edges:
        """Return who sold to whom (``source`` to ``target``), in one symbol where given; weight in typical trades."""
        return self._layer(0, symbol)

    def moments(self) -> Edges:
        """Return who took on the same side within seconds of each other; the weight is how often."""
        return self._layer(1, None)

    def _layer(self, layer: int, symbol: int | None) -> Edges:
        g = self.state
        held = g.keys[layer] != 0
        if symbol is not None:
            held &= g.ends[layer, :, E_SYMBOL] == symbol
        ends, weights = g.ends[layer][held], g.weights[layer][held]
        keep = np.exp((weights[:, W_CLOCK] - g.totals[0]) / MEMORY)
        edges = Edges(
            ends[:, E_FROM], ends[:, E_TO], ends[:, E_SYMBOL], weights[:, W_WEIGHT] * keep, weights[:, W_COUNT] * keep
        )
        return edges.strongest(len(edges))
