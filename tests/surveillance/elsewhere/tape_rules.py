"""What holds on every tape of a price-time venue, and in every case told of it, whoever made them up.

The simulators of foreign markets each have an engine of their own. Their tests hold them to the rules written here,
which know nothing of an engine: the books follow from the tape alone.
"""

from __future__ import annotations

import heapq
import itertools
from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket
from tradewind.surveillance.schemes import Scheme

TAPE_SCHEMA: dict[str, pl.DataType] = {
    "timestamp_ns": pl.Int64(),
    "symbol": pl.String(),
    "venue_seq": pl.Int64(),
    "kind": pl.String(),
    "order_id": pl.Int64(),
    "account": pl.String(),
    "side": pl.String(),
    "price": pl.Float64(),
    "size": pl.Int64(),
}
OTHER = {"buy": "sell", "sell": "buy"}
HOUR = 3_600 * 10**9
NIGHT = 10 * HOUR
"""A pause that no session has within: no order lives through it."""


@dataclass(slots=True)
class Order:
    """An order as the tape last told of it."""

    symbol: str
    side: str
    account: str
    price: float
    open: int


@dataclass(slots=True)
class Side:
    """The resting orders of one side of one book: a queue at every price, and the prices with the best one on top."""

    sign: int
    queues: dict[float, dict[int, None]] = field(default_factory=dict)
    heap: list[float] = field(default_factory=list)

    def best(self) -> float | None:
        """Return the best price that somebody asks or bids now."""
        while self.heap and not self.queues.get(self.heap[0] * self.sign):
            heapq.heappop(self.heap)
        return self.heap[0] * self.sign if self.heap else None

    def put(self, number: int, price: float) -> None:
        """Let an order queue up behind all others at its price."""
        queue = self.queues.setdefault(price, {})
        if not queue:
            heapq.heappush(self.heap, price * self.sign)
        queue[number] = None


def reaches(side: str, limit: float, price: float | None) -> bool:
    """Say whether an order of ``side`` would trade at a price of the other one."""
    return price is not None and (limit >= price if side == "buy" else limit <= price)


@dataclass(slots=True)
class Books:
    """The books as they follow from the rows so far; ``taker`` is the order that came last and does not rest yet."""

    live: dict[int, Order] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)
    sides: dict[tuple[str, str], Side] = field(default_factory=dict)
    taker: int | None = None
    time: int = 0

    def side(self, symbol: str, side: str) -> Side:
        """Return one side of a book, which begins empty."""
        found = self.sides.get((symbol, side))
        if found is None:
            found = self.sides[symbol, side] = Side(-1 if side == "buy" else 1)
        return found

    def row(self, time: int, kind: str, number: int, told: Order) -> None:
        """Take one row in: trades, and the cancel of what is left, belong to a new order at its very time."""
        goes_on = time == self.time and (kind == "trade" or (kind == "cancel" and number == self.taker))
        if self.taker is not None and not goes_on:
            self.settle()
        if time - self.time > NIGHT:
            self.close()
        self.time = time
        if kind == "new":
            self.new(number, told)
        elif kind != "news":
            order = self.live.get(number)
            assert order is not None, "an order that nobody knows"
            same = (order.symbol, order.side, order.account) == (told.symbol, told.side, told.account)
            assert same, "an order changed its symbol, side or account"
            {"trade": self.trade, "cancel": self.cancel, "modify": self.modify}[kind](number, order, told)

    def new(self, number: int, told: Order) -> None:
        """Let an order come in, which may trade before it rests."""
        assert number not in self.used, "an order id used again"
        self.used.add(number)
        self.live[number] = told
        self.taker = number

    def trade(self, number: int, order: Order, told: Order) -> None:
        """Let the order that came last take from the one that has waited longest at the best price."""
        assert self.taker is not None, "a trade without a new order at its time"
        taker, side = self.live[self.taker], self.side(order.symbol, order.side)
        assert number != self.taker, "an order traded with itself"
        assert taker.symbol == order.symbol, "a trade of two symbols"
        assert taker.side == OTHER[order.side], "a trade of one side with itself"
        assert told.price == order.price, "a trade away from the price of the order that rested"
        assert reaches(taker.side, taker.price, told.price), "a trade beyond the limit of the order that came in"
        assert side.best() == told.price, "a trade past a better price"
        assert next(iter(side.queues[told.price])) == number, "a trade out of turn"
        assert told.open == min(order.open, taker.open), "a trade of another size than both have open"
        order.open -= told.open
        taker.open -= told.open
        if not order.open:
            del self.live[number], side.queues[told.price][number]

    def cancel(self, number: int, order: Order, told: Order) -> None:
        """Take an order away, with the price and the size it has open."""
        assert told.price == order.price, "a cancel at a price the order does not have"
        assert told.open == order.open, "a cancel of another size than is open"
        if number == self.taker:
            self.taker = None
        else:
            del self.side(order.symbol, order.side).queues[order.price][number]
        del self.live[number]

    def modify(self, number: int, order: Order, told: Order) -> None:
        """Change an order: it stays in its place only where its price stays and its size does not grow."""
        if told.price != order.price or told.open > order.open:
            assert not self.crosses(told), "a modify across the spread"
            side = self.side(order.symbol, order.side)
            del side.queues[order.price][number]
            side.put(number, told.price)
        self.live[number] = told

    def crosses(self, order: Order) -> bool:
        """Say whether an order would trade with what rests."""
        return reaches(order.side, order.price, self.side(order.symbol, OTHER[order.side]).best())

    def settle(self) -> None:
        """Let what is left of the last order that came in rest, if anything is."""
        if self.taker is not None:
            order = self.live[self.taker]
            if order.open:
                assert not self.crosses(order), "an order rests across the spread"
                self.side(order.symbol, order.side).put(self.taker, order.price)
            else:
                del self.live[self.taker]
            self.taker = None

    def close(self) -> None:
        """End the session."""
        self.settle()
        assert not self.live, "orders outlive the session"


