"""Least squares with errors that allow for serial correlation and changing variance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import FloatArray
from tradewind.evaluation.hac import default_lags

EXACT = 1e-24
"""Squares left of a fit, as a share of all squares, below which they are rounding."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """A regression: (k,) ``coefficients``, Newey-West ``errors``, share explained, observations and lags."""

    coefficients: FloatArray
    errors: FloatArray
    r_squared: float
    n: int
    lags: int

    @property
    def statistics(self) -> FloatArray:
        """(k,) coefficient over error; NaN where the error is 0."""
        out = np.full(len(self.errors), np.nan)
        np.divide(self.coefficients, self.errors, out=out, where=self.errors > 0)
        return out

    @property
    def p_values(self) -> FloatArray:
        """(k,) two-sided, from the normal distribution."""
        from scipy.stats import norm  # takes a second to import

        p: FloatArray = 2.0 * norm.sf(np.abs(self.statistics))
        return p


def least_squares(y: FloatArray, x: FloatArray, *, lags: int | None = None) -> Fit:
    """Regress ``y`` (n,) on the columns of ``x`` (n, k), a constant among them where one is wanted.

    The covariance is Newey and West's (1987, *Econometrica* 55) with Bartlett weights and the small-sample factor
    ``n / (n - k)``; ``lags`` None takes the rule of thumb of :func:`~tradewind.evaluation.hac.default_lags`.

    Raises
    ------
    UsageError : fewer than ``k + 2`` observations, or columns that depend on each other.
    """
    n, k = x.shape
    if n < k + 2:
        raise UsageError(f"{n} days are too few to regress on {k} columns", fix="give a longer span")
    if np.linalg.matrix_rank(x) < k:
        raise UsageError("the factors depend on each other and cannot be told apart", fix="give more symbols or days")
    used = min(default_lags(n) if lags is None else lags, n - 1)
    inverse = np.linalg.inv(x.T @ x)
    beta: FloatArray = np.asarray(np.linalg.lstsq(x, y, rcond=None)[0], dtype=np.float64)
    rest = y - x @ beta
    if float(rest @ rest) <= EXACT * float(
        y @ y
    ):  # an exact fit: what is left is rounding, and has no error to test by
        rest = np.zeros_like(rest)
    score = x * rest[:, None]
    meat = score.T @ score
    for lag in range(1, used + 1):
        cross = score[lag:].T @ score[:-lag]
        meat += (1.0 - lag / (used + 1)) * (cross + cross.T)
    covariance = inverse @ meat @ inverse * (n / (n - k))
    spread = y - y.mean()
    power = float(spread @ spread)
    return Fit(
        coefficients=beta,
        errors=np.sqrt(np.maximum(np.diag(covariance), 0.0)),
        r_squared=1.0 - float(rest @ rest) / power if power > 0 else float("nan"),
        n=n,
        lags=used,
    )
