"""The temporal ensemble trusts members of periods like the present, and lets those go that lose."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.continual.online import Online
from tradewind.continual.protocol import Experience
from tradewind.continual.temporal import ForecasterMember, TemporalEnsemble, TemporalSettings
from tradewind.continual.temporal.evidence import Earnings, Judged, follow_days
from tradewind.core import NotFittedError
from tradewind.models.registry import make_model


def logistic():
    return ForecasterMember(make_model("logistic", seed=0))


def accuracy(learner, one):
    return float(((learner.predict(one.features, one.context) > 0.5) == (one.direction > 0.5)).mean())


@pytest.fixture(scope="module")
def taught(make_planted):
    learner = TemporalEnsemble(member=logistic())
    return learner.learn(make_planted("momentum", 1)).learn(make_planted("reversal", 2, start=100))


def test_keeps_both_of_two_rules_that_conflict(taught, make_planted):
    assert accuracy(taught, make_planted("momentum", 11)) > 0.72
    assert accuracy(taught, make_planted("reversal", 12)) > 0.72


def test_weights_of_each_row_sum_to_one_and_follow_its_period(taught, make_planted):
    one = make_planted("reversal", 12, days=5)
    weights = taught.weights(one.features, one.context)
    assert weights.sum(axis=0) == pytest.approx(np.ones(len(one)))
    assert weights[1].mean() > 0.8
    assert taught.shares.sum() == pytest.approx(1.0)


@pytest.mark.slow
@pytest.mark.parametrize("member", [Online(), ForecasterMember(make_model("random_forest", seed=0)), None])
def test_works_over_any_member(member, make_planted, tmp_path):
    learner = TemporalEnsemble(member=member)
    learner.learn(make_planted("momentum", 1, days=25)).learn(make_planted("reversal", 2, start=100, days=25))
    one = make_planted("momentum", 11, days=10)
    assert accuracy(learner, one) > 0.6
    learner.save(tmp_path)
    kind = type(learner.members[0].learner)
    again = TemporalEnsemble.load(tmp_path, kind.load)
    assert np.array_equal(again.predict(one.features, one.context), learner.predict(one.features, one.context))
    assert np.array_equal(again.shares, learner.shares)


def test_members_are_bounded_and_every_kind_of_period_keeps_one(make_planted):
    learner = TemporalEnsemble(TemporalSettings(members=2), logistic())
    for at, rule in enumerate(("momentum", "reversal", "reversal", "momentum", "reversal")):
        learner.learn(make_planted(rule, at, start=100 * at, days=30))
        assert len(learner.members) <= 2
        assert learner.shares.sum() == pytest.approx(1.0)
    assert accuracy(learner, make_planted("momentum", 11)) > 0.72
    assert accuracy(learner, make_planted("reversal", 12)) > 0.72


def test_a_member_that_loses_on_its_own_ground_is_retired(make_planted):
    first = make_planted("momentum", 1)
    learner = TemporalEnsemble(member=logistic()).learn(first)
    spoiled = learner.members[0].learner
    turned = make_planted("momentum", 2, start=100)
    learner.learn(Experience(**(vars(turned) | {"direction": 1.0 - turned.direction})))
    assert all(one.learner is not spoiled for one in learner.members)
    assert len(learner.members) == 1


def test_trust_moves_by_no_outcome_that_a_member_had_learned(make_planted):
    one = make_planted("momentum", 1, days=40)
    learner = TemporalEnsemble(member=logistic()).learn(one)
    days = np.unique(one.time)
    assert learner.members[0].earned.days == pytest.approx(10.0, rel=0.1)  # its tail alone, a quarter of the days
    assert len(days) == 40


def test_one_who_is_asleep_keeps_its_share():
    rng = np.random.default_rng(0)
    routed = np.vstack([np.ones(60), np.zeros(60)])
    each = np.vstack([np.full(60, 0.8), np.full(60, 0.01)])
    judged = Judged(
        each=each, routed=routed, rose=(rng.random(60) < 0.8).astype(float), day=np.repeat(np.arange(6), 10)
    )
    assert follow_days(np.array([0.5, 0.5]), judged, rate=5.0, switch=0.0) == pytest.approx([0.5, 0.5], abs=1e-6)


def test_earnings_are_the_mean_gain_over_a_coin():
    rose, chance = np.array([1.0, 1.0, 0.0, 1.0]), np.array([0.8, 0.6, 0.3, 0.4])
    judged = Judged(each=chance[None], routed=np.ones((1, 4)), rose=rose, day=np.array([0, 0, 1, 1]))
    earned = Earnings().after(judged, 0, memory=1.0)
    gains = np.log(2.0) + np.log([0.8 * 0.6, 0.7 * 0.4]) / 2.0
    assert earned.mean == pytest.approx(gains.mean())
    assert earned.upper(1.0) == pytest.approx(gains.mean() + gains.std() / np.sqrt(2.0))
    assert Earnings().upper(2.0) == float("inf")


def test_before_learning_nothing_is_forecast_or_saved(make_planted, tmp_path):
    one = make_planted("momentum", 1, days=3)
    for wrong in (TemporalEnsemble(), logistic()):
        with pytest.raises(NotFittedError):
            wrong.predict(one.features)
        with pytest.raises(NotFittedError):
            wrong.save(tmp_path)
