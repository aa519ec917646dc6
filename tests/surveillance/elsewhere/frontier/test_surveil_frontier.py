"""What a young, thin market must keep to, whatever the seed."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from functools import cache

import pytest

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, EVENT_COLUMNS, FramedMarket
from tradewind.surveillance.elsewhere.frontier.markets import simulate
from tradewind.surveillance.schemes import Scheme

SEEDS = (1, 2, 5, 8)


@cache
def market(seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    return simulate(seed, events=20_000, episodes=episodes, evasive=evasive)


class Replay:
    """Follows every order from the tape alone."""

    def __init__(self) -> None:
        self.live: dict[int, list] = {}
        self.queues: dict[tuple, dict[int, None]] = {}
        self.heaps: dict[tuple, list[float]] = {}
        self.taker: tuple[int, int, list] | None = None

    def best(self, symbol: str, side: str) -> float | None:
        sign = -1 if side == "buy" else 1
        heap = self.heaps.setdefault((symbol, side), [])
        while heap and not self.queues.get((symbol, side, heap[0] * sign)):
            heapq.heappop(heap)
        return heap[0] * sign if heap else None

    def crosses(self, symbol: str, side: str, price: float) -> bool:
        other = self.best(symbol, "sell" if side == "buy" else "buy")
        return other is not None and (price >= other if side == "buy" else price <= other)

    def put(self, oid: int, row: list, price: float) -> None:
        queue = self.queues.setdefault((row[0], row[1], price), {})
        if not queue:
            heapq.heappush(self.heaps.setdefault((row[0], row[1]), []), price * (-1 if row[1] == "buy" else 1))
        queue[oid] = None

    def settle(self) -> None:
        """What is left of the last order that came in rests now."""
        if self.taker is not None:
            oid, _, row = self.taker
            if row[4]:
                assert not self.crosses(row[0], row[1], row[3]), "rests across the spread"
                self.put(oid, row, row[3])
            else:
                del self.live[oid]
            self.taker = None

    def trade(self, oid: int, told: list, size: int) -> None:
        assert self.taker is not None
        row, other = self.live[oid], self.taker[2]
        assert row[:4] == told
        assert row[0] == other[0]
        assert row[1] != other[1]
        assert self.best(row[0], row[1]) == row[3]
        assert next(iter(self.queues[row[0], row[1], row[3]])) == oid
        assert other[3] >= row[3] if row[1] == "sell" else other[3] <= row[3]
        assert 0 < size <= min(row[4], other[4])
        row[4] -= size
        other[4] -= size
        if row[4] == 0:
            del self.live[oid], self.queues[row[0], row[1], row[3]][oid]

    def cancel(self, oid: int, told: list) -> None:
        row = self.live.pop(oid)
        assert row == told
        if self.taker is not None and oid == self.taker[0]:
            self.taker = None
        else:
            del self.queues[row[0], row[1], row[3]][oid]

    def modify(self, oid: int, told: list) -> None:
        row = self.live[oid]
        assert row[:3] == told[:3]
        assert told[4] > 0
        assert not self.crosses(told[0], told[1], told[3])
        if row[3] != told[3] or told[4] > row[4]:
            del self.queues[row[0], row[1], row[3]][oid]
            self.put(oid, row, told[3])
        row[3:] = told[3:]


def replay(result: FramedMarket) -> None:
    tape, last, seen = Replay(), 0, set()
    for ts, symbol, _, kind, oid, account, side, price, size in result.events.iter_rows():
        assert ts >= last
        last, told = ts, [symbol, side, account, price, size]
        taker = tape.taker
        if taker is not None and not (ts == taker[1] and (kind == "trade" or (kind == "cancel" and oid == taker[0]))):
            tape.settle()
        if kind == "new":
            assert oid not in seen
            assert size > 0
            assert price > 0
            seen.add(oid)
            tape.live[oid] = told
            tape.taker = (oid, ts, told)
        elif kind == "trade":
            tape.trade(oid, told[:4], size)
        elif kind == "cancel":
            tape.cancel(oid, told)
        elif kind == "modify":
            tape.modify(oid, told)
        else:
            assert (kind, oid, account, side, price, size) == ("news", 0, "", "", 0.0, 0)
    tape.settle()
    assert not tape.live, "orders outlive the session"


@pytest.mark.parametrize("seed", SEEDS)
def test_venue_keeps_its_rules(seed: int) -> None:
    result = market(seed)
    assert result.events.columns == ["timestamp_ns", "symbol", "venue_seq", *EVENT_COLUMNS[2:]]
    assert result.events["venue_seq"].to_list() == list(range(1, len(result.events) + 1))
    assert 14_000 < len(result.events) < 26_000
    assert 2 <= result.events["symbol"].n_unique() <= 6
    days = {time // (86_400 * 10**9) for time in result.events["timestamp_ns"][::20]}
    assert 2 <= len(days) <= 8
    kinds = Counter(result.events["kind"])
    assert set(kinds) == {"new", "modify", "cancel", "trade", "news"}
    assert kinds["trade"] > 1000
    assert kinds["modify"] > 1000
    replay(result)


def test_evasive_and_calm_markets_keep_the_rules_too() -> None:
    hidden, calm = market(3, evasive=1.0), market(4, episodes=0)
    replay(hidden)
    replay(calm)
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
        assert 6 <= len(result.truth) + len(result.attempts) <= 9
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
            assert case["start"] in seen["timestamp_ns"]
            assert case["end"] in seen["timestamp_ns"]
            spans.setdefault(case["symbol"], []).append((case["start"], case["end"]))
        for symbol, found in spans.items():
            found.sort()
            assert all(a[1] < b[0] for a, b in itertools.pairwise(found)), f"{symbol} deeds overlap"
    assert set(done) == {scheme.value for scheme in Scheme}
    assert len(done) >= 6 * len(SEEDS)


def test_size_follows_what_is_asked() -> None:
    assert 35_000 < len(simulate(6, events=50_000, episodes=14, evasive=0.5).events) < 65_000


def test_seed_decides_everything() -> None:
    again = simulate(SEEDS[0], events=20_000)
    assert again.events.equals(market(SEEDS[0]).events)
    assert again.truth.equals(market(SEEDS[0]).truth)
    assert not again.events.equals(market(SEEDS[1]).events)
