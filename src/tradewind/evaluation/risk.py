"""The risk of the traded portfolio: tails with their back-tests, beta, and volatility forecasts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field

from tradewind.core import Settings
from tradewind.evaluation.backtest import Backtest
from tradewind.evaluation.beta import BetaStability, beta_stability
from tradewind.evaluation.pesaran_timmermann import TestResult
from tradewind.evaluation.value_at_risk import (
    TailForecast,
    cornish_fisher_forecast,
    garch_forecast,
    historical_forecast,
)
from tradewind.evaluation.var_tests import (
    breaches_of,
    christoffersen_conditional,
    christoffersen_independence,
    kupiec,
)
from tradewind.evaluation.volatility import VolatilityScore, garch_volatility, score_volatility


class RiskSettings(Settings):
    """What risk figures assume.

    ``levels`` of value at risk; ``window`` of past days they are estimated on (less where the span is short, but
    never under ``min_history``); ``refit`` days between GARCH fits; ``beta_window`` days; ``decay`` of the EWMA.
    """

    levels: tuple[float, ...] = (0.05, 0.01)
    window: int = Field(250, ge=75)
    min_history: int = Field(75, ge=75)
    refit: int = Field(42, ge=1)
    beta_window: int = Field(63, ge=5)
    decay: float = Field(0.94, gt=0, lt=1)


@dataclass(frozen=True, kw_only=True)
class TailRow:
    """One method at one level: the next day's VaR and CVaR (losses > 0) and how earlier forecasts did.

    ``n`` days were forecast out of sample, ``breaches`` losses exceeded VaR; p values are of Kupiec's and
    Christoffersen's tests (small: the promise was not kept), NaN where no day could be forecast.
    """

    method: str
    level: float
    value_at_risk: float
    cvar: float
    n: int
    breaches: int
    kupiec: TestResult
    independence: TestResult
    conditional: TestResult

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        tests = {"kupiec": self.kupiec, "independence": self.independence, "conditional_coverage": self.conditional}
        return {
            "method": self.method,
            "level": self.level,
            "value_at_risk": self.value_at_risk,
            "cvar": self.cvar,
            "n": self.n,
            "breaches": self.breaches,
            **{f"{name}_p_value": test.p_value for name, test in tests.items()},
        }


@dataclass(frozen=True, kw_only=True)
class Risk:
    """Tails of the portfolio, its beta to the equal-weight market, and forecasts of the market's volatility."""

    tails: tuple[TailRow, ...]
    beta: BetaStability
    volatility: tuple[VolatilityScore, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return {
            "tails": [row.to_dict() for row in self.tails],
            "beta": self.beta.to_dict(),
            "volatility": [row.to_dict() for row in self.volatility],
        }


def _row(returns: np.ndarray, forecast: TailForecast, level: float) -> TailRow:
    beyond = breaches_of(returns, forecast.value_at_risk)
    return TailRow(
        method=forecast.method,
        level=level,
        value_at_risk=forecast.next_var,
        cvar=forecast.next_cvar,
        n=len(beyond),
        breaches=int(beyond.sum()),
        kupiec=kupiec(beyond, level),
        independence=christoffersen_independence(beyond),
        conditional=christoffersen_conditional(beyond, level),
    )


def measure_risk(result: Backtest, settings: RiskSettings | None = None) -> Risk:
    """Measure the risk of a backtest's net returns; every forecast is made from the days before it."""
    settings = settings or RiskSettings()
    returns, market = result.returns, result.market
    window = min(settings.window, max(settings.min_history, len(returns) // 2))
    own = garch_volatility(returns, start=window, refit=settings.refit)
    kinds = {
        "garch(1,1)": garch_volatility(market, kind="garch", start=window, refit=settings.refit),
        "gjr-garch(1,1,1)": garch_volatility(market, kind="gjr", start=window, refit=settings.refit),
    }
    tails = [
        _row(returns, forecast, level)
        for level in settings.levels
        for forecast in (
            historical_forecast(returns, level=level, window=window),
            cornish_fisher_forecast(returns, level=level, window=window),
            garch_forecast(own, level=level),
        )
    ]
    return Risk(
        tails=tuple(tails),
        beta=beta_stability(returns, market, settings.beta_window),
        volatility=score_volatility(market, kinds, start=window, decay=settings.decay),
    )
