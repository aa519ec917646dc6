"""What every network is made of: a causal backbone, and two heads that read its states."""

from __future__ import annotations

import io
from typing import Protocol, cast, runtime_checkable

import torch
from torch import Tensor, nn

LOUDNESS = 0.1


def quiet(values: Tensor) -> Tensor:
    """Return ``values`` bounded to +-:data:`LOUDNESS`.

    The states of a recurrent net start small and bounded; convolutions and norms give states of size 1, with which the
    heads learn noise before they learn what is linear in the row's own features.
    """
    return LOUDNESS * torch.tanh(values)


class Backbone(Protocol):
    """A causal module: the state of a bar depends on that bar and earlier ones of its sequence, never on later ones."""

    @property
    def width(self) -> int:
        """Values per state, d."""
        ...

    def __call__(self, values: Tensor) -> Tensor:
        """Return states (batch, length, d) of ``values`` (batch, length, p)."""
        ...


@runtime_checkable
class AttentiveBackbone(Protocol):
    """A backbone that tells where each bar's state looks."""

    def weights(self, values: Tensor) -> Tensor:
        """Return (batch, length, length) weights: row i sums to 1 over the bars up to i and is 0 after it."""
        ...


class TwoHeadNet(nn.Module):
    """A backbone read by two linear heads: logit of a rise, scaled return.

    The heads also see the row's own features, so that what is linear in them need not pass through the state. They
    start at zero: the net's first forecast is the base rate.
    """

    def __init__(self, backbone: Backbone, n_features: int, dropout: float) -> None:
        super().__init__()
        self.n_features = n_features
        self.backbone = cast(nn.Module, backbone)
        self.dropout = nn.Dropout(dropout)
        self.heads = nn.Linear(backbone.width + n_features, 2)
        nn.init.zeros_(self.heads.weight)
        nn.init.zeros_(self.heads.bias)

    def read(self, values: Tensor) -> Tensor:
        """Return (batch, length, d + p) of what the heads read at each bar of ``values`` (batch, length, p)."""
        values = self.dropout(values)
        state = self.backbone(values)
        return torch.cat([self.dropout(state), values], dim=-1)

    def forward(self, values: Tensor) -> Tensor:
        """Return (batch, length, 2) logit and scaled return of each bar of ``values`` (batch, length, p)."""
        heads: Tensor = self.heads(self.read(values))
        return heads

    def at(self, values: Tensor, place: Tensor) -> Tensor:
        """Return (batch, 2) logit and scaled return at bar ``place`` (batch,) of each sequence, without dropout."""
        state = self.backbone(values)
        every = torch.arange(len(values))
        heads: Tensor = self.heads(torch.cat([state[every, place], values[every, place]], dim=-1))
        return heads


def state_bytes(net: nn.Module) -> bytes:
    """Return the net's weights as the bytes of a PyTorch file."""
    buffer = io.BytesIO()
    torch.save(net.state_dict(), buffer)
    return buffer.getvalue()


def load_state(net: nn.Module, content: bytes) -> None:
    """Set the net's weights from :func:`state_bytes`; only tensors are read, no code."""
    net.load_state_dict(torch.load(io.BytesIO(content), weights_only=True))
    net.eval()
