"""Shapes of the comparison of models."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

Kind = Literal["rule", "line", "shape functions", "trees", "net", "joined"]
RANK: dict[str, int] = {"rule": 0, "line": 1, "shape functions": 2, "trees": 3, "net": 4, "joined": 5}
"""Kinds of model from the simplest to the most complex."""


class CompareModel(BaseModel):
    """One model of an evaluation: what it is, how it did out of sample, what it costs. Null: not known."""

    name: str
    kind: Kind
    baseline: bool
    weight: float | None = Field(description="Its weight in the ensemble of the project's model.")
    accuracy: float | None
    lower: float | None
    upper: float | None
    mcc: float | None
    brier: float | None
    ic: float | None
    sharpe: float | None = Field(description="A year, after costs, of the main portfolio.")
    skill: bool | None
    p_value: float | None = Field(description="The p value its verdict rests on, corrected for variants tried.")
    n: int | None
    n_days: int | None
    bytes: int | None = Field(description="What the model of the project takes on disk.")
    columns: int | None = Field(description="Prepared columns it reads.")


class CompareModels(BaseModel):
    """The models of a project's evaluation, the primary one first."""

    project: str
    primary: str
    models: list[CompareModel]
    paired: list[str] = Field(description="Models whose forecasts are kept bar by bar, so that two can be compared.")
    source: str = Field(description="Where these forecasts come from, in words.")
    cost_bp: float | None
    level: float
    trials: int | None
    seconds: float | None = Field(description="Time the evaluation took to fit all of them.")
    first: str | None
    last: str | None


class CompareGap(BaseModel):
    """A difference, the second model less the first, with its interval."""

    value: float
    lower: float
    upper: float


class CompareTest(BaseModel):
    """Diebold-Mariano test of daily Brier scores: a positive statistic says that the second is better."""

    statistic: float
    p_value: float = Field(description="Two-sided.")
    days: int


class CompareDays(BaseModel):
    """By day, oldest first: running sums of the second less the first, and the share on the same side of one half."""

    day: list[str]
    right: list[float] = Field(description="Calls that the second had right and the first had not, less the reverse.")
    brier: list[float] = Field(description="Sum of daily Brier scores saved by the second.")
    same: list[float]


class ComparePair(BaseModel):
    """Two models on the bars that both forecast, paired bar by bar and day by day."""

    first: str
    second: str
    simpler: str | None
    n: int
    n_days: int
    accuracy_first: float
    accuracy_second: float
    gap: CompareGap
    level: float
    test: CompareTest | None
    agreement: float
    apart: int = Field(description="Bars on which they are on different sides of one half.")
    apart_second: float | None = Field(description="Share of those on which the second was right.")
    words: list[str]
    days: CompareDays
    source: str
