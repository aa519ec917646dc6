"""Shapley values of any forecaster by sampled orders of the columns: approximate, but additive."""

from __future__ import annotations

import numpy as np

from tradewind.core import Dataset
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.explain.shapley.background import Background
from tradewind.explain.shapley.part import MemberShap, settled
from tradewind.models.calibration import to_logit
from tradewind.models.protocol import Forecaster


class SampledShap:
    """Explains a forecaster of which nothing is known but its forecasts.

    A column that is not known holds the background's mean on every bar (baseline Shapley: Sundararajan and Najmi
    2020). Columns become known one by one, in random orders and each order also reversed (antithetic permutations:
    Mitchell et al. 2022); a column's value is its mean step. Steps sum to the whole by construction; their division
    among columns that act on one another is an estimate from ``2 * pairs`` orders, exact where they act in twos. It
    costs ``2 * pairs * (q - 1) + 2`` forecasts of the rows: a slow forecaster is slow to explain.

    What a forecaster reads beside the columns (recent returns, say) moves its forecast from the ``base`` even where no
    column is known. That part is reported as ``gap`` and shared out in proportion, for only columns are explained.

    ``base`` : log odds where nothing is known of a row; the mean over the rows of the first call when None.
    """

    def __init__(
        self, model: Forecaster, background: Background, *, pairs: int = 1, seed: int = 7, base: float | None = None
    ) -> None:
        self.model = model
        self._mean = background.values.mean(axis=0, dtype=np.float64).astype(np.float32)
        rng = np.random.default_rng(seed)
        drawn = [rng.permutation(len(self._mean)) for _ in range(pairs)]
        self._orders = [order for one in drawn for order in (one, one[::-1])]
        self.base = base

    def __call__(self, data: Dataset, rows: IntArray) -> MemberShap:
        """Return the values of ``rows`` of ``data`` (prepared columns)."""
        nothing, everything = self.unknown(data, rows), self._log_odds(data, rows)
        base = float(nothing.mean()) if self.base is None else self.base
        values = np.zeros((len(rows), len(self._mean)))
        for order in self._orders:
            table = np.broadcast_to(self._mean, data.features.shape).copy()
            before = nothing
            for column in order[:-1]:
                table[:, column] = data.features[:, column]
                after = self._log_odds(data.with_features(table, data.names), rows)
                values[:, column] += after - before
                before = after
            values[:, order[-1]] += everything - before
        values /= len(self._orders)
        return MemberShap(
            values=settled(values, everything - base),
            base=base,
            output=everything,
            scale="log_odds",
            gap=nothing - base,
        )

    def unknown(self, data: Dataset, rows: IntArray) -> FloatArray:
        """Return the log odds (m,) of ``rows`` where no column is known."""
        table = np.broadcast_to(self._mean, data.features.shape).copy()
        return self._log_odds(data.with_features(table, data.names), rows)

    def _log_odds(self, data: Dataset, rows: IntArray) -> FloatArray:
        return to_logit(self.model.predict(data, rows).probability)
