"""Properties any fair market must have, checked by replaying the tape with a matcher of our own."""

from __future__ import annotations

import functools

import polars as pl
import pytest

from tradewind.surveillance.elsewhere.automated.markets import simulate
from tradewind.surveillance.elsewhere.automated.stage import SCHEMES
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, EVENT_COLUMNS, FramedMarket

SEEDS = (0, 3, 11, 26)


@functools.cache
def market(seed: int, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    return simulate(seed, events=20_000, episodes=episodes, evasive=evasive)


def replay(events: pl.DataFrame) -> None:
    """Follow every order's life; at the end of each nanosecond no book may be crossed or locked."""
    books: dict[str, dict[int, list[object]]] = {}
    levels: dict[str, dict[str, dict[float, int]]] = {}
    queue: dict[str, dict[tuple[str, float], dict[int, None]]] = {}
    seen: set[int] = set()
    taker: dict[str, int] = {}
    rows = list(events.select(pl.exclude("venue_seq")).iter_rows())
    for i, (t, sym, kind, oid, acct, side, price, size) in enumerate(rows):
        if kind == "news":
            assert (oid, acct, side, price, size) == (0, "", "", 0.0, 0)
            continue
        book = books.setdefault(sym, {})
        lv = levels.setdefault(sym, {"buy": {}, "sell": {}})
        q = queue.setdefault(sym, {})

        def add(oid: int, side: str, price: float, n: int) -> None:
            lv[side][price] = lv[side].get(price, 0) + n  # noqa: B023
            if not lv[side][price]:  # noqa: B023
                del lv[side][price]  # noqa: B023

        assert side in ("buy", "sell")
        assert size > 0
        assert price > 0
        assert acct
        if kind == "new":
            assert oid not in seen
            seen.add(oid)
            book[oid] = [acct, side, price, size]
            taker[sym] = oid
            add(oid, side, price, size)
            q.setdefault((side, price), {})[oid] = None
        else:
            o = book[oid]
            assert o[0] == acct
            assert o[1] == side
            if kind == "modify":
                add(oid, side, o[2], -o[3])  # type: ignore[arg-type, operator]
                add(oid, side, price, size)
                if price != o[2] or size > o[3]:
                    del q[side, o[2]][oid]  # type: ignore[index]
                    q.setdefault((side, price), {})[oid] = None
                o[2], o[3] = price, size
            elif kind == "cancel":
                assert o[3] == size
                assert o[2] == price
                add(oid, side, price, -size)
                del q[side, price][oid]
                del book[oid]
            else:
                agg = book[taker[sym]]
                assert o[2] == price
                assert o[3] >= size
                assert agg[3] >= size
                assert agg[1] != side
                assert agg[2] >= price if side == "sell" else agg[2] <= price
                assert price == (min(lv["sell"]) if side == "sell" else max(lv["buy"]))
                assert next(iter(q[side, price])) == oid
                for key, x in ((oid, o), (taker[sym], agg)):
                    add(key, str(x[1]), x[2], -size)  # type: ignore[arg-type]
                    x[3] -= size
                    if not x[3]:
                        del q[x[1], x[2]][key]  # type: ignore[index]
                        del book[key]
        if (i + 1 == len(rows) or rows[i + 1][0] != t) and lv["buy"] and lv["sell"]:
            assert max(lv["buy"]) < min(lv["sell"])
    assert not any(books.values())


@pytest.mark.parametrize("seed", SEEDS)
def test_tape_is_a_true_market(seed: int) -> None:
    for evasive in (0.0, 1.0):
        m = market(seed, evasive=evasive)
        assert m.events.columns == ["timestamp_ns", "symbol", "venue_seq", *EVENT_COLUMNS[2:]]
        assert m.events["timestamp_ns"].is_sorted()
        assert m.events["venue_seq"].to_list() == list(range(1, len(m.events) + 1))
        assert 14_000 < len(m.events) < 30_000
        assert 50 <= m.events["account"].n_unique() <= 620
        replay(m.events)


@pytest.mark.parametrize("seed", SEEDS)
def test_truth_is_on_the_tape(seed: int) -> None:
    for evasive in (0.0, 1.0):
        m = market(seed, evasive=evasive)
        for table in (m.truth, m.attempts):
            assert dict(table.schema) == CASE_SCHEMA
            for case in table.iter_rows(named=True):
                own = m.events.filter(
                    (pl.col("symbol") == case["symbol"]) & pl.col("timestamp_ns").is_between(case["start"], case["end"])
                )
                assert case["end"] > case["start"]
                assert case["evasive"] == (evasive == 1.0)
                assert set(case["accounts"]) <= set(own["account"])
        assert m.truth["done"].all()
        assert not m.attempts["done"].any()
        assert 7 <= len(m.truth) + len(m.attempts) <= 9


def test_each_scheme_comes_off_somewhere() -> None:
    done = pl.concat([market(s, evasive=e).truth for s in SEEDS for e in (0.0, 1.0)])["scheme"]
    counts = dict(done.value_counts().iter_rows())
    assert set(counts) == set(SCHEMES)
    assert len(done) >= 0.6 * 9 * 2 * len(SEEDS)


def test_same_seed_same_market() -> None:
    again = simulate(3, events=20_000)
    assert again.events.equals(market(3).events)
    assert again.truth.equals(market(3).truth)
    assert not market(0).events.equals(market(3).events)


def test_calm_market_has_no_deeds() -> None:
    m = market(26, episodes=0)
    assert len(m.truth) == len(m.attempts) == 0
    assert dict(m.truth.schema) == CASE_SCHEMA
    replay(m.events)
