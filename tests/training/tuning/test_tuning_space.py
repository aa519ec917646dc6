"""Ranges of parameters, and settings with parameters put in."""

from __future__ import annotations

import optuna
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from tradewind.models import MODELS, EnsembleSettings, ModelSettings
from tradewind.training import TrainingSettings
from tradewind.training.tuning.around import Around
from tradewind.training.tuning.space import Choice, Range
from tradewind.training.tuning.space_ensemble import ensemble_of, ensemble_space, params_of, subsets
from tradewind.training.tuning.space_models import SPACES, model_params, space_of, with_params

TREES = Range(low=100, high=1000, log=True, step=1)
RATE = Range(low=0.001, high=0.1, log=True)
NETS = ("lstm", "gru", "cnn", "tcn", "transformer", "hybrid", "graph")
TUNABLE = sorted(set(SPACES) & set(MODELS))


@pytest.mark.parametrize("span", [TREES, RATE, Range(low=50, high=200, step=10), Range(low=0.1, high=0.5)])
def test_grid_runs_from_end_to_end_inside_the_range(span: Range) -> None:
    grid = span.grid(4)
    assert len(grid) == 4
    assert grid[0] == pytest.approx(span.low)
    assert grid[-1] == pytest.approx(span.high)
    assert list(grid) == sorted(grid)
    trial = optuna.create_study().ask()
    span.suggest(trial, "x")
    assert span.low <= trial.params["x"] <= span.high
    if span.step:
        assert all(isinstance(value, int) for value in grid)


@given(st.floats(1e-6, 10.0), st.floats(-1.0, 1.0))
def test_a_moved_number_goes_no_further_out(value: float, by: float) -> None:
    moved = float(RATE.moved(value, by))
    assert min(value, RATE.low) * (1 - 1e-9) <= moved <= max(value, RATE.high) * (1 + 1e-9)
    assert float(RATE.moved(value, 0.0)) == pytest.approx(value, rel=1e-9)


@given(st.floats(-10.0, 2000.0))
def test_the_nearest_number_lies_in_the_range(value: float) -> None:
    nearest = TREES.nearest(value)
    assert TREES.low <= float(nearest) <= TREES.high
    if TREES.low <= value <= TREES.high:
        assert abs(float(nearest) - value) <= 0.51


def test_choice_falls_back_to_its_first_option() -> None:
    choice = Choice(options=("a", "b"))
    assert choice.nearest("b") == "b"
    assert choice.nearest("z") == "a"
    assert choice.grid(9) == ("a", "b")


@pytest.mark.parametrize("model", TUNABLE)
def test_every_corner_of_a_models_ranges_is_valid(model: str) -> None:
    settings = ModelSettings()
    space = space_of(model, settings)
    assert len(space) == len(SPACES[model].keys() & type(getattr(settings, model)).model_fields.keys())
    assert space
    for end in (0, -1):
        corner = {name: span.grid(3)[end] for name, span in space.items()}
        changed = with_params(settings, model, corner)
        assert model_params(model, changed) == corner
    assert with_params(settings, model, model_params(model, settings)) == settings


@pytest.mark.parametrize(
    ("model", "needed"),
    [
        *((net, {"learning_rate", "hidden", "dropout"}) for net in NETS),
        ("random_forest", {"n_trees", "max_depth", "min_samples_split"}),
        ("xgboost", {"learning_rate", "max_depth", "row_share", "l1", "l2", "rounds"}),
        ("lightgbm", {"learning_rate", "max_depth", "row_share", "l1", "l2", "rounds"}),
        ("catboost", {"learning_rate", "max_depth", "row_share", "l2", "rounds"}),
    ],
)
def test_models_are_tuned_over_the_ranges_they_should(model: str, needed: set[str]) -> None:
    assert needed <= set(space_of(model, ModelSettings()))


def test_a_model_without_settings_has_no_ranges() -> None:
    assert space_of("always_up", ModelSettings()) == {}


def test_a_value_the_settings_refuse_is_an_error() -> None:
    with pytest.raises(ValidationError):
        with_params(ModelSettings(), "xgboost", {"learning_rate": -1.0})


def test_subsets_are_all_of_few_and_some_of_many() -> None:
    assert subsets(("a", "b", "c"))[0] == ("a", "b", "c")
    assert len(set(subsets(("a", "b", "c")))) == 7
    many = subsets(tuple("abcdefgh"))
    assert len(set(many)) == len(many) == 1 + 8 + 28 + 28 + 8
    assert all(many)


def test_ensemble_parameters_stand_for_its_settings() -> None:
    base, members = EnsembleSettings(method="stack", shrink=0.3, inner_folds=2), ("a", "b", "c")
    assert set(ensemble_space(members)) == set(params_of(base, members))
    assert ensemble_of(params_of(base, members), base, members) == (base, members)
    assert "members" not in ensemble_space(("a",))
    changed, kept = ensemble_of({**params_of(base, members), "members": "a+c", "method": "vote"}, base, members)
    assert kept == ("a", "c")
    assert changed.method == "vote"


def test_around_its_centre_without_shifts_is_the_centre() -> None:
    centre = TrainingSettings(models=("xgboost", "logistic"))
    around = Around(centre, 0.1)
    assert "xgboost.learning_rate" in around.space
    assert "ensemble.shrink" in around.space
    still = around.settings(dict.fromkeys(around.space, 0.0))
    assert still.members.xgboost.max_depth == centre.members.xgboost.max_depth
    assert still.members.xgboost.learning_rate == pytest.approx(centre.members.xgboost.learning_rate)
    moved = around.settings(dict.fromkeys(around.space, 0.1))
    assert moved.members.xgboost.learning_rate > still.members.xgboost.learning_rate
    assert moved.ensemble.shrink > still.ensemble.shrink
    assert moved.members.lstm == centre.members.lstm
    values = around.values(dict.fromkeys(around.space, 0.1))
    assert values["logistic.l2"] == moved.members.logistic.l2
