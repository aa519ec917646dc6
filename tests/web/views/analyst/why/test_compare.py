"""Models beside each other: what is told of two is what the tests of the evaluation say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest
from fastapi.testclient import TestClient

from tradewind.evaluation import compare_with_baseline, paired_accuracy
from tradewind.features import row_slices
from tradewind.training import forecast_frame, forecasts_of_all, to_outcomes
from tradewind.web.projects import Project
from tradewind.web.views.analyst.compare_forecasts import side_by_side
from tradewind.web.views.analyst.compare_models import models_of
from tradewind.web.views.analyst.compare_pair import Side, compare

pytestmark = pytest.mark.slow

if TYPE_CHECKING:
    from tests.conftest import Fitted


def pair(client: TestClient, first: str, second: str, **more: str) -> dict[str, Any]:
    query = {"project": "first", "first": first, "second": second, **more}
    answer = client.get("/api/analyst/compare/pair", params=query)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_every_model_is_told_with_what_it_is_and_costs(analyst: TestClient, first: Project) -> None:
    found = analyst.get("/api/analyst/compare/models", params={"project": "first"}).json()
    kinds = {one["name"]: one["kind"] for one in found["models"]}
    assert kinds == {
        "ensemble": "joined",
        "lstm": "net",
        "random_forest": "trees",
        "xgboost": "trees",
        "always_up": "rule",
        "momentum": "rule",
    }
    assert found["models"][0]["name"] == "ensemble"
    assert set(found["paired"]) == set(kinds)
    own = first.metrics()["models"]
    for one in found["models"]:
        assert one["accuracy"] == own[one["name"]]["accuracy"]
        assert one["bytes"] > 0


def test_a_pair_says_what_the_tests_of_the_evaluation_say(analyst: TestClient, fitted: Fitted) -> None:
    found = pair(analyst, "always_up", "xgboost")
    slices = row_slices(fitted.data.panel)
    forecasts = fitted.model.forecast(fitted.data, fitted.test)
    one, two = (to_outcomes(name, forecasts[name], fitted.data, slices) for name in ("always_up", "xgboost"))
    paired = paired_accuracy(forecast_frame(one), forecast_frame(two))
    assert (found["n"], found["n_days"]) == (paired.n, paired.n_days)
    for name in ("value", "lower", "upper"):
        assert found["gap"][name] == pytest.approx(getattr(paired.gap, name))
    test = compare_with_baseline(two, one, "brier")
    assert found["test"]["statistic"] == pytest.approx(test.statistic)
    assert found["test"]["p_value"] == pytest.approx(2 * min(test.p_value, 1 - test.p_value))
    assert found["simpler"] == "always_up"
    gap = found["accuracy_second"] - found["accuracy_first"]
    assert found["days"]["right"][-1] == pytest.approx(gap * found["n"])


def test_a_pair_turned_round_is_the_same_with_the_other_sign(analyst: TestClient) -> None:
    one, other = pair(analyst, "ensemble", "xgboost"), pair(analyst, "xgboost", "ensemble")
    assert one["gap"]["value"] == pytest.approx(-other["gap"]["value"])
    assert one["agreement"] == other["agreement"]


def test_the_simple_one_does_as_well_where_nothing_else_is_shown() -> None:
    table = pl.DataFrame(
        {
            "symbol": ["A"] * 40,
            "date": pl.datetime_range(pl.datetime(2020, 1, 1), pl.datetime(2020, 2, 9), "1d", eager=True),
            "label": [0, 1] * 20,
            "probability": [0.4, 0.6, 0.6, 0.4] * 10,
        }
    )
    found = compare(Side(name="deep", kind="net", table=table), Side(name="plain", kind="rule", table=table), "here")
    assert found.gap.value == 0.0
    assert found.simpler == "plain"
    assert any("does as well" in line and "plain" in line for line in found.words)
    assert found.apart == 0


def test_forecasts_that_were_not_kept_are_made_again(analyst: TestClient, first: Project, why_home: Path) -> None:
    lean = side_by_side(Project(name="lean", folder=why_home / "projects" / "lean"))
    kept = side_by_side(first)
    assert "run on every bar after" in lean.source
    both = kept.table.join(lean.table, on=["symbol", "date"], suffix="_again")
    assert len(both) == len(kept.table)
    for name in kept.names:
        assert (both[name] - both[f"{name}_again"]).abs().max() < 1e-6


def test_two_projects_are_compared_on_the_bars_they_share(analyst: TestClient) -> None:
    found = pair(analyst, "ensemble", "ensemble", other="lean")
    assert found["second"] == "ensemble of lean"
    assert found["agreement"] == 1.0


def test_a_student_takes_part_where_one_was_distilled(why_home: Path, tmp_path: Path) -> None:
    project = Project(name="taught", folder=tmp_path / "taught")
    project.folder.symlink_to(tmp_path / "real")
    (tmp_path / "real" / "distillation").mkdir(parents=True)
    for name in ("model", "evaluation", "prices.parquet"):
        (project.folder / name).symlink_to(why_home / "projects" / "first" / name)
    table = side_by_side(Project(name="first", folder=why_home / "projects" / "first")).table
    table.select("symbol", "date", student_probability=pl.col("xgboost")).write_parquet(
        project.folder / "distillation" / "agreement.parquet"
    )
    (project.folder / "distillation" / "distillation.json").write_text(
        json.dumps({"student": {"kind": "gam", "names": ["return_1", "rsi_14"]}})
    )
    found = models_of(project, side_by_side(project))
    student = next(one for one in found.models if one.name == "student")
    xgboost = next(one for one in found.models if one.name == "xgboost")
    assert student.kind == "shape functions"
    assert student.columns == 2
    assert student.accuracy == pytest.approx(xgboost.accuracy)


@pytest.mark.parametrize(
    ("path", "query", "said"),
    [
        ("models", {"project": "bare"}, "metrics.json"),
        ("pair", {"project": "first", "first": "ensemble", "second": "nothing"}, "nothing"),
    ],
)
def test_what_is_absent_is_told(analyst: TestClient, path: str, query: dict[str, str], said: str) -> None:
    answer = analyst.get(f"/api/analyst/compare/{path}", params=query)
    assert answer.status_code == 404
    assert said in answer.json()["detail"]


def test_bars_that_one_model_did_not_forecast_are_empty(fitted: Fitted) -> None:
    slices = row_slices(fitted.data.panel)
    forecast = fitted.model.forecast(fitted.data, fitted.test)["ensemble"]
    whole = to_outcomes("whole", forecast, fitted.data, slices)
    table = forecasts_of_all({"whole": whole, "half": whole.select(slice(0, len(whole) // 2))})
    assert len(table) == len(whole)
    assert table["half"].null_count() == len(whole) - len(whole) // 2
    assert table["whole"].null_count() == 0
