"""The hidden Markov model: right, point in time, steady in its labels."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.continual.regimes import (
    Parameters,
    RegimeFilter,
    RegimeModel,
    RegimeSettings,
    entropy,
)
from tradewind.core import InputError, UsageError

THREE = RegimeSettings(order_by=1, starts=2)


@pytest.fixture(scope="module")
def model(switching) -> RegimeModel:
    return RegimeModel.fit(switching[0][:1000], THREE)


def test_regimes_are_recovered_out_of_sample(model: RegimeModel, switching) -> None:
    rows, state = switching
    found = model.filter(rows).argmax(axis=1)
    assert np.mean(found[1000:] == state[1000:]) > 0.95
    assert model.names == ("calm", "normal", "stressed")
    assert np.all(np.diff(model.parameters.mean[:, 1]) > 0)


def test_the_future_changes_no_row(model: RegimeModel, switching) -> None:
    rows = switching[0]
    whole = model.filter(rows)
    for cut in (1, 2, 333, 1499):
        assert np.array_equal(model.filter(rows[:cut]), whole[:cut])
    other = rows.copy()
    other[700:] = 50.0
    assert np.array_equal(model.filter(other)[:700], whole[:700])


def test_online_equals_batch_bit_for_bit_and_goes_on_after_a_restart(model: RegimeModel, switching) -> None:
    rows = switching[0][:300].copy()
    rows[40:45, 0] = np.nan
    online = RegimeFilter(model)
    out = []
    for at, row in enumerate(rows):
        out.append(online.update(row))
        if at == 150:
            memory = json.loads(json.dumps(online.memory()))
            online = RegimeFilter(model)
            online.restore(memory)
    assert np.array_equal(np.array(out), model.filter(rows))
    assert np.isfinite(out).all()
    context = online.context
    assert context.regime == model.names[int(out[-1].argmax())]
    run = np.array(out).argmax(axis=1)
    assert context.days_since_change == len(run) - 1 - int(np.flatnonzero(np.diff(run))[-1] + 1)
    assert 0.0 <= context.entropy <= 1.0


def test_filtered_probabilities_are_those_of_statsmodels() -> None:
    from statsmodels.tsa.regime_switching.markov_regression import MarkovRegression

    rng = np.random.default_rng(1)
    values = np.concatenate([rng.normal(0, 1, 150), rng.normal(0.5, 3, 100), rng.normal(0, 1, 100)])
    stay = np.array([[0.95, 0.05], [0.1, 0.9]])
    steady = np.array([2 / 3, 1 / 3])  # statsmodels begins from the chain's steady state
    ours = RegimeModel(
        parameters=Parameters(
            prior=steady,
            transition=stay,
            mean=np.array([[0.0], [0.5]]),
            covariance=np.array([[[1.0]], [[9.0]]]),
        ),
        names=("calm", "stressed"),
    )
    theirs = MarkovRegression(values, k_regimes=2, trend="c", switching_variance=True)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = theirs.filter(np.array([0.95, 0.1, 0.0, 0.5, 1.0, 9.0]))
    filtered, gained = ours.scored(values[:, None])
    np.testing.assert_allclose(filtered, found.filtered_marginal_probabilities, atol=1e-10)
    assert gained.sum() == pytest.approx(found.llf, abs=1e-8)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    states=st.integers(1, 4),
    columns=st.integers(1, 3),
    covariance=st.sampled_from(["diagonal", "full"]),
    smoothing=st.sampled_from([0.0, 0.1]),
)
def test_no_step_lowers_the_objective(seed, states, columns, covariance, smoothing) -> None:
    rng = np.random.default_rng(seed)
    rows = rng.standard_t(3, size=(120, columns)) * np.repeat([1.0, 3.0, 0.5], 40)[:, None]
    rows[rng.random(120) < 0.05] = np.nan
    rule = RegimeSettings(
        states=states, covariance=covariance, starts=2, iterations=40, smoothing=smoothing, tolerance=1e-12
    )
    fitted = RegimeModel.fit(rows, rule)
    path = np.array(fitted.path)
    assert np.all(np.diff(path) > -1e-7 * np.abs(path[:-1]))
    assert np.linalg.eigvalsh(fitted.parameters.covariance).min() > 0
    np.testing.assert_allclose(fitted.parameters.transition.sum(axis=1), 1.0)
    filtered, gained = fitted.scored(rows)
    np.testing.assert_allclose(filtered.sum(axis=1), 1.0)
    assert gained.sum() == pytest.approx(fitted.log_likelihood, abs=1e-6)


def test_equal_data_and_seed_give_an_equal_model_and_it_can_be_kept(model, switching, tmp_path: Path) -> None:
    again = RegimeModel.fit(switching[0][:1000], THREE)
    assert np.array_equal(again.parameters.mean, model.parameters.mean)
    kept = RegimeModel.load(model.save(tmp_path / "regimes.json"))
    assert np.array_equal(kept.filter(switching[0]), model.filter(switching[0]))
    assert kept.names == model.names
    (tmp_path / "bad.json").write_text('{"format": "tradewind-regimes/1", "names": ["a"]}')
    with pytest.raises(InputError, match=r"bad\.json: is no regime model"):
        RegimeModel.load(tmp_path / "bad.json")


def test_a_refit_keeps_the_labels(switching) -> None:
    rows = switching[0]
    first = RegimeModel.fit(rows[:900], RegimeSettings(starts=2))
    flipped = RegimeModel(
        parameters=first.parameters.taken([2, 0, 1]), names=tuple(first.names[place] for place in (2, 0, 1))
    )
    later = RegimeModel.fit(rows[300:], RegimeSettings(starts=2), like=flipped)
    assert later.names == ("stressed", "calm", "normal")
    assert np.array_equal(later.filter(rows).argmax(axis=1)[1000:] == 0, first.filter(rows).argmax(axis=1)[1000:] == 2)


def test_more_regimes_than_there_are_do_not_pay() -> None:
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal(0, 1, (300, 1)), rng.normal(0, 4, (300, 1))])
    by_count = {k: RegimeModel.fit(rows, RegimeSettings(states=k, starts=2)).bic for k in (1, 2, 4)}
    assert min(by_count, key=by_count.__getitem__) == 2


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        (np.zeros((10, 1)), "too few"),
        (np.full((100, 2), np.nan), "too few"),
        (np.column_stack([np.arange(100.0), np.ones(100)]), "column 1 of the observations never moves"),
        (np.zeros(100), "shape"),
    ],
)
def test_bad_rows_are_named(rows: np.ndarray, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        RegimeModel.fit(rows)


def test_a_row_far_from_every_regime_leaves_probabilities(model: RegimeModel) -> None:
    found = model.filter(np.array([[1e9, -1e9], [0.0, -5.0]]))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(found.sum(axis=1), 1.0)


def test_entropy_is_a_share() -> None:
    np.testing.assert_allclose(entropy(np.array([[1.0, 0.0, 0.0], [1 / 3, 1 / 3, 1 / 3]])), [0.0, 1.0], atol=1e-12)
