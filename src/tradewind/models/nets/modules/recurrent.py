"""Recurrent backbones: their state carries what was seen."""

from __future__ import annotations

from torch import Tensor, nn

from tradewind.models.nets.modules.backbone import quiet


class LSTMBackbone(nn.Module):
    """One LSTM layer (Hochreiter and Schmidhuber 1997)."""

    def __init__(self, n_features: int, hidden: int) -> None:
        super().__init__()
        self.width = hidden
        self.lstm = nn.LSTM(n_features, hidden, batch_first=True)

    def forward(self, values: Tensor) -> Tensor:
        """Return states (batch, length, hidden) of ``values`` (batch, length, p)."""
        states: Tensor = self.lstm(values)[0]
        return states


class GRUBackbone(nn.Module):
    """One layer of gated recurrent units (Cho et al. 2014)."""

    def __init__(self, n_features: int, hidden: int) -> None:
        super().__init__()
        self.width = hidden
        self.gru = nn.GRU(n_features, hidden, batch_first=True)

    def forward(self, values: Tensor) -> Tensor:
        """Return states (batch, length, hidden) of ``values`` (batch, length, p)."""
        return quiet(self.gru(values)[0])
