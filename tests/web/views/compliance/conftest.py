"""A furnished workspace: a small project, models at every stage, people with keys, an audit log, an incident."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core import NoProgress
from tradewind.core.files import write_json_file, write_text
from tradewind.core.plain import finite
from tradewind.data import MarketSettings, simulate, write_prices, write_universe
from tradewind.evaluation import EvaluationSettings, evaluate_outcomes
from tradewind.evaluation.bootstrap import BootstrapSettings
from tradewind.features import SelectionSettings, row_slices
from tradewind.models import EnsembleSettings
from tradewind.registry import Making, save_model
from tradewind.training import TrainingSettings, build_dataset, fit_model
from tradewind.training.outcomes import forecast_frame, to_outcomes
from tradewind.validation import holdout
from tradewind.web.app import build_dashboard
from tradewind.web.demo.compliance import furnish
from tradewind.web.guard import MARK
from tradewind.web.roles import Role
from tradewind.web.workspace import Workspace

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # it asks for a client that nothing else here needs
    from fastapi.testclient import TestClient

PASSWORD = "walking-through-1"
TRAIN_END, FIRST, LAST = "2013-03-29", "2013-04-02", "2013-08-30"


def make_project(folder: Path) -> None:
    """Write bars, a model with what it was made from, and its forecasts out of sample into ``folder``."""
    (folder / "evaluation").mkdir(parents=True)
    market = simulate(MarketSettings(kind="momentum", n_symbols=8, n_days=440, ceiling=0.7, seed=5))
    prices = folder / "prices.parquet"
    write_prices(market.panel, prices)
    write_universe(market.universe, folder / "universe.csv")
    data = build_dataset(market.panel)
    split = holdout(data.labels.start, data.labels.end, TRAIN_END, FIRST, LAST)
    settings = TrainingSettings(
        models=("logistic",),
        baselines=("always_up",),
        selection=SelectionSettings(n_features=6),
        ensemble=EnsembleSettings(inner_folds=2),
    )
    model = fit_model(data, split.train, settings)
    making = Making(
        data=data, rows=split.train, news=None, inputs={"prices": prices}, train_end=TRAIN_END, fit_seconds=1.0
    )
    save_model(model, folder / "model", making)
    slices = row_slices(data.panel)
    outcomes = {
        name: to_outcomes(name, forecast, data, slices) for name, forecast in model.forecast(data, split.test).items()
    }
    measured = evaluate_outcomes(
        outcomes,
        primary="ensemble",
        baselines=["always_up"],
        settings=EvaluationSettings(bootstrap=BootstrapSettings(draws=100)),
    )
    context = {
        "settings": settings.model_dump(mode="json"),
        "span": {"test_start": FIRST},
        "folds": [{"train_rows": len(split.train), "test_rows": len(split.test)}],
        "data": data.panel.id,
        "source": "prices.parquet",
    }
    write_json_file(folder / "evaluation" / "metrics.json", finite({**measured.to_dict(), "context": context}))
    forecast_frame(outcomes["ensemble"]).write_parquet(folder / "evaluation" / "predictions.parquet")
    write_text(folder / "project.toml", 'title = "Small"\n')
    assert np.isfinite(outcomes["ensemble"].probability).all()


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a furnished workspace's home; copy it before changing it."""
    home = tmp_path_factory.mktemp("furnished")
    make_project(home / "projects" / "small")
    furnish(Workspace.of(home), NoProgress())
    return home


class Browser:
    """A page that a person has open."""

    def __init__(self, client: TestClient, app: Any) -> None:
        self._client, self.app = client, app

    def get(self, path: str, **query: Any) -> Any:
        """Return the answer to a GET of the compliance view."""
        return self._client.get(f"/api/compliance{path}", params=query)

    def post(self, path: str, body: Any = None) -> Any:
        """Return the answer to a POST."""
        return self._client.post(f"/api/compliance{path}", json=body)

    def put(self, path: str, body: Any) -> Any:
        """Return the answer to a PUT."""
        return self._client.put(f"/api/compliance{path}", json=body)

    def wait(self, answer: Any) -> dict[str, Any]:
        """Return the task that ``answer`` began, when it has ended."""
        import time

        task = answer.json()
        until = time.monotonic() + 60
        while task["state"] == "running" and time.monotonic() < until:
            time.sleep(0.02)
            task = self.get(f"/tasks/{task['id']}").json()
        return task


Open = Callable[..., Browser]


@pytest.fixture
def open_page(furnished: Path, tmp_path: Path) -> Iterator[Open]:
    """Return an opener of pages for a person of a role, over a copy of the furnished workspace (or an empty one)."""
    home = tmp_path / "home"
    opened: list[TestClient] = []
    apps: dict[str, Any] = {}

    def make(role: str = "compliance", *, empty: bool = False) -> Browser:
        place = tmp_path / "empty" if empty else home
        if str(place) not in apps:
            if not empty:
                shutil.copytree(furnished, place)
            apps[str(place)] = build_dashboard(Workspace.of(place))
        app = apps[str(place)]
        if all(user.name != role for user in app.state.access.users()):  # adding again would end their sessions
            app.state.access.add(role, frozenset({Role(role)}), password=PASSWORD, person=role)
        client = TestClient(app, headers={MARK: "1"})
        opened.append(client)
        assert client.post("/api/log-in", json={"name": role, "password": PASSWORD}).status_code == 200
        return Browser(client, app)

    yield make
    for client in opened:
        client.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return the home that :func:`open_page` copies to."""
    return tmp_path / "home"
