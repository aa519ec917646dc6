"""Episodic memory: the past is looked up, not only trained in.

The nearest remembered rows vote, weighted by a kernel; the net answers for the present. How much each counts is told by
where the neighbours come from: a row whose neighbours are of the newest experience is the net's, others are the
memory's. Keys are the scaled inputs, not a layer of the net, so that they stay true while the net changes.

Sources: Blundell et al., "Model-free episodic control" (2016); de Masson d'Autume et al., "Episodic memory in lifelong
language learning" (2019); Khandelwal et al., "Generalization through memorization" (2020) for mixing with neighbours.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.distance import cdist

from tradewind.continual.lesson import Lesson
from tradewind.continual.nets.buffer import Buffer
from tradewind.continual.nets.learner import NetLearner
from tradewind.continual.nets.settings import EpisodicSettings
from tradewind.core.arrays import AnyArray, FloatArray

if TYPE_CHECKING:
    from torch import nn

BLOCK = 1000  # rows looked up at once, so that memory does not grow with the rows asked for


class Episodic(NetLearner[EpisodicSettings]):
    """Fine-tuning beside a bounded memory of rows, an equal part of each experience."""

    name = "episodic"
    settings_type = EpisodicSettings

    _memory: Buffer | None = None

    def _after(self, lesson: Lesson) -> None:
        before = self._memory or Buffer.empty(lesson.inputs.shape[1])
        self._memory = before.joined(lesson, self._learned).balanced(self.settings.kept, self._rng(3))

    def _forecast(self, net: nn.Module, inputs: AnyArray) -> FloatArray:
        present = super()._forecast(net, inputs)
        if self._memory is None:
            return present
        parts = [
            self._recalled(self._memory, inputs[at : at + BLOCK], present[at : at + BLOCK])
            for at in range(0, len(inputs), BLOCK)
        ]
        return np.concatenate(parts) if parts else present

    def _recalled(self, memory: Buffer, inputs: AnyArray, present: FloatArray) -> FloatArray:
        """Mix what the neighbours say with what the net says of ``inputs`` (m, p)."""
        # distances pair by pair, not by a product of matrices: a row's forecast must not depend on its neighbours in m
        square = cdist(inputs, memory.inputs, "sqeuclidean")
        most = min(self.settings.neighbours, len(memory))
        near = np.argpartition(square, most - 1, axis=1)[:, :most]
        distance = np.take_along_axis(square, near, axis=1)
        reach = self.settings.bandwidth**2 * distance.max(axis=1, keepdims=True) + 1e-12
        weight = np.exp(-distance / reach) * memory.weight[near]
        weight /= weight.sum(axis=1, keepdims=True)
        said: FloatArray = (weight * memory.rose[near]).sum(axis=1)
        newest = (weight * (memory.period[near] == self._learned - 1)).sum(axis=1)
        mixed: FloatArray = newest * present + (1.0 - newest) * said
        return mixed

    def _kept(self) -> Mapping[str, AnyArray]:
        return {} if self._memory is None else self._memory.to_arrays()

    def _restore(self, kept: Mapping[str, AnyArray]) -> None:
        self._memory = Buffer.from_arrays(kept)
