"""Rows find the expert of their period by what is known at the row."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import norm

from tradewind.continual.routing import Profile, RoutingSettings, route


def drawn(seed, shift=0.0, scale=1.0, rows=300):
    return shift + scale * np.random.default_rng(seed).normal(size=(rows, 3))


@settings(max_examples=30, deadline=None)
@given(
    seed=st.integers(0, 999),
    experts=st.integers(1, 5),
    regime=st.floats(0.0, 3.0),
    features=st.floats(0.0, 3.0),
    told=st.booleans(),
)
def test_weights_are_shares_of_each_row(seed, experts, regime, features, told):
    rng = np.random.default_rng(seed)
    profiles = [Profile.of(drawn(seed + k, shift=k), rng.dirichlet(np.ones(4), 300)) for k in range(experts)]
    rows, chances = drawn(seed + 99, scale=50.0, rows=20), rng.dirichlet(np.ones(4), 20) if told else None
    weights = route(profiles, rows, chances, RoutingSettings(regime=regime, features=features))
    assert weights.shape == (experts, 20)
    assert (weights >= 0.0).all()
    assert weights.sum(axis=0) == pytest.approx(np.ones(20))


def test_features_route_as_the_likelihood_of_normals():
    profiles = [Profile.of(drawn(1), None), Profile.of(drawn(2, shift=1.0, scale=2.0), None)]
    rows = drawn(3, shift=0.5, rows=50)
    weights = route(profiles, rows, None, RoutingSettings(features=1.0))
    likelihood = np.array([norm.pdf(rows, one.centre, np.sqrt(one.spread)).prod(axis=1) for one in profiles])
    assert weights == pytest.approx(likelihood / likelihood.sum(axis=0))


def test_a_certain_regime_routes_to_its_expert():
    profiles = [Profile.of(drawn(1), np.tile(np.eye(3)[k], (300, 1))) for k in (0, 2)]
    weights = route(profiles, drawn(4, rows=2), np.eye(3)[[0, 2]], RoutingSettings(features=0.0))
    assert weights[0, 0] > 0.99
    assert weights[1, 1] > 0.99


def test_a_row_is_routed_alike_whatever_comes_with_it():
    profiles = [Profile.of(drawn(k, shift=k), np.tile([0.5, 0.5], (300, 1))) for k in range(3)]
    rows, chances = drawn(5, rows=40), np.random.default_rng(6).dirichlet(np.ones(2), 40)
    whole = route(profiles, rows, chances, RoutingSettings())
    changed = np.vstack([rows[:25], 100.0 * rows[25:]])
    assert np.array_equal(route(profiles, changed, chances, RoutingSettings())[:, :25], whole[:, :25])
    assert np.array_equal(route(profiles, rows[:25], chances[:25], RoutingSettings()), whole[:, :25])


def test_merging_gives_the_profile_of_all_rows():
    one, two, rng = drawn(7, rows=100), drawn(8, shift=2.0, rows=250), np.random.default_rng(9)
    chances = rng.dirichlet(np.ones(3), 350)
    merged = Profile.of(one, chances[:100]).merged(Profile.of(two, chances[100:]))
    whole = Profile.of(np.vstack([one, two]), chances)
    assert merged.rows == 350
    assert merged.centre == pytest.approx(whole.centre)
    assert merged.spread == pytest.approx(whole.spread, abs=2e-4)
    assert merged.regimes == pytest.approx(whole.regimes)


def test_distance_grows_with_what_is_unlike():
    still = Profile.of(drawn(10), np.tile([0.9, 0.1], (300, 1)))
    alike = Profile.of(drawn(11), np.tile([0.8, 0.2], (300, 1)))
    other_features = Profile.of(drawn(12, scale=3.0), np.tile([0.9, 0.1], (300, 1)))
    other_regime = Profile.of(drawn(13), np.tile([0.1, 0.9], (300, 1)))
    assert still.distance(still) == pytest.approx(0.0, abs=1e-12)
    assert still.distance(alike) == pytest.approx(alike.distance(still))
    assert still.distance(alike) < min(still.distance(other_features), still.distance(other_regime))


def test_a_profile_survives_json():
    one = Profile.of(drawn(14), np.random.default_rng(1).dirichlet(np.ones(3), 300))
    again = Profile.from_dict(json.loads(json.dumps(one.to_dict())))
    assert again.to_dict() == one.to_dict()
