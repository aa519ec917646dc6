"""Winsorisation: values beyond training quantiles are drawn back to them; events may be kept as they are."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from tradewind.core import NotFittedError, UsageError
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray


class Winsoriser:
    """Clip each column at two quantiles of its training rows.

    Parameters
    ----------
    lower, upper : quantiles in [0, 1], ``lower < upper``; their values are taken from the fit rows alone, so nothing
        of a later row can reach an earlier one.

    Notes
    -----
    NaN stays NaN and takes no part in the quantiles; infinite values take no part either and are drawn to the bounds.
    A column without a finite value in the fit rows is left as it is. Source: Tukey (1962), "The Future of Data
    Analysis", named after C. P. Winsor; quantiles are linear (Hyndman and Fan 1996, type 7).
    """

    def __init__(self, lower: float = 0.005, upper: float = 0.995) -> None:
        if not 0.0 <= lower < upper <= 1.0:
            raise UsageError(
                f"winsorising quantiles {lower} and {upper} do not fit", fix="give 0 <= lower < upper <= 1"
            )
        self.lower, self.upper = lower, upper
        self._low: FloatArray | None = None
        self._high: FloatArray | None = None

    @property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lower and upper bounds, (p,) each; infinite for a column that was empty in training."""
        if self._low is None or self._high is None:
            raise NotFittedError("the winsoriser is used before it is fitted")
        return self._low, self._high

    def fit(self, values: AnyArray, rows: AnyArray) -> Self:
        """Fit the bounds of ``values`` (n, p) on ``rows``: indices (m,) or a boolean mask (n,)."""
        window = np.asarray(values)[rows]
        low = np.full(window.shape[1], -np.inf)
        high = np.full(window.shape[1], np.inf)
        for column in range(window.shape[1]):
            seen = window[:, column]
            seen = seen[np.isfinite(seen)]
            if len(seen):
                low[column], high[column] = np.quantile(seen.astype(np.float64), (self.lower, self.upper))
        self._low, self._high = low, high
        return self

    def transform(self, values: AnyArray, *, keep: BoolArray | None = None) -> AnyArray:
        """Return ``values`` (n, p) clipped, in their own float type; rows where ``keep`` (n,) holds are not touched.

        Raises
        ------
        NotFittedError : not fitted yet.
        ValueError : another number of columns than in training.
        """
        low, high = self.bounds
        table = np.asarray(values)
        if table.ndim != 2 or table.shape[1] != len(low):
            raise ValueError(f"values have shape {table.shape}; the winsoriser was fitted on {len(low)} columns")
        kind = table.dtype if np.issubdtype(table.dtype, np.floating) else np.dtype(np.float64)
        clipped: AnyArray = np.clip(table, low.astype(kind), high.astype(kind))
        if keep is not None:
            clipped[keep] = table[keep]
        return clipped

    def to_dict(self) -> dict[str, Any]:
        """Return the fitted state, JSON-ready (an infinite bound is None)."""
        low, high = self.bounds
        return {
            "lower": self.lower,
            "upper": self.upper,
            "low": [float(x) if np.isfinite(x) else None for x in low],
            "high": [float(x) if np.isfinite(x) else None for x in high],
        }

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Return the winsoriser that :meth:`to_dict` described."""
        one = cls(state["lower"], state["upper"])
        one._low = np.array([-np.inf if x is None else x for x in state["low"]], dtype=np.float64)
        one._high = np.array([np.inf if x is None else x for x in state["high"]], dtype=np.float64)
        return one
