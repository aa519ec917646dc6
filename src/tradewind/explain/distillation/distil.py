"""Teach students on the teacher's log odds, choose among them inside the training window, and learn when to flag."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from tradewind.core import Dataset, InputError, News, NoProgress, NotFittedError, Progress
from tradewind.core.arrays import FloatArray, IntArray, as_time
from tradewind.explain.distillation.agreement import Agreement, log_odds
from tradewind.explain.distillation.importance import shuffled_change, top_shared
from tradewind.explain.distillation.settings import DistillationSettings, Kind, Lesson, Order
from tradewind.explain.distillation.student import Student, fit_form, ranked
from tradewind.training import TrainedModel
from tradewind.validation import purged_tail
from tradewind.validation.times import When, end_of

LEAST_ROWS = 100


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One student on the tail: how often it took the teacher's side of 0.5, and how log odds correlate (0 where one
    does not vary). ``score`` is the mean of the two. ``order`` : whether its features are the teacher's most important
    or its own choice; ``top_shared`` : share of the teacher's top features that it rests on too.
    """

    kind: Kind
    lesson: Lesson
    order: Order
    size: int
    agreement: float
    correlation: float
    top_shared: float

    @property
    def score(self) -> float:
        """What students are compared by."""
        return (self.agreement + self.correlation) / 2.0

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {**asdict(self), "score": self.score}


