"""The hybrid backbone: convolution for short shapes, recurrence for memory, attention for the bars that matter."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from tradewind.models.nets.modules.backbone import quiet
from tradewind.models.nets.modules.convolution import CausalConvolution
from tradewind.models.nets.modules.transformer import RelativeBias


class HybridBackbone(nn.Module):
    """Convolution, LSTM or GRU, additive attention over the states of the last bars, and a dense layer.

    The attention is that of ALSTM (Qin et al. 2017; Feng et al. 2019), at every bar over the bars before it, with a
    learned score by distance.
    """

    def __init__(self, n_features: int, hidden: int, *, kernel: int, cell: str, window: int, dropout: float) -> None:
        super().__init__()
        self.width = hidden
        self.convolution = CausalConvolution(n_features, hidden, kernel)
        self.memory = (nn.GRU if cell == "gru" else nn.LSTM)(hidden, hidden, batch_first=True)
        self.score = nn.Sequential(nn.Linear(hidden, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.bias = RelativeBias(1, window)
        self.dropout = nn.Dropout(dropout)
        self.dense = nn.Linear(2 * hidden, hidden)

    def forward(self, values: Tensor) -> Tensor:
        """Return states (batch, length, hidden) of ``values`` (batch, length, p)."""
        memory = self._memory(values)
        context = self._weights(memory) @ memory
        return quiet(self.dense(torch.cat([memory, context], dim=-1)))

    def weights(self, values: Tensor) -> Tensor:
        """Return the attention's weights (batch, length, length)."""
        return self._weights(self._memory(values))

    def _memory(self, values: Tensor) -> Tensor:
        memory: Tensor = self.memory(self.dropout(torch.relu(self.convolution(values))))[0]
        return memory

    def _weights(self, memory: Tensor) -> Tensor:
        scores = self.score(memory).transpose(1, 2) + self.bias(memory.shape[1])
        return torch.softmax(scores, dim=-1)
