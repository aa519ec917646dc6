"""A model's record with real figures, its notes and decisions, without a fit."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest

from tradewind.core import Outcomes
from tradewind.evaluation import evaluate_outcomes
from tradewind.governance.cards import CardNotes, CardSources
from tradewind.governance.reports import ModelEntry

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def now() -> datetime:
    """Return the present of these tests."""
    return NOW


def outcomes_of(model: str, right: float, *, seed: int = 0, first: str = "2026-07-01", n_days: int = 66) -> Outcomes:
    """Return forecasts of eight symbols of which a share ``right`` has the direction right."""
    rng = np.random.default_rng(seed)
    days = np.arange(np.datetime64(first), np.datetime64(first) + np.timedelta64(3 * n_days, "D"))
    days = days[np.is_busday(days)][:n_days].astype("datetime64[us]")
    time, symbol = np.repeat(days, 8), np.tile([f"S{i}" for i in range(8)], n_days)
    n = len(time)
    direction = rng.integers(0, 2, n).astype(np.float64)
    hit = rng.random(n) < right
    probability = np.where(hit == (direction == 1), 1.0, 0.0) * 0.2 + 0.4 + rng.uniform(-0.05, 0.05, n)
    returns = (2 * direction - 1) * rng.uniform(0.001, 0.02, n)
    slices = {
        "sector": np.where(np.arange(n) % 8 < 4, "Tech", "Energy"),
        "size_bucket": np.where(np.arange(n) % 8 < 2, "large", "small"),
        "volatility_regime": np.where(np.arange(n) < n // 2, "calm", "stressed"),
    }
    return Outcomes(
        model=model,
        symbol=symbol,
        time=time,
        probability=probability,
        expected_return=0.02 * (probability - 0.5),
        lower=np.full(n, -0.018),
        upper=np.full(n, 0.018),
        direction=direction,
        forward_return=returns,
        close=np.full(n, 100.0),
        **slices,
    )


def figures(right: float) -> dict[str, Any]:
    """Return the content of metrics.json of a model that is right on a share ``right``."""
    found = {
        "ensemble": outcomes_of("ensemble", right, first="2026-01-02"),
        "always_up": outcomes_of("always_up", 0.5, seed=9, first="2026-01-02"),
    }
    return evaluate_outcomes(found, primary="ensemble", baselines=["always_up"]).to_dict()


@pytest.fixture(scope="session")
def skilled() -> dict[str, Any]:
    """Return figures of a model with skill."""
    return figures(0.6)


@pytest.fixture(scope="session")
def unskilled() -> dict[str, Any]:
    """Return figures of a model without skill."""
    return figures(0.5)


@pytest.fixture(scope="session")
def outcomes_maker() -> Any:
    """Return the maker of forecasts."""
    return outcomes_of


def decision(at: str, by: str, role: str, start: str | None, end: str) -> dict[str, Any]:
    """Return a signed decision as the registry writes it."""
    return {
        "at": at, "by": by, "role": role, "act": "move", "from_stage": start, "to_stage": end,
        "reason": f"{role} agreed", "signature": f"{by}-signs-{end}-{'x' * 40}",
    }  # fmt: skip


@pytest.fixture(scope="session")
def record(skilled: dict[str, Any]) -> dict[str, Any]:
    """Return a complete record."""
    return {
        "format": 1, "name": "momentum", "version": 3, "author": "ada", "created": "2026-09-01T10:00:00+00:00",
        "use_case": "daily", "purpose": "Rank large stocks by their next move.",
        "data": {"panel": "16623a511e22b093", "news": None, "symbols": 88, "bars": 66013, "items": 0,
                 "first": "2012-09-04", "last": "2015-09-30"},
        "inputs": {"prices": {"path": "/data/prices.parquet", "sha256": "a1" * 32}},
        "features": ["return_5", "rsi_14", "realised_volatility_20", "rsi_14_missing"],
        "settings": {"models": ["xgboost", "random_forest"], "ensemble": {"method": "weights", "alpha": 0.1},
                     "label": {"horizon": 1, "up": 0.0, "down": 0.0}},
        "settings_id": "0123456789abcdef", "code": {"tradewind": "0.1.0", "source": "feed", "python": "3.11.2"},
        "environment": {"lock_sha256": "b2" * 32, "packages": {"numpy": "2.3.0"}}, "seeds": {"training": 7},
        "folds": [{"train_start": "2012-09-04", "train_end": "2015-05-31", "test_start": "2015-06-01",
                   "test_end": "2015-09-30", "train_rows": 58531, "test_rows": 7482,
                   "weights": {"xgboost": 0.625, "random_forest": 0.375}}],
        "metrics": skilled,
        "complexity": {"members": 2, "trees": 900, "parameters": 120345, "depth": 8, "features": 4},
        "budget": {"use_case": "daily", "budget_id": "cafe", "passed": True, "lines": [
            {"name": "trees", "measured": 900.0, "limit": 5000.0, "passed": True, "words": "trees 900 within 5,000"}]},
        "trained_until": "2015-05-29", "train_rows": 58531, "files": {}, "model_sha256": "c3" * 32,
        "forecasts_sha256": "d4" * 32, "limitations": ["Daily bars of large caps only."],
        "explanation": {"words": "Momentum carries most of it.", "groups": {"momentum": 0.03, "volatility": 0.01}},
        "fairness": {"words": "no group differs clearly", "four_fifths": True},
    }  # fmt: skip


@pytest.fixture(scope="session")
def notes() -> CardNotes:
    """Return filled-in notes."""
    return CardNotes(
        owner="Quant desk",
        contact="quant@example.org",
        tier="medium",
        intended_use=("Rank symbols for review by a person.",),
        out_of_scope=("Trading without a person.",),
        users=("Portfolio managers.",),
        survivorship="Symbols that left the index are absent.",
        considerations="Small firms may be ranked worse.",
        failure_modes=("Turns of the market.",),
        monitoring=("Accuracy over 63 days, every week.",),
        retraining_triggers=("PSI over 0.2.",),
    )


HISTORY = (
    decision("2026-09-01T10:00:00+00:00", "ada", "author", None, "draft"),
    decision("2026-09-02T10:00:00+00:00", "vera", "validator", "draft", "validated"),
    decision("2026-09-03T10:00:00+00:00", "paul", "approver", "validated", "approved"),
    decision("2026-09-04T10:00:00+00:00", "otto", "operator", "approved", "champion"),
)


@pytest.fixture(scope="session")
def sources(record: dict[str, Any], notes: CardNotes) -> CardSources:
    """Return everything a complete card is made from."""
    quality = {"score": 97.5, "bars": 66013, "kinds": {"stale_price": 2}, "symbols": [{"symbol": "AA", "score": 80.0}]}
    return CardSources(record=record, notes=notes, stage="champion", history=HISTORY, quality=quality)


@pytest.fixture(scope="session")
def entry(record: dict[str, Any], notes: CardNotes) -> ModelEntry:
    """Return the champion as reports see it."""
    return ModelEntry(
        record=record, stage="champion", aliases=("champion",), history=HISTORY, notes=notes, verified=True
    )
