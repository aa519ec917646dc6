"""Seeded forecasts with a chosen amount of skill, for the tests of evaluation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tradewind.core import Outcomes

OutcomesMaker = Callable[..., Outcomes]


def build_outcomes(
    n_symbols: int = 8,
    n_days: int = 160,
    *,
    skill: float = 0.0,
    drift: float = 0.0,
    common: float = 0.5,
    constant: float | None = None,
    by_day: bool = False,
    seed: int = 0,
    model: str = "model",
    start: str = "2015-01-01",
) -> Outcomes:
    """Returns of one common factor plus noise (daily scale 1 %); the forecast is correlated ``skill`` with them."""
    rng = np.random.default_rng(seed)
    days = np.arange(np.datetime64(start), np.datetime64(start) + np.timedelta64(2 * n_days + 10, "D"))
    days = days[np.is_busday(days)][:n_days].astype("datetime64[us]")
    shape = (n_days, n_symbols)
    noise = np.sqrt(common) * rng.normal(size=(n_days, 1)) + np.sqrt(1 - common) * rng.normal(size=shape)
    moves = 0.01 * noise + drift
    own = np.broadcast_to(rng.normal(size=(n_days, 1)), shape) if by_day else rng.normal(size=shape)
    score = skill * noise + np.sqrt(max(1 - skill**2, 0.0)) * own
    probability = 1 / (1 + np.exp(-score * max(abs(skill), 0.2)))
    expected = 0.01 * score * max(abs(skill), 0.1)
    if constant is not None:
        probability, expected = np.full(shape, constant), np.full(shape, 0.001)
    close = 50 * np.cumprod(1 + np.vstack([np.zeros((1, n_symbols)), moves[:-1]]), axis=0)
    index = np.arange(n_days * n_symbols) % n_symbols
    return Outcomes(
        model=model,
        symbol=np.array([f"S{i:03d}" for i in range(n_symbols)])[index],
        time=np.repeat(days, n_symbols),
        probability=probability.ravel(),
        expected_return=expected.ravel(),
        lower=expected.ravel() - 0.0165,
        upper=expected.ravel() + 0.0165,
        direction=(moves > 0).astype(np.float64).ravel(),
        forward_return=moves.ravel(),
        close=close.ravel(),
        sector=np.array(["Energy", "Health", "Tech"])[index % 3],
        size_bucket=np.array(["small", "large"])[index % 2],
        volatility_regime=np.where((np.arange(n_days) // 20) % 2 == 0, "calm", "stormy").repeat(n_symbols),
    )


@pytest.fixture(scope="session")
def make_outcomes() -> OutcomesMaker:
    """Return :func:`build_outcomes`."""
    return build_outcomes
