"""Fixtures that every test may use."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

# Test processes run side by side: OpenMP threads that spin for a busy core make each many times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["TRADEWIND_TRACK"] = "off"  # tests leave no runs behind; those of tracking name their own store

import numpy as np
import pytest

from tradewind.core import Panel

PanelMaker = Callable[..., Panel]


@pytest.fixture(scope="session")
def make_panel() -> PanelMaker:
    """Return a maker of small seeded random-walk panels, ragged when ``gaps`` is set."""

    def make(
        n_symbols: int = 6, n_days: int = 320, *, seed: int = 0, gaps: bool = False, start: str = "2014-01-01"
    ) -> Panel:
        rng = np.random.default_rng(seed)
        days = np.arange(np.datetime64(start), np.datetime64(start) + np.timedelta64(2 * n_days, "D"))
        days = days[np.is_busday(days)][:n_days]
        columns: dict[str, list[np.ndarray]] = {}
        for s in range(n_symbols):
            keep = np.ones(n_days, dtype=bool)
            if gaps:
                keep = rng.random(n_days) > 0.03
                keep[: rng.integers(0, n_days // 4)] = False
            n = int(keep.sum())
            close = 50.0 * np.exp(np.cumsum(rng.normal(0.0002, 0.015, n)))
            open_ = close * np.exp(rng.normal(0, 0.005, n))
            parts = {
                "symbol": np.full(n, f"S{s:03d}"),
                "time": days[keep],
                "open": open_,
                "high": np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.004, n))),
                "low": np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.004, n))),
                "close": close,
                "adj_close": close * 0.9,
                "volume": np.round(rng.lognormal(13, 0.4, n)),
            }
            for name, values in parts.items():
                columns.setdefault(name, []).append(values)
        names = [f"S{s:03d}" for s in range(n_symbols)]
        return Panel.from_columns(
            {name: np.concatenate(values) for name, values in columns.items()},
            sectors={name: ("Tech", "Energy", "Health")[i % 3] for i, name in enumerate(names)},
            market_cap={name: 1e9 * (i + 1) for i, name in enumerate(names)},
        )

    return make


@pytest.fixture(scope="session")
def research_data() -> Path:
    """Return the folder of the research data sets, or skip where it is absent."""
    folder = Path(os.environ.get("TRADEWIND_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the research data sets are not at {folder}; set TRADEWIND_DATA to their folder")
    return folder
