"""Gradient-boosted trees (Chen and Guestrin 2016, KDD), a fixed number of rounds."""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from pydantic import Field

from tradewind.core import Dataset, Forecast, NotFittedError, Settings
from tradewind.core.arrays import Float32Array, FloatArray, IntArray
from tradewind.models.storage import Artefact, read_artefact, write_artefact
from tradewind.models.targets import Targets, targets
from tradewind.models.threads import thread_count, threads_for
from tradewind.models.trees.parity import ParityObjective
from tradewind.models.trees.readers import read_xgboost
from tradewind.models.trees.table import TreeTable

if TYPE_CHECKING:
    import xgboost

_ONE_AT_A_TIME = Lock()
"""Held while a booster forecasts: telling it how many threads to use unsettles a forecast beside it."""


class XGBoostSettings(Settings):
    """A fixed number of small steps with shallow trees, heavy leaves and sampled rows and columns.

    The number of rounds is fixed: stopping early on a tail of daily returns stops where that tail's noise says, often
    after a round or two, and a fifth of the latest days would teach nothing. ``leaf_share`` : least share of the
    training rows in a leaf. ``return_rounds`` : rounds of the return's trees, which hold far less signal. ``parity`` :
    strength of the penalty on unequal mean probabilities of the dataset's groups; of no effect without groups.
    """

    rounds: int = Field(default=100, ge=1)
    return_rounds: int = Field(default=50, ge=1)
    learning_rate: float = Field(default=0.03, gt=0.0, le=1.0)
    max_depth: int = Field(default=3, ge=1)
    leaf_share: float = Field(default=0.03, gt=0.0, le=0.5)
    row_share: float = Field(default=0.5, gt=0.0, le=1.0)
    feature_share: float = Field(default=0.3, gt=0.0, le=1.0)
    l1: float = Field(default=0.0, ge=0.0)
    l2: float = Field(default=10.0, ge=0.0)
    bins: int = Field(default=64, ge=2)
    parity: float = Field(default=0.0, ge=0.0)
    seed: int = 7


class XGBoostForecaster:
    """One booster for the direction (log loss), one for the return (squared error).

    Forecasts are equal for equal seeds and thread counts; sums in another order may differ in the last bits.
    """

    name = "xgboost"

    def __init__(self, settings: XGBoostSettings | None = None) -> None:
        self.settings = settings or XGBoostSettings()
        self._direction: xgboost.Booster | None = None
        self._return: xgboost.Booster | None = None
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
            "binary:logistic",
            s.rounds,
            _matrix(data, known.direction_rows, known.direction, known.direction_weight),
            s.leaf_share * len(known.direction_rows) * 0.25,  # a row's hessian under log loss is p (1 - p)
            self._parity(data, known),
        )
        self._return = self._boost(
            "reg:squarederror",
            s.return_rounds,
            _matrix(data, known.return_rows, known.returns / self._scale, None),
            s.leaf_share * len(known.return_rows),
        )
        return self

    def _parity(self, data: Dataset, known: Targets) -> ParityObjective | None:
        """Return the penalised loss, or None where XGBoost's own is meant: no groups, or a strength of 0."""
        if data.group is None or self.settings.parity == 0.0:
            return None
        return ParityObjective(
            direction=known.direction,
            weight=known.direction_weight,
            group=data.group[known.direction_rows],
            strength=self.settings.parity,
            step=self.settings.learning_rate,
        )

    def _boost(
        self, objective: str, rounds: int, train: xgboost.DMatrix, leaf: float, penalised: ParityObjective | None = None
    ) -> xgboost.Booster:
        import xgboost

        s = self.settings
        parameters: dict[str, Any] = {
            "objective": objective,
            "tree_method": "hist",
            "max_bin": s.bins,
            "learning_rate": s.learning_rate,
            "max_depth": s.max_depth,
            "min_child_weight": leaf,
            "subsample": s.row_share,
            "colsample_bytree": s.feature_share,
            "alpha": s.l1,
            "lambda": s.l2,
            "seed": s.seed,
            "nthread": thread_count(),
            "verbosity": 0,
        }
        if penalised is None:
            return xgboost.train(parameters, train, num_boost_round=rounds, verbose_eval=False)
        parameters["base_score"] = 0.5  # with an objective of one's own XGBoost does not look for the best start

        def derivatives(margin: Float32Array, _: xgboost.DMatrix) -> tuple[FloatArray, FloatArray]:
            return penalised.derivatives(margin.astype(np.float64))

        return xgboost.train(parameters, train, num_boost_round=rounds, verbose_eval=False, obj=derivatives)

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data``; NotFittedError before :meth:`fit`."""
        direction, returns = self._fitted()
        if len(rows) == 0:
            return Forecast.point(rows, np.empty(0), np.empty(0))
        values = data.features[rows]  # read in place: building XGBoost's own matrix takes longer than one row's trees
        with _ONE_AT_A_TIME:
            for booster in (direction, returns):
                booster.set_param({"nthread": threads_for(len(values))})
            probability, scaled = direction.inplace_predict(values), returns.inplace_predict(values)
        return Forecast.point(rows, probability, scaled.astype(np.float64) * self._scale)

    def direction_trees(self) -> TreeTable:
        """Return the direction's trees, in log odds, read once; NotFittedError before :meth:`fit`."""
        if self._trees is None:
            self._trees = read_xgboost(bytes(self._fitted()[0].save_raw("json")))
        return self._trees

    def save(self, folder: Path) -> None:
        """Write both boosters in XGBoost's UBJSON into ``folder``."""
        direction, returns = self._fitted()
        files = {
            "direction.ubj": bytes(direction.save_raw("ubj")),
            "return.ubj": bytes(returns.save_raw("ubj")),
        }
        state = {"settings": self.settings.model_dump(mode="json"), "scale": self._scale}
        write_artefact(folder, self.name, state, files)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that :meth:`save` wrote."""
        artefact = read_artefact(folder, cls.name)
        one = cls(XGBoostSettings(**artefact.state["settings"]))
        one._scale = float(artefact.state["scale"])
        one._direction, one._return = _booster(artefact, "direction.ubj"), _booster(artefact, "return.ubj")
        return one

    def _fitted(self) -> tuple[xgboost.Booster, xgboost.Booster]:
        if self._direction is None or self._return is None:
            raise NotFittedError("the XGBoost model is used before it is fitted")
        return self._direction, self._return


def _matrix(data: Dataset, rows: IntArray, target: FloatArray, weight: FloatArray | None) -> xgboost.DMatrix:
    import xgboost

    return xgboost.DMatrix(data.features[rows], label=target, weight=weight, nthread=thread_count())


def _booster(artefact: Artefact, name: str) -> xgboost.Booster:
    import xgboost

    booster = xgboost.Booster({"nthread": thread_count()})
    booster.load_model(bytearray(artefact.files[name]))
    return booster
