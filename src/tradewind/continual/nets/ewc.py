"""Elastic weight consolidation, online: weights that mattered before are held near where they were.

Sources: Kirkpatrick et al., "Overcoming catastrophic forgetting in neural networks" (PNAS 2017); Schwarz et al.,
"Progress and compress" (2018) for one running Fisher information and one anchor, so that memory does not grow.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from tradewind.continual.lesson import Lesson
from tradewind.continual.nets.learner import NetLearner
from tradewind.continual.nets.settings import EWCSettings
from tradewind.core.arrays import AnyArray

if TYPE_CHECKING:
    from torch import Tensor, nn


class EWC(NetLearner[EWCSettings]):
    """Fine-tuning with the penalty ``strength / 2 * sum(F * (w - w_before)^2)``; keeps no rows."""

    name = "ewc"
    settings_type = EWCSettings

    def __init__(self, settings: EWCSettings | None = None) -> None:
        super().__init__(settings)
        self._fisher: dict[str, Tensor] = {}
        self._anchor: dict[str, Tensor] = {}

    def _loss(self, net: nn.Module, lesson: Lesson) -> Callable[[], Tensor]:
        new = super()._loss(net, lesson)
        if not self._fisher:
            return new
        return lambda: new() + 0.5 * self.settings.strength * self._penalty(net)

    def _penalty(self, net: nn.Module) -> Tensor:
        """Return the distance of the weights from where they were, by what they mattered."""
        import torch

        parts = [
            (self._fisher[name] * (value - self._anchor[name]) ** 2).sum() for name, value in net.named_parameters()
        ]
        return torch.stack(parts).sum()

    def _after(self, lesson: Lesson) -> None:
        from tradewind.continual.nets.network import fisher

        net = self._net
        assert net is not None
        size = min(self.settings.fisher_rows, len(lesson))
        rows = self._rng(4).choice(len(lesson), size, replace=False)
        for name, value in fisher(net, lesson.inputs[rows]).items():
            before = self._fisher.get(name)
            self._fisher[name] = value if before is None else self.settings.forget * before + value
        self._anchor = {name: value.detach().clone() for name, value in net.named_parameters()}

    def _kept(self) -> Mapping[str, AnyArray]:
        parts = {f"fisher:{name}": value.numpy() for name, value in self._fisher.items()}
        return parts | {f"anchor:{name}": value.numpy() for name, value in self._anchor.items()}

    def _restore(self, kept: Mapping[str, AnyArray]) -> None:
        import torch

        for key, value in kept.items():
            part, name = key.split(":", 1)
            (self._fisher if part == "fisher" else self._anchor)[name] = torch.as_tensor(np.asarray(value))

    def memory_rows(self) -> int:
        """Rows of past experiences that are kept: none."""
        return 0
