"""What the regimes page is told."""

from __future__ import annotations

from pydantic import BaseModel, Field


class RegimeSummary(BaseModel):
    """One regime: how the market was while it was the likeliest, and how forecasts out of sample did in it."""

    name: str
    share: float = Field(description="Share of all sessions in which it was the likeliest.")
    duration: float | None = Field(description="Expected sessions in a row, by the fitted transitions.")
    market_return: float | None = Field(description="Mean daily return of the market, equal weights.")
    market_volatility: float | None = Field(description="Annual volatility of the market.")
    days: int = Field(description="Days with forecasts.")
    forecasts: int
    accuracy: float | None
    lower: float | None = Field(description="Of the 95 % interval of the accuracy; it redraws blocks of days.")
    upper: float | None
    rises: float | None = Field(description="Share of rises: the accuracy of always forecasting one.")


class RegimesView(BaseModel):
    """Regimes of the market: probabilities by session, each from what was known by its close."""

    project: str
    states: int
    names: list[str]
    time: list[str]
    market: list[float | None] = Field(description="The market at equal weights, from 100.")
    probability: list[list[float | None]] = Field(description="One row a regime; null before there is anything to see.")
    fitted_from: str
    fitted_until: str = Field(description="The model of regimes learned from no later session.")
    fitted_rows: int
    bic: float | None
    observed: list[str]
    before_forecasts: bool = Field(description="Whether it was fitted before the first forecast out of sample.")
    now: str
    since: int = Field(description="Sessions since the likeliest regime became so.")
    regimes: list[RegimeSummary]
    overall: RegimeSummary
