"""A project with the default kinds of member (a net, a forest, a booster), and a client that asks it why."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from fastapi.testclient import TestClient

from tradewind.data import write_prices
from tradewind.evaluation import EvaluationSettings, evaluate_outcomes, write_json
from tradewind.evaluation.bootstrap import BootstrapSettings
from tradewind.explain.shapley.explainer import FOLDER, Explainer
from tradewind.features import row_slices
from tradewind.training import forecast_frame, forecasts_of_all, to_outcomes
from tradewind.web.app import build_dashboard
from tradewind.web.guard import MARK
from tradewind.web.projects import Project
from tradewind.web.roles import Role
from tradewind.web.workspace import Workspace

if TYPE_CHECKING:
    from tests.conftest import Fitted


@pytest.fixture(scope="session")
def why_home(fitted: Fitted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the projects ``first``; ``lean``, whose evaluation kept the ensemble alone; and ``bare``."""
    home = tmp_path_factory.mktemp("why-home")
    folder = home / "projects" / "first"
    (folder / "evaluation").mkdir(parents=True)
    write_prices(fitted.data.panel, folder / "prices.parquet")
    fitted.model.save(folder / "model")
    Explainer.of(fitted.model, fitted.data, rows=fitted.train).save(folder / "model" / FOLDER)
    slices = row_slices(fitted.data.panel)
    found = {
        name: to_outcomes(name, forecast, fitted.data, slices)
        for name, forecast in fitted.model.forecast(fitted.data, fitted.test).items()
    }
    evaluation = evaluate_outcomes(
        found,
        primary="ensemble",
        baselines=["always_up", "momentum"],
        settings=EvaluationSettings(bootstrap=BootstrapSettings(draws=100)),
    )
    context = {"settings": fitted.model.settings.model_dump(mode="json")}
    write_json(evaluation, folder / "evaluation" / "metrics.json", context=context)
    forecast_frame(found["ensemble"]).write_parquet(folder / "evaluation" / "predictions.parquet")
    shutil.copytree(folder, home / "projects" / "lean")
    forecasts_of_all(found).write_parquet(folder / "evaluation" / "models.parquet")
    (home / "projects" / "bare").mkdir()
    shutil.copy(folder / "prices.parquet", home / "projects" / "bare" / "prices.parquet")
    return home


@pytest.fixture(scope="session")
def first(why_home: Path) -> Project:
    """Return the project ``first``."""
    return Project(name="first", folder=why_home / "projects" / "first")


@pytest.fixture(scope="session")
def analyst(why_home: Path) -> Iterator[TestClient]:
    """Return a client of the dashboard over ``why_home``, logged in as an analyst."""
    app = build_dashboard(Workspace.of(why_home))
    app.state.access.add("ann", frozenset({Role.analyst}), password="walking-through-1")
    with TestClient(app, headers={MARK: "1"}) as client:
        assert client.post("/api/log-in", json={"name": "ann", "password": "walking-through-1"}).status_code == 200
        yield client
