"""Seeded slices as a monitor would be shown them, with hooks to plant faults."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtr

from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.monitoring.slices import Bars, LabelArrival, ServedForecasts, ServiceSample, Slice

SliceMaker = Callable[..., list[Slice]]
Hook = Callable[[int, Slice], Slice]

SECTORS = ("Energy", "Finance", "Health", "Tech")
DEPENDENCIES = {"feature_store": 0.004, "cache": 0.001, "audit_log": 0.002}


def _served(version: str, role: str, symbol: AnyArray, mu: FloatArray, moment: datetime) -> ServedForecasts:
    expected = 0.01 * mu
    return ServedForecasts(
        version=version,
        role=role,
        symbol=symbol,
        probability=ndtr(mu),
        expected_return=expected,
        lower=expected - 0.02,
        upper=expected + 0.02,
        made_at=moment,
    )


def _service(rng: np.random.Generator) -> ServiceSample:
    p50, p99 = 0.004 * np.exp(rng.normal(0, 0.08)), 0.012 * np.exp(rng.normal(0, 0.10))
    return ServiceSample(
        seconds=23_400.0,
        requests=int(rng.poisson(50_000)),
        errors=int(rng.poisson(2)),
        latency_p50=float(p50),
        latency_p99=float(p99),
        memory=float(5e8 + rng.normal(0, 4e6)),
        lag=float(abs(rng.normal(0.5, 0.1))),
        dependencies={name: usual * float(np.exp(rng.normal(0, 0.10))) for name, usual in DEPENDENCIES.items()},
    )


def build_slices(
    n_days: int = 60,
    n_symbols: int = 20,
    seed: int = 0,
    *,
    skill: float = 0.3,
    true_skill: Callable[[int], Any] | None = None,
    shift: Callable[[int], Any] | None = None,
    rho: float = 0.3,
    label_delay: int = 1,
    champion: str = "demo/1",
    challengers: dict[str, float] | None = None,
    n_features: int = 4,
    start: str = "2024-01-01",
    hook: Hook | None = None,
) -> list[Slice]:
    """Return seeded slices.

    ``build_slices(n_days, n_symbols, seed, skill=..., true_skill=..., rho=..., label_delay=..., champion=...,
    challengers={"demo/2": 0.1}, n_features=..., start=..., hook=...)``

    The market: ``mu = skill * z`` with z a standard normal signal per symbol and day; served probability ``ndtr(mu)``;
    the return to the next bar is ``0.01 * (true_mu - e)``, where e is standard normal and ``rho`` of its variance is
    shared by the day's symbols. So forecasts are calibrated where ``true_skill`` equals ``skill``. Labels are known
    ``label_delay`` slices later; feature 0 is z.

    Hooks: ``true_skill(day)`` is the skill left (a number or one per symbol; 0: nothing, negative: turned round);
    ``shift(day)`` is added to the served mu; ``challengers`` maps a version to the skill of a second, unrelated
    signal that adds to the champion's; ``hook(day, slice)`` returns the slice to use instead.
    """
    rng = np.random.default_rng(seed)
    days = np.busday_offset(np.datetime64(start), np.arange(n_days), roll="forward").astype("datetime64[us]")
    symbol = np.array([f"S{s:03d}" for s in range(n_symbols)])
    sector = np.array([SECTORS[s % len(SECTORS)] for s in range(n_symbols)])
    z, other = rng.normal(size=(2, n_days, n_symbols))
    noise = np.sqrt(rho) * rng.normal(size=(n_days, 1)) + np.sqrt(1 - rho) * rng.normal(size=z.shape)
    left = np.array([np.broadcast_to(skill if true_skill is None else true_skill(d), n_symbols) for d in range(n_days)])
    extra = max((challengers or {}).values(), default=0.0)
    scale = np.sqrt(1.0 + extra**2) if extra else 1.0  # what the champion does not see is noise to it
    true_mu = left * z * scale + extra * other
    returns = 0.01 * (true_mu - noise)
    served_mu = np.array([skill * z[d] + (0.0 if shift is None else shift(d)) for d in range(n_days)])
    close = 100.0 * np.vstack([np.ones((1, n_symbols)), np.cumprod(1 + returns, axis=0)])
    spare = rng.normal(size=(n_days, n_symbols, n_features)).astype(np.float32)
    spare[:, :, 0] = z
    volume = np.round(rng.lognormal(13, 0.3, size=z.shape))
    out = []
    for d in range(n_days):
        moment = days[d].item().replace(hour=21, tzinfo=UTC)
        served = [_served(champion, "champion", symbol, served_mu[d], moment)]
        for version, more in (challengers or {}).items():
            seen = scale * skill * z[d] + more * other[d]
            served.append(_served(version, "challenger", symbol, seen, moment))
        due = d - label_delay
        labels = None
        if due >= 0:
            labels = LabelArrival(
                symbol=symbol,
                time=np.full(n_symbols, days[due]),
                direction=(returns[due] > 0).astype(np.float64),
                forward_return=returns[due],
            )
        price = close[d]
        one = Slice(
            time=days[d],
            known_at=moment,
            symbol=symbol,
            sector=sector,
            expected=tuple(symbol.tolist()),
            feed=np.full(n_symbols, ""),
            bars=Bars(
                open=price * 0.999,
                high=price * 1.005,
                low=price * 0.995,
                close=price,
                adj_close=price,
                volume=volume[d],
            ),
            names=tuple(f"f{i}" for i in range(n_features)),
            features=spare[d],
            champion=champion,
            served=tuple(served),
            labels=labels,
            service=_service(rng),
        )
        out.append(one if hook is None else hook(d, one))
    return out


@pytest.fixture(scope="session")
def make_slices() -> SliceMaker:
    """Return :func:`build_slices`."""
    return build_slices


@pytest.fixture(scope="session")
def replace_service() -> Callable[..., Slice]:
    """Return a function that changes fields of a slice's service sample."""

    def change(one: Slice, **values: Any) -> Slice:
        assert one.service is not None
        return replace(one, service=replace(one.service, **values))

    return change
