"""A forecast run again on other bars or features gives what the whole model gives, and sees no later bar."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Dataset, InputError
from tradewind.data import MarketSettings, simulate
from tradewind.explain.counterfactual import BarSettings, bar_counterfactuals
from tradewind.explain.what_if.bar import Bar, with_bars
from tradewind.explain.what_if.replay import Replay, as_known
from tradewind.features import SelectionSettings
from tradewind.models import EnsembleSettings, ModelSettings
from tradewind.models.nets.graph import GraphSettings
from tradewind.models.trees.xgb import XGBoostSettings
from tradewind.training import ENSEMBLE, FairnessSettings, TrainingSettings, build_dataset, fit_model
from tradewind.validation import holdout

ACROSS = (
    "return_1", "rsi_14", "realised_volatility_20", "market_return_1", "return_rank_5", "sector_relative_5",
    "volume_surprise_rank_20", "breadth_rising", "beta_60",
)  # fmt: skip


def other_bars(bar: Bar, count: int, seed: int = 0) -> list[Bar]:
    """Return bars near ``bar`` whose range holds open and close."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        close = bar.close * float(np.exp(rng.normal(0, 0.03)))
        found.append(
            replace(
                bar,
                close=close,
                adj_close=close * bar.adj_close / bar.close,
                high=max(bar.high, close) * 1.001,
                low=min(bar.low, close) * 0.999,
                volume=round(bar.volume * float(np.exp(rng.normal(0, 0.5)))),
            )
        )
    return found


def afresh(replay: Replay, data: Dataset, bar: Bar) -> float:
    """Return the forecast of the row with another bar, from a dataset built from bars alone."""
    panel = data.panel.until(replay.time)
    rows = panel.rows_of(replay.symbol)
    changed = with_bars(panel, np.array([rows.stop - 1]), [bar])
    built = build_dataset(changed, names=data.names)
    return float(replay.model.forecast(built, np.array([rows.stop - 1]))[ENSEMBLE].probability[0])


@pytest.fixture(scope="module")
def across():
    """Return (model, data, test rows) of a small booster that reads features across symbols."""
    market = simulate(MarketSettings(kind="momentum", n_symbols=8, n_days=400, ceiling=0.7, seed=9))
    data = build_dataset(market.panel, names=ACROSS)
    split = holdout(data.labels.start, data.labels.end, "2012-12-31", "2013-01-02", "2013-06-28")
    settings = TrainingSettings(
        models=("xgboost",),
        baselines=(),
        selection=SelectionSettings(n_features=len(ACROSS), max_correlation=1.0),
        ensemble=EnsembleSettings(inner_folds=1),
        members=ModelSettings(xgboost=XGBoostSettings(rounds=30, return_rounds=5)),
        fairness=FairnessSettings(equalise="parity"),
    )
    return fit_model(data, split.train, settings), data, split.test


def test_the_forecast_as_it_is_comes_out_again(fitted):
    row = int(fitted.test[300])
    replay = Replay(fitted.model, fitted.data, row)
    whole = fitted.model.forecast(fitted.data, np.array([row]))[ENSEMBLE].probability[0]
    assert replay.probability == pytest.approx(whole, abs=1e-7)
    assert replay.probabilities(replay.features[None])[0] == pytest.approx(whole, abs=1e-6)


def test_stacked_bars_equal_a_dataset_built_anew(fitted):
    replay = Replay(fitted.model, fitted.data, int(fitted.test[500]))
    bars = other_bars(replay.bar, 6)
    stacked = replay.bar_probabilities(bars)
    assert np.ptp(stacked) > 0.01
    for bar, probability in zip(bars, stacked, strict=True):
        assert probability == pytest.approx(afresh(replay, fitted.data, bar), abs=1e-6)
        assert probability == pytest.approx(replay.whole(replay.with_bar(bar)), abs=1e-6)


def test_features_across_symbols_follow_from_recent_days(across):
    model, data, test = across
    replay = Replay(model, data, int(test[700]))
    assert set(replay._across) >= {"sector_relative_5", "volume_surprise_rank_20", "beta_60"}
    assert min(len(recent.panel.times) for recent in replay._recent) < len(replay.panel.times)
    bars = other_bars(replay.bar, 6, seed=1)
    found = replay.bar_features(bars)
    for bar, values in zip(bars, found, strict=True):
        np.testing.assert_allclose(values, replay.with_bar(bar).features[replay.row], rtol=1e-5, atol=1e-7)
        assert replay.probabilities(values[None])[0] == pytest.approx(afresh(replay, data, bar), abs=1e-6)


