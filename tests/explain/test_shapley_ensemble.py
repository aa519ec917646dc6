"""Shapley values of the whole ensemble: they sum to its calibrated probability, and are those of the definition."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from tradewind.core import Dataset, Forecast, InputError, UsageError
from tradewind.data import MarketSettings, simulate
from tradewind.explain.attribution import SHIFT
from tradewind.explain.shapley import Explainer, MemberShap, brute_shapley, combine
from tradewind.explain.shapley.combine import carried, join, to_probability
from tradewind.features import SelectionSettings
from tradewind.models import (
    CalibrationSettings,
    Combiner,
    CombinerSettings,
    Ensemble,
    EnsembleSettings,
    ModelSettings,
    make_model,
)
from tradewind.training import TrainedModel, TrainingSettings, build_dataset
from tradewind.training.group_shift import GroupShift
from tradewind.training.preprocess import Preprocessor

pytestmark = pytest.mark.slow

NET = {"window": 10, "span": 10, "burn_in": 5, "hidden": 4, "max_epochs": 2, "learning_rate": 0.03}
SMALL = ModelSettings.model_validate(
    dict.fromkeys(("lstm", "gru", "cnn", "hybrid"), NET)
    | {"transformer": NET | {"heads": 2}, "tcn": NET | {"window": 30}}
    | {"graph": {"hidden": 4, "max_epochs": 2, "moves": 2, "least": 20, "window": 40}}
    | {"random_forest": {"n_trees": 15, "max_depth": 4}}
    | {name: {"rounds": 15, "return_rounds": 3} for name in ("xgboost", "lightgbm", "catboost")}
)
LEARNERS = tuple(ModelSettings.model_fields)
FEATURES = ("return_1", "return_5", "sma_ratio_5", "rsi_14", "realised_volatility_20", "cci_20")


@pytest.fixture(scope="module")
def market() -> Dataset:
    """Return raw features of 3 symbols x 260 bars with planted momentum."""
    panel = simulate(MarketSettings(kind="momentum", n_symbols=3, n_days=260, ceiling=0.75, seed=5)).panel
    return build_dataset(panel, names=FEATURES)


def trained(data: Dataset, names: tuple[str, ...], n_features: int) -> TrainedModel:
    """Return an ensemble fitted on all but the last 50 days."""
    until = data.panel.times[-50]
    rows = np.flatnonzero(data.labels.known_by(until))
    chosen = TrainingSettings(ensemble=EnsembleSettings(inner_folds=1))
    prepare = Preprocessor(chosen.preprocess, SelectionSettings(n_features=n_features)).fit(data, rows, seed=7)
    ensemble = Ensemble([make_model(name, seed=7, settings=SMALL) for name in names], chosen.ensemble)
    return TrainedModel(
        settings=chosen,
        preprocessor=prepare,
        ensemble=ensemble.fit(prepare.transform(data), rows),
        baselines={},
        head=None,
        record={"trained_until": str(until), "features": list(prepare.names)},
    )


def turned(data: Dataset) -> Dataset:
    """Return ``data`` with rises and falls exchanged."""
    return replace(data, labels=replace(data.labels, direction=1.0 - data.labels.direction))


def later(data: Dataset) -> np.ndarray:
    return np.flatnonzero(data.panel.time > data.panel.times[-50])


@pytest.fixture(scope="module")
def explainer(fitted) -> Explainer:
    return Explainer.of(fitted.model, fitted.data)


@pytest.fixture(scope="module")
def rows(fitted) -> np.ndarray:
    return fitted.test[::6]


@pytest.fixture(scope="module")
def prepared(fitted) -> Dataset:
    return fitted.model.prepare(fitted.data, None)


def test_base_and_values_sum_to_the_calibrated_probability(explainer, fitted, prepared):
    found = explainer.explain(fitted.data, fitted.test)
    forecast = fitted.model.forecast(fitted.data, fitted.test)["ensemble"]
    np.testing.assert_array_equal(found.probability, forecast.probability)
    assert np.abs(found.gap).max() < 1e-9
    np.testing.assert_allclose(sum(found.members.values()), found.log_odds, rtol=0, atol=1e-12)
    assert np.abs(found.values).max() > 0.005
    combiner = fitted.model.ensemble.combiner
    assert combiner.final_probability(np.array([found.base_log_odds]))[0] == pytest.approx(found.base, abs=1e-12)
    ends = found.base_log_odds + found.log_odds.sum(axis=1)
    np.testing.assert_allclose(combiner.final_probability(ends), found.probability, rtol=0, atol=1e-6)
    np.testing.assert_array_equal(found.inputs, prepared.features[fitted.test])


@pytest.mark.parametrize("calibration", ["platt", "isotonic"])
@pytest.mark.parametrize("method", ["weights", "stack", "vote"])
def test_every_way_of_joining_is_additive(method, calibration, explainer, fitted, prepared, rows):
    ensemble, labels = fitted.model.ensemble, fitted.data.labels
    settings = CombinerSettings(method=method, calibration=CalibrationSettings(method=calibration))
    held = ensemble.oof.rows
    combiner = Combiner(list(ensemble.members), settings).fit(
        ensemble.oof.members, labels.direction[held], labels.forward_return[held], labels.start[held]
    )
    assert combiner.final_stepped == (calibration == "isotonic")
    joined = join(combiner, explainer.member_values(prepared, rows))
    np.testing.assert_allclose(joined.base + joined.values.sum(axis=1), joined.log_odds, rtol=0, atol=1e-9)
    probability, _ = combiner.combine(ensemble.member_forecasts(prepared, rows))
    base, values = to_probability(combiner, joined, probability)
    np.testing.assert_allclose(base + values.sum(axis=1), probability, rtol=0, atol=1e-9)
    np.testing.assert_allclose(combiner.final_probability(joined.log_odds), probability, rtol=0, atol=1e-6)
    assert np.abs(values).max() <= 2.0  # also across the steps of a vote and of isotonic calibration


@pytest.fixture(scope="module")
def zoo(market) -> TrainedModel:
    return trained(market, LEARNERS, 4)


@pytest.fixture(scope="module")
def zoo_explainer(zoo, market) -> Explainer:
    return Explainer.of(zoo, market)


def test_an_ensemble_of_all_twelve_learners_is_additive(zoo, zoo_explainer, market):
    rows, explain = later(market)[::3], zoo_explainer
    found = explain.explain(market, rows)
    assert set(found.members) == set(LEARNERS)
    assert len(LEARNERS) == 12
    assert np.abs(found.gap).max() < 1e-9
    parts = explain.member_values(zoo.prepare(market, None), rows)
    joined = join(zoo.ensemble.combiner, parts).log_odds
    np.testing.assert_allclose(found.base_log_odds + found.log_odds.sum(axis=1), joined, rtol=0, atol=1e-9)
    for name, part in parts.items():
        np.testing.assert_allclose(part.base + part.values.sum(axis=1), part.output, rtol=0, atol=1e-9, err_msg=name)
        own = expit(part.output) if part.scale == "log_odds" else part.output
        forecast = zoo.ensemble.members[name].predict(zoo.prepare(market, None), rows).probability
        np.testing.assert_allclose(own, forecast, rtol=0, atol=1e-6, err_msg=name)


def test_later_bars_change_no_explanation_of_any_learner(zoo, zoo_explainer, market):
    prepared, rows = zoo.prepare(market, None), later(market)
    rows = rows[market.panel.time[rows] == market.panel.times[-20]]
    after = market.panel.time > market.panel.times[-20]
    changed = prepared.features.copy()
    changed[after] = 5.0
    before = zoo_explainer.explain_prepared(prepared, rows)
    again = zoo_explainer.explain_prepared(prepared.with_features(changed, prepared.names), rows)
    np.testing.assert_array_equal(again.values, before.values)
    assert again.id == before.id


def test_an_explainer_that_was_saved_explains_alike(zoo, zoo_explainer, market, tmp_path):
    rows, first = later(market)[::20], zoo_explainer
    zoo.save(tmp_path / "model")
    first.save(tmp_path / "model" / "explainer")
    loaded = Explainer.load(tmp_path / "model" / "explainer", TrainedModel.load(tmp_path / "model"))
    np.testing.assert_array_equal(loaded.explain(market, rows).values, first.explain(market, rows).values)
    assert loaded.explain(market, rows).id == first.explain(market, rows).id
    for changed in ({"trained_until": "2001-01-01"}, {"data": {"panel": "another"}}):
        other = replace(zoo, record=zoo.record | changed)
        with pytest.raises(InputError, match="explains another model"):
            Explainer.load(tmp_path / "model" / "explainer", other)


def test_an_explainer_of_one_member_is_not_taken_for_that_of_another_fit(market, tmp_path):
    model, other = (trained(data, ("xgboost",), 4) for data in (market, turned(market)))
    assert (model.record, model.ensemble.weights) == (other.record, other.ensemble.weights)
    Explainer.of(model, market).save(tmp_path)
    with pytest.raises(InputError, match="explains another model"):
        Explainer.load(tmp_path, other)


def test_a_rule_on_past_prices_is_refused(market):
    model = trained(market, ("xgboost", "momentum"), 4)
    with pytest.raises(UsageError, match=r"momentum is a rule.*reads no column.*without momentum"):
        Explainer.of(model, market)
    steady = trained(market, ("xgboost", "always_up"), 4)
    assert np.abs(Explainer.of(steady, market).explain(market, later(market)).gap).max() < 1e-9


def test_no_rows_are_explained_by_none(zoo_explainer, market):
    found = zoo_explainer.explain(market, np.empty(0, dtype=np.int64))
    assert len(found) == 0
    assert found.values.shape == (0, len(found.names))


def test_log_odds_of_an_ensemble_of_exact_members_are_those_of_the_definition(market):
    model = trained(market, ("xgboost", "logistic"), 4)
    explain = Explainer.of(model, market)
    prepared, rows = model.prepare(market, None), later(market)[:3]
    found = explain.explain_prepared(prepared, rows)
    combiner, members = model.ensemble.combiner, model.ensemble.members
    trees, (slopes, constant) = members["xgboost"].direction_trees(), members["logistic"].direction_line()
    assert found.values.shape[1] <= 8
    assert min(combiner.weights.values()) > 0.01

    def log_odds(values: np.ndarray) -> np.ndarray:
        own = {"xgboost": trees.output(values), "logistic": values.astype(np.float64) @ slopes + constant}
        return combiner.joined_log_odds(np.stack([combiner.member_log_odds(n, expit(own[n])) for n in combiner.names]))

    def forecast(values: np.ndarray) -> np.ndarray:
        rows = np.arange(len(values))
        data = prepared.select(np.arange(len(prepared)) < len(values)).with_features(values, prepared.names)
        return combiner.joined_log_odds(
            np.stack(
                [combiner.member_log_odds(name, members[name].predict(data, rows).probability) for name in members]
            )
        )

    background = explain.background.values
    exact = np.array([brute_shapley(log_odds, row, background) for row in found.inputs])
    np.testing.assert_allclose(found.log_odds, exact, rtol=0, atol=1e-8)
    assert found.base_log_odds == pytest.approx(log_odds(background).mean(), abs=1e-8)
    asked = brute_shapley(forecast, found.inputs[0], background)  # the members themselves, in float32 as they answer
    np.testing.assert_allclose(found.log_odds[0], asked, rtol=0, atol=1e-6)


def test_a_column_equal_to_the_whole_background_gives_nothing_to_any_learner(zoo, market):
    prepared = zoo.prepare(market, None)
    values = prepared.features.copy()
    values[:, 2] = 0.5
    constant = prepared.with_features(values, prepared.names)
    until = np.flatnonzero(market.labels.known_by(zoo.record["trained_until"]))
    explain = Explainer.of_prepared(zoo, constant, until)
    found = explain.explain_prepared(constant, later(market)[:20])
    assert np.abs(found.values[:, 2]).max() < 1e-9
    assert np.abs(found.values).max() > 1e-3


def test_the_background_comes_from_rows_known_when_training_ended(fitted, explainer):
    data, prepared = fitted.data, fitted.model.prepare(fitted.data, None)
    known = data.labels.known_by(fitted.model.record["trained_until"])
    assert 0 < known.sum() < len(data)
    values = prepared.features.copy()
    values[~known] = 77.0
    changed = Explainer.of_prepared(fitted.model, prepared.with_features(values, prepared.names), np.flatnonzero(known))
    np.testing.assert_array_equal(changed.background.values, explainer.background.values)
    np.testing.assert_array_equal(changed.background.windows, explainer.background.windows)


def test_columns_of_another_model_are_refused(explainer, fitted):
    with pytest.raises(InputError, match="not those that the model was trained on"):
        explainer.explain_prepared(fitted.data, fitted.test[:1])


def test_bars_sum_to_what_came_through_the_nets(explainer, prepared, fitted, zoo, zoo_explainer, market):
    found, over = explainer.explain_prepared(prepared, fitted.test), explainer.over_time(prepared, fitted.test)
    assert set(over.members) == {"lstm"}
    np.testing.assert_allclose(over.log_odds.sum(axis=1), found.members["lstm"].sum(axis=1), rtol=0, atol=1e-9)
    np.testing.assert_allclose(over.shares.sum(axis=1), 1.0)
    assert over.attention == {}
    rows = later(market)[:5]
    several = zoo_explainer.over_time(zoo.prepare(market, None), rows)
    assert set(several.members) == {"lstm", "gru", "cnn", "tcn", "transformer", "hybrid"}
    assert several.log_odds.shape == (5, 30)
    assert set(several.attention) == {"transformer", "hybrid"}
    np.testing.assert_allclose(several.attention["hybrid"].sum(axis=1), 1.0, atol=1e-5)


def test_a_shift_of_groups_is_a_part_of_its_own(fitted, explainer, rows):
    sectors = dict(zip(("Tech", "Energy"), (0.2, -0.1), strict=True))
    names = sorted(set(np.unique(fitted.data.panel.sectors).tolist()))
    shifts = dict(zip(names, sectors.values(), strict=False))
    model = replace(fitted.model, shift=GroupShift(equalise="parity", shifts=shifts))
    shifted = Explainer(model, explainer.background)
    found = shifted.explain(fitted.data, rows)
    np.testing.assert_array_equal(found.probability, model.forecast(fitted.data, rows)["ensemble"].probability)
    plain = explainer.explain(fitted.data, rows)
    assert np.abs(found.probability - plain.probability).max() > 0.01
    assert np.abs(found.gap).max() < 1e-9
    np.testing.assert_allclose(found.base + found.values.sum(axis=1) + found.shift, found.probability, atol=1e-9)
    np.testing.assert_allclose(found.base + found.by_group()[1].sum(axis=1), found.probability, rtol=0, atol=1e-9)
    assert found.by_group()[0][-1] == SHIFT
    added = model.shift.of(np.array(fitted.data.panel.sectors)[fitted.data.panel.symbol_code[rows]])
    assert (np.sign(found.shift) == np.sign(added)).all()
    np.testing.assert_array_equal(found.take([1, 2]).shift, found.shift[1:3])
    np.testing.assert_array_equal(found.log_odds, plain.log_odds)


def test_the_id_tells_contents_apart(explainer, prepared, fitted):
    found = explainer.explain_prepared(prepared, fitted.test[:4])
    assert found.id == explainer.explain_prepared(prepared, fitted.test[:4]).id
    assert found.id != found.take([0, 1]).id
    moved = found.values.copy()
    moved[0, 0] += 1e-12
    assert found.id != replace(found, values=moved).id
    np.testing.assert_array_equal(found.take([2]).values[0], found.values[2])


parts = st.lists(st.floats(-3, 3), min_size=3, max_size=3)


@given(st.lists(parts, min_size=1, max_size=5), st.floats(-2, 2), st.booleans())
def test_a_link_carries_the_whole_difference_and_turns_no_value_round(values, base, stepped):
    table = np.array(values)
    output = base + table.sum(axis=1)

    def link(x: np.ndarray) -> np.ndarray:
        return np.where(x > 0.7, 2.0, 0.0) if stepped else np.tanh(x)

    moved = carried(link, table, base, output, stepped=stepped)
    there = np.abs(table).sum(axis=1) > 1e-6
    reached = (link(output) - link(np.array([base])))[there]
    np.testing.assert_allclose(moved.sum(axis=1)[there], reached, rtol=0, atol=1e-9)
    assert (moved * table > -1e-6).all()
    assert np.abs(moved).max() <= 4.0 or not stepped


@given(st.lists(parts, min_size=1, max_size=5), st.floats(-2, 2))
def test_a_line_carries_exactly(values, base):
    table = np.array(values)
    output = base + table.sum(axis=1)
    moved = carried(lambda x: 0.3 * x - 1.0, table, base, output)
    np.testing.assert_allclose(moved, 0.3 * table, rtol=1e-6, atol=1e-9)


def test_many_members_vote_in_bounded_memory_as_few_rows_do(monkeypatch):
    rng = np.random.default_rng(0)
    logits, base = rng.normal(size=(5, 40)), rng.normal(size=5)
    whole = combine._tie_shares(logits, base)
    monkeypatch.setattr(combine, "COALITIONS_AT_ONCE", 2**5 * 7)
    seen = []
    once = combine._ties_of
    monkeypatch.setattr(combine, "_ties_of", lambda some, start: seen.append(some.shape) or once(some, start))
    np.testing.assert_allclose(combine._tie_shares(logits, base), whole, rtol=0, atol=1e-15)
    assert seen == [(5, 7)] * 5 + [(5, 5)]


def test_members_of_a_vote_have_their_shapley_values_among_the_members():
    rng = np.random.default_rng(0)
    names = ("a", "b", "c", "d")
    m = 200
    rise = (rng.random(m) > 0.5).astype(float)
    given = {n: Forecast.point(np.arange(m), expit(rise - 0.5 + rng.normal(size=m)), np.zeros(m)) for n in names}
    combiner = Combiner(names, CombinerSettings(method="vote")).fit(given, rise, rise - 0.5)
    values = rng.normal(scale=0.7, size=(4, 6, 3))
    own = {
        name: MemberShap(
            values=values[i], base=0.1, output=0.1 + values[i].sum(axis=1), scale="log_odds", gap=np.zeros(6)
        )
        for i, name in enumerate(names)
    }
    joined = join(combiner, own)
    logits = np.stack([combiner.member_log_odds(name, expit(own[name].output)) for name in names])
    start = np.array([[combiner.member_log_odds(name, np.array([expit(0.1)]))[0] for name in names]])

    def vote(rows: np.ndarray) -> np.ndarray:
        return combiner.joined_log_odds(rows.T)

    for row in range(6):
        expected = brute_shapley(vote, logits[:, row], start)
        np.testing.assert_allclose([joined.members[n][row].sum() for n in names], expected, rtol=0, atol=1e-9)
