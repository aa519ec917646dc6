"""How often the watcher of the market tells of something, a year, and how soon it tells of planted changes.

The bounds of the watcher were chosen on the seeds 0 to 5; those measured here were drawn for nothing else.

.venv/bin/python benchmarks/regime_alarms.py ../shared/data/kdd17/prices.parquet
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC
from pathlib import Path

import numpy as np
from scipy.stats import chi2

from tradewind.core import Panel
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data import read_prices
from tradewind.data.simulator import MarketSettings, MarketShock, simulate
from tradewind.monitoring.regime import RegimeWatcher
from tradewind.monitoring.slices import Bars, Slice

FIRST, LENGTH = 500, 60
SEEDS = range(7000, 7020)
KINDS = {"volatility": "volatility_shift", "correlation": "correlation_shift", "rotation": "sector_rotation"}
PLANTED = {
    "volatility 2.5": {"kind": "volatility", "size": 2.5},
    "volatility 1.6": {"kind": "volatility", "size": 1.6},
    "correlation -0.8": {"kind": "correlation", "size": -0.8},
    "correlation 0.8": {"kind": "correlation", "size": 0.8},
    "rotation 0.25": {"kind": "rotation", "size": 0.25},
}


def begun(panel: Panel, learned: int) -> list[tuple[int, str]]:
    """Return (session, kind) of everything that began to be told after ``learned`` sessions."""
    watcher = RegimeWatcher.trained_on(panel.until(panel.times[learned - 1]))
    names, sectors = np.array(panel.symbols), np.array(panel.sectors)
    found: list[tuple[int, str]] = []
    on: set[str] = set()
    for at in range(learned, len(panel.times)):
        rows = np.flatnonzero(panel.time_code == at)
        code = panel.symbol_code[rows]
        one = Slice(
            time=panel.times[at],
            known_at=panel.known_at[rows].max().item().replace(tzinfo=UTC),
            symbol=names[code],
            sector=sectors[code],
            expected=panel.symbols,
            feed=np.full(len(rows), ""),
            bars=Bars(**{name: getattr(panel, name)[rows] for name in PRICE_FIELDS}),
            names=(),
            features=np.empty((len(rows), 0), dtype=np.float32),
        )
        told = watcher.observe(one)
        found += [(at, finding.kind) for finding in told if finding.fingerprint not in on]
        on = {finding.fingerprint for finding in told}
    return found


def yearly(found: list[tuple[int, str]], sessions: int) -> dict[str, float]:
    """Return how many began a year, by kind."""
    return {kind: round(count * 252 / sessions, 2) for kind, count in Counter(kind for _, kind in found).items()}


def soonest(found: list[tuple[int, str]], kind: str) -> list[int]:
    """Return after how many sessions ``kind`` first began to be told while a change was planted; empty if never."""
    return [at - FIRST for at, what in found if what == kind and FIRST <= at < FIRST + LENGTH][:1]


def bounds(count: int) -> tuple[float, float]:
    """Return the exact 95 % interval of the mean of a Poisson count (Garwood 1936)."""
    low = float(chi2.ppf(0.025, 2 * count)) / 2 if count else 0.0
    return low, float(chi2.ppf(0.975, 2 * count + 2)) / 2


def main(prices: list[Path]) -> None:
    """Print the rates of each file, of simulated markets that stay as they are, and the delays of planted changes."""
    for path in prices:
        panel = read_prices(path)
        print(path.parent.name, yearly(begun(panel, 504), len(panel.times) - 504))
    base = MarketSettings(n_symbols=20, n_days=900, factor_share=0.4)
    clean = [begun(simulate(base.model_copy(update={"seed": seed})).panel, 400) for seed in SEEDS]
    every = [one for found in clean for one in found]
    years = len(SEEDS) * 500 / 252
    low, high = bounds(len(every))
    print("random walk", yearly(every, len(SEEDS) * 500))
    print(
        f"{len(every)} in {years:.1f} years: {len(every) / years:.2f} a year ({low / years:.2f} to {high / years:.2f})"
    )
    for name, shock in PLANTED.items():
        planted = MarketShock.model_validate({**shock, "first": FIRST, "last": FIRST + LENGTH - 1})
        kind = KINDS[planted.kind]
        delays = []
        for seed in SEEDS:
            market = base.model_copy(update={"seed": seed, "n_days": FIRST + LENGTH + 10, "shocks": (planted,)})
            delays += soonest(begun(simulate(market).panel, 400), kind)
        chance = sum(len(soonest(found, kind)) for found in clean)
        middle = int(np.median(delays)) if delays else None
        print(
            f"{name}: told in {len(delays)} of {len(SEEDS)} markets, sessions until then (median) {middle}; "
            f"with nothing planted {chance}"
        )


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
