"""Gradient-boosted trees grown leaf by leaf (Ke et al. 2017, *LightGBM*, NeurIPS), a fixed number of rounds."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import Field

from tradewind.core import Dataset, Forecast, NotFittedError, Settings
from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.models.storage import Artefact, read_artefact, write_artefact
from tradewind.models.targets import targets
from tradewind.models.threads import thread_count, threads_for
from tradewind.models.trees.engines import lightgbm
from tradewind.models.trees.readers import read_lightgbm
from tradewind.models.trees.table import TreeTable

if TYPE_CHECKING:
    from lightgbm import Booster


class LightGBMSettings(Settings):
    """Many small steps with few, heavy leaves and sampled rows and columns; the rounds are fixed, as in XGBoost.

    ``leaves`` bounds a tree, which grows where the loss falls most; ``max_depth`` keeps it from becoming a chain that
    cuts out a few odd days. ``leaf_share`` : least share of the training rows in a leaf. ``return_rounds`` : rounds of
    the return's trees, which hold far less signal.
    """

    rounds: int = Field(default=100, ge=1)
    return_rounds: int = Field(default=50, ge=1)
    learning_rate: float = Field(default=0.03, gt=0.0, le=1.0)
    leaves: int = Field(default=8, ge=2)
    max_depth: int = Field(default=4, ge=1)
    leaf_share: float = Field(default=0.03, gt=0.0, le=0.5)
    row_share: float = Field(default=0.5, gt=0.0, le=1.0)
    feature_share: float = Field(default=0.3, gt=0.0, le=1.0)
    l1: float = Field(default=0.0, ge=0.0)
    l2: float = Field(default=10.0, ge=0.0)
    bins: int = Field(default=63, ge=2)
    seed: int = 7


class LightGBMForecaster:
    """One booster for the direction (log loss), one for the return (squared error).

    Both start at "no opinion" (0.5, return 0 of scale 1). Forecasts are equal for equal seeds and thread counts.
    Needs the extra ``lightgbm``: MissingExtraError at :meth:`fit` and :meth:`load` without it.
    """

    name = "lightgbm"

    def __init__(self, settings: LightGBMSettings | None = None) -> None:
        self.settings = settings or LightGBMSettings()
        self._direction: Booster | None = None
        self._return: Booster | None = None
        self._trees: TreeTable | None = None
        self._scale = 1.0

    def fresh(self) -> Self:
        """Return a new, not fitted model of the same settings."""
        return type(self)(self.settings)

    def fit(self, data: Dataset, rows: IntArray) -> Self:
        """Boost on ``rows`` of ``data``; features must be finite."""
        s, known = self.settings, targets(data, rows)
        self._scale, self._trees = known.spread, None
        self._direction = self._boost(
            "binary", s.rounds, data.features[known.direction_rows], known.direction, known.direction_weight
        )
        self._return = self._boost(
            "regression", s.return_rounds, data.features[known.return_rows], known.returns / self._scale, None
        )
        return self

    def _boost(
        self, objective: str, rounds: int, values: Float32Array, target: FloatArray, weight: FloatArray | None
    ) -> Booster:
        engine, s = lightgbm(), self.settings
        parameters: dict[str, Any] = {
            "objective": objective,
            "boost_from_average": objective != "binary",  # the classes weigh the same: 0.5, also where one is absent
            "learning_rate": s.learning_rate,
            "num_leaves": s.leaves,
            "max_depth": s.max_depth,
            "min_data_in_leaf": max(1, round(s.leaf_share * len(target))),
            "min_sum_hessian_in_leaf": 0.0,
            "bagging_fraction": s.row_share,
            "bagging_freq": 1,
            "feature_fraction": s.feature_share,
            "lambda_l1": s.l1,
            "lambda_l2": s.l2,
            "max_bin": s.bins,
            "seed": s.seed,
            "deterministic": True,
            "force_row_wise": True,  # otherwise it times both layouts, and a busy machine could choose another
            "feature_pre_filter": False,
            "num_threads": thread_count(),
            "verbosity": -1,
        }
        train = engine.Dataset(values, label=target, weight=weight, params=parameters)
        booster: Booster = engine.train(parameters, train, num_boost_round=rounds)
        return booster

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data``; NotFittedError before :meth:`fit`."""
        direction, returns = self._fitted()
        if len(rows) == 0:
            return Forecast.point(rows, np.empty(0), np.empty(0))
        values = data.features[rows]
        return Forecast.point(rows, _predict(direction, values), _predict(returns, values) * self._scale)

    def direction_trees(self) -> TreeTable:
        """Return the direction's trees, in log odds, read once; NotFittedError before :meth:`fit`."""
        if self._trees is None:
            self._trees = read_lightgbm(self._fitted()[0].dump_model())
        return self._trees

    def save(self, folder: Path) -> None:
        """Write both boosters in LightGBM's text format into ``folder``."""
        direction, returns = self._fitted()
        files = {
            "direction.txt": direction.model_to_string().encode(),
            "return.txt": returns.model_to_string().encode(),
        }
        state = {"settings": self.settings.model_dump(mode="json"), "scale": self._scale}
        write_artefact(folder, self.name, state, files)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that :meth:`save` wrote."""
        artefact = read_artefact(folder, cls.name)
        one = cls(LightGBMSettings(**artefact.state["settings"]))
        one._scale = float(artefact.state["scale"])
        one._direction, one._return = _booster(artefact, "direction.txt"), _booster(artefact, "return.txt")
        return one

    def _fitted(self) -> tuple[Booster, Booster]:
        if self._direction is None or self._return is None:
            raise NotFittedError("the LightGBM model is used before it is fitted")
        return self._direction, self._return


def _predict(booster: Booster, values: Float32Array) -> FloatArray:
    return np.asarray(booster.predict(values, num_threads=threads_for(len(values))), dtype=np.float64)


def _booster(artefact: Artefact, name: str) -> Booster:
    booster: Booster = lightgbm().Booster(model_str=artefact.files[name].decode())
    return booster
