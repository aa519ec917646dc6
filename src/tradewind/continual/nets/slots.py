"""The slots of an external memory, and how they are read.

A read is a softmax over cosine similarities between the row and the keys, so that it has a gradient in keys, values and
read head. Sources: Graves et al., "Neural Turing machines" (2014), content addressing with a learned sharpness; Graves
et al., "Hybrid computing using a neural network with dynamic external memory" (2016), slots freed by their usage;
Pritzel et al., "Neural episodic control" (2017), keys and values that grow with what is met.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import torch
from scipy.spatial.distance import cdist
from torch import Tensor

from tradewind.core.arrays import AnyArray, FloatArray, IntArray

ROUNDS = 10  # of Lloyd's algorithm: prototypes are where slots begin, not where they end


@dataclass(frozen=True, kw_only=True, eq=False)
class Slots:
    """What is written, float64 so that a read of one row does not depend on the rows read with it.

    Attributes
    ----------
    keys : (n, p) in the scale of the inputs. ``values`` : (n, d).
    period : (n,) number of the experience that wrote each slot.
    usage : (n,) mean read weight by the rows of that experience when it was written.
    """

    keys: FloatArray
    values: FloatArray
    period: IntArray
    usage: FloatArray

    @classmethod
    def empty(cls, inputs: int, values: int) -> Self:
        """Return no slot of keys of ``inputs`` and values of ``values`` numbers."""
        none = np.zeros(0)
        return cls(keys=np.zeros((0, inputs)), values=np.zeros((0, values)), period=none.astype(np.int64), usage=none)

    def __len__(self) -> int:
        """Return the number of slots written."""
        return len(self.period)

    def joined(self, other: Slots) -> Slots:
        """Return these slots, then the others."""
        pairs = {name: np.concatenate([value, getattr(other, name)]) for name, value in self.to_arrays().items()}
        return Slots(**pairs)

    def trimmed(self, kept: int) -> Slots:
        """Free slots until ``kept`` are left: each time the least used one of the experience that has most."""
        left = np.ones(len(self), dtype=bool)
        while left.sum() > kept:
            fullest = np.bincount(self.period[left]).argmax()
            candidates = np.flatnonzero(left & (self.period == fullest))
            left[candidates[self.usage[candidates].argmin()]] = False
        return Slots(**{name: value[left] for name, value in self.to_arrays().items()})

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return everything as arrays."""
        return {"keys": self.keys, "values": self.values, "period": self.period, "usage": self.usage}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Self:
        """Read what :meth:`to_arrays` gave."""
        return cls(**{name: arrays[name] for name in ("keys", "values", "period", "usage")})


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadHead:
    """How similarity is measured.

    Attributes
    ----------
    gain : (p + 1,) logarithm of what each input, and a constant beside them, counts. The constant lets the cosine see
        how far a row is from the centre, not its direction alone.
    sharpness : () logarithm of the factor of the cosines in the softmax.
    """

    gain: Tensor
    sharpness: Tensor

    @classmethod
    def start(cls, inputs: int, sharpness: float) -> ReadHead:
        """Return a head to which all inputs count alike."""
        return cls(
            gain=torch.zeros(inputs + 1, dtype=torch.float64),
            sharpness=torch.tensor(np.log(sharpness), dtype=torch.float64),
        )

    def cosines(self, rows: Tensor, keys: Tensor) -> Tensor:
        """(m, n) cosine similarity of ``rows`` (m, p) and ``keys`` (n, p)."""
        likeness: Tensor = self._placed(rows) @ self._placed(keys).T
        return likeness

    def weights(self, rows: Tensor, keys: Tensor, *, without: Tensor | None = None) -> Tensor:
        """(m, n) read weights, each row of sum 1; ``without`` (m, n) True where a slot may not be read."""
        scores = self.sharpness.exp() * self.cosines(rows, keys)
        if without is not None:
            scores = scores.masked_fill(without, -torch.inf)
        return torch.softmax(scores, dim=1)

    def _placed(self, rows: Tensor) -> Tensor:
        whole = torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1) * self.gain.exp()
        placed: Tensor = whole / whole.norm(dim=1, keepdim=True)
        return placed


def prototypes(inputs: AnyArray, count: int, rng: np.random.Generator) -> FloatArray:
    """(count, p) centres of ``inputs`` (m, p), m not below count, by Lloyd's algorithm; a centre without rows stays."""
    rows = np.asarray(inputs, dtype=np.float64)
    centres: FloatArray = rows[rng.choice(len(rows), count, replace=False)]
    for _ in range(ROUNDS):
        nearest = cdist(rows, centres, "sqeuclidean").argmin(axis=1)
        size = np.bincount(nearest, minlength=count)
        total = np.zeros_like(centres)
        np.add.at(total, nearest, rows)
        centres = np.where(size[:, None] > 0, total / np.maximum(size, 1)[:, None], centres)
    return centres
