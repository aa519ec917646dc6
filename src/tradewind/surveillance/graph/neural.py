"""A graph neural net that scores accounts: GraphSAGE with mean aggregation (Hamilton, Ying, Leskovec 2017).

An optional member: it learns on graphs whose accounts are labelled (planted markets) and scores the accounts of graphs
it has not seen; nothing in it depends on the number or the names of the accounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import torch
from torch import Tensor, nn

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.core.errors import InputError, UsageError


@dataclass(frozen=True, eq=False)
class AccountSample:
    """One graph: node features (n, f), edges (2, m) as node numbers, weights (m,), labels (n,) in {0, 1} or none."""

    features: FloatArray
    edges: IntArray
    weights: FloatArray
    labels: FloatArray | None = None

    def __post_init__(self) -> None:
        n = len(self.features)
        if self.edges.shape != (2, len(self.weights)):
            raise InputError(
                f"edges have shape {self.edges.shape}, weights {self.weights.shape}", fix="give (2, m), (m,)"
            )
        if self.edges.size and (self.edges.min() < 0 or self.edges.max() >= n):
            raise InputError(f"an edge leads to node {int(self.edges.max())} of {n}", fix="number nodes from 0")
        if self.labels is not None and len(self.labels) != n:
            raise InputError(f"{len(self.labels)} labels for {n} nodes", fix="give one label a node")


class _Layer(nn.Module):
    """One step: a node's own vector, the weighted means of whom it points to and of who points to it."""

    def __init__(self, wide: int, out: int) -> None:
        super().__init__()
        self.linear = nn.Linear(3 * wide, out)

    def forward(self, x: Tensor, edges: Tensor, weights: Tensor) -> Tensor:
        parts = [x]
        for source, target in ((edges[0], edges[1]), (edges[1], edges[0])):
            total = torch.zeros(len(x), dtype=x.dtype).index_add(0, target, weights)
            summed = torch.zeros_like(x).index_add(0, target, x[source] * weights[:, None])
            parts.append(summed / total.clamp_min(1e-9)[:, None])
        out: Tensor = torch.relu(self.linear(torch.cat(parts, dim=1)))
        return out


class _Net(nn.Module):
    def __init__(self, features: int, wide: int, layers: int) -> None:
        super().__init__()
        sizes = [features] + [wide] * layers
        self.layers = nn.ModuleList(_Layer(a, b) for a, b in pairwise(sizes))
        self.head = nn.Linear(wide, 1)

    def forward(self, x: Tensor, edges: Tensor, weights: Tensor) -> Tensor:
        for layer in self.layers:
            x = layer(x, edges, weights)
        out: Tensor = self.head(x)[:, 0]
        return out


class AccountNet:
    """Scores accounts in [0, 1]; ``fit`` on labelled graphs, ``score`` any graph.

    Parameters
    ----------
    wide : length of a node's vector.
    layers : steps of message passing, how far round a ring a node can see.
    epochs, rate : training by Adam on the weighted cross-entropy (the rare class weighs as much as the common).
    seed : of the first weights; the same seed and samples give the same scores.
    """

    def __init__(
        self, *, wide: int = 32, layers: int = 2, epochs: int = 150, rate: float = 1e-2, seed: int = 0
    ) -> None:
        if wide < 1 or layers < 1 or epochs < 1:
            raise UsageError(f"wide {wide}, layers {layers}, epochs {epochs}", fix="choose each at least 1")
        self.wide, self.layers, self.epochs, self.rate, self.seed = wide, layers, epochs, rate, seed
        self._net: _Net | None = None
        self._centre: FloatArray = np.zeros(0)
        self._scale: FloatArray = np.zeros(0)

    def fit(self, samples: Sequence[AccountSample]) -> AccountNet:
        """Learn from labelled graphs. Raises InputError where labels are missing or all of one class."""
        if not samples or any(sample.labels is None for sample in samples):
            raise InputError("a graph has no labels", fix="give every sample a label for each node")
        stacked = np.concatenate([sample.features for sample in samples])
        labels = np.concatenate([sample.labels for sample in samples if sample.labels is not None])
        if not 0 < labels.sum() < len(labels):
            raise InputError("all nodes have one label", fix="give graphs with and without the scheme")
        self._centre, self._scale = stacked.mean(axis=0), np.maximum(stacked.std(axis=0), 1e-6)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.seed)
            net = _Net(stacked.shape[1], self.wide, self.layers)
        loss = nn.BCEWithLogitsLoss(pos_weight=torch.tensor((len(labels) - labels.sum()) / labels.sum()).float())
        optimiser = torch.optim.Adam(net.parameters(), lr=self.rate, weight_decay=1e-4)
        batch = [(*self._tensors(s), torch.as_tensor(s.labels, dtype=torch.float32)) for s in samples]
        for _ in range(self.epochs):
            optimiser.zero_grad()
            total = torch.stack([loss(net(x, edges, weights), y) for x, edges, weights, y in batch]).mean()
            total.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        self._net = net.eval()
        return self

    def score(self, sample: AccountSample) -> FloatArray:
        """Return each node's score in [0, 1]. Raises UsageError before :meth:`fit`."""
        if self._net is None:
            raise UsageError("the net has not been fitted", fix="call fit, or load, first")
        with torch.no_grad():
            scores: FloatArray = torch.sigmoid(self._net(*self._tensors(sample))).numpy().astype(float)
        return scores

    def score_group(self, sample: AccountSample, nodes: Sequence[int]) -> float:
        """Return a group's score: the mean of its nodes' scores."""
        return float(self.score(sample)[list(nodes)].mean())

    def arrays(self) -> dict[str, FloatArray]:
        """Return everything learned as arrays by name, to be saved without pickle."""
        if self._net is None:
            raise UsageError("the net has not been fitted", fix="call fit first")
        learned = {name: value.numpy().astype(float) for name, value in self._net.state_dict().items()}
        return {"centre": self._centre, "scale": self._scale, **learned}

    def restore(self, arrays: dict[str, FloatArray]) -> AccountNet:
        """Take back what :meth:`arrays` returned; the net must have been made with the same sizes."""
        self._centre, self._scale = arrays["centre"], arrays["scale"]
        net = _Net(len(self._centre), self.wide, self.layers)
        net.load_state_dict(
            {k: torch.as_tensor(v, dtype=torch.float32) for k, v in arrays.items() if k not in ("centre", "scale")}
        )
        self._net = net.eval()
        return self

    def _tensors(self, sample: AccountSample) -> tuple[Tensor, Tensor, Tensor]:
        scaled = np.clip((sample.features - self._centre) / self._scale, -5.0, 5.0)
        return (
            torch.as_tensor(scaled, dtype=torch.float32),
            torch.as_tensor(sample.edges, dtype=torch.int64),
            torch.as_tensor(sample.weights, dtype=torch.float32),
        )
