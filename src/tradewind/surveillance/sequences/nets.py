"""The nets: an LSTM with attention, a causal Transformer, an autoencoder of sequences.

All read (n, LENGTH, WIDTH) tokens padded at the front; the first column says where an event is.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn


class AttentionPool(nn.Module):
    """Weighs the events and adds them up (Bahdanau, Cho and Bengio 2015, with one query)."""

    def __init__(self, wide: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(wide, wide)
        self.query = nn.Linear(wide, 1, bias=False)

    def forward(self, states: Tensor, present: Tensor) -> tuple[Tensor, Tensor]:
        """Return (n, wide) sums and (n, length) weights, 0 where no event is."""
        scores = self.query(torch.tanh(self.hidden(states)))[..., 0]
        weights = torch.softmax(scores.masked_fill(~present, -1e4), dim=1) * present
        return (weights[..., None] * states).sum(1), weights


class RecurrentNet(nn.Module):
    """LSTM (Hochreiter and Schmidhuber 1997) over the events, attention over its states."""

    def __init__(self, tokens: int, wide: int, classes: int) -> None:
        super().__init__()
        self.lstm = nn.LSTM(tokens, wide, batch_first=True)
        self.pool = AttentionPool(wide)
        self.head = nn.Linear(2 * wide, classes)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return (n, classes) logits and (n, length) attention."""
        states, _ = self.lstm(x)
        pooled, weights = self.pool(states, x[..., 0] > 0)
        return self.head(torch.cat([pooled, states[:, -1]], dim=1)), weights


class TransformerNet(nn.Module):
    """One block of causal self-attention (Vaswani et al. 2017) with learned places, attention over what it gives."""

    def __init__(self, tokens: int, wide: int, classes: int, *, length: int, heads: int = 2) -> None:
        super().__init__()
        self.enter = nn.Linear(tokens, wide)
        self.place = nn.Parameter(0.02 * torch.randn(length, wide))
        self.query, self.key, self.value = (nn.Linear(wide, wide) for _ in range(3))
        self.leave = nn.Linear(wide, wide)
        self.norms = nn.ModuleList(nn.LayerNorm(wide) for _ in range(2))
        self.feed = nn.Sequential(nn.Linear(wide, 2 * wide), nn.GELU(), nn.Linear(2 * wide, wide))
        self.pool = AttentionPool(wide)
        self.head = nn.Linear(wide, classes)
        self.heads = heads
        self.register_buffer("future", torch.ones(length, length).triu(1).bool(), persistent=False)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return (n, classes) logits and (n, length) attention."""
        present = x[..., 0] > 0
        h = self.enter(x) + self.place
        h = h + self._attend(self.norms[0](h), present)
        h = h + self.feed(self.norms[1](h))
        pooled, weights = self.pool(h, present)
        logits: Tensor = self.head(pooled)
        return logits, weights

    def _attend(self, h: Tensor, present: Tensor) -> Tensor:
        n, length, wide = h.shape
        q, k, v = (
            made(h).view(n, length, self.heads, wide // self.heads).transpose(1, 2)
            for made in (self.query, self.key, self.value)
        )
        future: Tensor = self.get_buffer("future")
        hidden = future[None] | ~present[:, None, :]
        scores = q @ k.transpose(2, 3) / (wide // self.heads) ** 0.5
        mixed = torch.softmax(scores.masked_fill(hidden[:, None], -1e4), dim=3) @ v
        left: Tensor = self.leave(mixed.transpose(1, 2).reshape(n, length, wide))
        return left


class Autoencoder(nn.Module):
    """LSTM encoder to a narrow code, and a decoder from it (after Malhotra et al. 2016).

    The decoder is told the code and the place, never the events, so that only what is usual can be rebuilt. It has no
    recurrence of its own: that rebuilds as well here and takes half the time.
    """

    def __init__(self, tokens: int, wide: int, code: int, *, length: int) -> None:
        super().__init__()
        self.encoder = nn.LSTM(tokens, wide, batch_first=True)
        self.narrow = nn.Linear(wide, code)
        self.widen = nn.Linear(code, 2 * wide)
        self.place = nn.Parameter(0.1 * torch.randn(length, 2 * wide))
        self.leave = nn.Linear(2 * wide, tokens)

    def forward(self, x: Tensor) -> Tensor:
        """Return (n,) squared error over that of a sequence's own mean: what is plain is not usual for it."""
        states, _ = self.encoder(x)
        code = torch.tanh(self.narrow(states[:, -1]))
        rebuilt = self.leave(torch.tanh(self.widen(code)[:, None] + self.place))
        present = x[..., :1]
        count = present.sum(1, keepdim=True).clamp_min(1.0)
        centre = (x * present).sum(1, keepdim=True) / count
        error = (((rebuilt - x) ** 2) * present).sum((1, 2))
        spread = (((x - centre) ** 2) * present).sum((1, 2))
        ratio: Tensor = error / (spread + 0.1 * count[:, 0, 0])
        return ratio
