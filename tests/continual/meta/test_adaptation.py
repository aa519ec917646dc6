"""The gradients of meta-learning, against finite differences and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.continual.meta.adaptation import (
    Inner,
    adapt,
    forecast,
    from_arrays,
    initial_weights,
    logit,
    loss,
    maml_gradient,
    reptile_gradient,
    rows_of,
    slope_of,
    to_arrays,
)


def drawn_rows(seed, count=15):
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(count, 3))
    rose = (values[:, 0] + rng.normal(size=count) > 0).astype(float)
    return rows_of(values, rose, rng.uniform(0.5, 2.0, count), torch.float64)


def drawn_weights(seed):
    weights = initial_weights(3, 4, seed, torch.float64)
    rng = np.random.default_rng(seed + 1)
    return {name: value + torch.as_tensor(0.3 * rng.normal(size=value.shape)) for name, value in weights.items()}


def outcome(weights, tasks, inner):
    return float(np.mean([float(loss(adapt(weights, s, steps=inner.steps, rate=inner.rate), q)) for s, q in tasks]))


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), steps=st.integers(1, 4), rate=st.floats(0.05, 1.0))
def test_second_order_gradient_is_that_of_the_outcome(seed, steps, rate):
    weights, inner = drawn_weights(seed), Inner(steps=steps, rate=rate)
    tasks = [(drawn_rows(seed + k), drawn_rows(seed + 50 + k)) for k in range(2)]
    slope = maml_gradient(weights, tasks, inner)
    rng, size = np.random.default_rng(seed), 1e-5
    for _ in range(3):
        way = {name: torch.as_tensor(rng.normal(size=value.shape)) for name, value in weights.items()}
        up = {name: value + size * way[name] for name, value in weights.items()}
        down = {name: value - size * way[name] for name, value in weights.items()}
        measured = (outcome(up, tasks, inner) - outcome(down, tasks, inner)) / (2.0 * size)
        told = sum(float((slope[name] * way[name]).sum()) for name in weights)
        assert told == pytest.approx(measured, rel=1e-4, abs=1e-8)


def test_first_order_leaves_the_second_derivatives_out():
    weights, tasks = drawn_weights(5), [(drawn_rows(1), drawn_rows(2))]
    first = maml_gradient(weights, tasks, Inner(steps=2, rate=0.5, second_order=False))
    moved = {
        name: value.clone().requires_grad_() for name, value in adapt(weights, tasks[0][0], steps=2, rate=0.5).items()
    }
    loss(moved, tasks[0][1]).backward()
    for name, value in moved.items():
        assert torch.allclose(first[name], value.grad)
    second = maml_gradient(weights, tasks, Inner(steps=2, rate=0.5))
    assert not torch.allclose(first["w1"], second["w1"], atol=1e-6)


def test_both_orders_agree_where_there_is_no_step():
    weights, tasks = drawn_weights(6), [(drawn_rows(3), drawn_rows(4))]
    first = maml_gradient(weights, tasks, Inner(steps=0, rate=0.5, second_order=False))
    second = maml_gradient(weights, tasks, Inner(steps=0, rate=0.5))
    assert all(torch.allclose(first[name], second[name]) for name in weights)


def test_a_full_step_of_reptile_ends_at_the_mean_of_the_adapted_weights():
    weights, tasks = drawn_weights(7), [drawn_rows(k) for k in range(3)]
    slope = reptile_gradient(weights, tasks, Inner(steps=3, rate=0.4))
    ends = [adapt(weights, task, steps=3, rate=0.4) for task in tasks]
    for name, value in weights.items():
        mean = sum(one[name] for one in ends) / 3.0
        assert torch.allclose(value - slope[name], mean)


def test_the_gradient_written_out_is_that_of_the_tape():
    weights, task = drawn_weights(12), drawn_rows(13)
    taped, written = torch.func.grad(loss)(weights, task), slope_of(weights, task)
    assert all(torch.allclose(taped[name], written[name]) for name in weights)


def test_one_step_of_adaptation_is_a_step_of_gradient_descent():
    weights, task = drawn_weights(8), drawn_rows(9)
    free = {name: value.clone().requires_grad_() for name, value in weights.items()}
    loss(free, task).backward()
    moved = adapt(weights, task, steps=1, rate=0.25)
    assert all(torch.allclose(moved[name], free[name].detach() - 0.25 * free[name].grad) for name in free)


def test_forecast_is_the_logistic_of_the_log_odds_and_survives_arrays():
    weights, task = drawn_weights(10), drawn_rows(11)
    told = forecast(weights, task.features.numpy())
    assert told == pytest.approx(1.0 / (1.0 + np.exp(-logit(weights, task.features).numpy())))
    again = forecast(from_arrays(to_arrays(weights)), task.features.numpy())
    assert np.array_equal(told, again)
