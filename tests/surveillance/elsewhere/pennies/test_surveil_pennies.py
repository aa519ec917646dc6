"""What the foreign market of penny shares must keep to, whatever the seed."""

from __future__ import annotations

import heapq
import itertools
import sys
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, EVENT_COLUMNS, FramedMarket
from tradewind.surveillance.schemes import Scheme

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from tradewind.surveillance.elsewhere.pennies.markets import simulate

SEEDS = (1, 2, 5, 8)


@cache
def market(seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    return simulate(seed, events=20_000, episodes=episodes, evasive=evasive)


class Replay:
    """Follows every order from the tape alone and holds the venue to its rules."""

    def __init__(self) -> None:
        self.live: dict[int, list[object]] = {}
        self.queues: dict[tuple[str, str, float], dict[int, None]] = {}
        self.heaps: dict[tuple[str, str], list[float]] = {}
        self.taker: tuple[int, int] | None = None

    def best(self, symbol: str, side: str) -> float | None:
        sign = -1 if side == "buy" else 1
        heap = self.heaps.setdefault((symbol, side), [])
        while heap and not self.queues.get((symbol, side, heap[0] * sign)):
            heapq.heappop(heap)
        return heap[0] * sign if heap else None

    def crosses(self, symbol: str, side: str, price: float) -> bool:
        other = self.best(symbol, "sell" if side == "buy" else "buy")
        return other is not None and (price >= other if side == "buy" else price <= other)

    def put(self, oid: int, symbol: str, side: str, price: float) -> None:
        queue = self.queues.setdefault((symbol, side, price), {})
        if not queue:
            heapq.heappush(self.heaps.setdefault((symbol, side), []), price * (-1 if side == "buy" else 1))
        queue[oid] = None

    def settle(self) -> None:
        """Let what is left of the last order entered rest, if anything is."""
        if self.taker is not None:
            oid = self.taker[0]
            symbol, side, _, price, size = self.live[oid]
            if size:
                assert not self.crosses(str(symbol), str(side), float(str(price))), "rests across the spread"
                self.put(oid, str(symbol), str(side), float(str(price)))
            else:
                del self.live[oid]
            self.taker = None

    def new(self, ts: int, symbol: str, oid: int, account: str, side: str, price: float, size: int) -> None:
        assert oid not in self.live
        assert size > 0
        assert price > 0
        assert account
        self.live[oid] = [symbol, side, account, price, size]
        self.taker = (oid, ts)

    def trade(self, ts: int, symbol: str, oid: int, account: str, side: str, price: float, size: int) -> None:
        assert self.taker is not None
        assert ts == self.taker[1]
        row, taker = self.live[oid], self.live[self.taker[0]]
        assert row[:4] == [symbol, side, account, price]
        assert taker[0] == symbol
        assert side != taker[1]
        assert self.best(symbol, side) == price
        assert next(iter(self.queues[symbol, side, price])) == oid
        limit = float(str(taker[3]))
        assert limit >= price if side == "sell" else limit <= price
        left, wanted = int(str(row[4])) - size, int(str(taker[4])) - size
        assert left >= 0
        assert wanted >= 0
        row[4], taker[4] = left, wanted
        if left == 0:
            del self.live[oid], self.queues[symbol, side, price][oid]

    def cancel(self, _: int, symbol: str, oid: int, account: str, side: str, price: float, size: int) -> None:
        assert self.live.pop(oid) == [symbol, side, account, price, size]
        if self.taker is not None and oid == self.taker[0]:
            self.taker = None
        else:
            del self.queues[symbol, side, price][oid]

    def modify(self, _: int, symbol: str, oid: int, account: str, side: str, price: float, size: int) -> None:
        row = self.live[oid]
        assert row[:3] == [symbol, side, account]
        assert size > 0
        assert not self.crosses(symbol, side, price)
        if row[3] != price or size > int(str(row[4])):
            del self.queues[symbol, side, float(str(row[3]))][oid]
            self.put(oid, symbol, side, price)
        row[3:] = [price, size]

    def all(self, result: FramedMarket) -> None:
        last = 0
        for ts, symbol, _, kind, oid, account, side, price, size in result.events.iter_rows():
            assert ts >= last
            last = ts
            goes_on = self.taker is not None and ts == self.taker[1]
            if not (goes_on and self.taker and (kind == "trade" or (kind == "cancel" and oid == self.taker[0]))):
                self.settle()
            if kind == "news":
                assert (oid, account, side, price, size) == (0, "", "", 0.0, 0)
            else:
                act = {"new": self.new, "trade": self.trade, "cancel": self.cancel, "modify": self.modify}[kind]
                act(ts, symbol, oid, account, side, price, size)
        self.settle()
        assert not self.live, "orders outlive the session"


@pytest.mark.parametrize("seed", SEEDS)
def test_venue_keeps_its_rules(seed: int) -> None:
    result = market(seed)
    assert result.events.columns == ["timestamp_ns", "symbol", "venue_seq", *EVENT_COLUMNS[2:]]
    assert result.events["venue_seq"].to_list() == list(range(1, len(result.events) + 1))
    assert 14_000 < len(result.events) < 26_000
    assert 1 <= result.events["symbol"].n_unique() <= 5
    hours = {datetime.fromtimestamp(t // 10**9, UTC).hour for t in result.events["timestamp_ns"][::50]}
    assert hours <= set(range(6, 18))
    Replay().all(result)


def test_evasive_and_calm_markets_keep_the_rules_too() -> None:
    hidden, calm = market(3, evasive=1.0), market(4, episodes=0)
    Replay().all(hidden)
    Replay().all(calm)
    assert hidden.truth["evasive"].all()
    assert len(hidden.truth) >= 5
    assert calm.truth.is_empty()
    assert calm.attempts.is_empty()
    assert dict(calm.truth.schema) == CASE_SCHEMA


def test_cases_name_what_happened() -> None:
    done: list[str] = []
    for seed in SEEDS:
        result = market(seed)
        assert dict(result.truth.schema) == CASE_SCHEMA == dict(result.attempts.schema)
        assert result.truth["done"].all()
        assert not result.attempts["done"].any()
        assert len(result.truth) + len(result.attempts) <= 9
        done += result.truth["scheme"].to_list()
        spans: dict[str, list[tuple[int, int]]] = {}
        for case in [*result.truth.iter_rows(named=True), *result.attempts.iter_rows(named=True)]:
            assert case["accounts"]
            assert case["start"] <= case["end"]
            seen = result.events.filter(
                result.events["timestamp_ns"].is_between(case["start"], case["end"])
                & result.events["account"].is_in(case["accounts"])
                & (result.events["symbol"] == case["symbol"])
            )
            assert set(seen["account"]) == set(case["accounts"])
            spans.setdefault(case["symbol"], []).append((case["start"], case["end"]))
        for symbol, found in spans.items():
            found.sort()
            assert all(a[1] < b[0] for a, b in itertools.pairwise(found)), f"{symbol} deeds overlap"
    assert set(done) == {scheme.value for scheme in Scheme}
    assert len(done) >= 6 * len(SEEDS)


def test_seed_decides_everything() -> None:
    again = simulate(SEEDS[0], events=20_000)
    assert again.events.equals(market(SEEDS[0]).events)
    assert again.truth.equals(market(SEEDS[0]).truth)
    assert not again.events.equals(market(SEEDS[1]).events)
