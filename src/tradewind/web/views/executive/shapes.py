"""What the executive view is told."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

Side = Literal["rise", "fall", "none"]


class ExecutiveVerdict(BaseModel):
    """Whether skill was shown, in the evaluation's own words."""

    skill: bool
    words: str
    days: int
    p_value: float | None


class ExecutiveForecast(BaseModel):
    """What the model says of one symbol, and why in a sentence."""

    symbol: str
    name: str | None
    sector: str | None
    date: str = Field(description="The close from which it was made.")
    probability: float = Field(description="Of a rise by the next bar.")
    side: Side
    strength: str = Field(description="hardly any, slight, moderate or strong.")
    expected_return: float | None
    lower: float | None
    upper: float | None
    why: str | None = Field(description="What the model leans on; null where it was not explained.")
    doubts: list[str] = Field(description="Signs of low confidence.")
    explanation: str | None = Field(description="Id of the explanation, to rate it by.")


class ExecutiveMarket(BaseModel):
    """The lean of all symbols together."""

    symbols: int
    rises: int
    falls: int
    mean_probability: float
    words: str


class ExecutiveRecord(BaseModel):
    """How the forecasts out of sample did."""

    first: str
    last: str
    n: int
    accuracy: float | None
    lower: float | None
    upper: float | None
    level: float
    rises: float | None = Field(description="Share of rises among what happened: what a guess of always up scores.")
    calibration_error: float | None
    coverage: float | None = Field(description="Share of returns that fell into their interval.")
    promised: float | None = Field(description="The share the intervals promise to hold.")


class ExecutivePeriod(BaseModel):
    """Accuracy of one stretch of time; the interval counts days, for the forecasts of one day share its market."""

    first: str
    last: str
    n: int
    accuracy: float
    lower: float
    upper: float


class ExecutiveBin(BaseModel):
    """Forecasts of about one probability: what was said, and how often a rise came."""

    said: float
    happened: float
    n: int


class ExecutivePoint(BaseModel):
    """Worth of one unit on a day."""

    time: str
    value: float


class ExecutiveMoney(BaseModel):
    """A portfolio that follows the forecasts, after costs, beside holding every symbol."""

    model: list[ExecutivePoint]
    held: list[ExecutivePoint]
    total: float
    held_total: float
    sharpe: float | None
    held_sharpe: float | None
    drawdown: float | None
    held_drawdown: float | None
    cost_bp: float
    words: str


class ExecutiveModel(BaseModel):
    """The model that speaks."""

    learned_until: str
    members: dict[str, float] = Field(description="Weight of each member.")


class ExecutiveSummary(BaseModel):
    """Everything the executive view shows of a project."""

    project: str
    title: str
    as_of: str | None = Field(description="The last close that a forecast was made from.")
    ahead: bool = Field(description="The forecasts are of a bar that is still to come as far as the prices reach.")
    verdict: ExecutiveVerdict | None
    forecasts: list[ExecutiveForecast] = Field(description="The surest first.")
    market: ExecutiveMarket | None
    record: ExecutiveRecord | None
    periods: list[ExecutivePeriod]
    calibration: list[ExecutiveBin]
    money: ExecutiveMoney | None
    model: ExecutiveModel | None
    keep_in_mind: list[str]
    report: bool = Field(description="There is a report to download.")
