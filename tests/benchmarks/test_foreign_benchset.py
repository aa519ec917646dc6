"""What the foreign market `benchset` must keep to, whatever the seed."""

from __future__ import annotations

import heapq
import itertools
from functools import cache

import pytest

from foreign_benchset import SCHEMES, simulate
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, EVENT_COLUMNS, FramedMarket

SEEDS = (1, 2, 5, 8)


@cache
def market(seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    return simulate(seed, events=20_000, episodes=episodes, evasive=evasive)


def replay(result: FramedMarket) -> None:  # noqa: C901 - one kind of row after the other
    """Follow every order from the tape alone and hold the venue to its rules."""
    live: dict[int, list[object]] = {}
    queues: dict[tuple[str, str, float], dict[int, None]] = {}
    heaps: dict[tuple[str, str], list[float]] = {}
    taker: tuple[int, int, list[object]] | None = None
    last = 0

    def best(symbol: str, side: str) -> float | None:
        sign = -1 if side == "buy" else 1
        heap = heaps.setdefault((symbol, side), [])
        while heap and not queues.get((symbol, side, heap[0] * sign)):
            heapq.heappop(heap)
        return heap[0] * sign if heap else None

    def crosses(symbol: str, side: str, price: float) -> bool:
        other = best(symbol, "sell" if side == "buy" else "buy")
        return other is not None and (price >= other if side == "buy" else price <= other)

    def put(oid: int, row: list[object], price: float) -> None:
        symbol, side = str(row[0]), str(row[1])
        queue = queues.setdefault((symbol, side, price), {})
        if not queue:
            heapq.heappush(heaps.setdefault((symbol, side), []), price * (-1 if side == "buy" else 1))
        queue[oid] = None

    def settle() -> None:
        nonlocal taker
        if taker is not None:
            oid, _, row = taker
            if row[4]:
                assert not crosses(str(row[0]), str(row[1]), float(str(row[3]))), "rests across the spread"
                put(oid, row, float(str(row[3])))
            else:
                del live[oid]
            taker = None

    for ts, symbol, _, kind, oid, account, side, price, size in result.events.iter_rows():
        assert ts >= last
        last = ts
        if taker is not None and not (ts == taker[1] and (kind == "trade" or (kind == "cancel" and oid == taker[0]))):
            settle()
        if kind == "new":
            assert oid not in live
            assert size > 0
            assert price > 0
            live[oid] = [symbol, side, account, price, size]
            taker = (oid, ts, live[oid])
        elif kind == "trade":
            assert taker is not None
            row = live[oid]
            assert row[:4] == [symbol, side, account, price]
            assert side != taker[2][1]
            assert best(symbol, side) == price
            assert next(iter(queues[symbol, side, price])) == oid
            assert (taker[2][3] >= price) if side == "sell" else (taker[2][3] <= price)
            row[4] -= size
            taker[2][4] -= size
            assert row[4] >= 0
            assert taker[2][4] >= 0
            if row[4] == 0:
                del live[oid], queues[symbol, side, price][oid]
        elif kind == "cancel":
            row = live.pop(oid)
            assert row == [symbol, side, account, price, size]
            if taker is not None and oid == taker[0]:
                taker = None
            else:
                del queues[symbol, side, price][oid]
        elif kind == "modify":
            row = live[oid]
            assert row[:3] == [symbol, side, account]
            assert not crosses(symbol, side, price)
            if row[3] != price or size > row[4]:
                del queues[symbol, side, float(str(row[3]))][oid]
                put(oid, row, price)
            row[3:] = [price, size]
        else:
            assert (kind, oid, account, side, price, size) == ("news", 0, "", "", 0.0, 0)
    settle()
    assert not live, "orders outlive the session"


@pytest.mark.parametrize("seed", SEEDS)
def test_venue_keeps_its_rules(seed: int) -> None:
    result = market(seed)
    assert result.events.columns == ["timestamp_ns", "symbol", "venue_seq", *EVENT_COLUMNS[2:]]
    assert result.events["venue_seq"].to_list() == list(range(1, len(result.events) + 1))
    assert 14_000 < len(result.events) < 26_000
    assert 1 <= result.events["symbol"].n_unique() <= 4
    replay(result)


@pytest.mark.parametrize("seed", range(20, 24))
def test_deeds_leave_minutes_between(seed: int) -> None:
    result = simulate(seed, events=20_000, episodes=12, evasive=0.5)
    spans: dict[str, list[tuple[int, int]]] = {}
    for case in [*result.truth.iter_rows(named=True), *result.attempts.iter_rows(named=True)]:
        spans.setdefault(case["symbol"], []).append((case["start"], case["end"]))
    for found in spans.values():
        found.sort()
        assert all(b[0] - a[1] > 90 * 10**9 for a, b in itertools.pairwise(found))


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
        assert len(result.truth) + len(result.attempts) <= 9
        done += result.truth["scheme"].to_list()
        spans: dict[str, list[tuple[int, int]]] = {}
        for case in [*result.truth.iter_rows(named=True), *result.attempts.iter_rows(named=True)]:
            assert case["accounts"]
            assert case["start"] <= case["end"]
            seen = result.events.filter(
                result.events["timestamp_ns"].is_between(case["start"], case["end"])
                & result.events["account"].is_in(case["accounts"])
            )
            assert set(seen["account"]) == set(case["accounts"]) or case["start"] == case["end"]
            spans.setdefault(case["symbol"], []).append((case["start"], case["end"]))
        for symbol, found in spans.items():
            found.sort()
            assert all(a[1] < b[0] for a, b in itertools.pairwise(found)), f"{symbol} deeds overlap"
    assert set(done) == set(SCHEMES)
    assert len(done) >= 6 * len(SEEDS)


def test_seed_decides_everything() -> None:
    again = simulate(SEEDS[0], events=20_000)
    assert again.events.equals(market(SEEDS[0]).events)
    assert again.truth.equals(market(SEEDS[0]).truth)
    assert not again.events.equals(market(SEEDS[1]).events)
