"""The replay against a slow book written another way, on orders drawn at random and told in every style."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.surveillance.book import BookReplay, Tape, TradeStyle, detect_style, join_tapes, replay_all
from tradewind.surveillance.events import EventTable, Names
from tradewind.surveillance.events.problems import Problems
from tradewind.surveillance.events.table import Kind

SYMBOLS = Names(("AA", "BB"))
ACCOUNTS = Names(tuple(f"acc{i}" for i in range(8)))
MIDDLE = 100_000


@dataclass
class Order:
    id: int
    account: int
    side: int
    price: int
    size: int
    left: int
    time: int


@dataclass
class SlowBook:
    """One symbol's book as a plain list of orders in order of entry; every question scans it."""

    orders: list[Order] = field(default_factory=list)

    def side(self, side: int) -> list[tuple[int, int]]:
        prices = sorted({o.price for o in self.orders if o.side == side}, key=lambda p: -side * p)
        return [(p, sum(o.left for o in self.orders if o.side == side and o.price == p)) for p in prices]

    def best(self, side: int) -> Order | None:
        mine = [o for o in self.orders if o.side == side]
        return min(mine, key=lambda o: (-side * o.price, self.orders.index(o))) if mine else None


@dataclass
class Told:
    """What happened, and what the slow book says about the moment before each row."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    executions: list[tuple[int, Order, Order]] = field(default_factory=list)


def slow_market(seed: int, steps: int) -> Told:
    """Draw orders, match them with price and time priority, and write NEW, TRADE (the resting order's) and CANCEL."""
    rng = np.random.default_rng(seed)
    books, told, number = [SlowBook(), SlowBook()], Told(), 0
    for step in range(steps):
        time, symbol = 1_000 + 10 * step, int(rng.integers(2))
        book = books[symbol]

        def write(kind: Kind, order: Order, size: int, **more: Any) -> None:
            (bids, asks) = book.side(1), book.side(-1)  # noqa: B023
            better = [p for p, _ in book.side(order.side) if order.side * (p - order.price) > 0]  # noqa: B023
            told.rows.append(
                {
                    "time": time,  # noqa: B023
                    "symbol": symbol,  # noqa: B023
                    "kind": int(kind),
                    "order": order.id,
                    "account": order.account,
                    "side": order.side,
                    "price": order.price,
                    "size": size,
                    "order_size": order.size,
                    "order_left": order.left,
                    "order_time": order.time,
                    "bid": bids[0][0] if bids else 0,
                    "ask": asks[0][0] if asks else 0,
                    "bid_size": bids[0][1] if bids else 0,
                    "ask_size": asks[0][1] if asks else 0,
                    "bid_depth": sum(s for _, s in bids[:5]),
                    "ask_depth": sum(s for _, s in asks[:5]),
                    "level": len(better),
                    "taker": -1,
                    "taker_order": 0,
                    "taker_side": 0,
                }
                | more
            )

        if book.orders and rng.random() < 0.35:
            order = book.orders[int(rng.integers(len(book.orders)))]
            size = order.left if rng.random() < 0.6 else int(rng.integers(1, order.left + 1))
            write(Kind.CANCEL, order, size)
            order.left -= size
        else:
            number += 1
            side, size = int(rng.choice([-1, 1])), int(rng.integers(1, 30))
            price = MIDDLE + 100 * int(rng.integers(-7, 8))
            order = Order(number, int(rng.integers(8)), side, price, size, size, time)
            other = book.best(-side)
            crossing = other is not None and side * (price - other.price) >= 0
            write(Kind.NEW, order, size, **({"level": -1} if crossing else {}))
            while order.left and (other := book.best(-side)) and side * (price - other.price) >= 0:
                took = min(order.left, other.left)
                write(Kind.TRADE, other, took, taker=order.account, taker_order=order.id, taker_side=side)
                told.executions.append((len(told.rows) - 1, other, order))
                order.left, other.left = order.left - took, other.left - took
                book.orders = [o for o in book.orders if o.left]
            book.orders.append(order)
        book.orders = [o for o in book.orders if o.left]
    return told


def table(rows: list[dict[str, Any]]) -> EventTable:
    """Return rows as events, numbered from 1."""
    kinds: dict[str, type] = {"symbol": np.int32, "account": np.int32, "kind": np.int8, "side": np.int8}
    names = ("time", "symbol", "kind", "order", "account", "side", "price", "size")
    columns = {n: np.array([row[n] for row in rows], dtype=kinds.get(n, np.int64)) for n in names}
    return EventTable(**columns, seq=np.arange(1, len(rows) + 1), symbols=SYMBOLS, accounts=ACCOUNTS)


def in_style(told: Told, style: TradeStyle, rng: np.random.Generator) -> EventTable:
    """Tell the same executions as a source of that style does."""
    takers = {row: (maker, taker) for row, maker, taker in told.executions}
    rows: list[dict[str, Any]] = []
    for number, row in enumerate(told.rows):
        if number not in takers:
            rows.append(row)
            continue
        _, taker = takers[number]
        other = row | {"order": taker.id, "account": taker.account, "side": taker.side}
        if style == TradeStyle.RESTING:
            rows.append(row)
        elif style == TradeStyle.ARRIVING:
            rows.append(other)
        elif style == TradeStyle.BOTH:
            rows.extend([row, other] if rng.random() < 0.5 else [other, row])
        elif style == TradeStyle.PRINTS:
            rows.append(other | {"order": 0, "side": 0})
    return table(rows)


COMPARED = (
    *("time", "symbol", "kind", "order", "account", "side", "price", "size", "bid", "ask", "bid_size", "ask_size"),
    *("bid_depth", "ask_depth", "order_size", "order_left", "order_time", "level", "taker", "taker_order"),
    "taker_side",
)


def assert_tells(tape: Tape, told: Told) -> None:
    """Assert that a tape says, column by column, what the slow book saw."""
    assert len(tape) == len(told.rows)
    for name in COMPARED:
        expected = np.array([row[name] for row in told.rows])
        np.testing.assert_array_equal(getattr(tape, name), expected, err_msg=name)


def assert_same(first: Tape, second: Tape) -> None:
    for name, column in first.columns().items():
        np.testing.assert_array_equal(column, getattr(second, name), err_msg=name)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10_000), style=st.sampled_from(list(TradeStyle)))
