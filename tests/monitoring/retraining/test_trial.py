"""The trial: nothing of it was learned from, a challenger no better does not win, one that is better does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import accuracy_score, log_loss

from tradewind.core import LeakageError, UsageError
from tradewind.core.arrays import as_time
from tradewind.monitoring.retraining import (
    Materials,
    Paired,
    Plan,
    TrialResult,
    TrialSettings,
    TrialWindow,
    judge,
    level,
    make_challenger,
    trial,
)

QUICK = TrialSettings(bootstrap={"draws": 200})


def paired(seed: int, *, skill: float = 0.2, more: float = 0.0, days: int = 63, symbols: int = 30) -> Paired:
    """Return forecasts of equal skill (``more`` = 0) whose errors share the day's move."""
    rng = np.random.default_rng(seed)
    signal, own, other = rng.normal(size=(3, days, symbols))
    luck = 0.5 * rng.normal(size=(days, 1)) + rng.normal(size=(days, symbols))
    returns = skill * signal + more * other + luck
    champion = stats.norm.cdf(skill * signal + 0.2 * own)
    better = skill * signal + more * other if more else skill * signal + 0.2 * other
    time = np.repeat(np.busday_offset("2025-01-06", np.arange(days), roll="forward"), symbols).astype("datetime64[us]")
    return Paired(
        time=time,
        champion=champion.ravel(),
        challenger=stats.norm.cdf(better).ravel(),
        direction=(returns > 0).astype(float).ravel(),
        forward_return=0.01 * returns.ravel(),
    )


def test_values_agree_with_scikit_learn_and_scipy() -> None:
    pair = paired(1)
    found = judge(pair, QUICK)
    assert found.champion == pytest.approx(accuracy_score(pair.direction, pair.champion > 0.5), abs=1e-12)
    assert found.gain == pytest.approx(found.challenger / found.champion - 1, abs=1e-12)
    loss = judge(pair, QUICK.model_copy(update={"metric": "log_loss"}))
    assert loss.challenger == pytest.approx(log_loss(pair.direction, pair.challenger), abs=1e-9)
    ic = judge(pair, QUICK.model_copy(update={"metric": "ic"}))
    days = [slice(30 * d, 30 * d + 30) for d in range(63)]
    by_day = [stats.spearmanr(pair.champion[day], pair.forward_return[day]).statistic for day in days]
    assert ic.champion == pytest.approx(np.mean(by_day), abs=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("metric", ["accuracy", "log_loss", "ic"])
def test_a_challenger_no_better_wins_in_at_most_alpha_of_trials(metric: str) -> None:
    s = QUICK.model_copy(update={"metric": metric, "margin": 0.0, "alpha": 0.1})
    won = sum(judge(paired(seed), s).passed for seed in range(400))
    assert stats.binom.sf(won - 1, 400, level(0.1, 1)) > 0.01


@pytest.mark.slow
@pytest.mark.parametrize("horizon", [5, 20])
def test_labels_that_overlap_let_no_more_challengers_win_by_chance(horizon: int) -> None:
    s = TrialSettings(margin=0.0, alpha=0.1, bootstrap={"draws": 100})
    rng, won, days = np.random.default_rng(8), 0, 63
    for _ in range(300):
        moves = 0.4 * rng.normal(size=(days + horizon, 1)) + rng.normal(size=(days + horizon, 12))
        total = np.concatenate([np.zeros((1, 12)), np.cumsum(moves, axis=0)])
        forward = total[horizon + 1 :] - total[1:-horizon]
        signal = rng.normal(size=(2, days, 13))
        for day in range(1, days):  # forecasts that stay, as those of slow features do
            signal[:, day] = 0.9 * signal[:, day - 1] + np.sqrt(1 - 0.81) * signal[:, day]
        champion, challenger = (stats.norm.cdf(one[:, :12] + one[:, 12:]).ravel() for one in signal)
        time = np.repeat(np.datetime64("2025-01-06", "us") + np.arange(days) * np.timedelta64(1, "D"), 12)
        pair = Paired(
            time=time, champion=champion, challenger=challenger, direction=(forward > 0).astype(float).ravel(),
            forward_return=forward.ravel(), horizon=horizon,
        )  # fmt: skip
        won += judge(pair, s).passed
    assert stats.binom.sf(won - 1, 300, level(0.1, 1)) > 0.01


def test_a_better_challenger_wins_and_the_bootstrap_agrees() -> None:
    drawn = QUICK.model_copy(update={"test": "bootstrap"})
    trials = [paired(1000 + seed, more=0.4) for seed in range(60)]
    wins = [judge(pair, QUICK).passed for pair in trials]
    assert np.mean(wins) > 0.9
    assert np.mean([judge(pair, drawn).passed == win for pair, win in zip(trials, wins, strict=True)]) > 0.9


def test_a_gain_below_the_margin_is_not_enough_and_the_margin_can_be_tested() -> None:
    pair = paired(7, more=0.4)
    found = judge(pair, QUICK)
    assert found.passed
    assert not judge(pair, QUICK.model_copy(update={"margin": found.gain + 0.01})).passed
    tested = judge(pair, QUICK.model_copy(update={"margin": found.gain, "test_margin": True}))
    assert tested.p_value == pytest.approx(0.5, abs=0.05)


@given(alpha=st.floats(0.001, 0.4), count=st.integers(1, 200))
def test_the_levels_of_any_number_of_challengers_sum_to_less_than_alpha(alpha: float, count: int) -> None:
    assert sum(level(alpha, k) for k in range(1, count + 1)) < alpha


def test_no_number_of_challengers_below_one() -> None:
    with pytest.raises(UsageError, match="count this one"):
        level(0.05, 0)


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000))
def test_order_of_rows_and_bars_without_a_label_change_nothing(seed: int) -> None:
    pair = paired(seed, days=45, symbols=8)
    order = np.random.default_rng(seed).permutation(len(pair.time))
    columns = {name: getattr(pair, name)[order] for name in ("time", "champion", "challenger", "direction")}
    mixed = Paired(**columns, forward_return=pair.forward_return[order])
    assert judge(mixed, QUICK).p_value == pytest.approx(judge(pair, QUICK).p_value, abs=1e-9)
    extra = Paired(
        time=np.append(pair.time, pair.time[:3]), champion=np.append(pair.champion, [0.9, np.nan, 0.2]),
        challenger=np.append(pair.challenger, [0.1, 0.3, 0.2]),
        direction=np.append(pair.direction, [np.nan, 1, np.nan]),
        forward_return=np.append(pair.forward_return, [0.0, 0.0, np.nan]),
    )  # fmt: skip
    assert judge(extra, QUICK).gain == pytest.approx(judge(pair, QUICK).gain, abs=1e-12)


