"""Rehearsal: a bounded buffer of old rows is learned again beside the new ones.

Sources: Robins 1995 (rehearsal), Vitter 1985 (reservoir), Chaudhry et al., "On tiny episodic memories in continual
learning" (2019).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tradewind.continual.lesson import Lesson
from tradewind.continual.nets.buffer import Buffer, reservoir
from tradewind.continual.nets.learner import NetLearner
from tradewind.continual.nets.settings import RehearsalSettings
from tradewind.core.arrays import AnyArray

if TYPE_CHECKING:
    from torch import Tensor, nn


class Rehearsal(NetLearner[RehearsalSettings]):
    """Fine-tuning with old rows in every step; the loss of old rows counts by how many experiences they stand for."""

    name = "rehearsal"
    settings_type = RehearsalSettings

    _buffer: Buffer | None = None

    def _loss(self, net: nn.Module, lesson: Lesson) -> Callable[[], Tensor]:
        from tradewind.continual.nets.network import batch_loss

        new = super()._loss(net, lesson)
        if self._buffer is None or len(self._buffer) == 0 or self.settings.old == 0.0:
            return new
        share = self.settings.old * self._learned
        old = batch_loss(net, self._buffer.as_lesson(), self.settings.batch * self._learned, self._rng(2))
        return lambda: (new() + share * old()) / (1.0 + share)

    def _after(self, lesson: Lesson) -> None:
        before = self._buffer or Buffer.empty(lesson.inputs.shape[1])
        if self.settings.balance == "reservoir":
            self._buffer = reservoir(before, lesson, self._learned, self.settings.kept, self._rng(3))
        else:
            self._buffer = before.joined(lesson, self._learned).balanced(self.settings.kept, self._rng(3))

    def _kept(self) -> Mapping[str, AnyArray]:
        return {} if self._buffer is None else self._buffer.to_arrays()

    def _restore(self, kept: Mapping[str, AnyArray]) -> None:
        self._buffer = Buffer.from_arrays(kept)
