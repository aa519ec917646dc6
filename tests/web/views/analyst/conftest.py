"""A small project made by the parts that the commands use, and a client that looks at it."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from tradewind.data import MarketSettings, simulate, write_prices, write_universe
from tradewind.evaluation import EvaluationSettings, evaluate_outcomes, write_json
from tradewind.evaluation.bootstrap import BootstrapSettings
from tradewind.explain.shapley.explainer import FOLDER, Explainer
from tradewind.features import SelectionSettings, row_slices
from tradewind.models import EnsembleSettings
from tradewind.training import TrainingSettings, build_dataset, fit_model
from tradewind.training.outcomes import forecast_frame, to_outcomes
from tradewind.validation import holdout
from tradewind.web.app import build_dashboard
from tradewind.web.guard import MARK
from tradewind.web.roles import Role
from tradewind.web.workspace import Workspace

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for a client that nothing else here needs
    from fastapi.testclient import TestClient

NAMES = ("return_1", "return_5", "return_20", "sma_ratio_5", "rsi_14", "realised_volatility_20", "beta_60")
PASSWORD = "walking-through-1"
TRAIN_END, FIRST, LAST = "2013-03-29", "2013-04-02", "2013-08-30"


def make_project(folder: Path) -> None:
    """Write bars, a model, its explainer, its forecasts out of sample and their metrics into ``folder``."""
    market = simulate(MarketSettings(kind="momentum", n_symbols=8, n_days=440, ceiling=0.7, seed=5))
    write_prices(market.panel, folder / "prices.parquet")
    write_universe(market.universe, folder / "universe.csv")
    data = build_dataset(market.panel, names=NAMES)
    split = holdout(data.labels.start, data.labels.end, TRAIN_END, FIRST, LAST)
    settings = TrainingSettings(
        models=("logistic",),
        baselines=("always_up",),
        selection=SelectionSettings(n_features=6),
        ensemble=EnsembleSettings(inner_folds=2),
    )
    model = fit_model(data, split.train, settings)
    model.save(folder / "model")
    Explainer.of(model, data).save(folder / "model" / FOLDER)
    slices = row_slices(data.panel)
    found = {
        name: to_outcomes(name, forecast, data, slices) for name, forecast in model.forecast(data, split.test).items()
    }
    evaluation = evaluate_outcomes(
        found,
        primary="ensemble",
        baselines=["always_up"],
        settings=EvaluationSettings(bootstrap=BootstrapSettings(draws=100)),
    )
    fold = {"features": list(model.preprocessor.names)}
    context = {"settings": settings.model_dump(mode="json"), "folds": [fold]}
    (folder / "evaluation").mkdir()
    write_json(evaluation, folder / "evaluation" / "metrics.json", context=context)
    forecast_frame(found["ensemble"]).write_parquet(folder / "evaluation" / "predictions.parquet")
    (folder / "project.toml").write_text('title = "Small market"\n')


@pytest.fixture(scope="session")
def market_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a home with the project ``small`` and ``bare``, which has bars alone."""
    home = tmp_path_factory.mktemp("market-home")
    small, bare = home / "projects" / "small", home / "projects" / "bare"
    small.mkdir(parents=True)
    bare.mkdir()
    make_project(small)
    shutil.copy(small / "prices.parquet", bare / "prices.parquet")
    return home


@pytest.fixture(scope="session")
def market_app(market_home: Path) -> FastAPI:
    """Return the dashboard over ``market_home``, with an analyst and an executive."""
    app = build_dashboard(Workspace.of(market_home))
    app.state.access.add("ann", frozenset({Role.analyst}), password=PASSWORD)
    app.state.access.add("eve", frozenset({Role.executive}), password=PASSWORD)
    return app


@pytest.fixture(scope="session")
def market(market_app: FastAPI) -> Iterator[httpx.Client]:
    """Return a client logged in as the analyst."""
    with TestClient(market_app, headers={MARK: "1"}) as client:
        assert client.post("/api/log-in", json={"name": "ann", "password": PASSWORD}).status_code == 200
        yield client


@pytest.fixture
def other(market_app: FastAPI) -> Iterator[httpx.Client]:
    """Return a client that nobody has logged in by yet."""
    with TestClient(market_app, headers={MARK: "1"}) as client:
        yield client
