"""The executive view says first whether skill was shown, and never more than was measured."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from tradewind.core import Forecast, Panel
from tradewind.core.dataset import Dataset
from tradewind.data import write_prices
from tradewind.evaluation import BootstrapSettings, EvaluationSettings, evaluate_outcomes, write_json
from tradewind.features import LabelSettings, make_labels, row_slices
from tradewind.training import forecast_frame, to_outcomes
from tradewind.web.projects import Project
from tradewind.web.views.executive.forecasts import lean
from tradewind.web.views.executive.summary import summary_of

SETTINGS = {"label": LabelSettings().model_dump(), "ensemble": {"alpha": 0.1}}


def furnish(folder: Path, panel: Panel, *, knows: float) -> Project:
    """Write a project whose forecasts lean ``knows`` of the way to what will happen."""
    folder.mkdir(parents=True)
    write_prices(panel, folder / "prices.parquet")
    labels = make_labels(panel, LabelSettings())
    rng = np.random.default_rng(1)
    rows = np.arange(len(panel), dtype=np.int64)
    truth = np.where(np.nan_to_num(labels.forward_return) > 0, 1.0, -1.0)
    probability = np.clip(0.5 + 0.2 * knows * truth + 0.05 * rng.standard_normal(len(rows)), 0.01, 0.99)
    forecast = Forecast(
        rows=rows,
        probability=probability,
        expected_return=0.02 * (probability - 0.5),
        lower=np.full(len(rows), -0.03),
        upper=np.full(len(rows), 0.03),
    )
    data = Dataset(panel=panel, features=np.zeros((len(panel), 1), dtype=np.float32), names=("one",), labels=labels)
    outcomes = to_outcomes("ensemble", forecast, data, row_slices(panel))
    evaluation = evaluate_outcomes(
        {"ensemble": outcomes}, primary="ensemble", settings=EvaluationSettings(bootstrap=BootstrapSettings(draws=100))
    )
    out = folder / "evaluation"
    out.mkdir()
    forecast_frame(outcomes).write_parquet(out / "predictions.parquet")
    write_json(evaluation, out / "metrics.json", context={"settings": SETTINGS})
    return Project(name=folder.name, folder=folder)


@pytest.fixture(scope="module")
def blind(tmp_path_factory: pytest.TempPathFactory, make_panel: Callable[..., Panel]) -> Project:
    return furnish(tmp_path_factory.mktemp("blind") / "blind", make_panel(5, 260), knows=0.0)


@pytest.fixture(scope="module")
def seeing(tmp_path_factory: pytest.TempPathFactory, make_panel: Callable[..., Panel]) -> Project:
    return furnish(tmp_path_factory.mktemp("seeing") / "seeing", make_panel(5, 260), knows=0.6)


def test_no_skill_is_said_first_and_kept_in_mind(blind: Project) -> None:
    found = summary_of(blind)
    assert found.verdict is not None
    assert not found.verdict.skill
    assert "no skill" in found.verdict.words
    assert found.keep_in_mind[0].startswith("No skill was shown")


def test_skill_is_said_with_the_evaluations_own_numbers(seeing: Project) -> None:
    found, metrics = summary_of(seeing), seeing.metrics()
    assert found.verdict is not None
    assert found.verdict.skill
    assert found.record is not None
    assert found.record.accuracy == metrics["accuracy"]
    assert found.record.promised == pytest.approx(0.9)
    assert found.money is not None
    assert found.money.total == pytest.approx(metrics["models"]["ensemble"]["backtest"]["total_return"])
    assert found.money.model[-1].value == pytest.approx(1 + found.money.total, abs=1e-5)


def test_forecasts_are_the_last_of_each_symbol_the_surest_first(seeing: Project) -> None:
    found = summary_of(seeing)
    panel = seeing.panel()
    assert {one.symbol for one in found.forecasts} == set(panel.symbols)
    assert {one.date for one in found.forecasts} == {str(panel.times[-1])[:10]}
    apart = [abs(one.probability - 0.5) for one in found.forecasts]
    assert apart == sorted(apart, reverse=True)
    assert not found.ahead  # no forecast of the next bar was made: these are the last ones that were tested
    assert found.market is not None
    assert found.market.rises + found.market.falls == len(found.forecasts)


def test_stretches_hold_every_forecast_and_their_accuracy_is_the_whole(seeing: Project) -> None:
    found = summary_of(seeing)
    assert found.record is not None
    assert sum(one.n for one in found.periods) == found.record.n
    whole = sum(one.n * one.accuracy for one in found.periods) / found.record.n
    assert whole == pytest.approx(found.record.accuracy)
    assert all(one.lower <= one.accuracy <= one.upper for one in found.periods)
    assert sum(one.n for one in found.calibration) == found.record.n


def test_a_forecast_of_the_next_bar_takes_their_place(blind: Project, tmp_path: Path) -> None:
    copy = Project(name="ahead", folder=tmp_path / "ahead")
    copy.folder.symlink_to(blind.folder)
    forecast = blind.folder / "forecast" / "next.parquet"
    forecast.parent.mkdir()
    last = blind.predictions().sort("date").group_by("symbol").last().drop("label")
    last.with_columns(pl.lit(0.9).alias("probability")).write_parquet(forecast)
    found = summary_of(copy)
    assert found.ahead
    assert {one.strength for one in found.forecasts} == {"strong"}
    assert found.market is not None
    assert found.market.words.endswith("a strong lean.")


@pytest.mark.parametrize(
    ("probability", "side", "word"),
    [(0.5, "none", "hardly any"), (0.505, "rise", "hardly any"), (0.47, "fall", "slight"), (0.8, "rise", "strong")],
)
def test_words_for_a_lean(probability: float, side: str, word: str) -> None:
    assert lean(probability) == (side, word)


def test_a_project_without_a_forecast_says_what_to_do(dashboard: Any) -> None:
    (dashboard.workspace.projects / "bare").mkdir(parents=True)
    client = dashboard.client("executive")
    answer = client.get("/api/executive/summary/bare")
    assert answer.status_code == 404
    assert "start its job" in answer.json()["fix"]
    assert client.get("/api/executive/summary/none").status_code == 404


@pytest.mark.slow
def test_it_is_served_as_it_is_summed_up(dashboard: Any, seeing: Project) -> None:
    dashboard.workspace.projects.mkdir(parents=True)
    (dashboard.workspace.projects / "seeing").symlink_to(seeing.folder)
    client = dashboard.client("oncall")  # open to every role
    answer = client.get("/api/executive/summary/seeing")
    assert answer.status_code == 200, answer.text
    assert answer.json()["verdict"]["skill"] is True
