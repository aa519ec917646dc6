"""Logistic regression for the direction and ridge regression for the return; the linear reference."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field
from scipy.special import expit

from tradewind.core import Dataset, Forecast, NotFittedError, Settings
from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.models.storage import pack_arrays, read_artefact, write_artefact
from tradewind.models.targets import Targets, targets


class LogisticSettings(Settings):
    """Penalties per training row, on features of standard deviation 1.

    ``l2`` : the mean log loss is increased by ``l2 / 2 * |coefficients|^2`` (its curvature is at most 0.25).
    ``ridge`` : the mean squared error of the return by ``ridge * |coefficients|^2``; large, for returns hold little.
    """

    l2: float = Field(default=0.05, gt=0.0)
    ridge: float = Field(default=5.0, gt=0.0)


class LogisticForecaster:
    """L2-penalised logistic regression (direction) and ridge regression (return); Hastie et al. 2009, ch. 3 and 4."""

    name = "logistic"

    def __init__(self, settings: LogisticSettings | None = None) -> None:
        self.settings = settings or LogisticSettings()
        self._direction: FloatArray | None = None
        self._return: FloatArray | None = None

    def fresh(self) -> Self:
        """Return a new, not fitted model of the same settings."""
        return type(self)(self.settings)

    def fit(self, data: Dataset, rows: IntArray) -> Self:
        """Fit both regressions on ``rows`` of ``data``; features must be finite."""
        known = targets(data, rows)
        self._direction = self._fit_direction(data, known)
        self._return = _ridge(data.features[known.return_rows], known.returns, self.settings.ridge)
        return self

    def _fit_direction(self, data: Dataset, known: Targets) -> FloatArray:
        values = data.features[known.direction_rows].astype(np.float64)
        if not known.both_classes:  # one class only: no coefficients, a base rate with one row of each class added
            rate = (known.direction.sum() + 1.0) / (len(known.direction) + 2.0)
            return np.concatenate([np.zeros(values.shape[1]), [np.log(rate / (1.0 - rate))]])
        from sklearn.linear_model import LogisticRegression

        strength = 1.0 / (self.settings.l2 * len(values))
        model = LogisticRegression(C=strength, solver="newton-cholesky", max_iter=100)
        model.fit(values, known.direction, sample_weight=known.direction_weight)
        return np.concatenate([model.coef_[0], model.intercept_])

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data``; NotFittedError before :meth:`fit`."""
        if self._direction is None or self._return is None:
            raise NotFittedError("the logistic regression is used before it is fitted")
        values = data.features[rows].astype(np.float64)
        # einsum, not BLAS: a row's sum is then the same whatever rows are asked for beside it.
        logit = np.einsum("ij,j->i", values, self._direction[:-1]) + self._direction[-1]
        expected = np.einsum("ij,j->i", values, self._return[:-1]) + self._return[-1]
        return Forecast.point(rows, expit(logit), expected)

    def direction_line(self) -> tuple[FloatArray, float]:
        """Return (coefficients (q,), intercept) of the log odds of a rise; NotFittedError before :meth:`fit`."""
        if self._direction is None:
            raise NotFittedError("the logistic regression is used before it is fitted")
        return self._direction[:-1].copy(), float(self._direction[-1])

    def save(self, folder: Path) -> None:
        """Write the coefficients into ``folder``."""
        if self._direction is None or self._return is None:
            raise NotFittedError("the logistic regression is saved before it is fitted")
        files = {"coefficients.npz": pack_arrays({"direction": self._direction, "return": self._return})}
        write_artefact(folder, self.name, {"settings": self.settings.model_dump(mode="json")}, files)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that :meth:`save` wrote."""
        artefact = read_artefact(folder, cls.name)
        one = cls(LogisticSettings(**artefact.state["settings"]))
        arrays = artefact.arrays("coefficients.npz")
        one._direction, one._return = arrays["direction"], arrays["return"]
        return one


def _ridge(values: Float32Array, returns: FloatArray, penalty: float) -> FloatArray:
    """Return ridge coefficients, then the intercept (not penalised); zeros where there is no return to learn from."""
    if len(returns) == 0:
        return np.zeros(values.shape[1] + 1)
    table = values.astype(np.float64)
    centre, level = table.mean(axis=0), float(returns.mean())
    moved = table - centre
    gram = moved.T @ moved / len(returns) + penalty * np.eye(table.shape[1])
    slope = np.linalg.solve(gram, moved.T @ (returns - level) / len(returns))
    return np.concatenate([slope, [level - centre @ slope]])
