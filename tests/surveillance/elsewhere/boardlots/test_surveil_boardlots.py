"""What a foreign market in board lots must keep to, whatever the seed."""

from __future__ import annotations

import itertools
import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache

import polars as pl
import pytest

from tradewind.surveillance.elsewhere.boardlots.markets import simulate
from tradewind.surveillance.elsewhere.boardlots.plan import DEEDS
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, EVENT_COLUMNS, FramedMarket

SEEDS = (1, 2, 3, 7)
OTHER = {"buy": "sell", "sell": "buy"}


@cache
def market(seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    return simulate(seed, events=20_000, episodes=episodes, evasive=evasive)


@dataclass
class Standing:
    symbol: str
    side: str
    account: str
    price: float
    left: int


@dataclass
class Replay:
    """The books as they follow from the tape alone."""

    live: dict[int, Standing] = field(default_factory=dict)
    levels: dict[tuple[str, str], dict[float, dict[int, None]]] = field(default_factory=lambda: defaultdict(dict))
    taker: int | None = None
    stamp: int = 0

    def best(self, symbol: str, side: str) -> float | None:
        prices = self.levels[symbol, side]
        if not prices:
            return None
        return max(prices) if side == "buy" else min(prices)

    def reaches(self, side: str, price: float, other: float | None) -> bool:
        return other is not None and (price >= other if side == "buy" else price <= other)

    def rest(self, oid: int) -> None:
        order = self.live[oid]
        assert not self.reaches(order.side, order.price, self.best(order.symbol, OTHER[order.side])), "crossed"
        self.levels[order.symbol, order.side].setdefault(order.price, {})[oid] = None

    def remove(self, oid: int) -> None:
        order = self.live[oid]
        prices = self.levels[order.symbol, order.side]
        del prices[order.price][oid]
        if not prices[order.price]:
            del prices[order.price]

    def settle(self) -> None:
        if self.taker is not None:
            if self.live[self.taker].left:
                self.rest(self.taker)
            else:
                del self.live[self.taker]
            self.taker = None

    def new(self, oid: int, order: Standing) -> None:
        assert oid not in self.live
        assert order.left > 0
        assert order.price > 0
        self.live[oid] = order
        self.taker = oid

    def trade(self, oid: int, told: Standing) -> None:
        assert self.taker is not None
        rest, taker = self.live[oid], self.live[self.taker]
        assert (rest.symbol, rest.side, rest.account, rest.price) == (told.symbol, told.side, told.account, told.price)
        assert taker.side == OTHER[rest.side]
        assert taker.symbol == rest.symbol
        assert self.best(rest.symbol, rest.side) == rest.price
        assert next(iter(self.levels[rest.symbol, rest.side][rest.price])) == oid, "out of turn"
        assert self.reaches(taker.side, taker.price, rest.price)
        rest.left -= told.left
        taker.left -= told.left
        assert min(rest.left, taker.left) >= 0
        if not rest.left:
            self.remove(oid)
            del self.live[oid]

    def cancel(self, oid: int, told: Standing) -> None:
        assert self.live[oid] == told
        if oid == self.taker:
            self.taker = None
        else:
            self.remove(oid)
        del self.live[oid]

    def modify(self, oid: int, told: Standing) -> None:
        order = self.live[oid]
        assert (order.symbol, order.side, order.account) == (told.symbol, told.side, told.account)
        moved = order.price != told.price or told.left > order.left
        if moved:
            self.remove(oid)
        self.live[oid] = told
        if moved:
            self.rest(oid)


def replay(result: FramedMarket) -> None:
    """Follow every order and hold the venue to its rules."""
    state = Replay()
    for ts, symbol, _, kind, oid, account, side, price, size in result.events.iter_rows():
        assert ts >= state.stamp
        follows = state.taker is not None and ts == state.stamp
        if not (follows and (kind == "trade" or (kind == "cancel" and oid == state.taker))):
            state.settle()
        state.stamp = ts
        told = Standing(symbol, side, account, price, size)
        if kind == "news":
            assert (oid, account, side, price, size) == (0, "", "", 0.0, 0)
        else:
            {"new": state.new, "trade": state.trade, "cancel": state.cancel, "modify": state.modify}[kind](oid, told)
    state.settle()
    assert not state.live, "orders outlive the session"


@pytest.mark.parametrize("seed", SEEDS)
def test_venue_keeps_its_rules(seed: int) -> None:
    result = market(seed)
    assert result.events.columns == ["timestamp_ns", "symbol", "venue_seq", *EVENT_COLUMNS[2:]]
    assert result.events["venue_seq"].to_list() == list(range(1, len(result.events) + 1))
    assert 14_000 < len(result.events) < 26_000
    assert 1 <= result.events["symbol"].n_unique() <= 4
    assert (result.events["size"] % 100 == 0).all()
    replay(result)


def test_there_is_a_break_and_a_limit_to_the_day() -> None:
    for seed in (6, 12, 18):
        events = simulate(seed, events=24_000).events
        hours = {datetime.fromtimestamp(t // 10**9, UTC).hour for t in events["timestamp_ns"][::50]}
        assert hours <= set(range(10))
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
    hidden, calm = market(3, evasive=1.0), market(4, episodes=0)
    replay(hidden)
    replay(calm)
    assert hidden.truth["evasive"].all()
    assert len(hidden.truth) >= 5
    assert calm.truth.is_empty()
    assert calm.attempts.is_empty()
    assert dict(calm.truth.schema) == CASE_SCHEMA == dict(calm.attempts.schema)


def test_cases_name_what_happened() -> None:
    done: list[str] = []
    for seed in SEEDS:
        result = market(seed)
        assert dict(result.truth.schema) == CASE_SCHEMA == dict(result.attempts.schema)
        assert result.truth["done"].all()
        assert not result.attempts["done"].any()
        assert len(result.truth) + len(result.attempts) <= 9
        done += result.truth["scheme"].to_list()
        spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for case in [*result.truth.iter_rows(named=True), *result.attempts.iter_rows(named=True)]:
            assert case["start"] <= case["end"]
            own = result.events.filter(
                pl.col("account").is_in(case["accounts"])
                & (pl.col("symbol") == case["symbol"])
                & pl.col("timestamp_ns").is_between(case["start"], case["end"])
            )
            assert set(own["account"]) == set(case["accounts"]) != set()
            assert own["timestamp_ns"][0] == case["start"]
            assert own["timestamp_ns"][-1] == case["end"]
            spans[case["symbol"]].append((case["start"], case["end"]))
        for found in spans.values():
            found.sort()
            assert all(b[0] - a[1] > 60 * 10**9 for a, b in itertools.pairwise(found)), "deeds too near one another"
    assert set(done) == set(DEEDS)
    assert len(done) >= 6 * len(SEEDS)


def test_seed_decides_everything() -> None:
    again = simulate(SEEDS[0], events=20_000)
    assert again.events.equals(market(SEEDS[0]).events)
    assert again.truth.equals(market(SEEDS[0]).truth)
    assert not again.events.equals(market(SEEDS[1]).events)


def test_number_of_rows_is_near_what_was_asked_for() -> None:
    for seed, rows in ((31, 20_000), (32, 40_000), (33, 60_000)):
        assert math.isclose(len(simulate(seed, events=rows).events), rows, rel_tol=0.3)
