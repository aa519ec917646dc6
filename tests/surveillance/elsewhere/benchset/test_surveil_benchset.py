"""What the foreign market `benchset` must keep to, whatever the seed."""

from __future__ import annotations

from functools import cache

import pytest
from tape_rules import check_cases, check_hidden_and_calm, check_schemes, check_seed, check_tape

from tradewind.surveillance.elsewhere.benchset import simulate
from tradewind.surveillance.elsewhere.framed import FramedMarket

SEEDS = (1, 2, 5, 8)


@cache
def market(seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    return simulate(seed, events=20_000, episodes=episodes, evasive=evasive)


@pytest.mark.parametrize("seed", SEEDS)
def test_venue_keeps_its_rules(seed: int) -> None:
    result = market(seed)
    check_tape(result, tick=0.001)
    assert 14_000 < len(result.events) < 26_000
    assert 1 <= result.events["symbol"].n_unique() <= 4


@pytest.mark.parametrize("seed", range(20, 24))
def test_deeds_leave_minutes_between(seed: int) -> None:
    check_cases(simulate(seed, events=20_000, episodes=12, evasive=0.5), evasive=None, apart=90 * 10**9)


def test_evasive_and_calm_markets_keep_the_rules_too() -> None:
    check_hidden_and_calm(market(3, evasive=1.0), market(4, episodes=0), tick=0.001, at_least=5)


def test_cases_name_what_happened() -> None:
    for seed in SEEDS:
        check_cases(market(seed))
    check_schemes([market(seed) for seed in SEEDS], asked=9, at_least=6)


def test_seed_decides_everything() -> None:
    check_seed(market(SEEDS[0]), simulate(SEEDS[0], events=20_000), market(SEEDS[1]))
