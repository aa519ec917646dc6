"""Shapley values of nets and of forecasters of which nothing is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.special import expit

from tradewind.core import Dataset, Forecast, Labels, Panel, UsageError
from tradewind.explain.shapley import Background, NetShap, SampledShap, brute_shapley, linear_shap, member_shap
from tradewind.explain.shapley.part import settled
from tradewind.models import LSTMForecaster, LSTMSettings

W, Q, BARS = 10, 3, 250


@pytest.fixture(scope="module")
def market() -> Dataset:
    """Return two symbols of which each next bar rises with columns 0 and 1, together more than alone."""
    rng = np.random.default_rng(3)
    n = 2 * BARS
    values = rng.normal(size=(n, Q)).astype(np.float32)
    drive = values[:, 0] + values[:, 1] + values[:, 0] * values[:, 1]
    rise = (drive + 0.5 * rng.normal(size=n) > 0).astype(float)
    days = np.tile(np.datetime64("2015-01-01") + np.arange(BARS), 2)
    columns = {"symbol": np.repeat(["A", "B"], BARS), "time": days}
    price = dict.fromkeys(("open", "high", "low", "close", "adj_close", "volume"), np.full(n, 40.0))
    panel = Panel.from_columns(columns | price)
    labels = Labels(start=panel.time, end=panel.time, direction=rise, forward_return=rise - 0.5, horizon=1)
    return Dataset(panel=panel, features=values, names=tuple(f"f{i}" for i in range(Q)), labels=labels)


@pytest.fixture(scope="module")
def net(market) -> LSTMForecaster:
    settings = LSTMSettings(window=W, hidden=8, max_epochs=10, span=10, burn_in=5, learning_rate=0.03, dropout=0.0)
    return LSTMForecaster(settings).fit(market, np.flatnonzero(market.bar_index < 200))


@pytest.fixture(scope="module")
def background(market) -> Background:
    return Background.draw(market, np.flatnonzero(market.bar_index < 200), size=128, windows=64, window=W, seed=1)


@pytest.fixture(scope="module")
def bare(background) -> Background:
    """Return the background alone, as the definition knows it."""
    return replace(background, centre=None)


ROWS = np.arange(210, 240)


def test_parts_sum_to_the_log_odds_by_column_and_by_bar(net, market, background):
    rows = np.concatenate([[0, 1, 5, BARS], ROWS])
    part = NetShap(net, background)(market, rows)
    np.testing.assert_allclose(expit(part.output), net.predict(market, rows).probability, rtol=0, atol=1e-7)
    np.testing.assert_allclose(part.base + part.values.sum(axis=1), part.output, rtol=0, atol=1e-9)
    np.testing.assert_allclose(part.base + part.bars.sum(axis=1), part.output, rtol=0, atol=1e-9)
    assert part.scale == "log_odds"


def test_a_row_early_in_the_history_gives_nothing_to_bars_before_the_first(net, market, background):
    part = NetShap(net, background)(market, np.array([0, 3]))
    assert (part.bars[0, :-1] == 0.0).all()
    assert (part.bars[1, :-4] == 0.0).all()
    assert (part.bars[1, -4:] != 0.0).all()


@pytest.mark.slow
def test_more_places_on_the_paths_leave_a_smaller_gap(net, market, bare):
    rough = NetShap(net, bare, paths=64, nodes=1)(market, ROWS)
    fine = NetShap(net, bare, paths=64, nodes=8)(market, ROWS)
    moved = np.abs(fine.output - fine.base).mean()
    assert np.abs(fine.gap).mean() < 0.03 * moved
    assert np.abs(fine.gap).mean() < np.abs(rough.gap).mean()


@pytest.mark.slow
def test_values_depend_less_on_the_draw_than_those_of_its_windows_alone(net, market):
    known = np.flatnonzero(market.bar_index < 200)
    drawn = [Background.draw(market, known, size=128, windows=64, window=W, seed=seed) for seed in range(6)]
    whole = np.stack([NetShap(net, one)(market, ROWS).values for one in drawn])
    alone = np.stack([NetShap(net, replace(one, centre=None))(market, ROWS).values for one in drawn])
    assert whole.std(axis=0).mean() < 0.7 * alone.std(axis=0).mean()
    np.testing.assert_array_equal(drawn[0].centre[-1], market.features[known[known % BARS >= W - 1]].mean(0, float))
    bases = [NetShap(net, one).base for one in drawn]
    assert np.std(bases) < 0.7 * np.std([NetShap(net, replace(one, centre=None)).base for one in drawn])


@pytest.mark.slow
def test_values_are_near_those_of_the_definition(net, market, bare):
    """A player is a column on every bar of the window; the definition evaluates every coalition of the three."""
    index = ROWS[:, None] + np.arange(1 - W, 1)
    last = np.full(len(bare.windows), W - 1)

    def true_values(window: np.ndarray) -> np.ndarray:
        def f(taken: np.ndarray) -> np.ndarray:  # (k, 3) of 0 and 1: which columns are the row's
            mixed = np.where(taken[:, None, :] == 1.0, window, bare.windows)
            return net.log_odds_at(mixed.astype(np.float32), last)

        return brute_shapley(f, np.ones(Q), np.zeros_like(bare.windows[:, 0]))

    expected = np.array([true_values(market.features[one]) for one in index])
    size = np.abs(expected).sum(axis=1).mean()
    fine = NetShap(net, bare, paths=64, nodes=8)(market, ROWS)
    assert np.abs(fine.values - expected).sum(axis=1).mean() < 0.12 * size
    usual = NetShap(net, bare)(market, ROWS)
    assert np.abs(usual.values - expected).sum(axis=1).mean() < 0.25 * size
    assert np.abs(usual.base - fine.base) < 1e-9


def test_a_net_that_is_a_line_is_explained_exactly(market, background):
    line = LSTMForecaster(LSTMSettings(window=W, hidden=4, max_epochs=1, span=10)).fit(market, np.arange(100))
    weight = line._fitted().heads.weight
    weight.data[:, :4] = 0.0  # the heads no longer hear the state, only the row's own columns
    weight.data[0, 4:] = weight.new_tensor([0.5, -1.0, 0.25])
    part = NetShap(line, background, nodes=1)(market, ROWS)
    values, base = linear_shap(
        weight[0, 4:].detach().double().numpy(),
        line._fitted().heads.bias[0].item(),
        market.features[ROWS],
        background.centre[None, -1],
    )
    np.testing.assert_allclose(part.values, values, rtol=0, atol=1e-5)
    assert part.base == pytest.approx(base, abs=1e-6)
    assert np.abs(part.gap).max() < 1e-5
    assert np.abs(part.bars[:, :-1]).max() < 1e-6


def test_a_row_is_explained_alike_whatever_is_explained_beside_it(net, market, background):
    explain = NetShap(net, background)
    together, alone = explain(market, ROWS), explain(market, ROWS[7:8])
    np.testing.assert_allclose(alone.values[0], together.values[7], rtol=0, atol=1e-5)
    np.testing.assert_array_equal(NetShap(net, background)(market, ROWS).values, together.values)


def test_later_bars_do_not_count(net, market, background):
    changed = market.features.copy()
    changed[ROWS[-1] + 1 :] = 9.0
    later = market.with_features(changed, market.names)
    explain = NetShap(net, background)
    np.testing.assert_array_equal(explain(later, ROWS).values, explain(market, ROWS).values)


def test_a_background_of_shorter_windows_is_refused(net, market):
    short = Background.draw(market, np.arange(200), size=20, windows=8, window=W - 1, seed=1)
    with pytest.raises(UsageError, match="9 bars, the lstm net reads 10"):
        NetShap(net, short)


@dataclass(frozen=True)
class Known:
    """A forecaster whose log odds are a known function of a row's columns (and of nothing, before it is fitted)."""

    f: Callable[[np.ndarray], np.ndarray]
    name: str = "known"

    def fresh(self) -> Self:
        return replace(self)

    def fit(self, data: Dataset, rows: np.ndarray) -> Self:
        return self

    def predict(self, data: Dataset, rows: np.ndarray) -> Forecast:
        return Forecast.point(rows, expit(self.f(data.features[rows].astype(float))), np.zeros(len(rows)))


