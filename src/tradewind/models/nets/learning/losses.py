"""What a net is asked to make small."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from tradewind.models.nets.modules.backbone import TwoHeadNet
from tradewind.models.nets.sequences import Chunks


@dataclass(frozen=True, kw_only=True, eq=False)
class Lessons:
    """What the net learns from, one entry per row of the panel; NaN where a row does not teach.

    Attributes
    ----------
    features : (n, p) float32, the panel's own matrix, shared and not copied on the CPU.
    direction, returns, weight : (n,) float32; returns in units of their standard deviation.
    group : (n,) int64 or None; groups whose mean probabilities are drawn together.
    """

    features: Tensor
    direction: Tensor
    returns: Tensor
    weight: Tensor
    group: Tensor | None = None

    def to(self, device: torch.device) -> Lessons:
        """Return the same lessons on ``device``."""
        return Lessons(
            features=self.features.to(device),
            direction=self.direction.to(device),
            returns=self.returns.to(device),
            weight=self.weight.to(device),
            group=None if self.group is None else self.group.to(device),
        )


@dataclass(frozen=True, kw_only=True)
class Penalties:
    """What is added to the log loss; see :class:`~tradewind.models.nets.settings.NetSettings`."""

    return_weight: float
    l1: float
    parity: float
    adversarial: float
    adversarial_radius: float


def training_loss(net: TwoHeadNet, lessons: Lessons, chunks: Chunks, penalties: Penalties) -> Tensor:
    """Return the whole loss of a batch: log loss of the direction, Huber loss of the return and the penalties."""
    values, row, taught = _batch(lessons, chunks)
    read = net.read(values)[taught]
    heads = net.heads(read).float()
    direction, weight = lessons.direction[row], lessons.weight[row]
    wrong = log_loss(heads[:, 0], direction, weight)
    loss = wrong + penalties.return_weight * return_loss(heads[:, 1], lessons.returns[row])
    if penalties.l1 > 0.0:
        loss = loss + penalties.l1 * torch.stack([p.abs().sum() for p in net.parameters() if p.dim() > 1]).sum()
    if penalties.parity > 0.0 and lessons.group is not None:
        known = ~torch.isnan(direction)
        loss = loss + penalties.parity * parity_gap(torch.sigmoid(heads[known, 0]), lessons.group[row][known])
    if penalties.adversarial > 0.0:
        moved_heads = net.heads(read + _worst_move(wrong, read, penalties.adversarial_radius)).float()
        loss = loss + penalties.adversarial * log_loss(moved_heads[:, 0], direction, weight)
    return loss


def watched_loss(net: TwoHeadNet, lessons: Lessons, chunks: Chunks) -> tuple[float, float]:
    """Return the weighted sum of the direction's log losses over the taught rows of ``chunks``, and of the weights."""
    values, row, taught = _batch(lessons, chunks)
    logit = net(values)[taught][:, 0].float()
    direction, weight = lessons.direction[row], lessons.weight[row]
    known = ~torch.isnan(direction)
    total = float(weight[known].sum())
    return float(log_loss(logit, direction, weight)) * total, total


def parity_gap(probability: Tensor, group: Tensor) -> Tensor:
    """Return sum over the groups of share * (mean probability of the group - mean of all) ** 2; 0 without rows."""
    if len(probability) == 0:
        return probability.sum()
    _, code, count = torch.unique(group, return_inverse=True, return_counts=True)
    mean = torch.zeros(len(count), device=group.device).index_add(0, code, probability) / count
    gap: Tensor = (count / len(group) * (mean - probability.mean()) ** 2).sum()
    return gap


def _batch(lessons: Lessons, chunks: Chunks) -> tuple[Tensor, Tensor, Tensor]:
    """Return values (batch, length, p), the taught rows (t,) and where they stand (batch, length)."""
    device = lessons.features.device
    index, taught = torch.from_numpy(chunks.index).to(device), torch.from_numpy(chunks.taught).to(device)
    flat = lessons.features.index_select(0, index.view(-1))
    return flat.view(*index.shape, -1), index[taught], taught


def log_loss(logit: Tensor, direction: Tensor, weight: Tensor) -> Tensor:
    """Return the weighted mean log loss of ``logit`` (m,) over the rows whose ``direction`` is known, 0 without any."""
    known = ~torch.isnan(direction)
    losses = nn.functional.binary_cross_entropy_with_logits(logit[known], direction[known], reduction="none")
    return (losses * weight[known]).sum() / weight[known].sum().clamp(min=1e-9)


def return_loss(scaled: Tensor, returns: Tensor) -> Tensor:
    """Return the mean Huber loss of ``scaled`` (m,) over the rows whose return is known, 0 without any.

    Huber, not squares: a handful of crash days would otherwise rule the states that both heads share.
    """
    moved = ~torch.isnan(returns)
    total: Tensor = nn.functional.huber_loss(scaled[moved], returns[moved], reduction="sum")
    return total / moved.sum().clamp(min=1)


def _worst_move(loss: Tensor, read: Tensor, radius: float) -> Tensor:
    """Return the move of length ``radius`` of each row of ``read`` along which ``loss`` grows fastest."""
    (gradient,) = torch.autograd.grad(loss, read, retain_graph=True)
    length = gradient.norm(dim=-1, keepdim=True)
    move: Tensor = radius * gradient / length.clamp(min=1e-20)
    return move
