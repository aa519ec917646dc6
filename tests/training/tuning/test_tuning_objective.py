"""Scores by period, against plain definitions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import log_loss, roc_auc_score

from tradewind.core import Dataset
from tradewind.training.tuning.choice import Trial, advantage, choose
from tradewind.training.tuning.objective import Facts, choose_measure


@pytest.fixture(scope="module")
def block() -> tuple[Facts, np.ndarray]:
    """Return facts of 30 days of 12 symbols in three periods, and forecasts with some skill."""
    rng = np.random.default_rng(0)
    day = rng.permutation(np.repeat(np.arange(30), 12))
    returns = rng.normal(size=len(day))
    direction = np.where(np.abs(returns) < 0.3, np.nan, (returns > 0).astype(float))
    facts = Facts(direction=direction, returns=returns, day=day, period=day // 10, periods=3)
    return facts, 1 / (1 + np.exp(-0.4 * returns - rng.normal(size=len(day))))


def test_ic_is_the_mean_rank_correlation_of_days(block: tuple[Facts, np.ndarray]) -> None:
    facts, p = block
    days = [spearmanr(p[facts.day == d], facts.returns[facts.day == d])[0] for d in range(10, 20)]
    assert facts.judge("ic", p)[1] == pytest.approx(np.mean(days))
    assert facts.judge("ic", np.full(len(p), 0.5)) == (0.0, 0.0, 0.0)


def test_the_other_scores_follow_their_definitions(block: tuple[Facts, np.ndarray]) -> None:
    facts, p = block
    rows = (facts.period == 2) & ~np.isnan(facts.direction)
    y = facts.direction[rows]
    assert facts.judge("auc", p)[2] == pytest.approx(roc_auc_score(y, p[rows]))
    assert facts.judge("accuracy", p)[2] == pytest.approx(np.mean((p[rows] > 0.5) == y))
    assert facts.judge("accuracy", np.full(len(p), 0.5))[2] == 0.5
    assert facts.judge("log_loss", p)[2] == pytest.approx(-log_loss(y, p[rows]))


def test_a_period_without_anything_to_judge_is_nan(block: tuple[Facts, np.ndarray]) -> None:
    facts, p = block
    empty = Facts(
        direction=np.full(len(p), np.nan),
        returns=np.full(len(p), np.nan),
        day=facts.day,
        period=facts.period,
        periods=3,
    )
    for measure in ("ic", "auc", "accuracy", "log_loss"):
        assert np.isnan(empty.judge(measure, p)).all()


def test_auto_takes_ic_where_there_are_symbols_enough(market: Dataset) -> None:
    rows = np.arange(len(market))
    few = market.select(market.panel.symbol_code < 4)
    assert choose_measure("auto", market, rows) == "ic"
    assert choose_measure("auto", few, np.arange(len(few))) == "auc"
    assert choose_measure("log_loss", market, rows) == "log_loss"


def trial(number: int, *scores: float, state: str = "complete") -> Trial:
    """Return a trial of one split with these scores by period."""
    return Trial(stage="members", model="m", number=number, params={}, splits=(scores,), state=state)  # type: ignore[arg-type]


def test_the_default_is_kept_unless_it_is_beaten_by_more_than_chance() -> None:
    default, steady, wild = trial(0, 1, 2, 3), trial(1, 1.1, 2.1, 3.11), trial(2, 9, -2, 3)
    assert choose([default, wild], 1.0)[0] == default
    assert choose([default, steady], 1.0)[0] == steady
    assert choose([default, steady, wild], 1.0) == (default, wild)  # only the best may challenge
    assert choose([default, steady, wild], 0.0)[0] == wild


def test_winners_stay_unless_a_neighbour_beats_them() -> None:
    default, winner, near = trial(0, 1, 2, 3), trial(1, 2, 3, 4.1), trial(2, 2.5, 2.6, 4.2)
    assert choose([default, winner, near], 1.0, fixed=2)[0] == winner
    assert choose([default, trial(1, 0, 1, 2), near], 1.0, fixed=2)[0] == near


def test_a_default_that_failed_gives_way_and_nothing_is_found_where_all_did() -> None:
    failed = trial(0, state="failed")
    assert choose([failed, trial(1, 1, 2)], 1.0)[0] == trial(1, 1, 2)
    assert choose([failed], 1.0) == (None, None)


def test_advantage_is_paired_and_leaves_out_periods_that_one_lacks() -> None:
    gain = advantage(trial(1, 1.5, np.nan, 3.5, 7), trial(0, 1, 2, 3, 6))
    assert gain.mean == pytest.approx(2 / 3)
    assert gain.std_error == pytest.approx(np.std([0.5, 0.5, 1], ddof=1) / np.sqrt(3))
