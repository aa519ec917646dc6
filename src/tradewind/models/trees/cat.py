"""Gradient-boosted oblivious trees (Prokhorenkova et al. 2018, *CatBoost*, NeurIPS), a fixed number of rounds."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import Field
from scipy.special import expit

from tradewind.core import Dataset, Forecast, NotFittedError, Settings
from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.models.storage import Artefact, read_artefact, write_artefact
from tradewind.models.targets import targets
from tradewind.models.threads import thread_count, threads_for
from tradewind.models.trees.engines import catboost
from tradewind.models.trees.readers import constant, read_catboost
from tradewind.models.trees.table import TreeTable

if TYPE_CHECKING:
    from catboost import CatBoost


class CatBoostSettings(Settings):
    """Many small steps with shallow oblivious trees, sampled rows and columns; the rounds are fixed, as in XGBoost.

    An oblivious tree asks one question per level, the same in all its nodes: of ``2 ** max_depth`` leaves and yet
    only ``max_depth`` cuts, it is the least able of the boosters to fit a few odd days, so it needs no least leaf size.
    ``noise`` : randomness of the scores by which cuts are chosen (``random_strength``). ``return_rounds`` : rounds of
    the return's trees, which hold far less signal. ``l2`` counts rows of mean weight in a leaf.
    """

    rounds: int = Field(default=150, ge=1)
    return_rounds: int = Field(default=75, ge=1)
    learning_rate: float = Field(default=0.03, gt=0.0, le=1.0)
    max_depth: int = Field(default=4, ge=1, le=16)
    row_share: float = Field(default=0.5, gt=0.0, le=1.0)
    feature_share: float = Field(default=0.3, gt=0.0, le=1.0)
    l2: float = Field(default=30.0, ge=0.0)
    noise: float = Field(default=1.0, ge=0.0)
    bins: int = Field(default=63, ge=1, le=254)
    seed: int = 7


class CatBoostForecaster:
    """One model for the direction (log loss), one for the return (squared error).

    CatBoost refuses a target of one value and features that never change; the model is then a constant: the
    base rate with one row of each class added, and the mean return. Forecasts are equal for equal seeds and thread
    counts. Nothing is written beside a saved model. Needs the extra ``catboost``: MissingExtraError without it.
    """

    name = "catboost"

    def __init__(self, settings: CatBoostSettings | None = None) -> None:
        self.settings = settings or CatBoostSettings()
        self._direction: CatBoost | float | None = None
        self._return: CatBoost | float | None = None
        self._trees: TreeTable | None = None
        self._scale = 1.0

    def fresh(self) -> Self:
        """Return a new, not fitted model of the same settings."""
        return type(self)(self.settings)

    def fit(self, data: Dataset, rows: IntArray) -> Self:
        """Boost on ``rows`` of ``data``; features must be finite."""
        s, known = self.settings, targets(data, rows)
        self._scale, self._trees = known.spread, None
        values, learned = data.features[known.direction_rows], data.features[known.return_rows]
        scaled = known.returns / self._scale
        if _varies(values, known.direction):
            self._direction = self._boost("Logloss", s.rounds, values, known.direction, known.direction_weight)
        else:
            rate = (known.direction.sum() + 1.0) / (len(known.direction) + 2.0) if not known.both_classes else 0.5
            self._direction = float(np.log(rate / (1.0 - rate)))
        if _varies(learned, scaled):
            self._return = self._boost("RMSE", s.return_rounds, learned, scaled, None)
        else:
            self._return = float(scaled.mean()) if len(scaled) else 0.0
        return self

    def _boost(
        self, loss: str, rounds: int, values: Float32Array, target: FloatArray, weight: FloatArray | None
    ) -> CatBoost:
        engine, s = catboost(), self.settings
        parameters: dict[str, Any] = {
            "loss_function": loss,
            "iterations": rounds,
            "learning_rate": s.learning_rate,
            "depth": s.max_depth,
            "l2_leaf_reg": s.l2,
            "bootstrap_type": "Bernoulli",
            "subsample": s.row_share,
            "rsm": s.feature_share,
            "random_strength": s.noise,
            "border_count": s.bins,
            "boosting_type": "Plain",  # ordered boosting is for small data; it costs several times as much
            "boost_from_average": loss == "RMSE",  # the classes weigh the same: 0.5
            "leaf_estimation_iterations": 1,
            "random_seed": s.seed,
            "thread_count": thread_count(),
            "allow_writing_files": False,  # no folder of logs
            "verbose": False,
        }
        model: CatBoost = engine.CatBoost(parameters)
        return model.fit(engine.Pool(values, label=target, weight=weight))

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data``; NotFittedError before :meth:`fit`."""
        direction, returns = self._fitted()
        if len(rows) == 0:
            return Forecast.point(rows, np.empty(0), np.empty(0))
        values = data.features[rows]
        return Forecast.point(rows, expit(_raw(direction, values)), _raw(returns, values) * self._scale)

    def direction_trees(self) -> TreeTable:
        """Return the direction's trees, in log odds, read once; NotFittedError before :meth:`fit`."""
        if self._trees is None:
            model = self._fitted()[0]
            self._trees = constant(model) if isinstance(model, float) else read_catboost(_bytes(model, "json"))
        return self._trees

    def save(self, folder: Path) -> None:
        """Write both models in CatBoost's binary format into ``folder``; a constant as JSON."""
        direction, returns = self._fitted()
        files = {"direction.cbm": _bytes(direction), "return.cbm": _bytes(returns)}
        state = {"settings": self.settings.model_dump(mode="json"), "scale": self._scale}
        write_artefact(folder, self.name, state, files)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that :meth:`save` wrote."""
        artefact = read_artefact(folder, cls.name)
        one = cls(CatBoostSettings(**artefact.state["settings"]))
        one._scale = float(artefact.state["scale"])
        one._direction, one._return = _booster(artefact, "direction.cbm"), _booster(artefact, "return.cbm")
        return one

    def _fitted(self) -> tuple[CatBoost | float, CatBoost | float]:
        if self._direction is None or self._return is None:
            raise NotFittedError("the CatBoost model is used before it is fitted")
        return self._direction, self._return


def _varies(values: Float32Array, target: FloatArray) -> bool:
    """Return whether CatBoost can learn ``target`` from ``values``: neither is the same in every row."""
    return len(target) > 1 and bool(np.ptp(target) > 0.0) and bool((np.ptp(values, axis=0) > 0.0).any())


def _raw(model: CatBoost | float, values: Float32Array) -> FloatArray:
    if isinstance(model, float):
        return np.full(len(values), model)
    raw: FloatArray = model.predict(values, prediction_type="RawFormulaVal", thread_count=threads_for(len(values)))
    return raw


def _bytes(model: CatBoost | float, kind: str = "cbm") -> bytes:
    if isinstance(model, float):
        return json.dumps({"constant": model}).encode()
    with tempfile.TemporaryDirectory() as folder:  # CatBoost writes models to files only
        path = Path(folder) / f"model.{kind}"
        model.save_model(str(path), format=kind)
        return path.read_bytes()


def _booster(artefact: Artefact, name: str) -> CatBoost | float:
    content = artefact.files[name]
    if content.startswith(b"{"):
        return float(json.loads(content)["constant"])
    model: CatBoost = catboost().CatBoost()
    return model.load_model(blob=content)