@dataclass(frozen=True, kw_only=True, eq=False)
class Distilled:
    """A student, the rule by which it judges the teacher's predictions, and every student it was chosen from."""

    student: Student
    agreement: Agreement
    chosen: Trial
    trials: tuple[Trial, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping of what was chosen and from what; the model itself is in :meth:`save`."""
        return {
            "kind": self.student.kind,
            "features": list(self.student.names),
            "record": self.student.record,
            "rules": self.student.rules(),
            "agreement_rule": self.agreement.to_dict(),
            "chosen": self.chosen.to_dict(),
            "trials": [trial.to_dict() for trial in self.trials],
        }

    def save(self, folder: Path) -> None:
        """Write student and rule into ``folder`` as JSON; ``Student.load`` and ``Agreement.load`` read them."""
        self.student.save(folder)
        self.agreement.save(folder)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Lessons:
    """Prepared rows known by the end of training, and each lesson: log odds by row, NaN where it has none.

    ``weight`` : (p,) permutation importance of each feature to the teacher on early rows.
    """

    data: Dataset
    target: Mapping[Lesson, FloatArray]
    weight: FloatArray


_Plan: TypeAlias = tuple[Kind, Lesson, Order]


def distil(
    teacher: TrainedModel,
    data: Dataset,
    train_end: When,
    *,
    settings: DistillationSettings | None = None,
    news: News | None = None,
    progress: Progress | None = None,
) -> Distilled:
    """Teach a student on everything known by ``train_end``; later rows are cut off before anything is read.

    The target is the teacher's calibrated log odds (Hinton et al. 2015; Tan et al. 2018), of every row, with or
    without a label: ``in_use``, forecast by the teacher as it will be used; and, where ``data`` is what the teacher was
    fitted on in this process, ``out_of_fold``, forecast by teachers that had not seen the row. Students of each form,
    lesson, choice of features and size are taught on the early rows and compared on the purged tail with the teacher in
    use. Of those within ``tolerance`` of the best, the one that shares most of the teacher's top features, then the
    simplest, is taught again on all rows. No label is read.

    Parameters
    ----------
    data : (n, p) raw features, as for :meth:`~tradewind.training.TrainedModel.forecast`.
    train_end : the student learns from rows of this day and before.

    Raises
    ------
    InputError : too few rows are known by ``train_end``.
    """
    s, watcher = settings or DistillationSettings(), progress or NoProgress()
    lessons, early, tail = _lessons(teacher, data, train_end, news, s)
    every = np.arange(len(lessons.data))
    reference = lessons.target["in_use"][tail]
    trials: list[Trial] = []
    students: list[Student] = []
    orders: tuple[Order, ...] = ("teacher", "own")
    plans: list[_Plan] = [(kind, lesson, order) for kind in s.kinds for lesson in lessons.target for order in orders]
    for number, plan in enumerate(plans):
        watcher.update("students", number, len(plans))
        for student in _taught(lessons, early, plan, s):
            students.append(student)
            trials.append(_trial(student, plan, lessons, tail))
    watcher.update("students", len(plans), len(plans))
    best = _simplest(trials, s.tolerance)
    chosen = trials[best]
    rule = Agreement.learn(
        _probability(reference), students[best].predict(lessons.data, tail), quantile=s.flag_quantile
    )
    last = s.model_copy(update={"sizes": (chosen.size,)})
    (student,) = _taught(lessons, every, (chosen.kind, chosen.lesson, chosen.order), last)
    return Distilled(student=student, agreement=rule, chosen=chosen, trials=tuple(trials))


def _lessons(
    teacher: TrainedModel, data: Dataset, train_end: When, news: News | None, settings: DistillationSettings
) -> tuple[_Lessons, IntArray, IntArray]:
    """Forecast every row known by ``train_end`` from a dataset that ends there; return its early and tail rows too."""
    mask = data.panel.time < end_of(train_end, "train_end")
    if int(mask.sum()) < LEAST_ROWS:
        raise InputError(
            f"only {int(mask.sum())} bars are known by {train_end}, {LEAST_ROWS} are needed to teach a student",
            fix="give a later --train-end or more history",
        )
    known = data.select(mask)
    prepared = teacher.prepare(known, news)
    every = np.arange(len(prepared))
    target: dict[Lesson, FloatArray] = {"in_use": log_odds(teacher.ensemble.predict(prepared, every).probability)}
    held = _held_out(teacher, data)
    if held is not None:
        place = np.cumsum(mask) - 1
        rows, probability = held
        inside = mask[rows]
        one = np.full(len(prepared), np.nan)
        one[place[rows[inside]]] = log_odds(probability[inside])
        target["out_of_fold"] = one
    early, tail = purged_tail(every, known.labels.start, known.labels.end, settings.tail)
    sample = early
    if len(early) > settings.importance_rows:
        rng = np.random.default_rng(settings.seed)
        sample = np.sort(rng.choice(early, size=settings.importance_rows, replace=False))

    def odds(one: Dataset, rows: IntArray) -> FloatArray:
        return log_odds(teacher.ensemble.predict(one, rows).probability)

    weight = shuffled_change(prepared, sample, odds, settings.seed)
    return _Lessons(data=prepared, target=target, weight=weight), early, tail


def _held_out(teacher: TrainedModel, data: Dataset) -> tuple[IntArray, FloatArray] | None:
    """Return the teacher's out-of-fold rows and probabilities, None where they are not of ``data``."""
    if teacher.record["data"]["panel"] != data.panel.id:
        return None
    try:
        forecast = teacher.ensemble.oof.ensemble
    except NotFittedError:  # a loaded teacher: out-of-fold forecasts are not saved
        return None
    return forecast.rows, forecast.probability


def _taught(lessons: _Lessons, rows: IntArray, plan: _Plan, settings: DistillationSettings) -> Iterator[Student]:
    """Yield a student of each size taught on those of ``rows`` that the lesson covers; none where these are few."""
    kind, lesson, order = plan
    target = lessons.target[lesson]
    rows = rows[np.isfinite(target[rows])]
    if len(rows) > settings.max_rows:
        rng = np.random.default_rng(settings.seed)
        rows = np.sort(rng.choice(rows, size=settings.max_rows, replace=False))
    if len(rows) < LEAST_ROWS // 2:
        return
    values = lessons.data.features[rows]
    if order == "teacher":
        columns = np.argsort(-lessons.weight, kind="stable")[: settings.sizes[-1]]
    else:
        columns = ranked(kind, values, target[rows], settings)
    record = {
        "lesson": lesson,
        "order": order,
        "rows": len(rows),
        "taught_until": str(lessons.data.panel.time[rows].max()),
        "settings": settings.model_dump(mode="json"),
    }
    for size in sorted({min(size, len(columns)) for size in settings.sizes}):
        form = fit_form(kind, values[:, columns[:size]], target[rows], settings)
        names = tuple(lessons.data.names[i] for i in columns[:size])
        yield Student(kind=kind, names=names, form=form, record=record)


def _trial(student: Student, plan: _Plan, lessons: _Lessons, tail: IntArray) -> Trial:
    reference = lessons.target["in_use"][tail]
    parts = student.contributions(lessons.data, tail)
    own = student.intercept + parts.sum(axis=1)
    moved = dict(zip(student.names, parts.std(axis=0), strict=True))
    return Trial(
        kind=student.kind,
        lesson=plan[1],
        order=plan[2],
        size=len(student.names),
        agreement=float(((own > 0) == (reference > 0)).mean()),
        correlation=correlation(own, reference),
        top_shared=top_shared(lessons.weight, np.array([moved.get(name, 0.0) for name in lessons.data.names])),
    )


def correlation(first: FloatArray, second: FloatArray) -> float:
    """Pearson correlation, 0 where one side does not vary."""
    if len(first) < 2 or min(np.ptp(first), np.ptp(second)) < 1e-12:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def _simplest(trials: list[Trial], tolerance: float) -> int:
    """Return, of the trials near the best, the one that shares most top features, then the simplest."""
    if not trials:
        raise InputError("no lesson covers enough early rows", fix="give a later --train-end or more history")
    best = max(trial.score for trial in trials)
    kinds = {"linear": 0, "gam": 1, "forest": 2}
    near = [i for i, trial in enumerate(trials) if trial.score >= best - tolerance]
    return min(near, key=lambda i: (-trials[i].top_shared, kinds[trials[i].kind], trials[i].size, -trials[i].score))


def _probability(odds: FloatArray) -> FloatArray:
    return 1.0 / (1.0 + np.exp(-odds))


def trained_until(teacher: TrainedModel) -> np.datetime64:
    """Return the last moment whose label the teacher learned from."""
    return as_time(teacher.record["trained_until"])
