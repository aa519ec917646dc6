"""The ensemble: it trusts skill, does no harm without it, and learns from nothing it should not see."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Dataset, InputError, NotFittedError, UsageError
from tradewind.models import (
    AlwaysUp,
    Ensemble,
    EnsembleSettings,
    Forecaster,
    LogisticForecaster,
    Reversal,
    load_model,
)

MEMBERS = ("random_forest", "logistic", "reversal")
methods = pytest.mark.parametrize("method", ["weights", "stack", "vote"])


@pytest.fixture
def make(small_models):
    def make(names=MEMBERS, **settings) -> Ensemble:
        return Ensemble([small_models[name]() for name in names], EnsembleSettings(**settings))

    return make


def accuracy(data: Dataset, rows: np.ndarray, probability: np.ndarray) -> float:
    return float(np.mean((probability > 0.5) == (data.labels.direction[rows] == 1.0)))


@pytest.mark.slow
@methods
def test_reaches_the_planted_ceiling_with_calibrated_probabilities(method, make, market, train_test):
    train, test = train_test(market)
    forecast = make(method=method).fit(market, train).predict(market, test)
    ceiling = accuracy(market, test, market.features[test, 0] + 0.5)
    assert accuracy(market, test, forecast.probability) - 0.5 > 0.9 * (ceiling - 0.5)
    assert np.mean((forecast.probability - market.labels.direction[test]) ** 2) < 0.22
    returns = market.labels.forward_return[test]
    assert np.mean((forecast.expected_return - returns) ** 2) < 0.97 * np.mean(returns**2)


@pytest.mark.parametrize("method", ["weights", "stack"])
def test_one_good_member_is_not_dragged_down_by_two_without_skill(method, make, market, train_test):
    train, test = train_test(market)
    ensemble = make(("random_forest", "reversal", "momentum"), method=method).fit(market, train)
    good = ensemble.member_forecasts(market, test)["random_forest"]
    forecast = ensemble.predict(market, test)
    assert ensemble.weights["random_forest"] > 0.5
    assert sum(ensemble.weights.values()) == pytest.approx(1.0)
    assert accuracy(market, test, forecast.probability) >= accuracy(market, test, good.probability) - 0.005


@pytest.mark.slow
@methods
def test_without_signal_it_stays_near_a_coin_flip_and_the_last_close(method, make, noise, train_test):
    train, test = train_test(noise)
    ensemble = make(method=method).fit(noise, train)
    forecast = ensemble.predict(noise, test)
    assert np.mean((forecast.probability - noise.labels.direction[test]) ** 2) < 0.2525
    returns = noise.labels.forward_return[test]
    assert np.mean((forecast.expected_return - returns) ** 2) < 1.002 * np.mean(returns**2)
    assert all(0.05 < weight < 0.65 for weight in ensemble.weights.values())
    assert len(np.unique(forecast.probability)) > 100  # ranks are kept


def test_interval_covers_nine_in_ten_and_adapts(make, market, train_test):
    train, test = train_test(market)
    ensemble = make().fit(market, train)
    forecast = ensemble.predict(market, test)
    returns = market.labels.forward_return[test]
    for one in (forecast, ensemble.adapted(market, forecast)):
        assert np.mean((returns >= one.lower) & (returns <= one.upper)) == pytest.approx(0.9, abs=0.04)
    assert np.isfinite(forecast.lower).all()


def test_interval_exists_on_the_first_bar_of_a_symbol(make, market, train_test):
    train, _ = train_test(market)
    forecast = make().fit(market, train).predict(market, market.panel.offsets[:-1])
    assert (forecast.lower < forecast.upper).all()


def test_members_are_judged_on_rows_they_had_not_seen(market, train_test):
    """A member that remembers its rows' labels must look skilless out of fold."""

    class Parrot(LogisticForecaster):
        name = "parrot"
        seen: list[tuple[np.ndarray, np.ndarray]] = []  # noqa: RUF012

        def predict(self, data, rows):
            self.seen.append((self.taught, rows))
            return super().predict(data, rows)

        def fit(self, data, rows):
            self.taught = rows
            return super().fit(data, rows)

    train, _ = train_test(market)
    ensemble = Ensemble([Parrot(), AlwaysUp()], EnsembleSettings(inner_folds=4)).fit(market, train)
    assert len(Parrot.seen) == 4
    labels = market.labels
    for taught, block in Parrot.seen:
        assert labels.end[taught].max() <= labels.start[block].min()
        assert np.isin(taught, train).all()
    np.testing.assert_array_equal(
        np.sort(np.concatenate([block for _, block in Parrot.seen])), np.sort(ensemble.oof.rows)
    )
    assert set(ensemble.oof.members) == {"parrot", "always_up"}


