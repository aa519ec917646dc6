"""What venues that hand on tables must keep to, whatever the seed; what one alone has lies in a file of its own."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import import_module

import pytest
from tape_rules import check_cases, check_hidden_and_calm, check_schemes, check_seed, check_tape, hours_of

from tradewind.surveillance.elsewhere.framed import FramedMarket

MINUTE = 60 * 10**9
DAY = frozenset(range(6, 18))


@dataclass(frozen=True, kw_only=True)
class Venue:
    """What is known of a venue: tick, lot, most rows, how many symbols, its hours, how far apart deeds lie."""

    tick: float
    lot: int = 1
    most_rows: int = 26_000
    symbols: tuple[int, int] = (1, 4)
    hours: frozenset[int] = frozenset(range(24))
    apart: int = 0
    may_be_one_event: bool = False
    seeds: tuple[int, ...] = (1, 2, 5, 8)
    hidden: int = 3
    hidden_found: int = 5


VENUES = {
    "retail": Venue(tick=0.0001, most_rows=27_000, hours=DAY),
    "boardlots": Venue(tick=0.001, lot=100, seeds=(1, 2, 3, 7), apart=MINUTE),
    "midcaps": Venue(tick=0.0005, hours=DAY, seeds=(3, 5, 7, 9), apart=2 * MINUTE, hidden=2, hidden_found=4),
    "largecaps": Venue(tick=0.005, most_rows=27_000, hours=frozenset(range(6, 24))),
    "frontier": Venue(tick=0.01, symbols=(2, 6), may_be_one_event=True),
    "pennies": Venue(tick=0.0001, symbols=(1, 5), hours=DAY),
    "acceptance": Venue(tick=0.001, hours=DAY),
    "trackers": Venue(tick=0.0005, most_rows=27_000, hours=DAY),
    "benchset": Venue(tick=0.001),
}
EACH_SEED = [(name, seed) for name, venue in VENUES.items() for seed in venue.seeds]


@cache
def market(name: str, seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    return fresh(name, seed, episodes, evasive)


def fresh(name: str, seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    module = import_module(f"tradewind.surveillance.elsewhere.{name}")
    made: FramedMarket = module.simulate(seed, events=20_000, episodes=episodes, evasive=evasive)
    return made


@pytest.mark.parametrize(("name", "seed"), EACH_SEED)
def test_a_venue_keeps_its_rules(name: str, seed: int) -> None:
    venue, result = VENUES[name], market(name, seed)
    check_tape(result, tick=venue.tick, lot=venue.lot)
    assert 14_000 < len(result.events) < venue.most_rows
    assert venue.symbols[0] <= result.events["symbol"].n_unique() <= venue.symbols[1]
    assert hours_of(result.events) <= venue.hours


@pytest.mark.parametrize("name", VENUES)
def test_evasive_and_calm_markets_keep_the_rules_too(name: str) -> None:
    venue = VENUES[name]
    check_hidden_and_calm(
        market(name, venue.hidden, evasive=1.0),
        market(name, 4, episodes=0),
        tick=venue.tick,
        lot=venue.lot,
        at_least=venue.hidden_found,
        apart=venue.apart,
    )


@pytest.mark.parametrize("name", VENUES)
def test_cases_name_what_happened(name: str) -> None:
    venue = VENUES[name]
    for seed in venue.seeds:
        check_cases(market(name, seed), apart=venue.apart, may_be_one_event=venue.may_be_one_event)
    check_schemes([market(name, seed) for seed in venue.seeds], asked=9, at_least=6)


@pytest.mark.parametrize("name", VENUES)
def test_the_seed_decides_everything(name: str) -> None:
    first, second, *_ = VENUES[name].seeds
    check_seed(market(name, first), fresh(name, first), market(name, second))