def test_shifted_forecasts_are_shifted_in_the_stack(across):
    model, data, test = across
    assert model.shift is not None
    for row in test[[10, 400, 800]]:
        replay = Replay(model, data, int(row))
        assert replay.probabilities(replay.features[None])[0] == pytest.approx(replay.probability, abs=1e-6)


def test_later_bars_and_labels_are_gone(fitted):
    row = int(fitted.test[300])
    moment = fitted.data.panel.time[row]
    known = as_known(fitted.data, moment)
    assert known.panel.time.max() == moment
    assert np.isnan(known.labels.direction).all()
    replay = Replay(fitted.model, fitted.data, row)
    assert replay.panel.time.max() == moment
    assert replay.panel.time[replay.row] == moment


@pytest.mark.slow
def test_a_net_that_looks_across_symbols_is_run_whole():
    """The graph net reads the panel itself and other symbols: no stack can hold it, and claims still stand."""
    market = simulate(MarketSettings(kind="momentum", n_symbols=8, n_days=400, ceiling=0.7, seed=9))
    data = build_dataset(market.panel, names=("return_1", "return_5", "rsi_14", "sma_ratio_5"))
    split = holdout(data.labels.start, data.labels.end, "2012-12-31", "2013-01-02", "2013-06-28")
    settings = TrainingSettings(
        models=("graph",),
        baselines=(),
        ensemble=EnsembleSettings(inner_folds=1),
        members=ModelSettings(graph=GraphSettings(max_epochs=2)),
    )
    model = fit_model(data, split.train, settings)
    replay = Replay(model, data, int(split.test[400]))
    assert replay._tail == 0
    bars = other_bars(replay.bar, 3)
    for bar, probability in zip(bars, replay.bar_probabilities(bars), strict=True):
        assert probability == pytest.approx(afresh(replay, data, bar), abs=1e-6)
    search = bar_counterfactuals(replay, BarSettings(grid=9))
    assert search.found
    assert all(one.verified for one in search.found)


def test_features_of_other_bars_are_refused(across):
    model, data, test = across
    wrong = data.features.copy()
    wrong[test] += 1.0
    replay = Replay(model, data.with_features(wrong, data.names), int(test[500]))
    with pytest.raises(InputError, match="do not follow from the bars"):
        replay.bar_features([replay.bar])


def test_a_missing_feature_is_named(fitted):
    short = fitted.data.columns(["return_1", "return_5"])
    with pytest.raises(InputError, match="the model reads"):
        Replay(fitted.model, short, int(fitted.test[0]))


@pytest.mark.slow
def test_news_stay_as_they_were_published():
    market = simulate(MarketSettings(kind="news", n_symbols=6, n_days=320, ceiling=0.75, seed=3))
    data = build_dataset(market.panel, market.news)
    split = holdout(data.labels.start, data.labels.end, "2012-11-30", "2012-12-03", "2013-03-28")
    settings = TrainingSettings(
        models=("xgboost",),
        baselines=(),
        ensemble=EnsembleSettings(inner_folds=1),
        members=ModelSettings(xgboost=XGBoostSettings(rounds=30, return_rounds=5)),
    )
    model = fit_model(data, split.train, settings, news=market.news)
    row = int(split.test[len(split.test) // 2])
    replay = Replay(model, data, row, market.news)
    whole = model.forecast(data, np.array([row]), market.news)[ENSEMBLE].probability[0]
    assert replay.probability == pytest.approx(whole, abs=1e-6)
    assert replay._tail > 0
    for bar in other_bars(replay.bar, 3):
        changed = replay.with_bar(bar)
        assert replay.probabilities(replay.bar_features([bar]))[0] == pytest.approx(replay.whole(changed), abs=1e-6)
        news_columns = [i for i, name in enumerate(replay.names) if "news" in name or "sentiment" in name]
        np.testing.assert_array_equal(changed.features[:, news_columns], replay.data.features[:, news_columns])
