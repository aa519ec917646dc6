"""Selection against timing: which symbols were held, and when much or little was held."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.evaluation.attribution.regression import least_squares
from tradewind.evaluation.backtest import Backtest


@dataclass(frozen=True, kw_only=True)
class TimingTest:
    """A regression that asks whether exposure rose before the market did: ``gamma`` > 0 says it did."""

    name: str
    alpha: float
    beta: float
    gamma: float
    gamma_error: float
    gamma_statistic: float


@dataclass(frozen=True, kw_only=True)
class Timing:
    """The gross return as a sum over days of four parts.

    Attributes
    ----------
    passive : mean net exposure times the market. timing : the rest of net exposure times the market.
    selection_long, selection_short : positions times what their symbols earned beyond the market, by side.
    gross : the sum of them. net_exposure : its mean over days.
    tests : Treynor and Mazuy 1966 (the market squared), Henriksson and Merton 1981 (the rising market apart).
    """

    passive: float
    timing: float
    selection_long: float
    selection_short: float
    gross: float
    net_exposure: float
    tests: tuple[TimingTest, ...]

    @property
    def gap(self) -> float:
        """Gross less the parts: rounding alone."""
        return self.gross - self.passive - self.timing - self.selection_long - self.selection_short


def split_timing(result: Backtest, *, lags: int | None = None) -> Timing:
    """Split ``result``'s gross return; the market is the equal-weighted mean of the symbols.

    With w a day's weights, n their sum, r the moves and m the market: ``sum w r = mean(n) m + (n - mean(n)) m + sum w
    (r - m)``. The mean exposure is that of the whole span: this looks back, it is no forecast.
    """
    market, net = result.market, result.net_exposure
    mean = float(net.mean()) if len(net) else 0.0
    beyond = result.moves - market[:, None]
    return Timing(
        passive=float(mean * market.sum()),
        timing=float((net - mean) @ market),
        selection_long=float((np.maximum(result.weights, 0.0) * beyond).sum()),
        selection_short=float((np.minimum(result.weights, 0.0) * beyond).sum()),
        gross=float(result.gross.sum()),
        net_exposure=mean,
        tests=_tests(result.gross, market, lags),
    )


def _tests(gross: FloatArray, market: FloatArray, lags: int | None) -> tuple[TimingTest, ...]:
    """Return both tests, none where the market does not vary or the days are too few."""
    shapes = {"Treynor-Mazuy": market**2, "Henriksson-Merton": np.maximum(market, 0.0)}
    found = []
    for name, bend in shapes.items():
        x = np.stack([np.ones(len(market)), market, bend], axis=1)
        if len(market) < 10 or np.linalg.matrix_rank(x) < 3:
            continue
        fit = least_squares(gross, x, lags=lags)
        found.append(
            TimingTest(
                name=name,
                alpha=float(fit.coefficients[0]),
                beta=float(fit.coefficients[1]),
                gamma=float(fit.coefficients[2]),
                gamma_error=float(fit.errors[2]),
                gamma_statistic=float(fit.statistics[2]),
            )
        )
    return tuple(found)