def check_tape(market: FramedMarket, *, tick: float | None = None, lot: int = 1) -> None:
    """Follow every order from the tape alone and hold the venue to its rules.

    ``tick``, ``lot`` : what every price and every size is a whole number of.
    """
    check_form(market.events, tick, lot)
    books = Books()
    for row in market.events.iter_rows():
        time, symbol, _, kind, number, account, side, price, size = row
        try:
            books.row(time, kind, number, Order(symbol, side, account, price, size))
        except AssertionError as error:
            error.add_note(f"at {row}")
            raise
    books.close()


def check_form(events: pl.DataFrame, tick: float | None, lot: int) -> None:
    """Check all that a row shows by itself or beside the one before it."""
    assert list(events.schema.items()) == list(TAPE_SCHEMA.items()), "other columns or types"
    assert not any(events.null_count().row(0)), "cells without a value"
    steps, price, size = pl.col("timestamp_ns").diff().fill_null(0), pl.col("price"), pl.col("size")
    _every(events, steps >= 0, "time runs back")
    _every(events, pl.col("venue_seq") == pl.int_range(1, pl.len() + 1), "numbers that are not 1, 2, 3 and so on")
    _every(events, pl.col("kind").is_in(["new", "modify", "cancel", "trade", "news"]), "a kind that nobody knows")
    news, orders = (events.filter(which) for which in (pl.col("kind") == "news", pl.col("kind") != "news"))
    empty = (pl.col("order_id") == 0) & (pl.col("account") == "") & (pl.col("side") == "") & (price == 0) & (size == 0)
    _every(news, empty, "news that tells of an order")
    _every(orders, pl.col("side").is_in(list(OTHER)), "a side that nobody knows")
    _every(orders, pl.col("account") != "", "an order of nobody")
    _every(orders, (price > 0) & price.is_finite(), "a price that is none")
    _every(orders, size > 0, "a size that is none")
    _every(orders, size % lot == 0, "a size off the lot")
    if tick is not None:
        _every(orders, (price / tick - (price / tick).round()).abs() < 1e-6, "a price off the tick")


def _every(rows: pl.DataFrame, holds: pl.Expr, rule: str) -> None:
    broken = rows.filter(~holds)
    assert broken.is_empty(), f"{rule}: {broken.row(0)}"


