"""A first forecast in Python: bars in, a verdict out.

The same as `tradewind evaluate`, for those who want the parts in their hands.
"""

from __future__ import annotations

from tradewind.data import MarketSettings, simulate
from tradewind.evaluation import evaluate_outcomes
from tradewind.features import row_slices
from tradewind.models import AlwaysUp
from tradewind.training import TrainingSettings, build_dataset, fit_model
from tradewind.training.outcomes import to_outcomes
from tradewind.validation import holdout


def main() -> None:
    # your own: panel = tradewind.data.read_prices("prices.csv")
    market = simulate(MarketSettings(kind="momentum", ceiling=0.65, n_symbols=8, n_days=450, seed=7))
    data = build_dataset(market.panel)

    # train on labels known by the end of March, forecast April to August
    cut = holdout(data.labels.start, data.labels.end, "2013-03-28", "2013-04-01", "2013-08-30")
    model = fit_model(data, cut.train, TrainingSettings(models=("logistic",)))
    forecasts = model.forecast(data, cut.test)

    slices = row_slices(market.panel)
    outcomes = {name: to_outcomes(name, one, data, slices) for name, one in forecasts.items()}
    outcomes["always_up"] = to_outcomes(
        "always_up", AlwaysUp().fit(data, cut.train).predict(data, cut.test), data, slices
    )

    found = evaluate_outcomes(outcomes, primary="ensemble", baselines=["always_up"])
    print(found.verdict.words)
    print(f"nobody can be right more often than {market.ceiling:.1%} on this market")


if __name__ == "__main__":
    main()
