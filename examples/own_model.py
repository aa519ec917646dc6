"""A model of your own, beside a logistic regression, under purged walk-forward.

Anything with fit, predict, save and load on rows of a dataset is a model; each fold fits a fresh one.
"""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np

from tradewind.core import Dataset, Forecast, Outcomes
from tradewind.core.arrays import IntArray
from tradewind.data import MarketSettings, simulate
from tradewind.evaluation import evaluate_outcomes
from tradewind.features import row_slices
from tradewind.models import Forecaster, LogisticForecaster
from tradewind.models.storage import pack_arrays, read_artefact, write_artefact
from tradewind.training import build_dataset
from tradewind.training.outcomes import join_outcomes, to_outcomes
from tradewind.validation import WalkForward


class LastMove:
    """Says that the next move follows the last one, as often as it did in training."""

    name = "last_move"
    share = 0.5

    def fresh(self) -> Self:
        return type(self)()

    def fit(self, data: Dataset, rows: IntArray) -> Self:
        last = data.features[rows, data.names.index("return_1")] > 0
        known = ~np.isnan(data.labels.direction[rows])
        self.share = float((last == (data.labels.direction[rows] == 1))[known].mean())
        return self

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        last = data.features[rows, data.names.index("return_1")] > 0
        return Forecast.point(rows, np.where(last, self.share, 1 - self.share), np.zeros(len(rows)))

    def save(self, folder: Path) -> None:
        write_artefact(folder, self.name, {}, {"share.npz": pack_arrays({"share": np.array([self.share])})})

    @classmethod
    def load(cls, folder: Path) -> Self:
        one = cls()
        one.share = float(read_artefact(folder, cls.name).arrays("share.npz")["share"][0])
        return one


def main() -> None:
    panel = simulate(MarketSettings(kind="momentum", ceiling=0.62, n_symbols=8, n_days=500, seed=7)).panel
    data = build_dataset(panel, names=["return_1", "return_5", "rsi_14"])
    defined, slices = np.isfinite(data.features).all(axis=1), row_slices(panel)

    parts: dict[str, list[Outcomes]] = {}
    models: tuple[Forecaster, ...] = (LastMove(), LogisticForecaster())
    for fold in WalkForward.of(data.labels, train_months=12, test_months=1, embargo=2).folds():
        train, test = (rows[defined[rows]] for rows in (fold.train, fold.test))
        for model in models:
            forecast = model.fresh().fit(data, train).predict(data, test)
            parts.setdefault(model.name, []).append(to_outcomes(model.name, forecast, data, slices))

    outcomes = {name: join_outcomes(found) for name, found in parts.items()}
    print(evaluate_outcomes(outcomes, primary="last_move", baselines=["logistic"]).verdict.words)


if __name__ == "__main__":
    main()
