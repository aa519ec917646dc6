"""Forecasts of tomorrow's volatility: GARCH and GJR-GARCH refitted on the past, and the naive moving average."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.evaluation.diebold_mariano import diebold_mariano
from tradewind.evaluation.pesaran_timmermann import TestResult

SCALE = 100.0  # the optimiser works in percent: raw daily variances are too near to zero for it


@dataclass(frozen=True, kw_only=True, eq=False)
class VolatilityForecast:
    """One-step-ahead forecasts.

    Attributes
    ----------
    sigma : (n,) standard deviation forecast for each return from returns before it; NaN before ``start``.
    residual : (n,) return over ``sigma``, from the fit in use; also NaN before ``start``.
    following : forecast for the return after the last.
    tails : past standardised residuals of each fit; fit_of : (n,) index into them, NaN before ``start``.
    """

    sigma: FloatArray
    residual: FloatArray
    following: float
    tails: tuple[FloatArray, ...]
    fit_of: FloatArray


def ewma_volatility(returns: FloatArray, *, decay: float = 0.94, start: int = 60) -> FloatArray:
    """(n + 1,) RiskMetrics (1996) volatility for each return and the next, seeded with the first ``start`` returns."""
    variance = np.full(len(returns) + 1, np.nan)
    if len(returns) < start:
        return variance
    level = float((returns[:start] ** 2).mean())
    for i in range(start, len(returns) + 1):
        variance[i] = level
        if i < len(returns):
            level = decay * level + (1 - decay) * float(returns[i]) ** 2
    return np.asarray(np.sqrt(variance), dtype=np.float64)


def garch_volatility(
    returns: FloatArray, *, kind: Literal["garch", "gjr"] = "garch", start: int, refit: int = 21
) -> VolatilityForecast:
    """Rolling out-of-sample GARCH(1,1) (Bollerslev 1986) or GJR(1,1,1) (Glosten et al. 1993) through ``arch``.

    Parameters
    ----------
    returns : (n,) finite fractions.
    start : first index to forecast, at least 75; the first fit sees ``returns[:start]`` (``arch`` seeds its filter with
        up to 75 returns, which must all lie in the past).
    refit : days between refits on all returns so far; between them the last parameters filter new returns.

    Notes
    -----
    A fit that cannot be made (returns that do not vary) leaves its days NaN.
    """
    from arch import arch_model  # here alone: it takes seconds to import, and the dashboard never asks for it

    if start < 75:
        raise ValueError(f"start is {start}; the filter is seeded with 75 past returns")
    n = len(returns)
    sigma, fit_of = np.full(n, np.nan), np.full(n, np.nan)
    tails: list[FloatArray] = []
    following = float("nan")
    asymmetry = 1 if kind == "gjr" else 0
    for first in range(start, n + 1, refit):
        past = returns[:first] * SCALE
        if float(past.std()) < 1e-8:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a start value or convergence note of the optimiser; the fit is scored
            fitted = arch_model(past, mean="Zero", p=1, o=asymmetry, q=1, rescale=False).fit(
                disp="off", show_warning=False
            )
            last = min(first + refit, n)
            # One value is added so that the filter also yields the forecast for the return after the last.
            longer = arch_model(np.r_[returns[:last] * SCALE, 0.0], mean="Zero", p=1, o=asymmetry, q=1, rescale=False)
            path = np.asarray(longer.fix(fitted.params).conditional_volatility) / SCALE
        sigma[first:last] = path[first:last]
        fit_of[first:last] = len(tails)
        tails.append(returns[:first] / path[:first])
        following = float(path[last])
    return VolatilityForecast(
        sigma=sigma, residual=returns / sigma, following=following, tails=tuple(tails), fit_of=fit_of
    )


def qlike(returns: FloatArray, sigma: FloatArray) -> FloatArray:
    """(n,) quasi-likelihood loss ``log sigma^2 + r^2 / sigma^2`` of each day (Patton 2011); lower is better."""
    variance = np.maximum(sigma**2, 1e-12)
    return np.asarray(np.log(variance) + returns**2 / variance, dtype=np.float64)


@dataclass(frozen=True, kw_only=True)
class VolatilityScore:
    """Mean QLIKE of a model over the forecast days, its next forecast, and the test of it against EWMA."""

    model: str
    qlike: float
    next_volatility: float
    n: int
    better_than_ewma: TestResult | None

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        test = self.better_than_ewma
        return {
            "model": self.model,
            "qlike": self.qlike,
            "next_volatility": self.next_volatility,
            "n": self.n,
            "p_value_against_ewma": test.p_value if test else float("nan"),
        }


def score_volatility(
    returns: FloatArray, forecasts: dict[str, VolatilityForecast], *, start: int, decay: float = 0.94
) -> tuple[VolatilityScore, ...]:
    """Compare GARCH-type ``forecasts`` with EWMA on the days that all of them forecast."""
    naive = ewma_volatility(returns, decay=decay, start=start)
    paths = {"ewma": naive[:-1], **{name: found.sigma for name, found in forecasts.items()}}
    known = np.isfinite(np.stack(list(paths.values()))).all(axis=0)
    losses = {name: qlike(returns[known], path[known]) for name, path in paths.items()}
    following = {"ewma": float(naive[-1]), **{name: found.following for name, found in forecasts.items()}}
    return tuple(
        VolatilityScore(
            model=name,
            qlike=float(loss.mean()) if len(loss) else float("nan"),
            next_volatility=following[name],
            n=len(loss),
            better_than_ewma=None if name == "ewma" else diebold_mariano(losses["ewma"] - loss),
        )
        for name, loss in losses.items()
    )
