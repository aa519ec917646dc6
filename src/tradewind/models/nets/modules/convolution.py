"""Convolutional backbones: a state sees a fixed number of bars, none of them later."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from tradewind.models.nets.modules.backbone import quiet


class CausalConvolution(nn.Module):
    """A convolution over time whose output at a bar reads ``kernel`` bars up to it, ``dilation`` bars apart."""

    def __init__(self, n_in: int, n_out: int, kernel: int, dilation: int = 1) -> None:
        super().__init__()
        self.before = (kernel - 1) * dilation
        self.convolution = nn.Conv1d(n_in, n_out, kernel, dilation=dilation)

    def forward(self, values: Tensor) -> Tensor:
        """Return (batch, length, n_out) of ``values`` (batch, length, n_in); bars before the first count as zero."""
        padded = nn.functional.pad(values.transpose(1, 2), (self.before, 0))
        out: Tensor = self.convolution(padded).transpose(1, 2)
        return out


class ManyKernels(nn.Module):
    """Convolutions of several lengths side by side, their outputs joined (inception; Szegedy et al. 2015)."""

    def __init__(self, n_in: int, n_out: int, kernels: Sequence[int]) -> None:
        super().__init__()
        shares = [n_out // len(kernels) + (i < n_out % len(kernels)) for i in range(len(kernels))]
        self.branches = nn.ModuleList(
            CausalConvolution(n_in, share, kernel) for share, kernel in zip(shares, kernels, strict=True) if share
        )

    def forward(self, values: Tensor) -> Tensor:
        """Return (batch, length, n_out) of ``values`` (batch, length, n_in)."""
        return torch.cat([branch(values) for branch in self.branches], dim=-1)


class CNNBackbone(nn.Module):
    """Layers of convolutions of several kernel sizes, each followed by a rectifier."""

    def __init__(self, n_features: int, hidden: int, kernels: Sequence[int], layers: int, dropout: float) -> None:
        super().__init__()
        self.width = hidden
        self.layers = nn.ModuleList(
            ManyKernels(hidden if layer else n_features, hidden, kernels) for layer in range(layers)
        )
        self.dropout = nn.Dropout(dropout)

    def forward(self, values: Tensor) -> Tensor:
        """Return states (batch, length, hidden) of ``values`` (batch, length, p)."""
        for number, layer in enumerate(self.layers):
            values = torch.relu(layer(self.dropout(values) if number else values))
        return quiet(values)


class TemporalBlock(nn.Module):
    """Two dilated causal convolutions and a way past them (Bai, Kolter and Koltun 2018).

    Each bar is normalised over its own channels: a norm over time or over the batch would mix bars of other days in.
    """

    def __init__(self, n_in: int, n_out: int, kernel: int, dilation: int, dropout: float) -> None:
        super().__init__()
        self.first = CausalConvolution(n_in, n_out, kernel, dilation)
        self.second = CausalConvolution(n_out, n_out, kernel, dilation)
        self.norms = nn.ModuleList(nn.LayerNorm(n_out) for _ in range(2))
        self.dropout = nn.Dropout(dropout)
        self.past = nn.Linear(n_in, n_out) if n_in != n_out else nn.Identity()

    def forward(self, values: Tensor) -> Tensor:
        """Return (batch, length, n_out) of ``values`` (batch, length, n_in)."""
        inner = self.dropout(torch.relu(self.norms[0](self.first(values))))
        inner = self.dropout(torch.relu(self.norms[1](self.second(inner))))
        return torch.relu(inner + self.past(values))


class TCNBackbone(nn.Module):
    """Temporal blocks whose dilation doubles with each level."""

    def __init__(self, n_features: int, hidden: int, kernel: int, levels: int, dropout: float) -> None:
        super().__init__()
        self.width = hidden
        self.blocks = nn.Sequential(
            *(
                TemporalBlock(hidden if level else n_features, hidden, kernel, 2**level, dropout)
                for level in range(levels)
            )
        )

    def forward(self, values: Tensor) -> Tensor:
        """Return states (batch, length, hidden) of ``values`` (batch, length, p)."""
        return quiet(self.blocks(values))
