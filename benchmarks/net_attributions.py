"""How far the quick attributions of sequence nets lie from long ones.

Each net of default settings is fitted on a simulated market; the values of 40 later forecasts, from 16 paths as the
explainer takes them, are compared with those from 2,048 paths that start at 2,048 other windows of the training span,
over three draws of the background. The error of a forecast is the sum of absolute differences over the sum of absolute
values.

    python benchmarks/net_attributions.py lstm gru
"""

from __future__ import annotations

import sys

import numpy as np

from tradewind.data import MarketSettings, simulate
from tradewind.explain.shapley import Background
from tradewind.explain.shapley.nets import NetShap
from tradewind.models import EnsembleSettings
from tradewind.training import TrainingSettings, build_dataset, fit_model
from tradewind.validation import holdout

NETS = ("lstm", "gru", "cnn", "tcn", "hybrid", "transformer")
ROWS, LONG, DRAWS = 40, 2048, (1, 2, 3)


def main(names: list[str]) -> None:
    """Print the error and the correlation of each net, least and greatest over the draws."""
    market = simulate(MarketSettings(kind="momentum", n_symbols=12, n_days=700, ceiling=0.65, seed=11))
    data = build_dataset(market.panel)
    days = [str(day)[:10] for day in data.panel.times]
    cut = int(0.8 * len(days))
    split = holdout(data.labels.start, data.labels.end, days[cut], days[cut + 1], days[-3])
    rows = np.sort(np.random.default_rng(0).choice(split.test, ROWS, replace=False))
    print(f"{'net':<12} {'columns':>7} {'places':>6} {'error':>15} {'correlation':>15}")
    for name in names:
        settings = TrainingSettings(models=(name,), baselines=("always_up",), ensemble=EnsembleSettings(inner_folds=1))
        model = fit_model(data, split.train, settings)
        net, prepared = model.ensemble.members[name], model.prepare(data, None)
        window = net.settings.window
        far = Background.draw(prepared, split.train, size=LONG, windows=LONG, window=window, seed=99)
        long = NetShap(net, far, paths=LONG, nodes=1)(prepared, rows).values
        error, alike = [], []
        for seed in DRAWS:
            near = Background.draw(prepared, split.train, windows=128, window=window, seed=seed)
            quick = NetShap(net, near, seed=seed)
            found = quick(prepared, rows).values
            error.append(float((np.abs(found - long).sum(axis=1) / np.abs(long).sum(axis=1)).mean()))
            alike.append(
                float(np.mean([np.corrcoef(one, other)[0, 1] for one, other in zip(found, long, strict=True)]))
            )
        print(
            f"{name:<12} {len(prepared.names):>7} {quick.nodes:>6} {min(error):>6.1%} to {max(error):.1%} "
            f"{min(alike):>7.3f} to {max(alike):.3f}",
            flush=True,
        )


if __name__ == "__main__":
    main(sys.argv[1:] or list(NETS))
