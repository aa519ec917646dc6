"""Why a forecast is what it is: Shapley values of the whole ensemble, which add up to its probability.

The same as `tradewind explain`, without the words.
"""

from __future__ import annotations

import numpy as np

from tradewind.data import MarketSettings, simulate
from tradewind.explain.shapley import Explainer
from tradewind.training import TrainingSettings, build_dataset, fit_model
from tradewind.validation import holdout


def main() -> None:
    panel = simulate(MarketSettings(kind="momentum", ceiling=0.65, n_symbols=6, n_days=400, seed=7)).panel
    data = build_dataset(panel, names=["return_1", "return_5", "return_20", "rsi_14", "sma_ratio_10"])
    cut = holdout(data.labels.start, data.labels.end, "2013-03-28", "2013-04-01", "2013-06-28")
    model = fit_model(data, cut.train, TrainingSettings(models=("logistic",)))
    row = cut.test[-1:]
    found = Explainer.of(model, data).explain(data, row)

    print(f"base {found.base:.1%}: what the model says of a row of which nothing is known")
    for place in np.argsort(-np.abs(found.values[0])):
        print(f"  {found.values[0, place] * 100:+6.2f} points  {found.names[place]}")
    print(f"= {found.probability[0]:.1%}, the forecast")
    assert np.isclose(found.base + found.values[0].sum(), found.probability[0])


if __name__ == "__main__":
    main()
