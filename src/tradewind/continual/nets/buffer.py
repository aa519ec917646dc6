"""A bounded buffer of past rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np

from tradewind.continual.lesson import Lesson
from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Buffer:
    """Rows of past experiences.

    Attributes
    ----------
    inputs : (m, p) float32. ``rose``, ``weight`` : (m,). ``period`` : (m,) number of the experience of each row.
    seen : rows ever offered.
    """

    inputs: Float32Array
    rose: FloatArray
    weight: FloatArray
    period: IntArray
    seen: int = 0

    @classmethod
    def empty(cls, inputs: int) -> Self:
        """Return a buffer of no rows of ``inputs`` values."""
        return cls(
            inputs=np.zeros((0, inputs), dtype=np.float32),
            rose=np.zeros(0),
            weight=np.zeros(0),
            period=np.zeros(0, dtype=np.int64),
        )

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rose)

    def select(self, rows: AnyArray) -> Buffer:
        """Return some rows, a mask or positions."""
        return Buffer(
            inputs=self.inputs[rows],
            rose=self.rose[rows],
            weight=self.weight[rows],
            period=self.period[rows],
            seen=self.seen,
        )

    def joined(self, lesson: Lesson, period: int) -> Buffer:
        """Return the buffer with every row of ``lesson``."""
        return Buffer(
            inputs=np.concatenate([self.inputs, np.asarray(lesson.inputs, dtype=np.float32)]),
            rose=np.concatenate([self.rose, lesson.rose]),
            weight=np.concatenate([self.weight, lesson.weight]),
            period=np.concatenate([self.period, np.full(len(lesson), period, dtype=np.int64)]),
            seen=self.seen + len(lesson),
        )

    def balanced(self, kept: int, rng: np.random.Generator) -> Buffer:
        """Return at most ``kept`` rows, as equal numbers as there are of each experience and direction.

        Where one has fewer rows than its part, the others share what it leaves.
        """
        if len(self) <= kept:
            return self
        _, group = np.unique(np.column_stack([self.period, self.rose]), axis=0, return_inverse=True)
        group = group.reshape(-1)
        mixed = rng.permutation(len(self))
        order = mixed[np.argsort(group[mixed], kind="stable")]
        starts = np.searchsorted(group[order], np.arange(group.max() + 1))
        place = np.empty(len(self), dtype=np.int64)
        place[order] = np.arange(len(self)) - starts[group[order]]  # each group's first rows come first
        chosen = np.lexsort((mixed, place))[:kept]
        return self.select(np.sort(chosen))

    def as_lesson(self) -> Lesson:
        """Return the rows as a lesson; a day is an experience."""
        return Lesson(inputs=self.inputs, rose=self.rose, weight=self.weight, day=self.period, regimes=None)

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return everything as arrays."""
        return {
            "inputs": self.inputs,
            "rose": self.rose,
            "weight": self.weight,
            "period": self.period,
            "seen": np.array([self.seen]),
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """Read what :meth:`to_arrays` gave."""
        rows = {name: arrays[name] for name in ("inputs", "rose", "weight", "period")}
        return cls(**rows, seen=int(arrays["seen"][0]))


def reservoir(buffer: Buffer, lesson: Lesson, period: int, kept: int, rng: np.random.Generator) -> Buffer:
    """Return ``kept`` rows of which every row ever offered is one with equal chance (Vitter 1985, algorithm R)."""
    room = max(min(kept - len(buffer), len(lesson)), 0)
    grown = buffer.joined(lesson, period)
    slots = np.arange(len(buffer) + room)
    offered = buffer.seen + np.arange(room, len(lesson))
    drawn = (rng.random(len(offered)) * (offered + 1)).astype(np.int64)
    for row, slot in zip(range(room, len(lesson)), drawn, strict=True):
        if slot < kept:
            slots[slot] = len(buffer) + row
    return grown.select(slots)
