"""The transformer backbone: each bar attends to itself and to the bars shortly before it."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from tradewind.models.nets.modules.backbone import quiet


class RelativeBias(nn.Module):
    """Scores by distance in bars, learned, of ``span`` bars; later and older bars get minus infinity.

    A head starts by favouring recent bars, each head at its own rate (ALiBi; Press, Smith and Lewis 2022). Only the
    distance matters, so a bar's state is the same wherever its chunk begins.
    """

    def __init__(self, heads: int, span: int) -> None:
        super().__init__()
        self.span = span
        slopes = torch.tensor([2.0 ** (-1.0 - 6.0 * head / heads) for head in range(heads)])
        self.table = nn.Parameter(-slopes[:, None] * torch.arange(span))

    def forward(self, length: int) -> Tensor:
        """Return (heads, length, length) scores of bar i (second axis) for bar j (third axis)."""
        at = torch.arange(length, device=self.table.device)
        distance = at[:, None] - at
        seen = (distance >= 0) & (distance < self.span)
        scores = self.table[:, distance.clamp(0, self.span - 1)]
        return scores.masked_fill(~seen, -math.inf)


class CausalAttention(nn.Module):
    """Multi-head attention (Vaswani et al. 2017) over the last ``span`` bars."""

    def __init__(self, width: int, heads: int, span: int, dropout: float) -> None:
        super().__init__()
        self.heads = heads
        self.project = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.bias = RelativeBias(heads, span)
        self.dropout = nn.Dropout(dropout)

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return (batch, length, width) and the weights (batch, heads, length, length) of ``values``."""
        batch, length, width = values.shape
        parts = self.project(values).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        query, key, value = parts.unbind(0)
        scores = query @ key.transpose(-1, -2) / math.sqrt(width // self.heads) + self.bias(length)
        weights = torch.softmax(scores, dim=-1)
        mixed = (self.dropout(weights) @ value).transpose(1, 2).reshape(batch, length, width)
        return self.out(mixed), weights


class EncoderLayer(nn.Module):
    """Attention and a small dense part, each normalised before and added to what was there (pre-norm)."""

    def __init__(self, width: int, heads: int, span: int, dropout: float) -> None:
        super().__init__()
        self.attention = CausalAttention(width, heads, span, dropout)
        self.norms = nn.ModuleList(nn.LayerNorm(width) for _ in range(2))
        self.dense = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Dropout(dropout), nn.Linear(2 * width, width)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return (batch, length, width) and the weights (batch, heads, length, length) of ``values``."""
        heard, weights = self.attention(self.norms[0](values))
        values = values + self.dropout(heard)
        return values + self.dropout(self.dense(self.norms[1](values))), weights


class TransformerBackbone(nn.Module):
    """A causal encoder; its layers together reach back over ``window`` bars at most."""

    def __init__(self, n_features: int, hidden: int, heads: int, layers: int, window: int, dropout: float) -> None:
        super().__init__()
        self.width = hidden
        span = 1 + (window - 1) // layers
        self.enter = nn.Linear(n_features, hidden)
        self.layers = nn.ModuleList(EncoderLayer(hidden, heads, span, dropout) for _ in range(layers))
        self.norm = nn.LayerNorm(hidden)

    def forward(self, values: Tensor) -> Tensor:
        """Return states (batch, length, hidden) of ``values`` (batch, length, p)."""
        states = self.enter(values)
        for layer in self.layers:
            states, _ = layer(states)
        return quiet(self.norm(states))

    def weights(self, values: Tensor) -> Tensor:
        """Return (batch, length, length) weights, mean of the heads, followed through the layers.

        The weights of several layers are multiplied (attention rollout; Abnar and Zuidema 2020).
        """
        states = self.enter(values)
        through = torch.eye(values.shape[1])
        for layer in self.layers:
            states, weights = layer(states)
            through = weights.mean(dim=1) @ through
        return through
