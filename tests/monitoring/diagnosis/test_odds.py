"""Odds of a change: for what is there, against what is not."""

from __future__ import annotations

import numpy as np

from tradewind.monitoring.diagnosis.odds import best_run, shift_odds, usual_of


def test_a_planted_shift_is_found_where_it_began() -> None:
    rng = np.random.default_rng(3)
    period = rng.normal(0.0, 1.0, 30)
    period[20:] += 3.0
    change = shift_odds(usual_of(rng.normal(0.0, 1.0, 200)), period, np.array([1.0, 2.0, 3.0]))
    assert change.log_odds > 10.0
    assert abs(change.first - 20) <= 1


def test_chance_gives_odds_below_one_on_average() -> None:
    rng = np.random.default_rng(4)
    usual = usual_of(rng.normal(0.0, 1.0, 200))
    found = [shift_odds(usual, rng.normal(0.0, 1.0, 30), np.array([1.0, 2.0])).log_odds for _ in range(100)]
    assert np.median(found) < 0.0
    assert np.mean(np.array(found) > 3.0) <= 0.05


def test_best_run_is_the_best_of_all_runs() -> None:
    gain = np.random.default_rng(5).normal(-0.2, 1.0, (15, 4))
    best, first, last = best_run(gain)
    for k in range(4):
        every = {(i, j): gain[i : j + 1, k].sum() for i in range(15) for j in range(i, 15)}
        assert best[k] == max(every.values()) or np.isclose(best[k], max(every.values()))
        assert np.isclose(every[int(first[k]), int(last[k])], best[k])
