"""A feature of your own: declared once, proven point in time, used by a model.

Importing a module that declares a feature is all it takes for training to offer it to the selection.
"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.data import MarketSettings, simulate
from tradewind.features import REGISTRY, FeatureContext, Group, SelectionSettings, compute_features
from tradewind.features.kernels import ratio, rolling_mean
from tradewind.training import TrainingSettings, build_dataset, fit_model
from tradewind.validation import holdout

NAME = "close_over_mean_8"


@REGISTRY.own_bars(NAME, group=Group.TREND, window=8, source="an example")
def close_over_mean(context: FeatureContext) -> FloatArray:
    """Close over its mean of 8 bars, less 1."""
    panel = context.panel
    return ratio(panel.adj_close, rolling_mean(panel.adj_close, panel.offsets, 8)) - 1.0


def main() -> None:
    panel = simulate(MarketSettings(kind="momentum", ceiling=0.65, n_symbols=6, n_days=400, seed=7)).panel

    # the proof: take the future away, compute again, and find equal values, bit for bit
    whole = compute_features(panel, names=[NAME]).values[:, 0]
    moment = panel.known_at[250]
    cut = compute_features(panel.until(moment), names=[NAME]).values[:, 0]
    assert np.array_equal(whole[panel.known_at <= moment], cut, equal_nan=True)
    print(f"{NAME} reads no future")

    data = build_dataset(panel, names=[NAME, "return_1", "return_5", "rsi_14"])
    split = holdout(data.labels.start, data.labels.end, "2013-03-28", "2013-04-01", "2013-06-28")
    # left to itself the selection drops a column that says what others say; `keep` holds on to yours
    settings = TrainingSettings(models=("logistic",), selection=SelectionSettings(keep=(NAME,)))
    model = fit_model(data, split.train, settings)
    print("the model looks at", ", ".join(model.preprocessor.names))


if __name__ == "__main__":
    main()
