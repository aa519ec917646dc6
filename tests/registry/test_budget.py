"""How complex a model is, and whether its use bears that."""

from __future__ import annotations

from pathlib import Path

import pytest

from tradewind.core import NotFittedError, UsageError
from tradewind.models import MODELS, make_model
from tradewind.models.size import size_of
from tradewind.registry import Budgets, BudgetSettings, check_budget, measure_complexity

SMALL = {
    "members": 2, "features": 9, "trees": 10, "parameters": 1000, "depth": 3, "size_bytes": 1000, "predict_ms": 0.1,
    "fit_seconds": 1.0,
}  # fmt: skip


def test_a_fitted_ensemble_is_measured(fitted, saved_model: Path):
    found = measure_complexity(fitted.model, fitted.data, folder=saved_model, fit_seconds=2.0)
    assert (found.members, found.features) == (3, len(fitted.model.preprocessor.names))
    assert found.by_member["random_forest"]["trees"] == 30
    assert found.by_member["xgboost"]["trees"] == 40 + 15
    assert found.by_member["lstm"]["trees"] == 0
    net = fitted.model.ensemble.members["lstm"]
    assert found.by_member["lstm"]["parameters"] == sum(p.numel() for p in net._fitted().parameters()) > 500
    forest = fitted.model.ensemble.members["random_forest"]._fitted()
    assert found.by_member["random_forest"]["parameters"] == len(forest.feature)
    assert found.by_member["random_forest"]["depth"] == max(way_down(forest, root) for root in forest.roots[:-1])
    assert found.parameters == sum(one["parameters"] for one in found.by_member.values())
    assert 1 <= found.by_member["xgboost"]["depth"] <= fitted.model.settings.members.xgboost.max_depth
    assert found.size_bytes == sum(p.stat().st_size for p in saved_model.rglob("*") if p.is_file())
    assert found.predict_ms > 0
    assert measure_complexity(fitted.model).predict_ms is None


def way_down(forest, node: int) -> int:
    """Return the decisions on the longest way from a node to a leaf."""
    if forest.feature[node] < 0:
        return 0
    return 1 + max(way_down(forest, forest.left[node]), way_down(forest, forest.right[node]))


def test_a_forest_that_could_not_grow_deep_is_measured_as_it_is(fitted):
    kept = fitted.model.settings.members
    flat = kept.model_copy(update={"random_forest": kept.random_forest.model_copy(update={"max_depth": 1})})
    model = make_model("random_forest", seed=1, settings=flat)
    model.fit(fitted.model.prepare(fitted.data, None), fitted.train)
    model.settings = model.settings.model_copy(update={"max_depth": 30})
    assert size_of(model).to_dict() == {"trees": 30, "parameters": 90, "depth": 1}


@pytest.mark.parametrize("name", ["logistic", "lightgbm", "catboost", "momentum"])
def test_every_other_kind_is_measured(fitted, name: str):
    if name in {"lightgbm", "catboost"}:
        pytest.importorskip(name)
    prepared = fitted.model.prepare(fitted.data, None)
    kept = fitted.model.settings.members
    few = kept.model_copy(
        update={
            "lightgbm": kept.lightgbm.model_copy(update={"rounds": 5, "return_rounds": 3}),
            "catboost": kept.catboost.model_copy(update={"rounds": 5, "return_rounds": 3}),
        }
    )
    size = size_of(make_model(name, seed=1, settings=few).fit(prepared, fitted.train))
    columns = prepared.features.shape[1]
    if name == "logistic":
        assert size.to_dict() == {"trees": 0, "parameters": 2 * (columns + 1), "depth": 0}
    elif name == "momentum":
        assert size.parameters == 1
    else:
        assert 1 <= size.trees <= 8
        assert size.parameters > size.trees
        assert size.depth >= 1


def test_a_model_that_is_not_fitted_has_no_size():
    with pytest.raises(NotFittedError):
        size_of(make_model("xgboost", seed=1))
    assert set(MODELS) >= {"lstm", "xgboost"}


def test_every_line_holds_or_says_by_how_much_it_does_not():
    metrics = {"accuracy": 0.53, "models": {"logistic": {"accuracy": 0.52}}}
    report = check_budget("daily", SMALL, metrics)
    assert report.passed
    assert [line.name for line in report.lines] == [*SMALL, "gain"]
    big = check_budget("regulated", {**SMALL, "trees": 601, "predict_ms": 5.5}, metrics)
    assert not big.passed
    assert big.failures == ["trees 601 over 600", "predict ms 5.5 over 5"]
    assert big.to_dict()["passed"] is False


@pytest.mark.parametrize(("gain", "passed"), [(0.0041, True), (0.0039, False), (-0.01, False)])
def test_complexity_must_be_paid_for_with_skill(gain: float, passed: bool):
    budgets = Budgets(use_cases={"mine": BudgetSettings(gain_per_tenfold=0.002)})
    metrics = {"accuracy": 0.5 + gain, "models": {"logistic": {"accuracy": 0.5}}}
    report = check_budget("mine", SMALL, metrics, budgets)  # 1000 parameters are two tenfolds of 10
    line = report.lines[-1]
    assert (line.name, line.passed) == ("gain", passed)
    assert line.limit == pytest.approx(0.004)
    assert report.passed is passed


def test_what_was_not_measured_fails():
    report = check_budget("daily", {**SMALL, "predict_ms": None}, {})
    assert report.failures == ["predict ms was not measured", "accuracy beside 'logistic' was not measured"]


def test_budgets_are_read_from_toml(tmp_path: Path):
    file = tmp_path / "budgets.toml"
    file.write_text("[use_cases.retail]\nmembers = 1\n")
    budgets = Budgets.from_toml(file)
    assert budgets.of("retail").members == 1
    with pytest.raises(UsageError, match=r"no complexity budget for the use case 'daily'.*choose from retail"):
        budgets.of("daily")
    assert set(Budgets().use_cases) == {"regulated", "daily", "intraday"}
    file.write_text("[use_cases.retail]\nmembers = 0\n")
    with pytest.raises(UsageError, match="members"):
        Budgets.from_toml(file)
