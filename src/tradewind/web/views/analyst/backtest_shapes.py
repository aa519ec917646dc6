"""What the backtest explorer is asked and what it answers."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from tradewind.core.ids import content_id

if TYPE_CHECKING:
    from tradewind.evaluation import BacktestSettings


class BacktestControls(BaseModel):
    """One setting of the explorer; all of it is in the link."""

    model_config = ConfigDict(extra="forbid")

    weights: Literal["sign", "rank", "decile"] = Field(
        "sign", description="sign: one share each; rank: in proportion to the day's rank; decile: the tails alone."
    )
    side: Literal["long_short", "long_only"] = "long_short"
    signal: Literal["probability", "expected_return"] = "probability"
    execution: Literal["next_bar", "close"] = "next_bar"
    tail: float = Field(0.1, gt=0.0, le=0.5, description="Share of the symbols in each tail (decile alone).")
    least: float = Field(0.0, ge=0.0, lt=0.5, description="Distance from the middle that is traded (sign alone).")
    cost_bp: float = Field(5.0, ge=0.0, le=1000.0)
    slippage_bp: float = Field(0.0, ge=0.0, le=1000.0)
    start: date | None = None
    end: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start and self.end and self.start > self.end:
            raise ValueError("start lies after end")
        return self

    @property
    def key(self) -> str:
        """What names this variant among those tried: costs are a fact of the market and no choice, so not of them."""
        tail = self.tail if self.weights == "decile" else None
        least = self.least if self.weights == "sign" else None
        span = [str(self.start), str(self.end)]
        return content_id(self.weights, self.side, self.signal, self.execution, tail, least, span)

    @property
    def first(self) -> np.datetime64 | None:
        """First day that is asked for."""
        return None if self.start is None else np.datetime64(self.start, "D")

    @property
    def last(self) -> np.datetime64 | None:
        """Last day that is asked for."""
        return None if self.end is None else np.datetime64(self.end, "D")

    def settings(self, trials: int) -> BacktestSettings:
        """Return the settings of the backtest, corrected for ``trials`` variants."""
        from tradewind.evaluation import BacktestSettings

        return BacktestSettings(
            weights=self.weights,
            side=self.side,
            signal=self.signal,
            execution=self.execution,
            tail=self.tail,
            cost_bp=self.cost_bp,
            slippage_bp=self.slippage_bp,
            n_trials=trials,
        )


class BacktestFigures(BaseModel):
    """Figures of one series of daily returns; null where it is too short or does not vary."""

    total_return: float | None
    annual_return: float | None
    annual_volatility: float | None
    sharpe: float | None
    sortino: float | None
    max_drawdown: float | None
    calmar: float | None
    hit_rate: float | None


class BacktestYear(BaseModel):
    """One calendar year of the portfolio, beside what asks for no forecast."""

    year: int
    days: int
    net: float | None
    sharpe: float | None
    max_drawdown: float | None
    turnover: float | None = Field(description="Sum of absolute weight changes over the year.")
    buy_and_hold: float | None
    always_up: float | None


class BacktestSymbol(BaseModel):
    """What one symbol gave, as a sum of daily shares of the book."""

    symbol: str
    gross: float
    cost: float
    net: float


class BacktestLuck(BaseModel):
    """How far the Sharpe ratio can be believed after looking at several variants.

    ``tried`` variants of this project were looked at in the explorer, this one included; ``models`` were tried before
    the evaluation; ``trials`` is what the ratio is corrected for. ``probabilistic`` and ``deflated``: the probability
    that the true ratio lies above 0, and above what the best of ``trials`` worthless variants shows by luck.
    """

    tried: int
    models: int
    trials: int
    probabilistic: float | None
    deflated: float | None
    expected_best: float | None = Field(description="Annual Sharpe ratio of the best of as many worthless variants.")
    words: str


class BacktestView(BaseModel):
    """One backtest of forecasts out of sample; columns by day hold what was earned from that day's close on."""

    project: str
    controls: BacktestControls
    first: str = Field(description="First day that could be traded.")
    last: str
    days: list[str]
    equity: list[float | None]
    drawdown: list[float | None]
    turnover: list[float | None]
    buy_and_hold: list[float | None] = Field(description="Wealth of the same symbols, bought once.")
    always_up: list[float | None] = Field(
        description="Wealth of being long all of them, evened out daily, after costs."
    )
    figures: dict[str, BacktestFigures]
    annual_turnover: float | None
    cost: float = Field(description="Sum of daily costs, as a share of the book.")
    exposure: float | None
    net_exposure: float | None
    years: list[BacktestYear]
    symbols: list[BacktestSymbol]
    luck: BacktestLuck
