"""The graph of accounts: who trades with whom, who acts together; communities, rings, embeddings, a view."""

from tradewind.surveillance.graph.accounts import AccountGraph, Edges
from tradewind.surveillance.graph.structure import Ring, communities, embeddings, rings
from tradewind.surveillance.graph.view import GraphView

__all__ = ["AccountGraph", "Edges", "GraphView", "Ring", "communities", "embeddings", "rings"]
