"""The columns of a progressive net and the adapters through which a later column reads the earlier ones.

Source: Rusu et al., "Progressive neural networks" (2016), equation 2: layer i of column k is
``f(W h[i-1, k] + U f(V a h[i-1, <k]))``; a is a learned scale for each earlier column, V brings them to few values.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn


class Lateral(nn.Module):
    """Reads one layer of ``earlier`` columns of ``width`` values and adds to the next layer; at first nothing."""

    def __init__(self, earlier: int, width: int, outputs: int) -> None:
        super().__init__()
        narrow = max(2, width // 2)
        self.scale = nn.Parameter(torch.full((earlier, 1), 1.0 / earlier))
        self.down = nn.Linear(earlier * width, narrow)
        self.up = nn.Linear(narrow, outputs, bias=False)
        nn.init.zeros_(self.up.weight)

    def forward(self, layers: Sequence[Tensor]) -> Tensor:
        """(m, outputs) from the layers (m, width) of the earlier columns."""
        stacked = torch.stack(list(layers), dim=1) * self.scale  # (m, earlier, width)
        read: Tensor = self.up(torch.tanh(self.down(stacked.flatten(1))))
        return read


class Column(nn.Module):
    """Two hidden layers of ``width`` and one log odds; ``earlier`` columns are read from the second layer on."""

    def __init__(self, inputs: int, width: int, earlier: int) -> None:
        super().__init__()
        self.first = nn.Linear(inputs, width)
        self.second = nn.Linear(width, width)
        self.out = nn.Linear(width, 1)
        self.to_second = Lateral(earlier, width, width) if earlier else None
        self.to_out = Lateral(earlier, width, 1) if earlier else None

    def forward(
        self, features: Tensor, before: Sequence[tuple[Tensor, Tensor]]
    ) -> tuple[Tensor, tuple[Tensor, Tensor]]:
        """Return ((m,) log odds, both hidden layers), given the hidden layers of every earlier column."""
        one = torch.tanh(self.first(features))
        inner = self.second(one)
        if self.to_second is not None:
            inner = inner + self.to_second([layers[0] for layers in before])
        two = torch.tanh(inner)
        odds = self.out(two)
        if self.to_out is not None:
            odds = odds + self.to_out([layers[1] for layers in before])
        return odds.squeeze(-1), (one, two)


class ProgressiveNet(nn.Module):
    """Columns in the order in which they were grown; only the newest may be taught."""

    def __init__(self, inputs: int, width: int, columns: int = 0) -> None:
        super().__init__()
        self.inputs, self.width = inputs, width
        self.columns = nn.ModuleList()
        for _ in range(columns):
            self.grow()

    def grow(self) -> Column:
        """Freeze every column there is and return a new one that reads them."""
        for value in self.parameters():
            value.requires_grad_(False)
        column = Column(self.inputs, self.width, len(self.columns))
        self.columns.append(column)
        return column

    def hidden(self, features: Tensor, upto: int) -> list[tuple[Tensor, Tensor]]:
        """Return the hidden layers of the first ``upto`` columns; no gradient: they are frozen."""
        layers: list[tuple[Tensor, Tensor]] = []
        with torch.no_grad():
            for column in self.columns[:upto]:
                layers.append(column(features, layers)[1])
        return layers

    def newest(self, features: Tensor) -> Tensor:
        """(m,) log odds of the newest column, with gradients to it alone."""
        column = self.columns[-1]
        odds: Tensor = column(features, self.hidden(features, len(self.columns) - 1))[0]
        return odds

    def forward(self, features: Tensor) -> Tensor:
        """(columns, m) log odds of every column."""
        layers: list[tuple[Tensor, Tensor]] = []
        odds = []
        for column in self.columns:
            value, hidden = column(features, layers)
            layers.append(hidden)
            odds.append(value)
        return torch.stack(odds)