def check_cases(
    market: FramedMarket, *, evasive: bool | None = False, apart: int = 0, may_be_one_event: bool = False
) -> None:
    """Check that the deeds told of are on the tape, each by itself.

    ``evasive`` : whether all are played to hide or none is; ``None`` where both may be.
    ``apart`` : nanoseconds that lie between two deeds on a symbol, and more.
    ``may_be_one_event`` : an attempt may end with its first event, as nothing that it waited for came.
    """
    assert dict(market.truth.schema) == dict(CASE_SCHEMA) == dict(market.attempts.schema), "other columns or types"
    assert market.truth["done"].all(), "a deed in the truth that was not done"
    assert not market.attempts["done"].any(), "an attempt that was done"
    cases = [case for told in (market.truth, market.attempts) for case in told.iter_rows(named=True)]
    for case in cases:
        assert evasive is None or case["evasive"] == evasive, f"hides, or does not: {case}"
        lasts = case["end"] - case["start"]
        assert lasts > 0 or (lasts == 0 and may_be_one_event and not case["done"]), f"a deed that takes no time: {case}"
        _check_acted(market.events, case)
    _check_apart(cases, apart)


def _check_acted(events: pl.DataFrame, case: dict[str, Any]) -> None:
    assert case["accounts"], f"a deed of nobody: {case}"
    seen = events.filter(
        pl.col("timestamp_ns").is_between(case["start"], case["end"])
        & (pl.col("symbol") == case["symbol"])
        & pl.col("account").is_in(case["accounts"])
    )
    assert set(seen["account"]) == set(case["accounts"]), f"an account that did nothing: {case}"
    ends = (seen["timestamp_ns"][0], seen["timestamp_ns"][-1])
    assert ends == (case["start"], case["end"]), f"begins or ends with no event of its own, but {ends}: {case}"


def _check_apart(cases: Iterable[dict[str, Any]], apart: int) -> None:
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for case in cases:
        spans[case["symbol"]].append((case["start"], case["end"]))
    for symbol, found in spans.items():
        for before, after in itertools.pairwise(sorted(found)):
            assert after[0] - before[1] > apart, f"deeds on {symbol} too near one another: {before}, {after}"


def check_schemes(markets: Collection[FramedMarket], *, asked: int, at_least: float) -> None:
    """Check that every scheme comes off in some market, and ``at_least`` so many deeds of those asked for in each."""
    done = [scheme for market in markets for scheme in market.truth["scheme"]]
    assert set(done) == {scheme.value for scheme in Scheme}, "a scheme that never comes off"
    assert len(done) >= at_least * len(markets), "too few deeds come off"
    for market in markets:
        assert len(market.truth) + len(market.attempts) <= asked, "more deeds than were asked for"


def check_calm(market: FramedMarket) -> None:
    """Check that a market without deeds tells of none, in tables of the same form."""
    assert market.truth.is_empty(), "a deed nobody asked for"
    assert market.attempts.is_empty(), "an attempt nobody asked for"
    assert dict(market.truth.schema) == dict(CASE_SCHEMA) == dict(market.attempts.schema), "other columns or types"


def check_hidden_and_calm(
    hidden: FramedMarket,
    calm: FramedMarket,
    *,
    at_least: int,
    tick: float | None = None,
    lot: int = 1,
    apart: int = 0,
) -> None:
    """Check a market whose deeds are all played to hide, ``at_least`` so many of them done, and one without any."""
    for market in (hidden, calm):
        check_tape(market, tick=tick, lot=lot)
    check_cases(hidden, evasive=True, apart=apart)
    check_calm(calm)
    assert len(hidden.truth) >= at_least, "too few deeds come off"


def check_seed(made: FramedMarket, again: FramedMarket, other: FramedMarket) -> None:
    """Check that a seed decides everything: ``again`` is made from the same one, ``other`` from another."""
    for part in ("events", "truth", "attempts"):
        assert getattr(made, part).equals(getattr(again, part)), f"other {part} from the same seed"
    assert not made.events.equals(other.events), "the same events from another seed"


def hours_of(events: pl.DataFrame) -> set[int]:
    """Return the hours of the day, in UTC, at which something happened."""
    return set(events["timestamp_ns"] // HOUR % 24)
