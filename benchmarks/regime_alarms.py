"""How often the watcher of the market tells of something, a year, and how soon it tells of planted changes.

.venv/bin/python benchmarks/regime_alarms.py ../shared/data/kdd17/prices.parquet
"""

from __future__ import annotations

import sys
from collections import Counter
from datetime import UTC
from pathlib import Path

import numpy as np

from tradewind.core import Panel
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data import read_prices
from tradewind.data.simulator import MarketSettings, MarketShock, simulate
from tradewind.monitoring.regime import RegimeWatcher
from tradewind.monitoring.slices import Bars, Slice

FIRST = 500
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


def main(prices: list[Path]) -> None:
    """Print the rates of each file, of simulated markets that stay as they are, and the delays of planted changes."""
    for path in prices:
        panel = read_prices(path)
        print(path.parent.name, yearly(begun(panel, 504), len(panel.times) - 504))
    base = MarketSettings(n_symbols=20, n_days=900, factor_share=0.4)
    clean = [one for seed in range(6) for one in begun(simulate(base.model_copy(update={"seed": seed})).panel, 400)]
    print("random walk", yearly(clean, 6 * 500))
    for name, shock in PLANTED.items():
        planted = MarketShock.model_validate({**shock, "first": FIRST, "last": FIRST + 59})
        kind = {"volatility": "volatility_shift", "correlation": "correlation_shift", "rotation": "sector_rotation"}
        delays = []
        for seed in range(6):
            market = base.model_copy(update={"seed": seed, "n_days": 570, "shocks": (planted,)})
            found = [at for at, what in begun(simulate(market).panel, 400) if what == kind[planted.kind]]
            delays += [at - FIRST for at in found if FIRST <= at < FIRST + 60][:1]
        middle = int(np.median(delays)) if delays else None
        print(f"{name}: told in {len(delays)} of 6 markets, sessions until then (median) {middle}")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
