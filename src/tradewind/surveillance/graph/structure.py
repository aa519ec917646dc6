"""Structure of the graph of accounts: communities, rings, embeddings, for cases and for the graph net.

These look at the heaviest edges only, so that their cost is bounded; they are for now and then, not for every event.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.graph.accounts import Edges

EDGES = 4000
"""Heaviest edges that are looked at."""
RINGS = 200
"""Most rings that are returned."""


def communities(edges: Edges, *, seed: int = 0, most: int = EDGES) -> list[tuple[int, ...]]:
    """Return communities of accounts that trade, or act, with each other more than with the rest; largest first.

    Louvain's method (Blondel et al. 2008) on the undirected weights.
    """
    import networkx as nx  # slow to load, and not needed while events stream in

    graph = nx.Graph()
    chosen = edges.strongest(most)
    for source, target, weight in zip(chosen.source, chosen.target, chosen.weight, strict=True):
        a, b = int(source), int(target)
        before = graph.get_edge_data(a, b, {"weight": 0.0})["weight"]
        graph.add_edge(a, b, weight=before + float(weight))
    if not graph:
        return []
    found = nx.community.louvain_communities(graph, weight="weight", seed=seed)
    return sorted((tuple(sorted(group)) for group in found), key=lambda group: (-len(group), group))


@dataclass(frozen=True)
class Ring:
    """A short directed cycle of sales. ``balance``: smallest edge over largest, 1 where equal volumes went round.

    ``inside``: the ring's part of all its members traded in the symbol.
    """

    accounts: tuple[int, ...]
    weight: float
    balance: float
    inside: float


def rings(edges: Edges, *, longest: int = 6, least_balance: float = 0.3, most: int = EDGES) -> list[Ring]:
    """Return cycles of at most ``longest`` accounts round which like volumes went, the most closed first.

    What goes round leaves every member's position where it was (Cao et al. 2014). ``edges`` should be one
    symbol's sales.
    """
    import networkx as nx

    chosen = edges.strongest(most)
    graph = nx.DiGraph()
    traded: dict[int, float] = {}
    for source, target, weight in zip(edges.source, edges.target, edges.weight, strict=True):
        for end in (int(source), int(target)):
            traded[end] = traded.get(end, 0.0) + float(weight)
    for source, target, weight in zip(chosen.source, chosen.target, chosen.weight, strict=True):
        graph.add_edge(int(source), int(target), weight=float(weight))
    found: list[Ring] = []
    for cycle in nx.simple_cycles(graph, length_bound=longest):
        weights = [graph[a][b]["weight"] for a, b in zip(cycle, cycle[1:] + cycle[:1], strict=True)]
        balance = min(weights) / max(weights)
        if balance < least_balance:
            continue
        first = cycle.index(min(cycle))
        accounts = tuple(cycle[first:] + cycle[:first])
        gross = sum(traded[a] for a in accounts)
        found.append(Ring(accounts, sum(weights), balance, 2.0 * sum(weights) / gross))
        if len(found) >= 50 * RINGS:
            break
    return sorted(found, key=lambda ring: (-ring.inside * ring.balance, ring.accounts))[:RINGS]


def embeddings(edges: Edges, *, dimensions: int = 8, most: int = EDGES) -> tuple[IntArray, FloatArray]:
    """Return the accounts and a vector of each: (n,), (n, dimensions); accounts with like partners are near.

    Truncated singular value decomposition of the normalised adjacency (as in spectral clustering, Ng et al. 2002; Levy
    and Goldberg 2014 on its kinship with word and node embeddings); the sign of each dimension is fixed, so that equal
    graphs give equal vectors. Fewer accounts than dimensions leave the last dimensions 0.
    """
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import svds

    chosen = edges.strongest(most)
    nodes, places = np.unique(np.concatenate([chosen.source, chosen.target]), return_inverse=True)
    n = len(nodes)
    vectors = np.zeros((n, dimensions))
    if n < 2:
        return nodes, vectors
    a, b = places[: len(chosen)], places[len(chosen) :]
    weight = np.log1p(chosen.weight)
    adjacency = coo_matrix((np.concatenate([weight, weight]), (np.r_[a, b], np.r_[b, a])), shape=(n, n)).tocsr()
    degree = np.asarray(adjacency.sum(axis=1)).ravel()
    scale = 1.0 / np.sqrt(np.maximum(degree, 1e-12))
    normal = adjacency.multiply(scale[:, None]).multiply(scale[None, :]).tocsr()
    rank = min(dimensions, n - 1)
    left, strength, _ = svds(normal.astype(float), k=rank, v0=np.ones(n) / np.sqrt(n))
    order = np.argsort(-strength, kind="stable")
    left, strength = left[:, order], strength[order]
    signs = np.sign(left[np.argmax(np.abs(left), axis=0), np.arange(rank)])
    vectors[:, :rank] = left * np.where(signs == 0, 1.0, signs) * np.sqrt(strength)
    return nodes, vectors
