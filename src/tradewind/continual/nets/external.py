"""A net with a differentiable external memory: what to do is read, by what a row looks like, from slots.

A value is the readout of the net's hidden layer that was right where its key lies; reading mixes readouts. The hidden
layer is learned on the first experience and then stays, so that old values stay true. Each experience writes slots of
its own: they begin at its prototypes, keys and values are descended together with the read head, older slots are read
but never changed. The head is taught whose slots to read: new rows those of their experience, and each older key, which
stands for the rows that are gone, other slots of its own (supervised addressing: Weston et al., "Memory networks",
2015).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tradewind.continual.lesson import Lesson
from tradewind.continual.nets.learner import NetLearner
from tradewind.continual.nets.settings import ExternalMemorySettings
from tradewind.core.arrays import AnyArray, FloatArray

if TYPE_CHECKING:
    from torch import Tensor, nn

    from tradewind.continual.nets.slots import ReadHead, Slots

BLOCK = 4000  # rows read at once, so that memory does not grow with the rows asked for


class ExternalMemory(NetLearner[ExternalMemorySettings]):
    """A net whose readout is read from bounded slots; keeps no rows."""

    name = "external_memory"
    settings_type = ExternalMemorySettings

    _slots: Slots | None = None
    _head: ReadHead | None = None

    def _teach(self, net: nn.Module, lesson: Lesson) -> None:
        if self._learned == 0:
            super()._teach(net, lesson)

    def _after(self, lesson: Lesson) -> None:
        """Write the experience into new slots."""
        import torch

        from tradewind.continual.nets.network import descend
        from tradewind.continual.nets.slots import ReadHead, Slots, prototypes

        net, wanted = self._net, self.settings
        assert net is not None
        inputs, size = lesson.inputs.shape[1], min(self._room(), len(lesson))
        before = self._slots or Slots.empty(inputs, wanted.width + inputs + 1)
        before = before.trimmed(wanted.slots - size)
        known = self._head or ReadHead.start(inputs, wanted.sharpness)
        head = ReadHead(gain=known.gain.clone().requires_grad_(), sharpness=known.sharpness.clone().requires_grad_())
        keys = torch.as_tensor(prototypes(lesson.inputs, size, self._rng(3))).requires_grad_()
        values = torch.zeros(size, before.values.shape[1], dtype=torch.float64, requires_grad=True)
        writing = _Writing(before=before, keys=keys, values=values, head=head)
        paced, course = self._paced(lesson)
        rows = _Rows.of(net, paced)
        rng = self._rng(4)

        def loss(_: int) -> Tensor:
            drawn = rows.select(rng.integers(len(lesson), size=min(wanted.batch, len(lesson))))
            return writing.loss(drawn, wanted.addressing)

        descend([keys, values, head.gain, head.sharpness], loss, course)  # type: ignore[list-item]
        self._head = ReadHead(gain=head.gain.detach(), sharpness=head.sharpness.detach())
        self._slots = before.joined(writing.written(rows, self._learned))

    def _room(self) -> int:
        """Return how many slots the experience that comes now may write: never more than an equal part."""
        return max(min(self.settings.written, self.settings.slots // (self._learned + 1)), 1)

    def _forecast(self, net: nn.Module, inputs: AnyArray) -> FloatArray:
        import torch

        from tradewind.models.nets.learning.device import fixed_threads

        slots, head = self._slots, self._head
        assert slots is not None
        assert head is not None
        keys, values = torch.as_tensor(slots.keys), torch.as_tensor(slots.values)
        parts = [np.zeros(0)]
        with torch.no_grad(), fixed_threads():
            for at in range(0, len(inputs), BLOCK):
                rows = torch.as_tensor(np.asarray(inputs[at : at + BLOCK], dtype=np.float32))
                odds = (_hidden(net, rows) * (head.weights(rows.double(), keys) @ values)).sum(dim=1)
                parts.append(torch.sigmoid(odds).numpy())
        return np.concatenate(parts)

    def _kept(self) -> Mapping[str, AnyArray]:
        if self._slots is None or self._head is None:
            return {}
        return self._slots.to_arrays() | {
            "gain": self._head.gain.numpy(),
            "sharpness": self._head.sharpness.numpy().reshape(1),
        }

    def _restore(self, kept: Mapping[str, AnyArray]) -> None:
        import torch

        from tradewind.continual.nets.slots import ReadHead, Slots

        self._slots = Slots.from_arrays(kept)
        self._head = ReadHead(
            gain=torch.as_tensor(np.asarray(kept["gain"])),
            sharpness=torch.as_tensor(np.asarray(kept["sharpness"])).reshape(()),
        )

    def memory_rows(self) -> int:
        """Rows of past experiences that are kept: none; slots are means of rows, then moved."""
        return 0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """Rows as the memory reads them: ``inputs`` (m, p), ``hidden`` (m, d) float64, ``rose``, ``weight`` (m,)."""

    inputs: Tensor
    hidden: Tensor
    rose: Tensor
    weight: Tensor

    @classmethod
    def of(cls, net: nn.Module, lesson: Lesson) -> _Rows:
        import torch

        inputs = torch.as_tensor(np.asarray(lesson.inputs, dtype=np.float32))
        with torch.no_grad():
            hidden = _hidden(net, inputs)
        weight = torch.as_tensor(lesson.weight / lesson.weight.mean())
        return cls(inputs=inputs.double(), hidden=hidden, rose=torch.as_tensor(lesson.rose), weight=weight)

    def select(self, rows: AnyArray) -> _Rows:
        return _Rows(inputs=self.inputs[rows], hidden=self.hidden[rows], rose=self.rose[rows], weight=self.weight[rows])


@dataclass(frozen=True, kw_only=True, eq=False)
class _Writing:
    """Slots that are being written beside those that stay."""

    before: Slots
    keys: Tensor
    values: Tensor
    head: ReadHead

    def loss(self, rows: _Rows, addressing: float) -> Tensor:
        """Return the cross entropy of the direction, and ``addressing`` times that of whose slots are read."""
        import torch
        from torch.nn.functional import binary_cross_entropy_with_logits

        old_keys = torch.as_tensor(self.before.keys)
        keys = torch.cat([old_keys, self.keys])
        values = torch.cat([torch.as_tensor(self.before.values), self.values])
        weights = self.head.weights(rows.inputs, keys)
        odds = (rows.hidden * (weights @ values)).sum(dim=1)
        told = binary_cross_entropy_with_logits(odds, rows.rose, rows.weight)
        if len(old_keys) == 0 or addressing == 0.0:
            return told
        newest = weights[:, len(old_keys) :].sum(dim=1)
        recalled = self._recalled(old_keys, keys)
        return told - addressing * (_log(newest).mean() + _log(recalled).mean())

    def _recalled(self, old_keys: Tensor, keys: Tensor) -> Tensor:
        """(n,) read weight that each older key gives the other slots of its experience."""
        import torch

        period = np.concatenate([self.before.period, np.full(len(self.keys), -1)])
        own = self.before.period[:, None] == period
        itself = np.eye(len(old_keys), len(keys), dtype=bool) & (own.sum(axis=1) > 1)[:, None]
        weights = self.head.weights(old_keys, keys, without=torch.as_tensor(itself))
        return (weights * torch.as_tensor(own)).sum(dim=1)

    def written(self, rows: _Rows, period: int) -> Slots:
        """Return the new slots as they are now, with how much the rows read each."""
        import torch

        from tradewind.continual.nets.slots import Slots

        with torch.no_grad():
            usage = self.head.weights(rows.inputs, self.keys).mean(dim=0)
        return Slots(
            keys=self.keys.detach().numpy(),
            values=self.values.detach().numpy(),
            period=np.full(len(self.keys), period, dtype=np.int64),
            usage=usage.numpy(),
        )


def _hidden(net: nn.Module, rows: Tensor) -> Tensor:
    """(m, width + p + 1) float64: the last hidden layer, the inputs themselves and a constant."""
    import torch

    hidden = net[:-1](rows)  # type: ignore[index]
    return torch.cat([hidden, rows, torch.ones_like(rows[:, :1])], dim=1).double()


def _log(share: Tensor) -> Tensor:
    return share.clamp_min(1e-12).log()
