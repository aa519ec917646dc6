"""Observations, levels and change points."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tradewind.continual.regimes import (
    AdaptiveWindow,
    ChangeSettings,
    MarketReader,
    ObservationSettings,
    OnlineChange,
    RegimeModel,
    RegimeSettings,
    VolatilityRegime,
    market_observations,
    retrospective_changes,
    trend_regimes,
    volatility_regimes,
)
from tradewind.core import UsageError
from tradewind.data.simulator import MarketSettings, MarketShock, simulate
from tradewind.features.market import market_volatility_days
from tradewind.features.registry import FeatureContext


@pytest.fixture(scope="module")
def market():
    return simulate(
        MarketSettings(
            kind="regimes", regime_volatility=(1.0, 0.4, 2.5), n_symbols=15, n_days=700, factor_share=0.4, seed=4
        )
    )


def test_observations_read_no_later_bar(market) -> None:
    panel = market.panel
    whole = market_observations(panel)
    assert whole.values.shape == (len(panel.times), 4)
    assert np.isfinite(whole.values[40:]).all()
    for cut in (30, 301):
        part = market_observations(panel.until(panel.times[cut]))
        assert np.array_equal(part.values, whole.values[: cut + 1], equal_nan=True)


def test_observations_are_what_they_say(market) -> None:
    panel = market.panel
    close = panel.adj_close.reshape(panel.n_symbols, -1)
    moves = close[:, 1:] / close[:, :-1] - 1.0
    values = market_observations(panel, ObservationSettings(clip=0.0)).values[1:]
    np.testing.assert_allclose(values[:, 0], moves.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(np.exp(values[100, 1]), np.sqrt(np.mean(moves.mean(axis=0)[91:101] ** 2)))
    np.testing.assert_allclose(np.exp(values[:, 2]), moves.std(axis=0))
    window = moves[:, 281:301]
    pairs = window @ window.T
    n = len(pairs)
    expected = (pairs.sum() - np.trace(pairs)) / (n - 1) / np.trace(pairs)
    assert values[300, 3] == pytest.approx(expected)


def test_one_broken_price_is_no_regime(market) -> None:
    panel = market.panel
    broken = panel.select(np.ones(len(panel), dtype=bool))
    row = panel.rows_of(panel.symbols[3]).start + 400
    broken.adj_close[row] *= 100.0
    right, wrong = market_observations(panel).values, market_observations(broken).values
    assert abs(wrong[400, 0] - right[400, 0]) < 0.02
    assert np.nanmax(np.abs(wrong[:, 1] - right[:, 1])) < 0.5


def test_the_reader_stands_what_may_come() -> None:
    reader = MarketReader()
    assert np.isnan(reader.update(np.array([], dtype=str), np.array([])).values).all()
    for _ in range(30):
        one = reader.update(np.array(["A", "B", "A"]), np.array([np.nan, -1.0, 5.0]))
    assert np.isnan(one.values).all()
    for _ in range(30):
        one = reader.update(np.array(["A", "B"]), np.array([5.0, 5.0]))
    assert one.values[0] == 0.0
    assert np.isnan(one.values[1:]).all()


def test_true_volatility_regimes_are_found_out_of_sample(market) -> None:
    seen = market_observations(market.panel)
    train = seen.until(seen.time[399])
    model = RegimeModel.fit(train.values, RegimeSettings(order_by=1, starts=2))
    probability = model.filter(seen.values)
    truth = market.regime.reshape(market.panel.n_symbols, -1)[0]
    order = np.array([1, 0, 2])[truth]  # random walk is the normal one, momentum calm, reversal stormy
    into = np.concatenate([[order[0]], order[:-1]])  # the move into a session was made under the regime before it
    agree = (probability.argmax(axis=1) == into)[400:]
    assert agree.mean() > 0.75


def test_levels_online_are_those_of_the_features(market) -> None:
    panel = market.panel
    volatility = market_volatility_days(FeatureContext(panel))
    reader = VolatilityRegime()
    online = [reader.update(float(value)) for value in volatility]
    times, names = volatility_regimes(panel)
    assert len(times) == len(panel.times)
    assert online == names.tolist()
    assert set(names[100:]) == {"calm", "normal", "stressed"}


def test_trend_is_the_t_test_of_the_mean_and_reads_no_later_return() -> None:
    rng = np.random.default_rng(2)
    moves = np.concatenate([rng.normal(0.0, 0.01, 200), rng.normal(0.006, 0.01, 100), rng.normal(-0.006, 0.01, 100)])
    names = trend_regimes(moves)
    assert set(names[:59]) == {"unknown"}
    assert names[290] == "up"
    assert names[399] == "down"
    for at in (59, 130, 250, 399):
        t = stats.ttest_1samp(np.log1p(moves[at - 59 : at + 1]), 0.0).statistic
        assert names[at] == ("flat" if abs(t) < 1.5 else "up" if t > 0 else "down")
    assert np.array_equal(trend_regimes(moves[:250]), names[:250])


def test_run_lengths_are_those_of_the_whole_posterior() -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate([rng.normal(0, 1, 12), rng.normal(4, 1, 8)])
    rule = ChangeSettings(mean_run=20.0)
    change = OnlineChange(rule)
    for value in values:
        change.update(float(value))

    def evidence(part: np.ndarray) -> float:
        location, weight, shape, scale = rule.location, rule.weight, rule.shape, rule.scale
        total = 0.0
        for value in part:
            spread = np.sqrt(scale * (weight + 1) / (shape * weight))
            total += stats.t.logpdf(value, 2 * shape, loc=location, scale=spread)
            scale += weight * (value - location) ** 2 / (2 * (weight + 1))
            location = (weight * location + value) / (weight + 1)
            weight, shape = weight + 1, shape + 0.5
        return total

    # The joint of the last run and all data, by summing over where the run before it began.
    hazard = 1.0 / rule.mean_run
    n = len(values)
    before = np.zeros(n + 1)  # log evidence of values[:end] with a change right at its end
    for end in range(1, n + 1):
        terms = [
            before[start] + evidence(values[start:end]) + (end - start - 1) * np.log1p(-hazard) + np.log(hazard)
            for start in range(end)
        ]
        before[end] = np.logaddexp.reduce(terms)
    last = [before[start] + evidence(values[start:]) + (n - start) * np.log1p(-hazard) for start in range(n)]
    joint = np.array([before[n], *last[::-1]])
    np.testing.assert_allclose(change.run_length, np.exp(joint - np.logaddexp.reduce(joint)), atol=1e-10)


def test_changes_are_found_soon_and_seldom_without_one() -> None:
    rng = np.random.default_rng(8)
    values = np.concatenate([rng.normal(0, 1, 400), rng.normal(0, 3, 100)])
    change, window = OnlineChange(ChangeSettings(longest=200)), AdaptiveWindow()
    recent = [change.update(float(value)) for value in values]
    assert max(recent[50:400]) < 0.9
    assert max(recent[400:430]) > 0.9
    assert len(change.run_length) == 200
    told = [at for at, value in enumerate(np.square(values)) if window.update(float(value))]
    assert told
    assert 400 < told[0] < 480
    assert window.width < 300
    assert not window.update(float("nan"))
    with pytest.raises(UsageError):
        AdaptiveWindow(2.0)


@pytest.mark.slow
def test_retrospective_changes_are_where_the_shock_is() -> None:
    shock = MarketShock(kind="volatility", first=200, last=299, size=3.0)
    panel = simulate(MarketSettings(n_symbols=10, n_days=500, factor_share=0.5, shocks=(shock,), seed=1)).panel
    found = retrospective_changes(market_observations(panel).values[:, 0])
    assert len(found) == 2
    assert np.all(np.abs(found - [200, 300]) <= 6)
    assert len(retrospective_changes(np.zeros((5, 2)))) == 0
