"""Progressive nets behind the protocol of learners: a column for each experience, rows routed by regime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import Field

from tradewind.continual.lesson import Lesson, Scale
from tradewind.continual.progressive.gate import Gate
from tradewind.continual.protocol import Context, Experience
from tradewind.continual.reading import lesson_of, regimes_of
from tradewind.continual.routing import Profile, RoutingSettings, route
from tradewind.core import NotFittedError, Settings
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.models.storage import pack_arrays, read_artefact, write_artefact

if TYPE_CHECKING:
    from tradewind.continual.progressive.columns import ProgressiveNet


class ProgressiveSettings(Settings):
    """How columns grow, how many there may be, and how rows find theirs.

    Attributes
    ----------
    width : values of each hidden layer. ``columns`` : most columns; when one more is due, the two whose periods are
        most alike are distilled into one.
    steps, batch, rate, decay : AdamW over drawn batches, for a new column; the rate falls to a tenth.
    distil_steps : steps of each column that is distilled.
    kept : inputs, without outcomes, kept of each column's period for the gate and for distillation.
    gate : "regimes" mixes by filtered regime probabilities and features (:func:`route`), "learned" by a softmax gate
        that is taught which column's inputs a row resembles.
    routing : see :class:`RoutingSettings`.
    seed : of weights, batches and what is kept.
    """

    width: int = Field(default=16, ge=2, le=512)
    columns: int = Field(default=8, ge=2, le=64)
    steps: int = Field(default=300, ge=1)
    batch: int = Field(default=256, ge=8)
    rate: float = Field(default=0.005, gt=0.0)
    decay: float = Field(default=0.01, ge=0.0)
    distil_steps: int = Field(default=400, ge=1)
    kept: int = Field(default=400, ge=20)
    gate: Literal["regimes", "learned"] = "regimes"
    routing: RoutingSettings = RoutingSettings()
    seed: int = Field(default=0, ge=0)


class Progressive:
    """A column per experience; earlier columns never change while later ones learn (Rusu et al. 2016).

    Experiences without a known outcome teach nothing and grow no column.
    """

    name = "progressive"

    def __init__(self, settings: ProgressiveSettings | None = None) -> None:
        self.settings = settings or ProgressiveSettings()
        self._scale: Scale | None = None
        self._net: ProgressiveNet | None = None
        self._profiles: list[Profile] = []
        self._seen: list[AnyArray] = []
        self._told: list[AnyArray] = []
        self._learned = 0
        self._gate: Gate | None = None

    @property
    def columns(self) -> int:
        """Columns there are."""
        return len(self._profiles)

    def fresh(self) -> Self:
        """Return a new learner of the same settings that has learned nothing."""
        return type(self)(self.settings)

    def learn(self, batch: Experience) -> Self:
        """Grow a column on ``batch`` and freeze the others; merge two where there are too many."""
        from tradewind.continual.nets.network import own_torch
        from tradewind.continual.progressive.columns import ProgressiveNet
        from tradewind.continual.progressive.teaching import teach_newest

        scale = self._scale or Scale.of(batch.features)
        lesson = lesson_of(batch, scale)
        if len(lesson) == 0:
            return self
        self._scale = scale
        with own_torch(self._seed(0)):
            if self._net is None:
                self._net = ProgressiveNet(lesson.inputs.shape[1], self.settings.width)
            self._net.grow()
            teach_newest(self._net, lesson, self._course(self.settings.steps), self._seed(1))
            self._remember(lesson)
            if self.columns > self.settings.columns:
                self._merge()
        self._learned += 1
        if self.settings.gate == "learned":
            self._gate = Gate.taught(self._seen, self._told)
        return self

    def predict(self, features: AnyArray, context: Context | None = None) -> FloatArray:
        """(m,) probability of a rise; NotFittedError before :meth:`learn`."""
        import torch

        from tradewind.models.nets.learning.device import fixed_threads

        if self._net is None or self._scale is None:
            raise NotFittedError("the progressive net is used before it has learned")
        inputs = self._scale.apply(features)
        with torch.no_grad(), fixed_threads():
            each = torch.sigmoid(self._net(torch.as_tensor(inputs)).double()).numpy()
        regimes = regimes_of(context)
        if self._gate is not None:
            weights = self._gate.weights(inputs, regimes)
        else:
            weights = route(self._profiles, inputs, regimes, self.settings.routing)
        mixed: FloatArray = (weights * each).sum(axis=0)
        return mixed

    def _remember(self, lesson: Lesson) -> None:
        """Keep the profile of the period and some of its inputs."""
        self._profiles.append(Profile.of(lesson.inputs, lesson.regimes))
        self._seen.append(np.zeros((0, lesson.inputs.shape[1]), dtype=np.float32))
        self._told.append(np.zeros((0, 0 if lesson.regimes is None else lesson.regimes.shape[1])))
        regimes = np.zeros((len(lesson), 0)) if lesson.regimes is None else lesson.regimes
        self._keep(self.columns - 1, lesson.inputs, regimes)

    def _keep(self, at: int, inputs: AnyArray, regimes: AnyArray) -> None:
        """Add inputs to what is kept of column ``at`` and draw ``kept`` of them."""
        width = max(self._told[at].shape[1], regimes.shape[1])
        told = [part if part.shape[1] == width else np.zeros((len(part), width)) for part in (self._told[at], regimes)]
        whole, chances = np.concatenate([self._seen[at], inputs]), np.concatenate(told)
        if len(whole) > self.settings.kept:
            rng = np.random.default_rng(self._seed(2))
            some = np.sort(rng.choice(len(whole), self.settings.kept, replace=False))
            whole, chances = whole[some], chances[some]
        self._seen[at], self._told[at] = whole, chances

    def _merge(self) -> None:
        """Distil the two columns whose periods are most alike into one, in the place of the earlier."""
        from tradewind.continual.progressive.teaching import merge

        assert self._net is not None
        pairs = [(i, j) for j in range(self.columns) for i in range(j)]
        i, j = min(pairs, key=lambda pair: self._profiles[pair[0]].distance(self._profiles[pair[1]]))
        self._net = merge(self._net, (i, j), self._seen, self._course(self.settings.distil_steps), self._seed(3))
        self._profiles[i] = self._profiles[i].merged(self._profiles[j])
        self._keep(i, self._seen[j], self._told[j])
        del self._profiles[j], self._seen[j], self._told[j]

    def _course(self, steps: int) -> Any:
        from tradewind.continual.progressive.teaching import Course

        wanted = self.settings
        return Course(steps=steps, batch=wanted.batch, rate=wanted.rate, decay=wanted.decay)

    def _seed(self, use: int) -> int:
        """Return a seed for a use in the experience that comes now."""
        return int(np.random.SeedSequence([self.settings.seed, self._learned, use]).generate_state(1)[0])

    def save(self, folder: Path) -> None:
        """Write columns, profiles and kept inputs into ``folder``; NotFittedError before :meth:`learn`."""
        if self._net is None or self._scale is None:
            raise NotFittedError("the progressive net is saved before it has learned")
        state = {
            "settings": self.settings.model_dump(mode="json"),
            "scale": self._scale.to_dict(),
            "profiles": [one.to_dict() for one in self._profiles],
            "learned": self._learned,
        }
        arrays: dict[str, AnyArray] = {f"net:{key}": value.numpy() for key, value in self._net.state_dict().items()}
        for at, (seen, told) in enumerate(zip(self._seen, self._told, strict=True)):
            arrays[f"seen:{at}"], arrays[f"told:{at}"] = seen, told
        if self._gate is not None:
            arrays |= {f"gate:{key}": value for key, value in self._gate.to_arrays().items()}
        write_artefact(folder, self.name, state, {"columns.npz": pack_arrays(arrays)})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a learner that :meth:`save` wrote; InputError where it is none or was changed."""
        import torch

        from tradewind.continual.nets.network import own_torch
        from tradewind.continual.progressive.columns import ProgressiveNet

        artefact = read_artefact(folder, cls.name)
        one = cls(ProgressiveSettings.model_validate(artefact.state["settings"]))
        arrays = artefact.arrays("columns.npz")
        one._scale = Scale.from_dict(artefact.state["scale"])
        one._profiles = [Profile.from_dict(row) for row in artefact.state["profiles"]]
        one._learned = int(artefact.state["learned"])
        one._seen = [arrays[f"seen:{at}"] for at in range(one.columns)]
        one._told = [arrays[f"told:{at}"] for at in range(one.columns)]
        with own_torch(0):
            one._net = ProgressiveNet(len(one._scale.centre), one.settings.width, columns=one.columns)
        one._net.load_state_dict({k[4:]: torch.as_tensor(v) for k, v in arrays.items() if k.startswith("net:")})
        gate = {key[5:]: value for key, value in arrays.items() if key.startswith("gate:")}
        one._gate = Gate.from_arrays(gate) if gate else None
        return one
