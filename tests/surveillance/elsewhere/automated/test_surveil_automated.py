"""What a foreign market of automated traders must keep to, whatever the seed."""

from __future__ import annotations

from functools import cache

import pytest
from tape_rules import check_calm, check_cases, check_schemes, check_seed, check_tape

from tradewind.surveillance.elsewhere.automated.markets import simulate
from tradewind.surveillance.elsewhere.framed import FramedMarket

SEEDS = (0, 3, 11, 26)


@cache
def market(seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    return simulate(seed, events=20_000, episodes=episodes, evasive=evasive)


@pytest.mark.parametrize("evasive", [0.0, 1.0])
@pytest.mark.parametrize("seed", SEEDS)
def test_venue_keeps_its_rules(seed: int, evasive: float) -> None:
    result = market(seed, evasive=evasive)
    check_tape(result, tick=0.01)
    check_cases(result, evasive=evasive == 1.0)
    assert 14_000 < len(result.events) < 30_000
    assert 50 <= result.events["account"].n_unique() <= 620
    assert len(result.truth) + len(result.attempts) >= 7


def test_each_scheme_comes_off_somewhere() -> None:
    check_schemes([market(seed, evasive=evasive) for seed in SEEDS for evasive in (0.0, 1.0)], asked=9, at_least=5.4)


def test_calm_market_has_no_deeds() -> None:
    calm = market(26, episodes=0)
    check_tape(calm, tick=0.01)
    check_calm(calm)


def test_seed_decides_everything() -> None:
    check_seed(market(3), simulate(3, events=20_000), market(0))
