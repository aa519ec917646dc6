"""What a young, thin market must keep to, whatever the seed."""

from __future__ import annotations

from collections import Counter
from functools import cache

import pytest
from tape_rules import check_cases, check_hidden_and_calm, check_schemes, check_seed, check_tape

from tradewind.surveillance.elsewhere.framed import FramedMarket
from tradewind.surveillance.elsewhere.frontier.markets import simulate

SEEDS = (1, 2, 5, 8)


@cache
def market(seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    return simulate(seed, events=20_000, episodes=episodes, evasive=evasive)


@pytest.mark.parametrize("seed", SEEDS)
def test_venue_keeps_its_rules(seed: int) -> None:
    result = market(seed)
    check_tape(result, tick=0.01)
    assert 14_000 < len(result.events) < 26_000
    assert 2 <= result.events["symbol"].n_unique() <= 6
    days = {time // (86_400 * 10**9) for time in result.events["timestamp_ns"][::20]}
    assert 2 <= len(days) <= 8
    kinds = Counter(result.events["kind"])
    assert set(kinds) == {"new", "modify", "cancel", "trade", "news"}
    assert kinds["trade"] > 1000
    assert kinds["modify"] > 1000
    assert len(result.truth) + len(result.attempts) >= 6


def test_evasive_and_calm_markets_keep_the_rules_too() -> None:
    check_hidden_and_calm(market(3, evasive=1.0), market(4, episodes=0), tick=0.01, at_least=5)


def test_cases_name_what_happened() -> None:
    for seed in SEEDS:
        check_cases(market(seed), may_be_one_event=True)
    check_schemes([market(seed) for seed in SEEDS], asked=9, at_least=6)


def test_seed_decides_everything() -> None:
    check_seed(market(SEEDS[0]), simulate(SEEDS[0], events=20_000), market(SEEDS[1]))


def test_size_follows_what_is_asked() -> None:
    assert 35_000 < len(simulate(6, events=50_000, episodes=14, evasive=0.5).events) < 65_000
