"""Every kind of member, exported, answers as it does in training, on every engine it has."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.core import Dataset, UsageError
from tradewind.models import MODELS, LSTMForecaster, RandomForestForecaster
from tradewind.models.engines.artefact import member_of
from tradewind.models.engines.member import Member, Prepared
from tradewind.models.export import ExportedMember, export_member, pruned
from tradewind.models.nets.sequences import windows
from tradewind.models.storage import Artefact

CLOSE = 1e-6
QUICK_KINDS = ("lstm", "random_forest", "xgboost", "logistic", "always_up")
SLOW_KINDS = ("gru", "cnn", "tcn", "transformer", "hybrid", "lightgbm", "catboost")
PRICE_RULES = ("momentum", "reversal")


def loaded(part: ExportedMember) -> Member:
    """Return the member as it comes out of an artefact."""
    first = next(iter(part.engines))
    state = {
        "name": part.name,
        "kind": part.kind,
        "window": part.window,
        "engines": part.engines,
        "values": {**part.values, "column": -1},
        "choices": [{"up_to": 1, "engine": first}],
        "timings": {},
    }
    return member_of(state, Artefact(kind="serving", state=state, files=part.files))


def prepared(data: Dataset, rows: np.ndarray, length: int) -> Prepared:
    index, place = windows(data, rows, length)
    last = np.ascontiguousarray(data.features[rows])
    return Prepared(windows={length: data.features[index]}, places={length: place}, last=last, raw=last)


def test_members_of_each_kind_answer_as_in_training(market, small_models, train_test):
    train, test = train_test(market)
    rows = np.concatenate([market.panel.offsets[:-1], market.panel.offsets[:-1] + 7, test[:150]])  # short histories too
    for name in QUICK_KINDS:
        model = small_models[name]().fit(market, train)
        want = model.predict(market, rows)
        member = loaded(export_member(model, market.features.shape[1], eight_bits=False))
        for engine, run in member.engines.items():
            probability, expected = run(prepared(market, rows, member.window))
            assert np.abs(probability - want.probability).max() < CLOSE, (name, engine)
            assert np.abs(expected - want.expected_return).max() < CLOSE, (name, engine)


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW_KINDS)
def test_other_members_answer_as_in_training(name, market, small_models, train_test):
    if name in ("lightgbm", "catboost"):
        pytest.importorskip(name)
    train, test = train_test(market)
    rows = np.concatenate([market.panel.offsets[:-1] + 3, test[:200]])
    model = small_models[name]().fit(market, train)
    want = model.predict(market, rows)
    member = loaded(export_member(model, market.features.shape[1]))
    for engine, run in member.engines.items():
        probability, expected = run(prepared(market, rows, member.window))
        close = 0.05 if engine == "int8" else CLOSE  # products of bytes saturate on processors without VNNI
        assert np.abs(probability - want.probability).max() < close, engine
        assert np.abs(expected - want.expected_return).max() < close, engine


@pytest.mark.slow
def test_a_net_may_be_run_by_several_threads(market, small_models, train_test):
    model = small_models["lstm"]().fit(market, train_test(market)[0])
    member = loaded(export_member(model, market.features.shape[1], threads=(1, 2), eight_bits=False))
    rows = prepared(market, np.arange(64), member.window)
    one, two = (member.engines[name](rows)[0] for name in ("onnx", "onnx_threads_2"))
    np.testing.assert_allclose(one, two, atol=CLOSE)


def test_no_kind_of_model_is_forgotten():
    assert {*QUICK_KINDS, *SLOW_KINDS, *PRICE_RULES, "graph", "last_direction"} == set(MODELS)


@pytest.mark.parametrize("name", PRICE_RULES)
def test_rules_that_read_prices_are_refused(name, market, small_models, train_test):
    model = small_models[name]().fit(market, train_test(market)[0])
    with pytest.raises(UsageError, match="reads a year of prices"):
        export_member(model, 5)


def test_a_member_that_reads_other_symbols_is_refused(small_models):
    with pytest.raises(UsageError, match="reads the other symbols"):
        export_member(small_models["graph"](), 5)


def test_pruning_zeroes_the_smallest_weights_of_a_copy(market, small_models, train_test):
    model = small_models["lstm"]().fit(market, train_test(market)[0])
    assert isinstance(model, LSTMForecaster)
    before = model.predict(market, np.arange(10)).probability
    thin = pruned(model, 0.5)
    for old, new in zip(model._fitted().parameters(), thin._fitted().parameters(), strict=True):
        if old.ndim < 2:
            np.testing.assert_array_equal(old.detach().numpy(), new.detach().numpy())
            continue
        gone = (new == 0.0).detach().numpy()
        assert gone.mean() == pytest.approx(0.5, abs=0.02)
        size = np.abs(old.detach().numpy())
        assert size[gone].max() <= size[~gone].min()
    np.testing.assert_array_equal(model.predict(market, np.arange(10)).probability, before)
    with pytest.raises(UsageError):
        pruned(model, 1.0)


def test_a_forest_reads_both_heads_in_one_walk(market, small_models, train_test):
    model = small_models["random_forest"]().fit(market, train_test(market)[0])
    assert isinstance(model, RandomForestForecaster)
    part = export_member(model, market.features.shape[1])
    content = Artefact(kind="", state={}, files=part.files).arrays("random_forest.trees.npz")
    assert len(content["root"]) == model.settings.n_trees
