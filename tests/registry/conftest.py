"""A saved model with its record, as the registry takes it in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core.plain import finite
from tradewind.evaluation import evaluate_outcomes
from tradewind.features import row_slices
from tradewind.registry import Making, ModelRecord, make_record, save_model
from tradewind.training import ENSEMBLE, to_outcomes

AUTHOR, VALIDATOR, APPROVER, OPERATOR, ADMIN = "ada", "vera", "paul", "otto", "grace"


@pytest.fixture(scope="session")
def saved_model(fitted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the small fitted model, saved with what it was made from."""
    folder = tmp_path_factory.mktemp("saved")
    prices = folder / "prices.parquet"
    prices.write_bytes(b"bars")
    making = Making(
        data=fitted.data,
        rows=fitted.train,
        news=None,
        inputs={"prices": prices, "news": None},
        train_end="2012-12-31",
        fit_seconds=2.5,
    )
    save_model(fitted.model, folder / "model", making)
    return folder / "model"


@pytest.fixture(scope="session")
def metrics(fitted) -> dict[str, Any]:
    """Return the content of metrics.json of the small model on later rows."""
    found = fitted.model.forecast(fitted.data, fitted.test)
    slices = row_slices(fitted.data.panel)
    outcomes = {
        name: to_outcomes(name, found[name], fitted.data, slices) for name in (ENSEMBLE, "momentum", "always_up")
    }
    content = evaluate_outcomes(outcomes, primary=ENSEMBLE, baselines=["momentum", "always_up"]).to_dict()
    context = {
        "settings": fitted.model.settings.model_dump(mode="json"),
        "span": {"test_start": str(np.min(fitted.data.panel.time[fitted.test]))[:10]},
        "folds": [{"train_rows": len(fitted.train), "test_rows": len(fitted.test)}],
        "data": fitted.data.panel.id,
        "source": "prices.parquet",
    }
    return {**content, "context": finite(context)}


@pytest.fixture(scope="session")
def record(saved_model: Path, metrics: dict[str, Any]) -> ModelRecord:
    """Return the complete record of the saved model."""
    return make_record(
        saved_model,
        name="demo",
        author=AUTHOR,
        metrics=metrics,
        use_case="trial",
        purpose="Rank eight simulated symbols by their next move.",
        limitations=["Simulated data only."],
        budget={"passed": True},
    )
