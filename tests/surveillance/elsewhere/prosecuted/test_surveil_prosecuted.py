"""A prosecuted market: an honest tape, replayed by a book that knows only the events, and deeds that took place."""

from __future__ import annotations

from functools import cache
from typing import Any

import polars as pl
import pytest

SEEDS = (3, 8, 9)  # trade rows name both orders, the resting one, the aggressor
WORDS = {"add": "new", "delete": "cancel", "replace": "modify", "execute": "trade", "execution": "trade"}


@cache
def market(seed: int) -> Any:
    from tradewind.surveillance.elsewhere.prosecuted.markets import simulate

    return simulate(seed, events=16_000)


def plain(events: pl.DataFrame) -> pl.DataFrame:
    """One spelling: kinds in lower case under their usual names, sides +1 and -1."""
    side = pl.col("side").str.to_lowercase().str.head(1)
    return events.with_columns(
        pl.col("kind").str.to_lowercase().replace(WORDS),
        pl.when(pl.col("side").is_null()).then(0).when(side == "b").then(1).otherwise(-1).alias("side"),
    )


class Replay:
    """Open orders known from the events alone; every row is checked as it is applied."""

    def __init__(self, named: int) -> None:
        self.named = named
        self.sides: dict[tuple[str, int], dict[int, tuple[float, int]]] = {}  # order -> (price, since)
        self.price: dict[int, float] = {}
        self.open: dict[int, int] = {}
        self.incoming = -1
        self.trades = 0

    def reduce(self, key: tuple[str, int], order: int, size: int) -> None:
        self.open[order] -= size
        assert self.open[order] >= 0
        if not self.open[order]:
            del self.open[order], self.sides[key][order], self.price[order]

    def first(self, symbol: str, side: int) -> int:
        """The order that is next to trade on a side, the incoming one aside."""
        queue = {o: place for o, place in self.sides[symbol, side].items() if o != self.incoming}
        return min(queue, key=lambda o: (-side * queue[o][0], queue[o][1]))

    def apply(self, turn: int, row: tuple[str, str, int, int, float, int]) -> None:
        symbol, kind, order, side, price, size = row
        key = (symbol, side)
        queue = self.sides.setdefault(key, {})
        if kind in {"new", "modify"}:
            assert (kind == "new") == (order not in self.open)
            assert size > 0
            if kind == "new" or price != self.price[order] or size > self.open[order]:
                queue[order] = (price, turn)
            self.open[order], self.price[order], self.incoming = size, price, order
        elif kind == "cancel":
            assert (self.open[order], self.price[order]) == (size, price)
            self.reduce(key, order, size)
        elif kind == "trade":
            self.trades += 1
            if self.named == 1 or (self.named == 3 and order != self.incoming):
                assert order == self.first(symbol, side)
                assert self.price[order] == price
            elif self.named == 2:
                resting = self.first(symbol, -side)
                assert self.price[resting] == price
                self.reduce((symbol, -side), resting, size)
            self.reduce(key, order, size)
            if self.named == 1:
                self.reduce((symbol, -side), self.incoming, size)


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_the_tape_replays_in_price_time_priority(seed: int) -> None:
    made = market(seed)
    replay = Replay(made.world.venue.named)
    rows = plain(made.events).select("symbol", "kind", "order_id", "side", "price", "size")
    for turn, row in enumerate(rows.iter_rows()):
        replay.apply(turn, row)
    assert replay.trades > 1000
    for symbol in made.events["symbol"].unique():
        best = {side: [side * p for p, _ in replay.sides.get((symbol, side), {}).values()] for side in (1, -1)}
        assert not best[1] or not best[-1] or max(best[1]) < -max(best[-1])


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_columns_order_and_truth_keep_the_contract(seed: int) -> None:
    made = market(seed)
    events, truth = made.events, made.truth
    assert events["timestamp_ns"].is_sorted()
    assert events["venue_seq"].is_sorted()
    assert events["venue_seq"].n_unique() == events.height
    assert truth.height + made.attempts.height == 9
    for row in truth.iter_rows(named=True):
        inside = events.filter(
            pl.col("timestamp_ns").is_between(row["start"], row["end"]),
            pl.col("symbol") == row["symbol"],
            pl.col("account").is_in(row["accounts"]),
        )
        assert set(row["accounts"]) == set(inside["account"])
        assert row["start"] < row["end"]


def test_what_counts_as_wash_trading_leaves_nobody_with_a_holding() -> None:
    seen = 0
    for seed in SEEDS:
        made = market(seed)
        for case in made.cases:
            if case.scheme != "wash_trading" or not case.happened:
                continue
            seen += 1
            members = set(case.accounts)
            inner = [
                t
                for t in made.world.venue.trades
                if t[1] == case.stock.symbol and case.start <= t[0] <= case.end and {t[4], t[5]} <= members
            ]
            assert len(inner) >= 4
            for member in members:
                bought = sum(t[3] for t in inner if t[4] == member)
                sold = sum(t[3] for t in inner if t[5] == member)
                assert abs(bought - sold) <= 0.25 * (bought + sold)
    assert seen


def test_bait_is_cancelled_and_the_small_orders_trade() -> None:
    seen = 0
    for seed in SEEDS:
        for case in market(seed).cases:
            if case.happened and case.scheme in {"spoofing", "layering"}:
                seen += 1
                assert case.note["gained"] > 0
                assert case.note["burnt"] < max(case.note["gained"], 0.06 * case.note["shown"])
                assert case.note["shown"] > 3 * case.note["gained"]
    assert seen


def test_a_pump_lifts_the_price_and_sells_dearer() -> None:
    seen = 0
    for seed in SEEDS:
        made = market(seed)
        for case in made.cases:
            if case.scheme != "pump_and_dump" or not case.happened:
                continue
            seen += 1
            trades = [
                t for t in made.world.venue.trades if t[1] == case.stock.symbol and case.start <= t[0] <= case.end
            ]
            assert max(t[2] for t in trades) > trades[0][2] * (1 + 0.8 * case.stock.sigma)
            members = set(case.accounts)
            paid = [(t[2] * t[3], t[3]) for t in trades if t[4] in members]
            got = [(t[2] * t[3], t[3]) for t in trades if t[5] in members]
            assert sum(g for g, _ in got) / sum(n for _, n in got) > sum(p for p, _ in paid) / sum(n for _, n in paid)
    assert seen


@pytest.mark.slow
def test_same_seed_same_market_and_calm_holds_no_case() -> None:
    from tradewind.surveillance.elsewhere.prosecuted.markets import simulate

    first, again = simulate(2, events=6_000), simulate(2, events=6_000)
    assert first.events.equals(again.events)
    assert first.truth.equals(again.truth)
    calm = simulate(2, events=6_000, episodes=0).events
    assert 3_000 < calm.height < 14_000
    assert not calm.equals(first.events)
