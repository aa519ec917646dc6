"""The network of the graph forecaster and its training loop, in PyTorch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.models.nets.graph_market import MarketGraph
from tradewind.models.nets.learning.device import fixed_threads
from tradewind.models.nets.learning.losses import log_loss, parity_gap, return_loss

KINDS = 2  # of edges: correlated, same sector
NODES = 8192  # about as many nodes are forecast at once


@dataclass(frozen=True, kw_only=True, eq=False)
class Links:
    """Edges of one kind as tensors; see :class:`~tradewind.models.nets.graph_market.Edges`."""

    peer: Tensor
    there: Tensor
    weight: Tensor


class PeerLayer(nn.Module):
    """A stock's own state plus what it hears from its peers, weighed by attention, for each kind of edge.

    Graph attention (Velickovic et al. 2018, ICLR) instead of the fixed weights of a graph convolution (Kipf and
    Welling 2017, ICLR); each kind of relation has weights of its own, and the strength of a relation enters the
    attention (Feng et al. 2019, *Temporal relational ranking*, TOIS). A stock without peers hears nothing.
    """

    def __init__(self, n_in: int, n_out: int) -> None:
        super().__init__()
        self.own = nn.Linear(n_in, n_out)
        self.heard = nn.ModuleList([nn.Linear(n_in, n_out, bias=False) for _ in range(KINDS)])
        self.listener = nn.Parameter(torch.zeros(KINDS, n_out))  # zero: at first all peers are heard alike
        self.speaker = nn.Parameter(torch.zeros(KINDS, n_out))
        self.strength = nn.Parameter(torch.zeros(KINDS))

    def forward(self, values: Tensor, links: tuple[Links, ...]) -> Tensor:
        """Return (M, n_out) states of nodes of ``values`` (M, n_in)."""
        state = self.own(values)
        for kind, link in enumerate(links):
            if link.peer.shape[1] == 0:
                continue
            said = self.heard[kind](values)
            flat = link.peer.flatten()
            speaks = (said @ self.speaker[kind]).index_select(0, flat).view_as(link.weight)
            score = (said @ self.listener[kind])[:, None] + speaks + self.strength[kind] * link.weight
            score = nn.functional.leaky_relu(score, 0.2).masked_fill(~link.there, -1e9)
            attention = torch.softmax(score, dim=1) * link.there  # all zero where nobody is there
            messages = said.index_select(0, flat).view(*link.peer.shape, -1)
            state = state + torch.einsum("mk,mkd->md", attention, messages)
        return nn.functional.elu(state)


class PeerNet(nn.Module):
    """Two layers of peers, so that peers' peers are heard, read by two linear heads: logit and scaled return.

    The heads see the node's own values and both layers' states (Xu et al. 2018, *Jumping knowledge*, ICML), for what
    is linear in a stock's own features need not be mixed with its peers'. They start at zero.
    """

    def __init__(self, n_values: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.first, self.second = PeerLayer(n_values, hidden), PeerLayer(hidden, hidden)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.Linear(n_values + 2 * hidden, 2)
        nn.init.zeros_(self.heads.weight)
        nn.init.zeros_(self.heads.bias)

    def forward(self, values: Tensor, links: tuple[Links, ...]) -> Tensor:
        """Return (M, 2) logit and scaled return of nodes of ``values`` (M, p + moves)."""
        values = self.dropout(values)
        near = self.first(values, links)
        far = self.second(self.dropout(near), links)
        heads: Tensor = self.heads(torch.cat([values, self.dropout(near), self.dropout(far)], dim=1))
        return heads


@dataclass(frozen=True, kw_only=True, eq=False)
class Lessons:
    """What the net learns, one entry per row of the panel; NaN where a row does not teach.

    ``direction``, ``returns``, ``weight`` : (n,) float32, returns in units of their deviation. ``group`` : (n,) int64
    codes of the groups among which parity is asked for, or None.
    """

    direction: Tensor
    returns: Tensor
    weight: Tensor
    group: Tensor | None


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How the net is trained; see :class:`~tradewind.models.nets.graph.GraphSettings`."""

    epochs: int
    patience: int
    updates: int
    learning_rate: float
    weight_decay: float
    clip: float
    return_weight: float
    parity: float


