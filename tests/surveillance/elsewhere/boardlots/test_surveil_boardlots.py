"""What a foreign market in board lots must keep to, whatever the seed."""

from __future__ import annotations

import math
from functools import cache

import polars as pl
import pytest
from tape_rules import check_cases, check_hidden_and_calm, check_schemes, check_seed, check_tape, hours_of

from tradewind.surveillance.elsewhere.boardlots.markets import simulate
from tradewind.surveillance.elsewhere.framed import FramedMarket

SEEDS = (1, 2, 3, 7)


@cache
def market(seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    return simulate(seed, events=20_000, episodes=episodes, evasive=evasive)


@pytest.mark.parametrize("seed", SEEDS)
def test_venue_keeps_its_rules(seed: int) -> None:
    result = market(seed)
    check_tape(result, tick=0.001, lot=100)
    assert 14_000 < len(result.events) < 26_000
    assert 1 <= result.events["symbol"].n_unique() <= 4


def test_there_is_a_break_and_a_limit_to_the_day() -> None:
    for seed in (6, 12, 18):
        events = simulate(seed, events=24_000).events
        assert hours_of(events) <= set(range(10))
        assert events["timestamp_ns"].diff().max() > 50 * 60 * 10**9
        dated = events.filter(pl.col("kind") != "news").with_columns(day=pl.col("timestamp_ns") // (86_400 * 10**9))
        for _, rows in dated.group_by("symbol"):
            close: float | None = None
            for _, day in rows.group_by("day", maintain_order=True):
                if close is not None:
                    assert close * 0.9 - 1e-6 <= day["price"].min()
                    assert day["price"].max() <= close * 1.1 + 1e-6
                assert day["price"].max() / day["price"].min() <= 1.1 / 0.9 + 1e-6
                trades = day.filter(pl.col("kind") == "trade")
                close = trades["price"][-1] if len(trades) else close


def test_evasive_and_calm_markets_keep_the_rules_too() -> None:
    check_hidden_and_calm(
        market(3, evasive=1.0), market(4, episodes=0), tick=0.001, lot=100, apart=60 * 10**9, at_least=5
    )


def test_cases_name_what_happened() -> None:
    for seed in SEEDS:
        check_cases(market(seed), apart=60 * 10**9)
    check_schemes([market(seed) for seed in SEEDS], asked=9, at_least=6)


def test_seed_decides_everything() -> None:
    check_seed(market(SEEDS[0]), simulate(SEEDS[0], events=20_000), market(SEEDS[1]))


def test_number_of_rows_is_near_what_was_asked_for() -> None:
    for seed, rows in ((31, 20_000), (32, 40_000), (33, 60_000)):
        assert math.isclose(len(simulate(seed, events=rows).events), rows, rel_tol=0.3)