def test_labels_outside_the_rows_change_nothing(make, market, train_test):
    train, test = train_test(market)
    labels = market.labels
    inside = np.isin(np.arange(len(market)), train)
    hidden = replace(
        market,
        labels=replace(
            labels,
            direction=np.where(inside, labels.direction, 1.0 - labels.direction),
            forward_return=np.where(inside, labels.forward_return, 3.0),
        ),
    )
    a, b = (make().fit(data, train).predict(market, test) for data in (market, hidden))
    for field in ("probability", "expected_return", "lower", "upper"):
        np.testing.assert_array_equal(getattr(a, field), getattr(b, field))


@pytest.mark.slow
@methods
def test_save_and_load_give_equal_forecasts(method, make, market, train_test, tmp_path):
    train, test = train_test(market)
    ensemble = make(method=method).fit(market, train)
    ensemble.save(tmp_path)
    loaded = Ensemble.load(tmp_path)
    a, b = ensemble.predict(market, test), loaded.predict(market, test)
    for field in ("probability", "expected_return", "lower", "upper"):
        np.testing.assert_array_equal(getattr(a, field), getattr(b, field))
    assert loaded.weights == ensemble.weights
    with pytest.raises(NotFittedError, match="not saved"):
        _ = loaded.oof
    (tmp_path / "logistic" / "coefficients.npz").write_bytes(b"broken")
    with pytest.raises(InputError, match="SHA-256"):
        Ensemble.load(tmp_path)


def test_is_a_forecaster_and_refuses_work_before_fit(make, market, tmp_path):
    ensemble = make()
    assert isinstance(ensemble, Forecaster)
    for call in (
        lambda: ensemble.predict(market, np.arange(2)),
        lambda: ensemble.save(tmp_path),
        lambda: ensemble.weights,
        lambda: ensemble.oof,
        lambda: ensemble.members,
    ):
        with pytest.raises(NotFittedError):
            call()
    fitted = ensemble.fit(market, np.arange(250))
    assert fitted.fresh().settings == ensemble.settings
    with pytest.raises(NotFittedError):
        _ = fitted.fresh().weights


def test_members_must_differ_and_history_must_reach(make, market):
    with pytest.raises(UsageError, match="different names"):
        Ensemble([Reversal(), Reversal()])
    with pytest.raises(UsageError, match="different names"):
        Ensemble([])
    with pytest.raises(UsageError):
        make().fit(market, np.arange(2))


def test_loading_something_else_is_refused(tmp_path, market):
    (tmp_path / "manifest.json").write_text("[]")
    with pytest.raises(InputError, match="not a model's manifest"):
        load_model(tmp_path)
    AlwaysUp().fit(market, np.arange(20)).save(tmp_path)
    with pytest.raises(InputError, match="holds a model of kind 'always_up', expected 'ensemble'"):
        Ensemble.load(tmp_path)
    text = (tmp_path / "manifest.json").read_text().replace('"format": 1', '"format": 99')
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(InputError, match="format 99"):
        load_model(tmp_path)


def test_features_chosen_for_an_inner_block_know_nothing_of_its_labels(small_models, noise, train_test):
    """On noise, the best of many columns looks skilled on the rows that chose it, and on no others."""
    columns = np.random.default_rng(8).normal(size=(len(noise), 300)).astype(np.float32)
    data = noise.with_features(columns, [f"column_{i}" for i in range(300)])
    train, _ = train_test(data)

    def best_columns(rows: np.ndarray) -> Dataset:
        rises = data.labels.direction[data.labelled(rows)] == 1.0
        columns = data.features[data.labelled(rows)]
        gap = np.abs(columns[rises].mean(axis=0) - columns[~rises].mean(axis=0))
        return data.columns([data.names[i] for i in np.argsort(-gap)[:10]])

    def skill(ensemble: Ensemble) -> float:
        rows = data.labelled(ensemble.oof.rows)
        place = np.searchsorted(np.sort(ensemble.oof.rows), rows)
        order = np.argsort(ensemble.oof.rows)
        return accuracy(data, rows, ensemble.oof.members["logistic"].probability[order][place])

    def ensemble() -> Ensemble:
        return Ensemble([small_models["logistic"]()])

    asked: list[np.ndarray] = []

    def prepare(rows: np.ndarray) -> Dataset:
        asked.append(rows)
        return best_columns(rows)

    flattered = skill(ensemble().fit(best_columns(train), train))
    honest = skill(ensemble().fit(best_columns(train), train, prepare=prepare))
    assert flattered > 0.55 > honest
    assert len(asked) == 3
    assert all(len(rows) < len(train) for rows in asked)
