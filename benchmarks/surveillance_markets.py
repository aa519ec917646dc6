"""The markets on which surveillance is measured; none of them was ever learned from.

``unseen`` : our venue with habits, settings and tactics of the family that training never draws.
``unseen_evasive`` : the same, every episode played to escape.
``foreign``, ``foreign_evasive`` : the independent simulator ``foreign_rich``, read from Parquet like any file.
``foreign_other`` : another one, of which other seeds helped to set the bars.
``foreign_third`` : a third one, written without sight of the others; no market of it was looked at before the report.
``unseen_fresh``, ``foreign_fresh`` : as ``unseen`` and ``foreign``, of seeds that were not looked at before.
``calm``, ``calm_unseen``, ``calm_foreign``, ``calm_other``, ``calm_third`` : without any scheme.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

import foreign_market
import foreign_other
import foreign_rich
import foreign_third
from tradewind.surveillance.events import EventTable, join_tables, read_all
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted
from tradewind.surveillance.truth_files import read_truth
from tradewind.surveillance.venue import iter_venue, sample_settings, simulate_calm

FIRST = {
    "unseen": 99_000,
    "unseen_evasive": 94_001,
    "foreign": 16_001,
    "foreign_evasive": 101,
    "unseen_fresh": 98_001,
    "foreign_fresh": 14_001,
    "foreign_other": 2_101,
    "foreign_third": 4_001,
    "calm": 760_000,
    "calm_unseen": 770_000,
    "calm_foreign": 1_301,
    "calm_other": 3_101,
    "calm_third": 5_001,
}
"""The first seed of each suite."""


CALM_EVENTS = 500_000
Made = foreign_rich.Market | foreign_market.Market
SIMULATORS: dict[str, Callable[..., Made]] = {
    "foreign_other": foreign_other.simulate,
    "foreign_third": foreign_third.simulate,
}
"""The suites that a simulator of their own makes; the other foreign ones are made by ``foreign_rich``."""


@dataclass(frozen=True, kw_only=True, eq=False)
class BenchMarket:
    """A market whose manipulation is known. ``sessions`` are found in the gaps of the events, as a run does."""

    name: str
    events: EventTable
    truth: tuple[Planted, ...] = ()
    attempts: tuple[Planted, ...] = ()

    @property
    def sessions(self) -> Sessions:
        """When it was open."""
        return Sessions.of_times(self.events.time)


def make(suite: str, seed: int, events: int | None = None) -> BenchMarket:
    """Simulate the market ``seed`` of a suite, of about ``events`` events where that is given."""
    name = f"{suite} {seed}"
    if suite.startswith("calm"):
        return BenchMarket(name=name, events=_calm(suite, seed, events or CALM_EVENTS))
    if suite.startswith("foreign"):
        simulate = SIMULATORS.get(suite, foreign_rich.simulate)
        return _foreign(name, simulate(seed, events=events, evasive=1.0 if suite.endswith("evasive") else 0.0))
    market = sample_market(seed, family="unseen", evasive=1.0 if suite.endswith("evasive") else 0.0, events=events)
    return BenchMarket(name=name, events=market.events, truth=market.truth, attempts=market.attempts)


def _calm(suite: str, seed: int, events: int) -> EventTable:
    makers: dict[str, Callable[[], EventTable]] = {
        "calm": lambda: join_tables(list(simulate_calm(seed, events))),
        "calm_unseen": lambda: join_tables(list(iter_venue(sample_settings(seed, "unseen", events=events)))),
        "calm_foreign": lambda: _read(foreign_rich.simulate(seed, events=events, episodes=0).events),
        "calm_other": lambda: _read(foreign_other.simulate(seed, events=events, episodes=0).events),
        "calm_third": lambda: _read(foreign_third.simulate(seed, events=events, episodes=0).events),
    }
    return makers[suite]()


def _foreign(name: str, made: Made) -> BenchMarket:
    attempts = tuple(replace(deed, done=False) for deed in _deeds(made.attempts))
    return BenchMarket(name=name, events=_read(made.events), truth=_deeds(made.truth), attempts=attempts)


def _read(events: pl.DataFrame) -> EventTable:
    """Write and read the events as a file, so that their words are learned from it alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        events.write_parquet(path)
        return read_all(path)


def _deeds(truth: pl.DataFrame) -> tuple[Planted, ...]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "truth.parquet"
        truth.write_parquet(path)
        return read_truth(path)