def test_every_style_gives_the_tape_of_the_slow_book(seed: int, style: TradeStyle) -> None:
    told = slow_market(seed, 250)
    problems = Problems()
    tape = replay_all(in_style(told, style, np.random.default_rng(seed)), style=style, problems=problems)
    assert_tells(tape, told)
    assert len(problems) == 0


@pytest.mark.parametrize("style", list(TradeStyle))
def test_the_style_is_found_in_the_events(style: TradeStyle) -> None:
    for seed in range(3):
        events = in_style(slow_market(seed, 400), style, np.random.default_rng(seed))
        assert detect_style(events) == style


@settings(max_examples=15, deadline=None)
@given(
    seed=st.integers(0, 1_000),
    style=st.sampled_from(list(TradeStyle)),
    told_as=st.sampled_from(list(TradeStyle)),
    cuts=st.lists(st.integers(0, 300), max_size=8),
)
def test_cuts_change_nothing(seed: int, style: TradeStyle, told_as: TradeStyle, cuts: list[int]) -> None:
    """Also where the style is the wrong one, so that unknown orders, excess and crossed books occur."""
    events = in_style(slow_market(seed, 250), told_as, np.random.default_rng(seed))
    whole, pieces = (BookReplay(SYMBOLS, ACCOUNTS, style=style, capacity=64, pair_capacity=16) for _ in range(2))
    expected = join_tapes([whole.update(events), whole.finish()])
    ends = [0, *sorted(min(cut, len(events)) for cut in cuts), len(events)]
    runs = [pieces.update(events.take(slice(a, b))) for a, b in pairwise(ends)]
    runs.append(pieces.finish())
    assert_same(join_tapes(runs), expected)
    assert [run.first_row for run in runs] == np.cumsum([0, *(len(run) for run in runs[:-1])]).tolist()
    assert whole.problems.counts() == pieces.problems.counts()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), style=st.sampled_from(list(TradeStyle)))
def test_no_events_whatever_cross_or_overdraw_the_book(seed: int, style: TradeStyle) -> None:
    """Rows of nonsense: ids at random, sizes at random, kinds at random."""
    rng = np.random.default_rng(seed)
    n = 400
    events = EventTable(
        time=np.sort(rng.integers(0, 100, n)),
        symbol=rng.integers(0, 2, n).astype(np.int32),
        seq=np.arange(n),
        kind=rng.choice([1, 1, 1, 2, 3, 4, 6, 7], n).astype(np.int8),
        order=rng.integers(0, 60, n),
        account=rng.integers(-1, 8, n).astype(np.int32),
        side=rng.integers(-1, 2, n).astype(np.int8),
        price=np.maximum(0, MIDDLE + 100 * rng.integers(-5, 6, n)) * (rng.random(n) < 0.9),
        size=rng.integers(-1, 40, n),
        symbols=SYMBOLS,
        accounts=ACCOUNTS,
    )
    replay = BookReplay(SYMBOLS, ACCOUNTS, style=style)
    tape = join_tapes([replay.update(events), replay.finish()])
    both = (tape.bid > 0) & (tape.ask > 0)
    seen = np.zeros(2, dtype=bool)  # before a first order the source's own quotes stand there, crossed or not
    for i in range(len(tape)):
        if seen[tape.symbol[i]] and both[i]:
            assert tape.bid[i] < tape.ask[i]
        seen[tape.symbol[i]] |= tape.kind[i] == Kind.NEW
    assert min(tape.bid_depth.min(), tape.ask_depth.min(), tape.order_left.min(), tape.level.min() + 1) >= 0
    taken = tape.kind == Kind.CANCEL
    assert (tape.size[taken] <= tape.order_left[taken]).all()
    assert (tape.size[taken] > 0).all()
    for symbol in range(2):
        shot = replay.snapshot(symbol, 100)
        assert (np.diff(shot.bid) < 0).all()
        assert (np.diff(shot.ask) > 0).all()
        assert min(shot.bid_size.min(initial=1), shot.ask_size.min(initial=1)) > 0


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_shares_entered_are_resting_executed_or_taken_back(seed: int) -> None:
    events = in_style(slow_market(seed, 300), TradeStyle.RESTING, np.random.default_rng(seed))
    replay = BookReplay(SYMBOLS, ACCOUNTS)
    tape = replay.update(events)
    total = {kind: int(tape.size[tape.kind == kind].sum()) for kind in (Kind.NEW, Kind.CANCEL, Kind.TRADE)}
    shots = [replay.snapshot(symbol, 100) for symbol in range(2)]
    resting = sum(int(shot.bid_size.sum() + shot.ask_size.sum()) for shot in shots)
    assert total[Kind.NEW] == total[Kind.CANCEL] + 2 * total[Kind.TRADE] + resting
    assert total[Kind.TRADE] > 0
