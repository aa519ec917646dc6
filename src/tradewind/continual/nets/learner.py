"""What the learners of one net share: reading, teaching, forecasting, saving."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Generic, Self, TypeVar

import numpy as np

from tradewind.continual.lesson import Lesson, Scale
from tradewind.continual.nets.pace import paced
from tradewind.continual.nets.settings import NetSettings
from tradewind.continual.protocol import Context, Experience
from tradewind.continual.reading import lesson_of
from tradewind.core import NotFittedError
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.models.storage import pack_arrays, read_artefact, write_artefact

if TYPE_CHECKING:
    from torch import Tensor, nn

    from tradewind.continual.nets.network import Course

S = TypeVar("S", bound=NetSettings)


class NetLearner(Generic[S]):
    """Fits one net to one experience after another; subclasses say what else is kept and rehearsed.

    The scale of the inputs is that of the first experience, and stays.
    """

    name: str
    settings_type: ClassVar[type[NetSettings]] = NetSettings
    restarts: ClassVar[bool] = False
    """Whether each experience begins from new weights."""

    def __init__(self, settings: S | None = None) -> None:
        self.settings: S = settings if settings is not None else self.settings_type()  # type: ignore[assignment]
        self._scale: Scale | None = None
        self._net: nn.Module | None = None
        self._learned = 0

    def fresh(self) -> Self:
        """Return a new learner of the same settings that has learned nothing."""
        return type(self)(self.settings)

    def learn(self, batch: Experience) -> Self:
        """Learn the next experience; rows without a direction teach nothing."""
        from tradewind.continual.nets.network import build, own_torch

        scale = self._scale or Scale.of(batch.features)
        lesson = lesson_of(batch, scale)
        if len(lesson) == 0:
            return self
        self._scale = scale
        wanted = self.settings
        with own_torch(self._seed(0)):
            if self._net is None or self.restarts:
                self._net = build(lesson.inputs.shape[1], wanted.width)
            self._teach(self._net, lesson)
            self._after(lesson)
        self._learned += 1
        return self

    def predict(self, features: AnyArray, context: Context | None = None) -> FloatArray:  # noqa: ARG002
        """(m,) probability of a rise; NotFittedError before :meth:`learn`."""
        if self._net is None or self._scale is None:
            raise NotFittedError(f"learner {self.name!r} is used before it has learned")
        return self._forecast(self._net, self._scale.apply(features))

    def save(self, folder: Path) -> None:
        """Write the learner into ``folder``; NotFittedError before :meth:`learn`."""
        if self._net is None or self._scale is None:
            raise NotFittedError(f"learner {self.name!r} is saved before it has learned")
        state = {
            "settings": self.settings.model_dump(mode="json"),
            "scale": self._scale.to_dict(),
            "learned": self._learned,
        }
        arrays = {f"net:{key}": value.numpy() for key, value in self._net.state_dict().items()}
        kept = {f"kept:{key}": value for key, value in self._kept().items()}
        write_artefact(folder, self.name, state, {"learned.npz": pack_arrays(arrays | kept)})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a learner that :meth:`save` wrote; InputError where it is none or was changed."""
        import torch

        from tradewind.continual.nets.network import build, own_torch

        artefact = read_artefact(folder, cls.name)
        one = cls(cls.settings_type.model_validate(artefact.state["settings"]))  # type: ignore[arg-type]
        one._scale = Scale.from_dict(artefact.state["scale"])
        one._learned = int(artefact.state["learned"])
        arrays = artefact.arrays("learned.npz")
        with own_torch(0):
            one._net = build(len(one._scale.centre), one.settings.width)
        one._net.load_state_dict({k[4:]: torch.as_tensor(v) for k, v in arrays.items() if k.startswith("net:")})
        one._restore({key[5:]: value for key, value in arrays.items() if key.startswith("kept:")})
        return one

    def memory_rows(self) -> int:
        """Rows of past experiences that are kept."""
        return max((len(value) for value in self._kept().values()), default=0)

    def _teach(self, net: nn.Module, lesson: Lesson) -> None:
        """Descend the loss of ``lesson``."""
        from tradewind.continual.nets.network import descend

        taught, course = self._paced(lesson)
        loss = self._loss(net, taught)
        descend(list(net.parameters()), lambda _: loss(), course)

    def _paced(self, lesson: Lesson) -> tuple[Lesson, Course]:
        """Return what is taught and how fast: at one rate, or by how stable the regime was on each day."""
        from tradewind.continual.nets.network import Course

        wanted = self.settings
        taught, rate = (lesson, wanted.rate) if wanted.schedule is None else paced(lesson, wanted.schedule)
        return taught, Course(steps=wanted.steps, rate=rate, decay=wanted.decay)

    def _loss(self, net: nn.Module, lesson: Lesson) -> Callable[[], Tensor]:
        """Return a draw of the loss that is descended."""
        from tradewind.continual.nets.network import batch_loss

        return batch_loss(net, lesson, self.settings.batch, self._rng(1))

    def _after(self, lesson: Lesson) -> None:
        """Keep what is needed of ``lesson``."""

    def _forecast(self, net: nn.Module, inputs: AnyArray) -> FloatArray:
        from tradewind.continual.nets.network import forecast

        return forecast(net, inputs)

    def _kept(self) -> Mapping[str, AnyArray]:
        """Return all that is kept beside the net."""
        return {}

    def _restore(self, kept: Mapping[str, AnyArray]) -> None:
        """Take back what :meth:`_kept` returned."""

    def _rng(self, use: int) -> np.random.Generator:
        """Return draws for one use in the experience that comes now."""
        return np.random.default_rng([self.settings.seed, self._learned, use])

    def _seed(self, use: int) -> int:
        return int(self._rng(use).integers(2**31))
