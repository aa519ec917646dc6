"""The market of some days as one graph: its nodes' values, and which nodes each may listen to."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Dataset, Panel
from tradewind.core.arrays import BoolArray, Float32Array, Int32Array, IntArray
from tradewind.models.nets.graph_edges import PeerRule, choose_peers
from tradewind.models.past import past_return, past_volatility

VOLATILITY_BARS = 60
MOVE_LIMIT = 4.0  # volatilities; a crash day must not rule the net


@dataclass(frozen=True, kw_only=True, eq=False)
class Edges:
    """Edges of one kind into each of M nodes.

    Attributes
    ----------
    peer : (M, k) place of the peer among the nodes; 0 where there is none.
    there : (M, k) True where there is a peer, and its bar was known when the node's own bar was.
    weight : (M, k) correlation with the peer.
    """

    peer: IntArray
    there: BoolArray
    weight: Float32Array


@dataclass(frozen=True, kw_only=True, eq=False)
class MarketGraph:
    """All stocks with a bar on some days; edges join stocks of one day only.

    Attributes
    ----------
    rows : (M,) rows of the dataset, ascending.
    values : (M, p + moves) features and recent price moves.
    edges : one set per kind of edge.
    """

    rows: IntArray
    values: Float32Array
    edges: tuple[Edges, ...]


class Market:
    """Makes the graph of any of the days it was built for."""

    def __init__(self, data: Dataset, days: IntArray, rule: PeerRule, moves: int) -> None:
        panel = data.panel
        self._data, self._moves = data, recent_moves(panel, moves)
        self._table = choose_peers(panel, days, rule)
        self._row_at: Int32Array = np.full((len(panel.times), panel.n_symbols), -1, dtype=np.int32)
        self._row_at[panel.time_code, panel.symbol_code] = np.arange(len(panel), dtype=np.int32)
        self._place = np.full(len(panel), -1, dtype=np.int64)

    def graph(self, days: IntArray) -> MarketGraph:
        """Return the graph of ``days``, codes of the panel's times."""
        found = self._row_at[days]
        rows = np.sort(found[found >= 0]).astype(np.int64)
        self._place[rows] = np.arange(len(rows))
        features = np.nan_to_num(self._data.features[rows], posinf=0.0, neginf=0.0)
        table = self._table
        return MarketGraph(
            rows=rows,
            values=np.concatenate([features, self._moves[rows]], axis=1, dtype=np.float32),
            edges=(
                self._edges(rows, table.correlated, table.correlated_weight),
                self._edges(rows, table.same_sector, table.same_sector_weight),
            ),
        )

    def _edges(self, rows: IntArray, peers: Int32Array, weight: Float32Array) -> Edges:
        panel = self._data.panel
        day, symbol = panel.time_code[rows], panel.symbol_code[rows]
        period = self._table.period[day]
        chosen = peers[period, symbol]
        peer_row = self._row_at[day[:, None], np.maximum(chosen, 0)]
        there = (chosen >= 0) & (peer_row >= 0)
        # A bar of another exchange that closes later is of the same day, but not yet known.
        there &= panel.known_at[np.maximum(peer_row, 0)] <= panel.known_at[rows][:, None]
        return Edges(
            peer=np.where(there, self._place[np.maximum(peer_row, 0)], 0), there=there, weight=weight[period, symbol]
        )


def recent_moves(panel: Panel, bars: int) -> Float32Array:
    """(n, bars) last daily returns of each row, newest first, in volatilities known at the row; 0 where not defined."""
    scale = past_volatility(panel, VOLATILITY_BARS)
    result = np.zeros((len(panel), bars), dtype=np.float32)
    for back in range(bars):
        move = past_return(panel, 1, skip=back) / scale
        result[:, back] = np.clip(np.nan_to_num(move), -MOVE_LIMIT, MOVE_LIMIT)
    return result
