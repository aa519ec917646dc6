"""Fixed share: shares stay shares, and no sequence of outcomes costs more than the bound."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tradewind.continual.temporal.shares import (
    enter,
    equal_shares,
    fixed_share,
    leave,
    log_loss,
    mix,
    tracking_bound,
)
from tradewind.core import UsageError

PROBABILITY = st.floats(min_value=0.01, max_value=0.99)


@pytest.mark.slow
@given(data=st.data(), experts=st.integers(1, 6), switch=st.floats(0.0, 0.5), rate=st.floats(0.1, 20.0))
def test_shares_sum_to_one_and_stay_positive(data, experts, switch, rate):
    shares = equal_shares(experts)
    for _ in range(8):
        told = st.one_of(st.floats(0.0, 30.0), st.just(float("nan")))
        losses = data.draw(arrays(np.float64, experts, elements=told))
        shares = fixed_share(shares, losses, rate=rate, switch=switch)
        assert shares.sum() == pytest.approx(1.0)
        assert (shares >= 0.0).all()


@given(
    forecasts=arrays(np.float64, (3, 40), elements=PROBABILITY),
    rose=arrays(np.int64, 40, elements=st.integers(0, 1)),
    switch=st.floats(0.005, 0.4),
)
def test_never_loses_more_than_the_bound_to_the_best_sequence(forecasts, rose, switch):
    losses = log_loss(forecasts, rose.astype(float))
    shares, paid = equal_shares(3), 0.0
    for day in range(40):
        chance = mix(shares, forecasts[:, day : day + 1])
        paid += float(log_loss(chance, rose[day : day + 1].astype(float))[0])
        shares = fixed_share(shares, losses[:, day], rate=1.0, switch=switch)
    best = np.full((3, 4), np.inf)  # by (expert, changes): dynamic programming over every sequence
    best[:, 0] = losses[:, 0]
    for day in range(1, 40):
        moved = np.array([np.delete(best, i, axis=0).min(axis=0) for i in range(3)])
        best = losses[:, day : day + 1] + np.minimum(best, np.column_stack([np.full(3, np.inf), moved[:, :-1]]))
    for changes in range(4):
        assert paid <= best[:, changes].min() + tracking_bound(3, 40, changes, switch) + 1e-9


def test_without_switching_shares_are_the_posterior_of_bayes():
    rng = np.random.default_rng(3)
    forecasts, rose = rng.uniform(0.2, 0.8, (4, 30)), (rng.random(30) < 0.5).astype(float)
    shares = equal_shares(4)
    for day in range(30):
        shares = fixed_share(shares, log_loss(forecasts[:, day], rose[day]), rate=1.0, switch=0.0)
    likelihood = np.where(rose == 1.0, forecasts, 1.0 - forecasts).prod(axis=1)
    assert shares == pytest.approx(likelihood / likelihood.sum())


def test_follows_a_change_of_the_best_expert_that_bayes_does_not():
    losses = np.vstack([np.r_[np.full(50, 0.2), np.full(15, 1.2)], np.r_[np.full(50, 1.2), np.full(15, 0.2)]])
    ends = {}
    for switch in (0.0, 0.02):
        shares = equal_shares(2)
        for day in range(losses.shape[1]):
            shares = fixed_share(shares, losses[:, day], rate=1.0, switch=switch)
        ends[switch] = shares[1]
    assert ends[0.02] > 0.9
    assert ends[0.0] < 0.1


def test_a_silent_expert_keeps_its_share():
    shares = fixed_share(np.array([0.2, 0.5, 0.3]), np.array([0.1, 3.0, np.nan]), rate=1.0, switch=0.0)
    assert shares[2] == pytest.approx(0.3)
    assert shares[0] / shares[1] == pytest.approx(0.4 * np.exp(2.9))


def test_entering_and_leaving_keep_the_order_of_the_others():
    shares = enter(np.array([0.75, 0.25]), 0.2)
    assert shares == pytest.approx([0.6, 0.2, 0.2])
    assert leave(shares, np.array([0, 1])) == pytest.approx([0.75, 0.25])


def test_nobody_to_trust_is_an_error():
    with pytest.raises(UsageError, match="no expert to trust"):
        equal_shares(0)
