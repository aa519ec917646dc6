"""Forecasts of several models side by side, bar by bar: kept by the evaluation, else made again by the saved model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from tradewind.core.arrays import as_time
from tradewind.web.problems import absent
from tradewind.web.projects import Project
from tradewind.web.views.analyst.why_desk import desk_of

KEYS = ("symbol", "date", "label")
STUDENT = "student"
MOST_AGAIN = 150_000
"""Bars at most that the saved model forecasts again where an evaluation kept the ensemble's forecasts alone."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SideBySide:
    """``table`` : symbol, date, label and a column of probabilities for each of ``names``; ``source`` in words."""

    table: pl.DataFrame
    source: str

    @property
    def names(self) -> list[str]:
        """The models."""
        return [name for name in self.table.columns if name not in KEYS]


def side_by_side(project: Project) -> SideBySide:
    """Return the forecasts out of sample of every model of ``project``, a distilled student among them.

    Raises
    ------
    Problem : nothing was evaluated, or an older evaluation left too many bars to forecast again.
    """
    kept = project.evaluation_folder / "models.parquet"
    student = project.folder / "distillation" / "agreement.parquet"
    files = (kept, project.model_folder / "model.json", student)
    return project.derived("side by side", files, lambda: _with_student(_read(project), project))


def _read(project: Project) -> SideBySide:
    kept = project.evaluation_folder / "models.parquet"
    if kept.exists():
        return SideBySide(table=pl.read_parquet(kept), source="the forecasts that the evaluation kept of every model")
    return _again(project)


def _again(project: Project) -> SideBySide:
    """Return the forecasts of the project's own model, its members and baselines, on bars after it was trained."""
    from tradewind.training import forecasts_of_all, to_outcomes

    project.metrics()  # nothing is compared that was not evaluated
    desk = desk_of(project)
    data, learned = desk.data, as_time(desk.model.record["trained_until"])
    rows = np.flatnonzero((data.panel.time > learned) & ~np.isnat(data.labels.end)).astype(np.int64)
    if len(rows) > MOST_AGAIN or not len(rows):
        raise absent(
            "forecast of every model",
            f"{project.evaluation_folder / 'models.parquet'} is missing.",
            f"tradewind evaluate --out {project.evaluation_folder} ...",
        )
    found = desk.model.forecast(data, rows, desk.news)
    outcomes = {name: to_outcomes(name, forecast, data, desk.market.slices) for name, forecast in found.items()}
    return SideBySide(
        table=forecasts_of_all(outcomes),
        source=(
            f"the project's model, run on every bar after {str(learned)[:10]}, because the evaluation kept the "
            "ensemble's forecasts alone"
        ),
    )


def _with_student(found: SideBySide, project: Project) -> SideBySide:
    path = project.folder / "distillation" / "agreement.parquet"
    if not path.exists() or STUDENT in found.names:
        return found
    own = pl.read_parquet(path).select(
        "symbol", pl.col("date").cast(pl.Datetime("us")), pl.col("student_probability").alias(STUDENT)
    )
    return SideBySide(
        table=found.table.join(own, on=["symbol", "date"], how="left").sort("date", "symbol"), source=found.source
    )
