"""The learners between which the others lie: one that forgets, one that only knows the present, one that keeps all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tradewind.continual.lesson import Lesson
from tradewind.continual.nets.buffer import Buffer
from tradewind.continual.nets.learner import NetLearner
from tradewind.continual.nets.settings import NetSettings
from tradewind.core.arrays import AnyArray

if TYPE_CHECKING:
    from torch import Tensor, nn


class FineTuning(NetLearner[NetSettings]):
    """Goes on from the weights it has: the naive way, which forgets (McCloskey and Cohen 1989)."""

    name = "fine_tuning"


class FreshNet(NetLearner[NetSettings]):
    """A new net for each experience: what can be reached on it alone, and nothing of what came before."""

    name = "fresh"
    restarts = True


class Joint(NetLearner[NetSettings]):
    """A new net on every row of every experience: the upper bound. Its memory grows without bound."""

    name = "joint"
    restarts = True

    _rows: Buffer | None = None

    def _loss(self, net: nn.Module, lesson: Lesson) -> Callable[[], Tensor]:
        from tradewind.continual.nets.network import batch_loss

        rows = self._rows or Buffer.empty(lesson.inputs.shape[1])
        self._rows = rows.joined(lesson, self._learned)
        # as many passes over each experience as a net of its own gets
        return batch_loss(net, self._rows.as_lesson(), self.settings.batch * (self._learned + 1), self._rng(1))

    def _kept(self) -> Mapping[str, AnyArray]:
        return {} if self._rows is None else self._rows.to_arrays()

    def _restore(self, kept: Mapping[str, AnyArray]) -> None:
        self._rows = Buffer.from_arrays(kept)
