"""Meta-learning behind the protocol of learners: weights from which few days are enough to learn a regime."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from tradewind.continual.lesson import Lesson, Scale
from tradewind.continual.meta.tasks import Task, bounded, cut_tasks, from_arrays, to_arrays
from tradewind.continual.protocol import Context, Experience
from tradewind.continual.reading import lesson_of, regimes_of
from tradewind.continual.routing import Profile, RoutingSettings, route
from tradewind.core import NotFittedError, Settings
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.models.storage import pack_arrays, read_artefact, write_artefact

if TYPE_CHECKING:
    from tradewind.continual.meta.adaptation import Inner, Rows, Weights


class MetaSettings(Settings):
    """How the start is learned, and how it is adapted.

    Attributes
    ----------
    method : "maml" (second order), "first_order" (MAML without second derivatives) or "reptile".
    width : values of each of two hidden layers.
    inner_steps, inner_rate : gradient steps inside a task while the start is learned.
    outer_steps, outer_rate : steps of Adam on the start with each experience; ``batch`` tasks are drawn for each.
    adapt_steps : steps of ``inner_rate`` from the start to the weights that forecast.
    days, support, gap : days of a task, of which the first ``support`` teach and, after ``gap``, the rest judge.
    tasks : most tasks kept, as many of each period as can be. ``periods`` : most periods told apart; when one more
        comes, the two most alike become one.
    routing : how rows find the weights of their period; see :class:`RoutingSettings`.
    seed : of the first weights and of what is drawn.
    """

    method: Literal["maml", "first_order", "reptile"] = "maml"
    width: int = Field(default=16, ge=2, le=512)
    inner_steps: int = Field(default=5, ge=1, le=100)
    inner_rate: float = Field(default=0.5, gt=0.0)
    outer_steps: int = Field(default=150, ge=1)
    outer_rate: float = Field(default=0.01, gt=0.0)
    batch: int = Field(default=4, ge=1)
    adapt_steps: int = Field(default=200, ge=0)
    days: int = Field(default=40, ge=3)
    support: int = Field(default=20, ge=1)
    gap: int = Field(default=1, ge=0)
    tasks: int = Field(default=60, ge=2)
    periods: int = Field(default=8, ge=2, le=64)
    routing: RoutingSettings = RoutingSettings()
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if self.support + self.gap >= self.days:
            raise ValueError(
                f"support and gap take {self.support + self.gap} of {self.days} days; none is left to judge"
            )
        return self


class MetaLearner:
    """A start for all periods, and the weights it becomes on what is kept of each (Finn et al. 2017).

    An experience shorter than a task adapts the start and leaves it as it is.
    """

    name = "meta"

    def __init__(self, settings: MetaSettings | None = None) -> None:
        self.settings = settings or MetaSettings()
        self._scale: Scale | None = None
        self._start: Weights | None = None
        self._adapted: list[Weights] = []
        self._profiles: list[Profile] = []
        self._tasks: list[Task] = []
        self._learned = 0

    def fresh(self) -> Self:
        """Return a new learner of the same settings that has learned nothing."""
        return type(self)(self.settings)

    def learn(self, batch: Experience) -> Self:
        """Learn a better start from the tasks of ``batch`` and those kept, then adapt it to every period."""
        lesson = self._lesson(batch)
        if len(lesson) == 0:
            return self
        wanted, period = self.settings, len(self._profiles)
        self._profiles.append(Profile.of(lesson.inputs, lesson.regimes))
        cut = cut_tasks(lesson, days=wanted.days, support=wanted.support, gap=wanted.gap, period=period)
        self._tasks = bounded([*self._tasks, *cut], wanted.tasks, self._seed(0))
        if len(self._profiles) > wanted.periods:
            self._merge()
        if self._tasks:
            self._improve()
        self._adapted = [self._of_period(at, lesson) for at in range(len(self._profiles))]
        self._learned += 1
        return self

    def adapt(self, batch: Experience, steps: int | None = None) -> Self:
        """Return a learner that forecasts every row with the start adapted to the few days of ``batch``.

        The start is not learned further, and self is left as it is: this is for the first days of a regime.
        NotFittedError before :meth:`learn`.
        """
        if self._start is None or self._scale is None:
            raise NotFittedError("a start is adapted before it is learned")
        one = self.fresh()
        one._scale, one._start, one._tasks, one._learned = self._scale, self._start, list(self._tasks), self._learned
        lesson = lesson_of(batch, self._scale)
        one._profiles = [Profile.of(lesson.inputs, lesson.regimes)] if len(lesson) else self._profiles[-1:]
        one._adapted = [self._adapt(lesson, steps) if len(lesson) else self._start]
        return one

    def predict(self, features: AnyArray, context: Context | None = None) -> FloatArray:
        """(m,) probability of a rise; NotFittedError before :meth:`learn`."""
        from tradewind.continual.meta.adaptation import forecast
        from tradewind.models.nets.learning.device import fixed_threads

        if self._scale is None or not self._adapted:
            raise NotFittedError("the meta-learner is used before it has learned")
        inputs = self._scale.apply(features)
        with fixed_threads():
            each = np.stack([forecast(one, inputs) for one in self._adapted])
        weights = route(self._profiles, inputs, regimes_of(context), self.settings.routing)
        mixed: FloatArray = (weights * each).sum(axis=0)
        return mixed

    def _lesson(self, batch: Experience) -> Lesson:
        from tradewind.continual.meta.adaptation import initial_weights

        scale = self._scale or Scale.of(batch.features)
        lesson = lesson_of(batch, scale)
        if len(lesson) and self._start is None:
            self._scale = scale
            self._start = initial_weights(lesson.inputs.shape[1], self.settings.width, self._seed(1))
        return lesson

    def _improve(self) -> None:
        """Take the outer steps of Adam (Kingma and Ba 2015)."""
        import torch

        from tradewind.models.nets.learning.device import fixed_threads

        assert self._start is not None
        wanted, rng = self.settings, np.random.default_rng(self._seed(2))
        moving = {name: value.clone().requires_grad_() for name, value in self._start.items()}
        optimiser = torch.optim.Adam(moving.values(), lr=wanted.outer_rate)
        with fixed_threads():
            for _ in range(wanted.outer_steps):
                drawn = rng.integers(len(self._tasks), size=wanted.batch)
                slope = self._slope({n: v.detach() for n, v in moving.items()}, [self._tasks[k] for k in drawn])
                for name, value in moving.items():
                    value.grad = slope[name]
                optimiser.step()
        self._start = {name: value.detach() for name, value in moving.items()}

    def _slope(self, start: Weights, tasks: list[Task]) -> Weights:
        from tradewind.continual.meta.adaptation import maml_gradient, reptile_gradient

        inner = self._inner()
        if self.settings.method == "reptile":
            return reptile_gradient(start, [_rows(task.support) for task in tasks], inner)
        return maml_gradient(start, [(_rows(task.support), _rows(task.query)) for task in tasks], inner)

    def _inner(self) -> Inner:
        from tradewind.continual.meta.adaptation import Inner

        wanted = self.settings
        return Inner(steps=wanted.inner_steps, rate=wanted.inner_rate, second_order=wanted.method == "maml")

    def _of_period(self, period: int, newest: Lesson) -> Weights:
        """Return the start adapted to what is kept of a period, the newest one to the whole of ``newest``."""
        kept = [part for task in self._tasks if task.period == period for part in (task.support, task.query)]
        if period == len(self._profiles) - 1:
            return self._adapt(newest)
        return self._adapt(_joined(kept)) if kept else self._adapted[period]

    def _adapt(self, lesson: Lesson, steps: int | None = None) -> Weights:
        from tradewind.continual.meta.adaptation import adapt
        from tradewind.models.nets.learning.device import fixed_threads

        assert self._start is not None
        wanted = self.settings
        with fixed_threads():
            count = wanted.adapt_steps if steps is None else steps
            moved = adapt(self._start, _rows(lesson), steps=count, rate=wanted.inner_rate)
        return {name: value.detach() for name, value in moved.items()}

    def _merge(self) -> None:
        """Make the two earlier periods most alike one; the newest stays apart."""
        pairs = [(i, j) for j in range(len(self._profiles) - 1) for i in range(j)]
        i, j = min(pairs, key=lambda pair: self._profiles[pair[0]].distance(self._profiles[pair[1]]))
        self._profiles[i] = self._profiles[i].merged(self._profiles[j])
        del self._profiles[j], self._adapted[j]
        place = {k: (i if k == j else k - (k > j)) for k in range(len(self._profiles) + 1)}
        self._tasks = [Task(support=t.support, query=t.query, period=place[t.period]) for t in self._tasks]

    def _seed(self, use: int) -> int:
        """Return a seed for a use in the experience that comes now."""
        return int(np.random.SeedSequence([self.settings.seed, self._learned, use]).generate_state(1)[0])

    def save(self, folder: Path) -> None:
        """Write start, adapted weights and kept tasks into ``folder``; NotFittedError before :meth:`learn`."""
        from tradewind.continual.meta import adaptation

        if self._scale is None or self._start is None or not self._adapted:
            raise NotFittedError("the meta-learner is saved before it has learned")
        state: dict[str, Any] = {
            "settings": self.settings.model_dump(mode="json"),
            "scale": self._scale.to_dict(),
            "profiles": [one.to_dict() for one in self._profiles],
            "learned": self._learned,
        }
        weights = {f"start:{name}": value for name, value in adaptation.to_arrays(self._start).items()}
        for at, one in enumerate(self._adapted):
            weights |= {f"{at}:{name}": value for name, value in adaptation.to_arrays(one).items()}
        files = {"weights.npz": pack_arrays(weights), "tasks.npz": pack_arrays(to_arrays(self._tasks))}
        write_artefact(folder, self.name, state, files)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a learner that :meth:`save` wrote; InputError where it is none or was changed."""
        from tradewind.continual.meta import adaptation

        artefact = read_artefact(folder, cls.name)
        one = cls(MetaSettings.model_validate(artefact.state["settings"]))
        one._scale = Scale.from_dict(artefact.state["scale"])
        one._profiles = [Profile.from_dict(row) for row in artefact.state["profiles"]]
        one._learned = int(artefact.state["learned"])
        one._tasks = from_arrays(artefact.arrays("tasks.npz"))
        arrays = artefact.arrays("weights.npz")

        def part(start: str) -> Weights:
            return adaptation.from_arrays({k.split(":")[1]: v for k, v in arrays.items() if k.split(":")[0] == start})

        one._start = part("start")
        one._adapted = [part(str(at)) for at in range(len(one._profiles))]
        return one


def _joined(parts: list[Lesson]) -> Lesson:
    """Return the rows of several lessons as one; regimes are not needed to adapt and are left out."""
    return Lesson(
        inputs=np.concatenate([one.inputs for one in parts]),
        rose=np.concatenate([one.rose for one in parts]),
        weight=np.concatenate([one.weight for one in parts]),
        day=np.concatenate([one.day for one in parts]),
        regimes=None,
    )


def _rows(lesson: Lesson) -> Rows:
    from tradewind.continual.meta.adaptation import rows_of

    return rows_of(lesson.inputs, lesson.rose, lesson.weight)
