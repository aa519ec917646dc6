"""How well a student stands for its teacher on rows neither has seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from tradewind.core import Dataset, InputError, News
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.evaluation import BootstrapSettings, Interval
from tradewind.evaluation.bootstrap import bootstrap_statistic
from tradewind.evaluation.days import day_codes, day_sums, ratio
from tradewind.explain.distillation.agreement import agreement_table, log_odds
from tradewind.explain.distillation.distil import Distilled, correlation, trained_until
from tradewind.explain.distillation.importance import Importance, compare_importance
from tradewind.explain.distillation.settings import DistillationSettings
from tradewind.explain.distillation.skill import Kept, skill_kept
from tradewind.training import TrainedModel

LOOK_BACK = np.timedelta64(120, "D")


@dataclass(frozen=True, kw_only=True, eq=False)
class Fidelity:
    """Student against teacher on test rows.

    Attributes
    ----------
    agreement : share of rows on the same side of 0.5, with an interval over days.
    kappa : agreement beyond what the shares of rises alone would give (Cohen 1960); NaN where both are always equal.
    correlation : of log odds, 0 where one does not vary.
    teacher_rises, student_rises : share of rows each puts above 0.5.
    flagged : share of rows flagged for a person.
    skill : skill kept, by measure. ``importance`` : what both rest on.
    table : one line per row, see :func:`~tradewind.explain.distillation.agreement_table`.
    """

    agreement: Interval
    kappa: float
    correlation: float
    teacher_rises: float
    student_rises: float
    flagged: float
    skill: tuple[Kept, ...]
    importance: Importance
    table: pl.DataFrame

    @property
    def review(self) -> pl.DataFrame:
        """The flagged rows, the farthest apart first."""
        return self.table.filter(pl.col("flagged")).sort("distance", descending=True, maintain_order=True)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping, the table left out."""
        plain = ("kappa", "correlation", "teacher_rises", "student_rises", "flagged")
        return {
            "rows": len(self.table),
            "agreement": self.agreement.to_dict(),
            **{name: getattr(self, name) for name in plain},
            "skill": [kept.to_dict() for kept in self.skill],
            "importance": self.importance.to_dict(),
        }


def measure_fidelity(
    distilled: Distilled,
    teacher: TrainedModel,
    data: Dataset,
    rows: IntArray,
    *,
    news: News | None = None,
    settings: DistillationSettings | None = None,
) -> Fidelity:
    """Compare student and teacher on ``rows`` of ``data`` (raw features).

    Raises
    ------
    InputError : there are no rows, or one is not later than what teacher or student learned from.
    """
    s = settings or DistillationSettings()
    _check_unseen(distilled, teacher, data, rows)
    time = data.panel.time
    near = (time >= time[rows].min() - LOOK_BACK) & (time <= time[rows].max())
    place = (np.cumsum(near) - 1)[rows]
    prepared = teacher.prepare(data.select(near), news)
    student = distilled.student
    first = teacher.ensemble.predict(prepared, place).probability
    second = student.predict(prepared, place)
    odds = log_odds(first), student.log_odds(prepared, place)
    labels = prepared.labels
    bootstrap = BootstrapSettings(draws=s.draws, seed=s.seed)
    table = agreement_table(distilled.agreement, student, prepared, place, first)
    sample = place
    if len(place) > s.importance_rows:
        sample = np.sort(np.random.default_rng(s.seed).choice(place, size=s.importance_rows, replace=False))
    return Fidelity(
        agreement=_agreement(first, second, data, rows, bootstrap),
        kappa=_kappa(first > 0.5, second > 0.5),
        correlation=correlation(*odds),
        teacher_rises=float((first > 0.5).mean()),
        student_rises=float((second > 0.5).mean()),
        flagged=float(table["flagged"].to_numpy().mean()),
        skill=skill_kept(
            (first, second),
            odds,
            (labels.direction[place], labels.forward_return[place], labels.start[place]),
            bootstrap,
        ),
        importance=compare_importance(
            prepared,
            sample,
            lambda one, wanted: log_odds(teacher.ensemble.predict(one, wanted).probability),
            student.log_odds,
            s.seed,
        ),
        table=table,
    )


def _check_unseen(distilled: Distilled, teacher: TrainedModel, data: Dataset, rows: IntArray) -> None:
    if not len(rows):
        raise InputError("there are no test rows", fix="give a test span inside the data")
    first, learned = data.panel.time[rows].min(), trained_until(teacher)
    taught = np.datetime64(distilled.student.record["taught_until"], "us")
    if first < learned or first <= taught:
        last = max(learned, taught)
        raise InputError(
            f"a test row is not later than {str(last)[:10]}, the last day teacher or student learned from",
            fix="start the test later, or train with an earlier --train-end",
        )


def _agreement(
    first: FloatArray, second: FloatArray, data: Dataset, rows: IntArray, settings: BootstrapSettings
) -> Interval:
    code, days = day_codes(data.panel.time[rows])
    same = ((first > 0.5) == (second > 0.5)).astype(np.float64)
    sums = day_sums(np.stack([same, np.ones(len(same))], axis=1), code, len(days))
    return bootstrap_statistic(sums, lambda total: ratio(total[..., 0], total[..., 1]), settings)


def _kappa(first: Any, second: Any) -> float:
    same, a, b = float((first == second).mean()), float(first.mean()), float(second.mean())
    chance = a * b + (1 - a) * (1 - b)
    return (same - chance) / (1 - chance) if chance < 1 else float("nan")
