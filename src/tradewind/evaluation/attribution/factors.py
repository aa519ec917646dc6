"""Factor attribution: how much of a portfolio's return the market and four well-known styles explain.

Factors are built point in time from the same symbols the portfolio trades. On each day symbols are ranked by a
characteristic known at that close; weights are proportional to the rank around the middle, scaled to one unit long and
one short (Asness, Moskowitz and Pedersen 2013, "Value and Momentum Everywhere"), and earn the day's moves:

==============  ==================================================================================================
market          equal weights of all symbols (Sharpe 1963)
size            small less large, by median currency traded over 20 bars (Fama and French 1993; Amihud 2002)
momentum        winners less losers over ``momentum`` bars, the last ``skip`` left out (Jegadeesh and Titman 1993)
reversal        losers less winners over the last ``reversal`` bars (Lehmann 1990)
low_volatility  calm less wild, by volatility over ``volatility`` bars (Blitz and van Vliet 2007)
==============  ==================================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Panel, UsageError
from tradewind.core.arrays import FloatArray
from tradewind.evaluation.attribution.regression import Fit, least_squares
from tradewind.evaluation.attribution.settings import PerformanceSettings
from tradewind.evaluation.backtest import Backtest
from tradewind.evaluation.days import ranks_within
from tradewind.features.market import size_rank
from tradewind.features.registry import FeatureContext
from tradewind.models.past import past_return, past_volatility

MARKET = "market"
LEAST_SYMBOLS = 4
LEAST_SHARE = 0.5


@dataclass(frozen=True, kw_only=True, eq=False)
class FactorReturns:
    """``names`` of K factors and their (D, K) ``returns`` over each day, NaN where a factor could not be formed."""

    names: tuple[str, ...]
    returns: FloatArray


def factor_returns(result: Backtest, panel: Panel, settings: PerformanceSettings | None = None) -> FactorReturns:
    """Form the factors on every day of ``result`` from what ``panel`` showed by that day's close.

    Raises
    ------
    UsageError : ``panel`` lacks a symbol of the portfolio.
    """
    rules = settings or PerformanceSettings()
    styles = {
        "size": -size_rank(FeatureContext(panel)),
        "momentum": past_return(panel, rules.momentum, skip=rules.skip),
        "reversal": -past_return(panel, rules.reversal),
        "low_volatility": -_full(panel, past_volatility(panel, rules.volatility), rules.volatility),
    }
    columns = [result.market]
    columns += [_spread(_on_days(result, panel, values), result.moves) for values in styles.values()]
    return FactorReturns(names=(MARKET, *styles), returns=np.stack(columns, axis=1))


def _full(panel: Panel, values: FloatArray, bars: int) -> FloatArray:
    """Return ``values`` (n,) where a symbol has ``bars`` bars behind it, else NaN."""
    seen = np.arange(len(panel)) - panel.offsets[panel.symbol_code]
    return np.where(seen >= bars, values, np.nan)


def _on_days(result: Backtest, panel: Panel, values: FloatArray) -> FloatArray:
    """(D, S) ``values`` (n,) of the panel's rows on the days and symbols of ``result``, NaN where there is no bar."""
    place = {str(name): i for i, name in enumerate(result.symbols)}
    missing = sorted(set(place) - set(panel.symbols))
    if missing:
        raise UsageError(f"the prices lack {missing[0]!r}, which the portfolio holds", fix="give the same prices")
    column = np.array([place.get(name, -1) for name in panel.symbols])[panel.symbol_code]
    day = panel.time.astype("datetime64[D]")
    row = np.searchsorted(result.days, day)
    inside = (row < len(result.days)) & (column >= 0)
    inside[inside] &= result.days[row[inside]] == day[inside]
    out = np.full(result.weights.shape, np.nan)
    out[row[inside], column[inside]] = values[inside]
    return out


