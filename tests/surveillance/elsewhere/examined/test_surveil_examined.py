"""An examined market: the same by seed, events that a venue could have published, deeds carried through."""

from __future__ import annotations

from collections import Counter
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from tradewind.surveillance.book import replay_all
from tradewind.surveillance.events import Problems
from tradewind.surveillance.schemes import Scheme

SEEDS = tuple(range(1, 11))


@cache
def market(seed: int) -> Any:
    from tradewind.surveillance.elsewhere.examined.markets import simulate

    return simulate(seed, events=30_000)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_market() -> None:
    from tradewind.surveillance.elsewhere.examined.markets import simulate

    again = simulate(3, events=30_000)
    assert again.events.equals(market(3).events)
    assert again.truth.equals(market(3).truth)
    assert again.attempts.equals(market(3).attempts)


@pytest.mark.slow
def test_another_seed_gives_another_market() -> None:
    assert not market(3).events.equals(market(4).events)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 5, 10])
def test_the_book_can_use_every_row_and_is_never_crossed(seed: int) -> None:
    from tradewind.surveillance.elsewhere.framed import as_read

    problems = Problems()
    tape = replay_all(as_read(market(seed)).events, problems=problems)
    assert not problems.counts()
    booked = (tape.bid > 0) & (tape.ask > 0)
    assert booked.mean() > 0.8
    assert np.all(tape.bid[booked] < tape.ask[booked])


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3, 5, 10])
def test_prices_lie_on_ticks_and_orders_live_until_they_are_used_up(seed: int) -> None:
    from tradewind.surveillance.elsewhere.examined.world import World

    events = market(seed).events
    ticks = {stock.book.name: stock.tick for stock in World(seed, 30_000).stocks}
    assert (np.diff(events["timestamp_ns"].to_numpy()) >= 0).all()
    left: dict[int, int] = {}
    taking = 0
    for row in events.filter(pl.col("kind") != "news").iter_rows(named=True):
        steps = row["price"] / ticks[row["symbol"]]
        assert abs(steps - round(steps)) < 1e-4
        order = row["order_id"]
        if row["kind"] == "new":
            assert row["size"] > 0
            assert not left.get(order)
            left[order] = row["size"]
            taking = order
            continue
        assert left[order] > 0, row
        gone = row["size"] or left[order]
        for used in {order, taking} if row["kind"] == "trade" else {order}:
            left[used] -= gone
            assert left[used] >= 0, row


@pytest.mark.slow
def test_each_scheme_is_carried_through_in_most_of_its_episodes() -> None:
    done = Counter(scheme for seed in SEEDS for scheme in market(seed).truth["scheme"])
    tried = Counter(scheme for seed in SEEDS for scheme in market(seed).attempts["scheme"])
    assert {*done} == {scheme.value for scheme in Scheme}
    for scheme, count in done.items():
        assert count + tried[scheme] >= 9
        assert count > 0.55 * (count + tried[scheme]), scheme


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_every_account_of_a_deed_acts_at_its_times(seed: int) -> None:
    made = market(seed)
    for deed in [*made.truth.iter_rows(named=True), *made.attempts.iter_rows(named=True)]:
        inside = made.events.filter(
            pl.col("timestamp_ns").is_between(deed["start"], deed["end"])
            & (pl.col("symbol") == deed["symbol"])
            & pl.col("account").is_in(deed["accounts"])
        )
        assert {*deed["accounts"]} == {*inside["account"]}, deed
        assert inside["timestamp_ns"].min() == deed["start"]
        assert inside["timestamp_ns"].max() == deed["end"]


@pytest.mark.slow
def test_a_calm_market_has_no_deeds() -> None:
    from tradewind.surveillance.elsewhere.examined.markets import simulate

    calm = simulate(2, events=30_000, episodes=0)
    assert calm.truth.height == calm.attempts.height == 0
    assert calm.events.height > 20_000