GraphMaker = Callable[[IntArray], MarketGraph]


def train(
    net: PeerNet,
    lessons: tuple[Lessons, Lessons | None],
    days: tuple[IntArray, IntArray],
    make: GraphMaker,
    schedule: Schedule,
    report: Callable[[int], None],
) -> None:
    """Train ``net`` in place on graphs of whole days.

    ``lessons`` and ``days`` : of the training rows, and of the later rows to stop on (None: no stopping), whose best
    epoch gives the weights. Order and dropout come from PyTorch's global generator, which the caller seeds.
    """
    taught, watched = lessons
    optimiser = torch.optim.AdamW(net.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay)
    best, best_epoch, best_state = np.inf, 0, deepcopy(net.state_dict())
    for epoch in range(schedule.epochs):
        net.train()
        for some in _batches(days[0], schedule.updates):
            graph = make(some)
            optimiser.zero_grad(set_to_none=True)
            loss = _loss(net(*_tensors(graph)), graph.rows, taught, schedule)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), schedule.clip)
            optimiser.step()
        report(epoch + 1)
        if watched is None:
            continue
        net.eval()
        now = _log_loss(net, watched, days[1], make)
        if now < best:
            best, best_epoch, best_state = now, epoch, deepcopy(net.state_dict())
        elif epoch - best_epoch >= schedule.patience:
            break
    if watched is not None:
        net.load_state_dict(best_state)
    net.eval()


def heads_of(net: PeerNet, days: IntArray, make: GraphMaker) -> Iterator[tuple[IntArray, FloatArray]]:
    """Yield (rows (m,), logit and scaled return (m, 2)) of all stocks on ``days``, some days at a time."""
    start = 0
    size = 1
    with fixed_threads(), torch.inference_mode():
        while start < len(days):
            graph = make(days[start : start + size])
            yield graph.rows, net(*_tensors(graph)).double().numpy().copy()
            start += size
            size = max(1, NODES * size // max(len(graph.rows), 1))


def _batches(days: IntArray, updates: int) -> Iterator[IntArray]:
    order = torch.randperm(len(days)).numpy()
    size = max(4, -(-len(days) // updates))
    for start in range(0, len(days), size):
        yield np.sort(days[order[start : start + size]])


def _tensors(graph: MarketGraph) -> tuple[Tensor, tuple[Links, ...]]:
    links = tuple(
        Links(peer=torch.from_numpy(e.peer), there=torch.from_numpy(e.there), weight=torch.from_numpy(e.weight))
        for e in graph.edges
    )
    return torch.from_numpy(graph.values), links


def _loss(heads: Tensor, rows: IntArray, lessons: Lessons, schedule: Schedule) -> Tensor:
    at = torch.from_numpy(rows)
    direction, returns, weight = lessons.direction[at], lessons.returns[at], lessons.weight[at]
    loss = log_loss(heads[:, 0], direction, weight) + schedule.return_weight * return_loss(heads[:, 1], returns)
    if schedule.parity > 0.0 and lessons.group is not None:
        known = ~torch.isnan(direction)
        loss = loss + schedule.parity * parity_gap(torch.sigmoid(heads[known, 0]), lessons.group[at][known])
    return loss


def _log_loss(net: PeerNet, lessons: Lessons, days: IntArray, make: GraphMaker) -> float:
    total, weights = 0.0, 0.0
    for rows, heads in heads_of(net, days, make):
        direction, weight = lessons.direction.numpy()[rows], lessons.weight.numpy()[rows]
        known = ~np.isnan(direction)
        logit = heads[known, 0]
        total += float(np.sum(weight[known] * (np.logaddexp(0.0, logit) - direction[known] * logit)))
        weights += float(weight[known].sum())
    return total / max(weights, 1e-9)