def test_too_few_days_prove_nothing() -> None:
    found = judge(paired(1, days=20), QUICK)
    assert np.isnan(found.gain)
    assert not found.passed


def test_the_window_leaves_out_what_the_champion_learned_from(world) -> None:
    labels, times = world.data.labels, world.data.panel.times
    now = times[-1]
    free = TrialWindow.of(labels, times[300], TrialSettings(), now)
    assert free.cut == ""
    assert free.train_end < free.start
    cut = TrialWindow.of(labels, times[-46], TrialSettings(), now)
    assert "the champion learned" in cut.cut
    assert cut.train_end >= times[-46]
    assert np.count_nonzero(times < cut.start) - np.count_nonzero(times <= cut.train_end) == 1  # the embargo
    with pytest.raises(UsageError, match="days can be tried on"):
        TrialWindow.of(labels, times[-20], TrialSettings(), now)


def test_a_model_that_has_seen_the_trial_is_refused(world) -> None:
    on = Materials(data=world.data)
    window = TrialWindow.of(world.data.labels, world.data.panel.times[300], TrialSettings(), world.data.panel.times[-1])
    late = replace(world.champion, record={**world.champion.record, "trained_until": str(window.end)})
    with pytest.raises(LeakageError, match="the challenger learned"):
        trial(world.champion, late, on, window, QUICK)
    with pytest.raises(LeakageError, match="the champion learned"):
        trial(late, world.champion, on, window, QUICK)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["full", "incremental"])
def test_the_challenger_knows_nothing_of_the_trial_months(world, kind: str) -> None:
    data, times = world.data, world.data.panel.times
    window = TrialWindow.of(data.labels, world.champion.record["trained_until"], TrialSettings(), times[-1])
    refit = ("logistic",) if kind == "incremental" else ()
    plan = Plan(kind=kind, window="moving", months=8, refit=refit, reason="test")
    later = data.labels.start > window.train_end
    rng = np.random.default_rng(1)
    turned = replace(
        data,
        labels=replace(
            data.labels,
            direction=np.where(later, 1 - data.labels.direction, data.labels.direction),
            forward_return=np.where(later, rng.normal(size=len(data)), data.labels.forward_return),
        ),
    )
    one, other = (make_challenger(world.champion, plan, Materials(data=d), window).model for d in (data, turned))
    rows = window.rows(data.labels)[:200]
    for name, forecast in one.forecast(data, rows).items():
        np.testing.assert_array_equal(forecast.probability, other.forecast(data, rows)[name].probability)
    assert as_time(one.record["trained_until"]) <= window.train_end


def test_a_later_panel_gives_the_same_trial(world) -> None:
    data, times = world.data, world.data.panel.times
    now = times[-30]
    window = TrialWindow.of(data.labels, times[230], TrialSettings(), now)
    cut = data.select(data.panel.time <= now)
    assert TrialWindow.of(cut.labels, times[230], TrialSettings(), now) == window
    results = [trial(world.champion, world.champion, Materials(data=d), window, QUICK) for d in (data, cut)]
    assert results[0] == results[1]
    assert results[0].judgement.gain == 0.0
    assert not results[0].passed
    assert TrialResult.from_dict(results[0].to_dict()) == results[0]
