"""What every model in the registry must do; models are found automatically."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Dataset, Forecast, InputError, NotFittedError, Panel, UsageError
from tradewind.models import MODELS, Forecaster, load_model, make_model

FIELDS = ("rows", "probability", "expected_return", "lower", "upper")
RULES = {"always_up", "last_direction", "momentum", "reversal"}
LONG = {"graph"}  # trains on whole days: ten times as long as another


def named(names: set[str]) -> list[object]:
    return [pytest.param(name, marks=pytest.mark.slow) if name in LONG else name for name in sorted(names)]


every_model = pytest.mark.parametrize("name", named(set(MODELS)))
every_learner = pytest.mark.parametrize("name", named(set(MODELS) - RULES))


def assert_equal(a: Forecast, b: Forecast) -> None:
    for field in FIELDS:
        np.testing.assert_array_equal(getattr(a, field), getattr(b, field), err_msg=field)


def changed_after(data: Dataset, moment: np.datetime64, *, prices: bool) -> Dataset:
    """Return ``data`` with other features, labels and, where asked for, prices after ``moment``."""
    rng = np.random.default_rng(99)
    later = data.panel.time > moment
    features = data.features.copy()
    features[later] = rng.normal(size=(int(later.sum()), features.shape[1])) * 3
    labels = replace(
        data.labels,
        direction=np.where(later, 1.0 - data.labels.direction, data.labels.direction),
        forward_return=np.where(later, -5.0 * data.labels.forward_return, data.labels.forward_return),
    )
    factor = np.where(later, rng.lognormal(0, 0.2, len(data)), 1.0)
    panel: Panel = replace(data.panel, adj_close=data.panel.adj_close * factor) if prices else data.panel
    return replace(data, features=features, labels=labels, panel=panel)


def test_there_is_a_small_model_of_every_kind(small_models):
    assert set(small_models) == set(MODELS)


@every_model
def test_obeys_the_protocol_under_its_registered_name(name):
    model = make_model(name, seed=3)
    assert isinstance(model, Forecaster)
    assert model.name == name
    assert isinstance(model.fresh(), type(model))


def test_unknown_name_lists_the_models():
    with pytest.raises(UsageError, match=", ".join(MODELS)):
        make_model("forest", seed=1)


def test_seed_reaches_the_settings():
    assert make_model("random_forest", seed=11).settings.seed == 11
    assert make_model("xgboost", seed=12).settings.seed == 12
    assert make_model("lstm", seed=13).settings.seed == 13


@every_model
def test_refuses_to_work_before_it_is_fitted(name, small_models, market, tmp_path):
    model = small_models[name]()
    with pytest.raises(NotFittedError):
        model.predict(market, np.arange(3))
    with pytest.raises(NotFittedError):
        model.save(tmp_path)


@pytest.mark.slow
@every_model
def test_same_seed_gives_the_same_forecast_bit_for_bit(name, small_models, market, train_test):
    train, test = train_test(market)
    first = small_models[name]().fit(market, train).predict(market, test)
    model = small_models[name]().fit(market, train)
    assert_equal(first, model.predict(market, test))
    assert_equal(first, model.fresh().fit(market, train).predict(market, test))


@pytest.mark.slow
@every_model
def test_forecast_is_well_formed_and_in_the_order_asked_for(name, small_models, market, train_test):
    train, test = train_test(market)
    model = small_models[name]().fit(market, train)
    whole = model.predict(market, test)
    assert np.all((whole.probability >= 0) & (whole.probability <= 1))
    assert np.isfinite(whole.expected_return).all()
    assert whole.probability.dtype == whole.expected_return.dtype == np.float64
    order = np.random.default_rng(0).permutation(len(test))
    mixed = model.predict(market, test[order])
    np.testing.assert_array_equal(mixed.rows, test[order])
    np.testing.assert_allclose(mixed.probability, whole.probability[order], atol=1e-6)
    assert len(model.predict(market, test[:0]).probability) == 0
    np.testing.assert_allclose(model.predict(market, test[5:6]).probability, whole.probability[5:6], atol=1e-6)


@pytest.mark.slow
@every_model
def test_the_future_changes_no_earlier_forecast(name, small_models, market, train_test):
    train, test = train_test(market)
    model = small_models[name]().fit(market, train)
    moment = np.sort(market.panel.time[test])[len(test) // 2]
    early = test[market.panel.time[test] <= moment]
    other = changed_after(market, moment, prices=True)
    assert_equal(model.predict(market, early), model.predict(other, early))


@pytest.mark.slow
@every_model
def test_later_rows_cut_away_change_no_earlier_forecast(name, small_models, market, train_test):
    train, test = train_test(market)
    model = small_models[name]().fit(market, train)
    moment = np.sort(market.panel.time[test])[len(test) // 2]
    kept = market.panel.time <= moment
    early = test[kept[test]]
    short = market.select(kept)
    new_row = np.cumsum(kept) - 1
    a, b = model.predict(market, early), model.predict(short, new_row[early])
    np.testing.assert_array_equal(a.probability, b.probability)
    np.testing.assert_array_equal(a.expected_return, b.expected_return)


@pytest.mark.slow
@every_model
def test_training_sees_no_label_outside_its_rows_and_no_later_feature(name, small_models, market, train_test):
    train, test = train_test(market)
    moment = market.panel.time[train].max()
    labels = market.labels
    inside = np.isin(np.arange(len(market)), train)
    hidden = replace(
        market,
        labels=replace(
            labels,
            direction=np.where(inside, labels.direction, 1.0 - labels.direction),
            forward_return=np.where(inside, labels.forward_return, 9.0),
        ),
    )
    other = changed_after(hidden, moment, prices=False)
    a = small_models[name]().fit(market, train).predict(market, test)
    b = small_models[name]().fit(other, train).predict(market, test)
    assert_equal(a, b)


@pytest.mark.slow
@every_model
def test_save_and_load_give_equal_forecasts(name, small_models, market, train_test, tmp_path):
    train, test = train_test(market)
    model = small_models[name]().fit(market, train)
    model.save(tmp_path / "model")
    loaded = load_model(tmp_path / "model")
    assert type(loaded) is type(model)
    assert loaded.settings == model.settings
    assert_equal(model.predict(market, test), loaded.predict(market, test))
    assert not [path for path in (tmp_path / "model").iterdir() if path.suffix in {".pkl", ".pickle", ".joblib"}]


@pytest.mark.slow
@every_model
def test_changed_file_is_noticed(name, small_models, market, train_test, tmp_path):
    train, _ = train_test(market)
    small_models[name]().fit(market, train).save(tmp_path)
    for path in sorted(tmp_path.iterdir()):
        content = path.read_bytes()
        middle = len(content) // 2
        path.write_bytes(content[:middle] + b"9" + content[middle + 1 :] if content[middle] != 57 else content[:middle])
        with pytest.raises(InputError) as caught:
            load_model(tmp_path)
        assert path.name in str(caught.value)
        path.unlink()
        with pytest.raises(InputError, match="cannot be read"):
            load_model(tmp_path)
        path.write_bytes(content)
    load_model(tmp_path)


@pytest.mark.slow
@every_model
def test_one_symbol_and_symbols_of_a_few_bars(name, small_models, planted, train_test):
    for data in (planted(0.7, lengths=(150,)), planted(0.7, lengths=(200, 3, 1, 60, 2))):
        train, test = train_test(data)
        rows = np.unique(np.concatenate([test, np.arange(3), np.array([len(data) - 1])]))
        forecast = small_models[name]().fit(data, train).predict(data, rows)
        assert np.isfinite(forecast.probability).all()
        assert np.isfinite(forecast.expected_return).all()


@pytest.mark.slow
@every_model
def test_rows_without_a_direction_and_single_classes_are_borne(name, small_models, market, train_test):
    train, test = train_test(market)
    some = market.labels.direction.copy()
    some[train[::3]] = np.nan
    up = np.where(np.isnan(market.labels.direction), np.nan, 1.0)
    for direction in (some, up):
        data = replace(market, labels=replace(market.labels, direction=direction))
        forecast = small_models[name]().fit(data, train).predict(data, test)
        assert np.isfinite(forecast.probability).all()


@every_model
def test_no_labelled_row_is_an_input_error(name, small_models, market):
    last = market.panel.offsets[1:] - 1
    with pytest.raises(InputError, match="direction"):
        small_models[name]().fit(market, last)


@pytest.mark.slow
@every_learner
def test_finds_the_planted_signal(name, small_models, market, train_test):
    train, test = train_test(market)
    forecast = small_models[name]().fit(market, train).predict(market, test)
    rise = market.labels.direction[test] == 1.0
    ceiling = np.mean((market.features[test, 0] > 0) == rise)
    accuracy = np.mean((forecast.probability > 0.5) == rise)
    assert accuracy - 0.5 > 0.85 * (ceiling - 0.5)
    assert np.corrcoef(forecast.expected_return, market.labels.forward_return[test])[0, 1] > 0.2


@pytest.mark.slow
@every_learner
def test_finds_nothing_in_noise(name, small_models, noise, train_test):
    train, test = train_test(noise)
    forecast = small_models[name]().fit(noise, train).predict(noise, test)
    rise = noise.labels.direction[test]
    accuracy = np.mean((forecast.probability > 0.5) == rise)
    assert abs(accuracy - 0.5) < 3.5 * 0.5 / np.sqrt(len(test))
    assert np.mean((forecast.probability - rise) ** 2) < 0.2575
    naive = np.sqrt(np.mean(noise.labels.forward_return[test] ** 2))
    assert np.sqrt(np.mean((forecast.expected_return - noise.labels.forward_return[test]) ** 2)) < 1.02 * naive
