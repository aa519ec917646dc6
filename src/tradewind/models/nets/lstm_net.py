"""The network of the LSTM forecaster and its training loop, in PyTorch."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.models.nets.sequences import Chunks


class TwoHeadLSTM(nn.Module):
    """One LSTM (Hochreiter and Schmidhuber 1997) read by two linear heads: logit of a rise, scaled return.

    The heads also see the row's own features, so that what is linear in them need not pass through the state. They
    start at zero: the net's first forecast is the base rate.
    """

    def __init__(self, n_features: int, hidden: int, dropout: float) -> None:
        super().__init__()
        self.lstm = nn.LSTM(n_features, hidden, batch_first=True)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.Linear(hidden + n_features, 2)
        nn.init.zeros_(self.heads.weight)
        nn.init.zeros_(self.heads.bias)

    def forward(self, values: Tensor) -> Tensor:
        """Return (batch, length, 2) logit and scaled return of each bar of ``values`` (batch, length, p)."""
        values = self.dropout(values)
        state, _ = self.lstm(values)
        heads: Tensor = self.heads(torch.cat([self.dropout(state), values], dim=-1))
        return heads

    def at(self, values: Tensor, place: Tensor) -> Tensor:
        """Return (batch, 2) logit and scaled return at bar ``place`` (batch,) of each sequence."""
        state, _ = self.lstm(values)
        every = torch.arange(len(values))
        heads: Tensor = self.heads(torch.cat([state[every, place], values[every, place]], dim=-1))
        return heads


@dataclass(frozen=True, kw_only=True, eq=False)
class Lessons:
    """What the net learns from, one entry per row of the panel; NaN where a row does not teach.

    Attributes
    ----------
    features : (n, p) float32, the panel's own matrix, shared and not copied.
    direction, returns, weight : (n,) float32; returns in units of their standard deviation.
    """

    features: Tensor
    direction: Tensor
    returns: Tensor
    weight: Tensor


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """How the net is trained; see :class:`~tradewind.models.nets.lstm.LSTMSettings`."""

    epochs: int
    patience: int
    updates: int
    learning_rate: float
    weight_decay: float
    clip: float
    return_weight: float


@contextmanager
def one_thread() -> Iterator[None]:
    """Run PyTorch on one thread inside the block: the net's products are too small to share among threads.

    Sums then have one order whatever the machine, so forecasts do not depend on its number of cores.
    """
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def train(
    net: TwoHeadLSTM,
    lessons: Lessons,
    cut: Callable[[int], Chunks],
    tail: Chunks | None,
    schedule: Schedule,
    report: Callable[[int], None],
) -> None:
    """Train ``net`` in place; with a ``tail`` it ends with the weights of the epoch that forecast the tail best.

    ``cut`` gives the chunks of an epoch, ``report`` is told each finished epoch. Order
    and dropout come from PyTorch's global generator, which the caller seeds and restores.
    """
    optimiser = torch.optim.AdamW(net.parameters(), lr=schedule.learning_rate, weight_decay=schedule.weight_decay)
    best, best_epoch, best_state = np.inf, 0, deepcopy(net.state_dict())
    for epoch in range(schedule.epochs):
        net.train()
        for batch in _batches(cut(epoch), schedule.updates):
            optimiser.zero_grad(set_to_none=True)
            loss, _ = _losses(net, lessons, batch, schedule.return_weight)
            loss.backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(net.parameters(), schedule.clip)
            optimiser.step()
        report(epoch + 1)
        if tail is None:
            continue
        net.eval()
        with torch.no_grad():
            watched = float(_losses(net, lessons, tail, schedule.return_weight)[1])
        if watched < best:
            best, best_epoch, best_state = watched, epoch, deepcopy(net.state_dict())
        elif epoch - best_epoch >= schedule.patience:
            break
    if tail is not None:
        net.load_state_dict(best_state)
    net.eval()


def _batches(chunks: Chunks, updates: int) -> Iterator[Chunks]:
    order = torch.randperm(len(chunks.index)).numpy()
    size = max(8, -(-len(order) // updates))
    for start in range(0, len(order), size):
        some = order[start : start + size]
        yield Chunks(index=chunks.index[some], taught=chunks.taught[some])


def _losses(net: TwoHeadLSTM, lessons: Lessons, chunks: Chunks, return_weight: float) -> tuple[Tensor, Tensor]:
    """Return (whole loss, log loss of the direction) over the taught rows of ``chunks``."""
    index, taught = torch.from_numpy(chunks.index), torch.from_numpy(chunks.taught)
    heads = net(lessons.features[index])[taught]
    row = index[taught]
    direction, returns, weight = lessons.direction[row], lessons.returns[row], lessons.weight[row]
    known = ~torch.isnan(direction)
    losses = nn.functional.binary_cross_entropy_with_logits(heads[known, 0], direction[known], reduction="none")
    log_loss = (losses * weight[known]).sum() / weight[known].sum().clamp(min=1e-9)
    moved = ~torch.isnan(returns)
    # Huber, not squares: a handful of crash days would otherwise rule the shared state.
    spread = nn.functional.huber_loss(heads[moved, 1], returns[moved], reduction="sum") / max(int(moved.sum()), 1)
    return log_loss + return_weight * spread, log_loss


def forecast(net: TwoHeadLSTM, features: Tensor, index: IntArray, place: IntArray) -> FloatArray:
    """Return (m, 2) logit and scaled return of windows ``index`` (m, length) at ``place`` (m,)."""
    with one_thread(), torch.inference_mode():
        heads = net.at(features[torch.from_numpy(index)], torch.from_numpy(place))
    return heads.double().numpy().copy()


def state_bytes(net: TwoHeadLSTM) -> bytes:
    """Return the net's weights as the bytes of a PyTorch file."""
    buffer = io.BytesIO()
    torch.save(net.state_dict(), buffer)
    return buffer.getvalue()


def load_state(net: TwoHeadLSTM, content: bytes) -> None:
    """Set the net's weights from :func:`state_bytes`; only tensors are read, no code."""
    net.load_state_dict(torch.load(io.BytesIO(content), weights_only=True))
    net.eval()
