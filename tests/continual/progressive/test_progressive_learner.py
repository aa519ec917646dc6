"""The progressive learner keeps old columns, routes rows to them, and stays within its bound."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.continual.progressive import Progressive, ProgressiveSettings
from tradewind.core import NotFittedError

pytestmark = pytest.mark.slow

SMALL = {"width": 8, "steps": 120, "distil_steps": 250, "kept": 200}


def accuracy(learner, one):
    return float(((learner.predict(one.features, one.context) > 0.5) == (one.direction > 0.5)).mean())


@pytest.fixture(scope="module", params=["regimes", "learned"])
def taught(request, make_planted):
    learner = Progressive(ProgressiveSettings(gate=request.param, **SMALL))
    return learner.learn(make_planted("momentum", 1)).learn(make_planted("reversal", 2, start=100))


def test_keeps_both_of_two_rules_that_conflict(taught, make_planted):
    assert accuracy(taught, make_planted("momentum", 11)) > 0.72
    assert accuracy(taught, make_planted("reversal", 12)) > 0.72


def test_a_saved_learner_forecasts_and_learns_on_alike(taught, make_planted, tmp_path):
    taught.save(tmp_path)
    again, one = Progressive.load(tmp_path), make_planted("momentum", 11, days=10)
    assert np.array_equal(again.predict(one.features, one.context), taught.predict(one.features, one.context))
    other = Progressive.load(tmp_path)
    more = make_planted("momentum", 3, start=200, days=20)
    first, second = again.learn(more), other.learn(more)
    assert np.array_equal(first.predict(one.features, one.context), second.predict(one.features, one.context))
    assert first.columns == 3


def test_old_columns_forecast_bit_for_bit_what_they_did(make_planted):
    learner, one = Progressive(ProgressiveSettings(**SMALL)), make_planted("momentum", 11, days=5)
    learner.learn(make_planted("momentum", 1))
    before = learner.predict(one.features, one.context)
    weights = {name: value.clone() for name, value in learner._net.state_dict().items()}
    learner.learn(make_planted("reversal", 2, start=100))
    after = learner._net.state_dict()
    assert all(np.array_equal(value.numpy(), after[name].numpy()) for name, value in weights.items())
    assert not np.array_equal(learner.predict(one.features, one.context), before)


def test_columns_are_bounded_and_distilling_keeps_the_skill(make_planted):
    learner = Progressive(ProgressiveSettings(columns=2, **SMALL))
    for at, rule in enumerate(("momentum", "reversal", "momentum", "reversal")):
        learner.learn(make_planted(rule, at + 1, start=100 * at))
        assert learner.columns <= 2
        assert max(len(seen) for seen in learner._seen) <= 200
    assert accuracy(learner, make_planted("momentum", 11)) > 0.7
    assert accuracy(learner, make_planted("reversal", 12)) > 0.7


def test_nothing_told_teaches_nothing(make_planted):
    learner, one = Progressive(ProgressiveSettings(**SMALL)), make_planted("momentum", 1, days=5)
    untold = type(one)(**(vars(one) | {"direction": np.full(len(one), np.nan)}))
    assert learner.learn(untold).columns == 0
    with pytest.raises(NotFittedError):
        learner.predict(one.features)
    with pytest.raises(NotFittedError):
        learner.save("nowhere")
