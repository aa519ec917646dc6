"""The parts of the model table that numbers depend on."""

from __future__ import annotations

import ast

import numpy as np
import pytest

from tradewind.core import Outcomes
from tradewind.models import MODELS


def outcomes(probability: np.ndarray, returns: np.ndarray, n_symbols: int) -> Outcomes:
    """Return outcomes of ``n_symbols`` on consecutive days."""
    n = len(returns)
    days = np.datetime64("2015-01-01", "us") + np.repeat(np.arange(n // n_symbols), n_symbols).astype("timedelta64[D]")
    nan, label = np.full(n, np.nan), np.full(n, "x")
    return Outcomes(
        model="m",
        symbol=np.tile([f"S{i}" for i in range(n_symbols)], n // n_symbols),
        time=days,
        probability=probability,
        expected_return=probability - 0.5,
        lower=nan,
        upper=nan,
        direction=(returns > 0).astype(float),
        forward_return=returns,
        close=np.ones(n),
        sector=label,
        size_bucket=label,
        volatility_regime=label,
    )


def test_comments_and_docstrings_are_not_code() -> None:
    from zoo_cells import _bare

    first = 'def f(x):\n    """Say."""\n    return x + 1\n'
    second = "# why\ndef f(x):\n    '''Say more.'''\n    return (x + 1)  # so\n"
    third = 'def f(x):\n    """Say."""\n    return x + 2\n'
    assert _bare(ast.parse(first)) == _bare(ast.parse(second)) != _bare(ast.parse(third))


@pytest.mark.slow
def test_every_model_has_code_of_its_own() -> None:
    from tradewind.models import make_model
    from zoo_cells import code_id

    modules = {type(make_model(name, seed=0)).__module__ for name in MODELS}
    assert len({code_id(module) for module in modules}) == len(modules)


def test_a_member_without_a_seed_is_fitted_once() -> None:
    from zoo_cells import Cell, has_seed, member_cell

    assert has_seed("lstm")
    assert not has_seed("logistic")
    join = Cell(dataset="d", model="ensemble", seed=3, members=("lstm", "logistic"))
    assert [member_cell(join, name).seed for name in join.members] == [3, 0]


def test_kept_forecasts_are_found_by_row_and_missing_ones_refused() -> None:
    from zoo_cells import Kept

    kept = Kept(name="k", rows=np.array([2, 5, 9]), probability=np.array([0.2, 0.5, 0.9]), expected_return=np.zeros(3))
    assert kept.predict(None, np.array([9, 2])).probability.tolist() == [0.9, 0.2]  # type: ignore[arg-type]
    with pytest.raises(KeyError, match="k has no forecast"):
        kept.predict(None, np.array([2, 10]))  # type: ignore[arg-type]


def test_a_difference_to_itself_is_nothing_and_skill_is_seen() -> None:
    from day_intervals import compare

    rng = np.random.default_rng(0)
    returns = rng.normal(0, 0.01, 60 * 10)
    knows = outcomes(np.where(returns > 0, 0.6, 0.4) + rng.normal(0, 0.05, len(returns)), returns, 10)
    guesses = outcomes(rng.uniform(0.4, 0.6, len(returns)), returns, 10)
    assert compare([knows], [knows])["mcc"] == [0.0, 0.0, 0.0]
    value, low, high = compare([knows], [guesses])["rank_ic"]
    assert 0 < low < value < high
    mean, _, _ = compare([knows, guesses])["accuracy"]
    alone = [compare([one])["accuracy"][0] for one in (knows, guesses)]
    assert mean == pytest.approx(np.mean(alone), abs=1e-6)
