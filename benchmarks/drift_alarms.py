"""How often the drift watcher tells of simulated markets in which nothing happens.

python benchmarks/drift_alarms.py 511 512 513 514 515 516      # seeds; some ten seconds each
"""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime

import numpy as np

from tradewind.data import simulate
from tradewind.monitoring.drift import DriftReference, DriftWatcher
from tradewind.monitoring.replay import WorldSettings
from tradewind.monitoring.slices import Bars, Slice
from tradewind.training import build_dataset

QUIET = 20
"""Days after which a finding that is told of again counts anew."""


def alarms(seed: int) -> tuple[int, int, float]:
    """Return the looks that told of something new, the days watched, and milliseconds a slice."""
    world = WorldSettings(seed=seed)
    market = simulate(world.market())
    data = build_dataset(market.panel, market.news)
    days = market.panel.times
    rows = np.flatnonzero(data.labels.end < days[world.train_days])
    sector = np.array(data.panel.sectors, dtype=str)[data.panel.symbol_code]
    symbol = np.array(data.panel.symbols)[data.panel.symbol_code]
    watcher = DriftWatcher(DriftReference.of(data.features[rows], data.names, data.panel.time[rows], sector[rows]))
    last: dict[str, int] = {}
    told, seconds = set(), 0.0
    watched = days[world.train_days :]
    for i, day in enumerate(watched):
        here = np.flatnonzero(data.panel.time == day)
        nan = np.full(len(here), np.nan)
        one = Slice(
            time=day.astype("datetime64[us]"),
            known_at=datetime(2100, 1, 1, tzinfo=UTC),
            symbol=symbol[here],
            sector=sector[here],
            expected=(),
            feed=np.full(len(here), ""),
            bars=Bars(open=nan, high=nan, low=nan, close=nan, adj_close=nan, volume=nan),
            names=data.names,
            features=data.features[here],
        )
        began = time.perf_counter()
        found = watcher.observe(one)
        seconds += time.perf_counter() - began
        for hit in found:
            if last.get(hit.fingerprint, -QUIET - 1) < i - QUIET:
                told.add(i)
            last[hit.fingerprint] = i
    return len(told), len(watched), 1e3 * seconds / len(watched)


if __name__ == "__main__":
    results = []
    for number in map(int, sys.argv[1:]):
        results.append(alarms(number))
        print(number, results[-1], flush=True)
    print("a year:", round(252 * sum(one[0] for one in results) / sum(one[1] for one in results), 2))