def test_sampled_orders_are_exact_where_columns_act_in_pairs(market, background):
    def f(x: np.ndarray) -> np.ndarray:
        return 0.2 * x[:, 0] * x[:, 1] + 0.3 * x[:, 2]

    part = SampledShap(Known(f), background, pairs=1)(market, ROWS)
    mean = background.values.mean(axis=0, dtype=float)[None].astype(np.float32).astype(float)
    expected = [brute_shapley(f, row, mean) for row in market.features[ROWS].astype(float)]
    np.testing.assert_allclose(part.values, expected, rtol=0, atol=1e-9)
    assert np.abs(part.gap).max() < 1e-9


def test_sampled_orders_are_additive_and_know_idle_and_equal_columns(market, background):
    def f(x: np.ndarray) -> np.ndarray:
        return np.sin(x[:, 0] + x[:, 1])  # column 2 is idle, the first two play the same part

    equal = background.values.copy()
    equal[:, 1] = equal[:, 0]
    same = market.features.copy()
    same[:, 1] = same[:, 0]
    data = market.with_features(same, market.names)
    part = SampledShap(Known(f), replace(background, values=equal), seed=5)(data, ROWS)
    np.testing.assert_allclose(part.base + part.values.sum(axis=1), part.output, rtol=0, atol=1e-12)
    np.testing.assert_allclose(part.values[:, 0], part.values[:, 1], rtol=0, atol=1e-7)
    assert (part.values[:, 2] == 0.0).all()
    again = SampledShap(Known(f), replace(background, values=equal), seed=5)(data, ROWS)
    np.testing.assert_array_equal(again.values, part.values)


def test_what_is_read_beside_the_columns_is_told_as_a_gap(market, background):
    part = SampledShap(Known(lambda x: 0.5 * x[:, 0]), background, base=-1.0)(market, ROWS)
    at_mean = 0.5 * float(background.values[:, 0].mean(dtype=float))
    np.testing.assert_allclose(part.gap, at_mean + 1.0, rtol=0, atol=1e-6)
    np.testing.assert_allclose(part.values.sum(axis=1), part.output + 1.0, rtol=0, atol=1e-12)


def test_any_forecaster_is_explained_by_the_method_of_its_kind(net, market, background):
    np.testing.assert_array_equal(
        member_shap(net, market, ROWS, background).values, NetShap(net, background)(market, ROWS).values
    )
    known = Known(lambda x: x[:, 0])
    np.testing.assert_array_equal(
        member_shap(known, market, ROWS, background).values, SampledShap(known, background)(market, ROWS).values
    )


@given(arrays(np.float64, (4, 5), elements=st.floats(-2, 2)), arrays(np.float64, 4, elements=st.floats(-5, 5)))
def test_what_is_missing_is_shared_out_and_idle_parts_stay_idle(values, total):
    moved = settled(values, total)
    some = np.abs(values).sum(axis=1) > 1e-6
    np.testing.assert_allclose(moved[some].sum(axis=1), total[some], rtol=0, atol=1e-9)
    assert (moved[values == 0.0] == 0.0).all()
