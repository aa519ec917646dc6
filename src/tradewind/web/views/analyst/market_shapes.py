"""What the market page is told."""

from __future__ import annotations

from pydantic import BaseModel, Field


class MarketSymbol(BaseModel):
    """One symbol of a project."""

    symbol: str
    name: str | None = None
    sector: str
    bars: int
    last: float | None = Field(description="Adjusted close of its last bar.")
    change: float | None = Field(description="Return of its last bar.")
    forecasts: int = Field(description="Forecasts out of sample whose direction is known.")
    accuracy: float | None = Field(description="Share of these that were right.")
    probability: float | None = Field(description="Probability of a rise in the forecast made last.")


class MarketOverview(BaseModel):
    """The symbols of a project, and what its forecasts out of sample were worth."""

    project: str
    title: str
    symbols: list[MarketSymbol]
    first_bar: str
    last_bar: str
    first_forecast: str | None
    last_forecast: str | None
    verdict: str | None = Field(description="The verdict of the evaluation, in words.")
    skill: bool | None
    absent: str | None = Field(description="Why there are no forecasts, null where there are.")


class NextForecast(BaseModel):
    """The forecast made at a symbol's last forecast bar, of a bar that may not have come."""

    made: str | int
    probability: float | None
    expected: float | None
    lower: float | None = Field(description="Adjusted price that bounds the interval from below.")
    upper: float | None


class SymbolBars(BaseModel):
    """Columns of a symbol's bars, oldest first, all of one length.

    Prices are adjusted for splits and dividends over the whole history. ``band_lower`` and ``band_upper`` are the
    interval of the bar they stand at, forecast ``horizon`` bars earlier; ``probability`` and ``outcome`` stand at the
    bar at which the forecast was made.
    """

    project: str
    symbol: str
    name: str | None
    sector: str
    daily: bool
    horizon: int
    time: list[str] | list[int]
    open: list[float | None]
    high: list[float | None]
    low: list[float | None]
    close: list[float | None]
    volume: list[float | None]
    probability: list[float | None]
    expected: list[float | None]
    band_lower: list[float | None]
    band_upper: list[float | None]
    came: list[float | None] = Field(description="Adjusted return that came, of bars with a forecast.")
    outcome: list[int | None] = Field(description="1 right, 0 wrong, null not judged or not forecast.")
    covered: float | None = Field(description="Share of what came that lay inside the interval.")
    level: float | None = Field(description="Share that the interval promises.")
    next: NextForecast | None
