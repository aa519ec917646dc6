"""Planted faults are found, all of them; a clean market raises no alarm."""

from __future__ import annotations

import pytest

from tradewind.data.simulator.injection import inject_faults
from tradewind.data.simulator.market import SimulatedMarket, simulate
from tradewind.data.simulator.settings import MarketSettings
from tradewind.quality import EVENTS_OF_FAULT, check_panel, is_found, run_trial

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning")  # exchange_calendars under new pandas


def market(seed: int) -> SimulatedMarket:
    return simulate(MarketSettings(n_symbols=20, n_days=600, seed=seed, splits=0.5, dividends=4.0))


@pytest.mark.parametrize("seed", [1, 2])
def test_every_planted_fault_is_found(seed: int) -> None:
    clean = market(seed)
    faulty = inject_faults(clean, seed=seed, per_kind=5)
    lines = run_trial(faulty.faults, check_panel(faulty.panel), check_panel(clean.panel))
    assert {line.kind for line in lines} == set(EVENTS_OF_FAULT)
    assert len(lines) >= 12
    assert [(line.kind, line.found) for line in lines] == [(line.kind, 5) for line in lines]
    assert sum(line.false_alarms for line in lines) == 0


def test_a_fault_without_its_event_is_not_found() -> None:
    clean = market(1)
    faulty = inject_faults(clean, seed=1)
    events = check_panel(clean.panel).events
    assert not any(is_found(fault, events) for fault in faulty.faults)