def _spread(characteristic: FloatArray, moves: FloatArray) -> FloatArray:
    """(D,) return of high less low ``characteristic`` (D, S), weighted by rank; NaN with too few or equal symbols."""
    known = np.isfinite(characteristic)
    count = known.sum(axis=1)
    rank = np.zeros(characteristic.shape)
    day = np.nonzero(known)[0]
    rank[known] = ranks_within(characteristic[known], day)
    around = np.where(known, rank - (count[:, None] + 1) / 2, 0.0)
    side = np.maximum(around, 0.0).sum(axis=1)
    out = np.full(len(moves), np.nan)
    np.divide((around * moves).sum(axis=1), side, out=out, where=(count >= LEAST_SYMBOLS) & (side > 0))
    return out


@dataclass(frozen=True, kw_only=True)
class FactorLine:
    """One factor: exposure with its error, its own mean daily return, and what it gave over all days, summed."""

    name: str
    beta: float
    error: float
    statistic: float
    p_value: float
    mean_return: float
    contribution: float


@dataclass(frozen=True, kw_only=True, eq=False)
class FactorAttribution:
    """Gross return as factors plus what is specific to the portfolio; sums of daily returns, which add exactly.

    Attributes
    ----------
    factors : one line each. left_out : factors that could be formed on too few days.
    alpha, alpha_error : daily return that no factor explains, and its HAC error.
    specific : sum of what factors leave (alpha included) on the days that have every factor.
    uncovered : sum of the days that lack one, of which there are ``uncovered_days``.
    gross : sum of all days; equals contributions plus ``specific`` plus ``uncovered``.
    daily : (D, K) contribution of each factor on each day, 0 on days that lack one.
    """

    factors: tuple[FactorLine, ...]
    left_out: tuple[str, ...]
    alpha: float
    alpha_error: float
    specific: float
    uncovered: float
    uncovered_days: int
    gross: float
    r_squared: float
    days: int
    lags: int
    daily: FloatArray

    @property
    def alpha_statistic(self) -> float:
        """Alpha over its error."""
        return self.alpha / self.alpha_error if self.alpha_error > 0 else float("nan")

    @property
    def gap(self) -> float:
        """Gross less all parts: rounding alone."""
        return self.gross - sum(f.contribution for f in self.factors) - self.specific - self.uncovered


def attribute_factors(
    gross: FloatArray, factors: FactorReturns, settings: PerformanceSettings | None = None
) -> FactorAttribution:
    """Regress ``gross`` (D,) on the factors with a constant, and split its sum.

    Raises
    ------
    UsageError : too few days, or factors that cannot be told apart.
    """
    rules = settings or PerformanceSettings()
    known = np.isfinite(factors.returns)
    kept = np.flatnonzero(known.mean(axis=0) >= LEAST_SHARE) if len(gross) else np.empty(0, dtype=np.int64)
    use = np.asarray(known[:, kept].all(axis=1), dtype=np.bool_)
    returns = np.where(use[:, None], factors.returns[:, kept], 0.0)
    design = np.concatenate([np.ones((int(use.sum()), 1)), returns[use]], axis=1)
    fit: Fit = least_squares(gross[use], design, lags=rules.lags)
    daily = returns * fit.coefficients[1:]
    contribution = daily.sum(axis=0)
    return FactorAttribution(
        factors=tuple(
            FactorLine(
                name=factors.names[j],
                beta=float(fit.coefficients[k]),
                error=float(fit.errors[k]),
                statistic=float(fit.statistics[k]),
                p_value=float(fit.p_values[k]),
                mean_return=float(returns[use, k - 1].mean()),
                contribution=float(contribution[k - 1]),
            )
            for k, j in enumerate(kept, 1)
        ),
        left_out=tuple(name for j, name in enumerate(factors.names) if j not in kept),
        alpha=float(fit.coefficients[0]),
        alpha_error=float(fit.errors[0]),
        specific=float((gross[use] - daily[use].sum(axis=1)).sum()),
        uncovered=float(gross[~use].sum()),
        uncovered_days=int((~use).sum()),
        gross=float(gross.sum()),
        r_squared=fit.r_squared,
        days=fit.n,
        lags=fit.lags,
        daily=daily,
    )
