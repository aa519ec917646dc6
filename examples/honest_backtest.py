"""An honest backtest: on a random walk it finds nothing, however many variants are tried.

Twenty forecasters toss coins. The best of them looks skilled until the verdict is told how many there were.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.data import MarketSettings, simulate
from tradewind.evaluation import BacktestSettings, accuracy_interval, backtest, skill_verdict
from tradewind.features import row_slices
from tradewind.models import AlwaysUp
from tradewind.training import build_dataset
from tradewind.training.outcomes import to_outcomes
from tradewind.validation import holdout

TRIES = 20


def main() -> None:
    panel = simulate(MarketSettings(kind="random_walk", n_symbols=6, n_days=320, seed=4)).panel
    data = build_dataset(panel, names=["return_1"])
    cut = holdout(data.labels.start, data.labels.end, "2012-12-31", "2013-01-02", "2013-03-15")
    blank = to_outcomes("coin", AlwaysUp().fit(data, cut.train).predict(data, cut.test), data, row_slices(panel))

    rng = np.random.default_rng(0)
    coins = [replace(blank, probability=rng.uniform(0.4, 0.6, len(blank))) for _ in range(TRIES)]
    best = min(coins, key=lambda one: skill_verdict(one).p_value)

    interval = accuracy_interval(best)
    print(f"the best of {TRIES} coins is right on {interval.value:.1%} ({interval.lower:.1%} to {interval.upper:.1%})")
    print("told of one try: ", skill_verdict(best).words)
    honest = skill_verdict(best, trials=TRIES)
    print("told of all:     ", honest.words)
    assert not honest.skill

    traded = backtest(best, BacktestSettings())
    print(f"traded one bar later, after costs, it earns {np.prod(1 + traded.returns) - 1:+.1%}")


if __name__ == "__main__":
    main()
