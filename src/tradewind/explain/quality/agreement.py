"""Whether explanations made in different ways say the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tradewind.core import Dataset
from tradewind.core.arrays import FloatArray, IntArray, TimeArray
from tradewind.evaluation import Interval
from tradewind.explain.distillation import Student
from tradewind.explain.importance.stability import rank_agreement, top_overlap
from tradewind.explain.quality.measures import mean_over_days, row_rank_correlation
from tradewind.explain.quality.settings import ExplanationQualitySettings


@dataclass(frozen=True, kw_only=True)
class ExplanationAgreement:
    """Two explanations side by side.

    Attributes
    ----------
    first, second : what was compared. ``level`` : ``row`` (contributions, row by row), ``column`` or ``group``
        (importance over all rows, by column or summed over correlated columns).
    rank : Spearman correlation; by row its mean, with an interval over days; else without (NaN bounds).
    overlap : share of the first's top columns that are among the second's. ``limit`` : of ``rank`` for the verdict.
    """

    first: str
    second: str
    level: Literal["row", "column", "group"]
    rank: Interval
    overlap: float
    limit: float

    @property
    def passed(self) -> bool:
        """Whether the two agree."""
        return bool(self.rank.value >= self.limit)

    @property
    def words(self) -> str:
        """Return the finding as a sentence."""
        verdict = "agree" if self.passed else "do not agree"
        return (
            f"{self.first} and {self.second} {verdict} by {self.level}: rank correlation {self.rank.value:.2f}, "
            f"top shared {self.overlap:.0%}"
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        plain = ("first", "second", "level", "overlap", "limit", "passed", "words")
        return {**{name: getattr(self, name) for name in plain}, "rank": self.rank.to_dict()}


def agreement_of_importance(
    importances: Mapping[str, Mapping[str, float]],
    groups: Sequence[Sequence[str]] | None = None,
    settings: ExplanationQualitySettings | None = None,
) -> tuple[ExplanationAgreement, ...]:
    """Compare every pair of importances (column name to a number of 0 or more) by what names they put first.

    With ``groups`` the numbers of correlated columns are added up before they are ranked: how such columns share the
    credit among themselves is a matter of method, not of truth. What holds less than ``trace`` of the whole in both is
    left out: that two methods agree on the many columns a model does not use says nothing of those it does.
    """
    s = settings or ExplanationQualitySettings()
    columns = list(dict.fromkeys(name for one in importances.values() for name in one))
    parts = [[name] for name in columns] if groups is None else [list(group) for group in groups]
    table = {
        label: np.array([sum(one.get(name, 0.0) for name in part) for part in parts], dtype=np.float64)
        for label, one in importances.items()
    }
    labels = list(table)
    return tuple(
        _of_importance((a, table[a]), (b, table[b]), "column" if groups is None else "group", s)
        for i, a in enumerate(labels)
        for b in labels[i + 1 :]
    )


def _of_importance(
    first: tuple[str, FloatArray],
    second: tuple[str, FloatArray],
    level: Literal["column", "group"],
    settings: ExplanationQualitySettings,
) -> ExplanationAgreement:
    (a, x), (b, y) = first, second
    used = (_shares(x[None]) >= settings.trace) | (_shares(y[None]) >= settings.trace)
    return ExplanationAgreement(
        first=a,
        second=b,
        level=level,
        rank=_lone(rank_agreement(x[used], y[used])),
        overlap=top_overlap(x[used], y[used], min(settings.top, max(1, int(used.sum()) // 2))),
        limit=settings.agree,
    )


def agreement_by_row(
    first: tuple[str, FloatArray],
    second: tuple[str, FloatArray],
    time: TimeArray,
    *,
    groups: Sequence[Sequence[int]] | None = None,
    settings: ExplanationQualitySettings | None = None,
) -> ExplanationAgreement:
    """Compare two named sets of contributions (m, q) of the same rows and columns, row by row.

    Columns that hold less than ``trace`` of the whole in both are left out: the order of next to nothing is noise.
    ``groups`` : places of columns whose contributions are added up before they are ranked, such as correlated ones.
    """
    s = settings or ExplanationQualitySettings()
    (a, x), (b, y) = first, second
    if groups is not None:
        x, y = (np.stack([one[:, list(group)].sum(axis=1) for group in groups], axis=1) for one in (x, y))
    used = (_shares(x) >= s.trace) | (_shares(y) >= s.trace)
    rank = row_rank_correlation(x[:, used], y[:, used])
    top = min(s.top, max(1, int(used.sum()) // 2))
    return ExplanationAgreement(
        first=a,
        second=b,
        level="row",
        rank=mean_over_days(rank, time, s.bootstrap),
        overlap=top_overlap(np.abs(x).mean(axis=0), np.abs(y).mean(axis=0), top),
        limit=s.agree,
    )


def agreement_with_student(
    values: FloatArray,
    student: Student,
    data: Dataset,
    rows: IntArray,
    settings: ExplanationQualitySettings | None = None,
) -> ExplanationAgreement:
    """Compare contributions ``values`` (m, q; log odds) of the teacher with its student's, on the columns it reads.

    Parameters
    ----------
    data : prepared dataset whose q columns ``values`` belong to. ``rows`` : (m,) explained rows.

    Raises
    ------
    InputError : ``data`` lack a column that the student reads.
    """
    own = student.contributions(data, rows)
    columns = [data.names.index(name) for name in student.names]
    return agreement_by_row(("teacher", values[:, columns]), ("student", own), data.panel.time[rows], settings=settings)


def _shares(values: FloatArray) -> FloatArray:
    """(k,) share of each column in the summed absolute contributions."""
    size = np.abs(values).sum(axis=0)
    return np.asarray(size / max(float(size.sum()), 1e-300), dtype=np.float64)


def _lone(value: float) -> Interval:
    return Interval(value=value, lower=float("nan"), upper=float("nan"))
