"""The matching engine against a naive one, and what must hold after any orders."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.surveillance.venue import engine as e

Row = tuple[int, int, int, int, int, int]


@dataclass
class Resting:
    order: int
    account: int
    side: int
    price: int
    left: int


class NaiveBook:
    """One list of orders in order of entry; the best is looked for anew each time."""

    def __init__(self) -> None:
        self.orders: list[Resting] = []
        self.rows: list[Row] = []
        self.next_id = 1

    def submit(self, account: int, side: int, price: int, size: int, ioc: bool) -> int:
        order, left = self.next_id, size
        self.next_id += 1
        self.rows.append((1, order, account, side, price, size))
        while left:
            others = [o for o in self.orders if o.side == -side and (price == 0 or side * (price - o.price) >= 0)]
            if not others:
                break
            found = min(others, key=lambda o: side * o.price)
            part = min(left, found.left)
            self.rows.append((3, found.order, found.account, found.side, found.price, part))
            found.left -= part
            left -= part
            self.orders = [o for o in self.orders if o.left]
        if left and (price == 0 or ioc):
            self.rows.append((2, order, account, side, price, left))
        elif left:
            self.orders.append(Resting(order, account, side, price, left))
        return order

    def cancel(self, order: int, size: int) -> None:
        for o in self.orders:
            if o.order == order:
                taken = o.left if size == 0 else min(size, o.left)
                self.rows.append((2, order, o.account, o.side, o.price, taken))
                o.left -= taken
        self.orders = [o for o in self.orders if o.left]


def slot_of(book: e.Book, order: int) -> int:
    found = np.flatnonzero(book.orders[:, e.ID] == order)
    return int(found[0]) if len(found) else -1


acts = st.lists(
    st.one_of(
        st.tuples(
            st.just("new"),
            st.integers(0, 3),
            st.sampled_from([1, -1]),
            st.sampled_from([0, *range(95, 106)]),
            st.integers(1, 9),
            st.booleans(),
        ),
        st.tuples(st.just("cancel"), st.integers(1, 60), st.integers(0, 5)),
    ),
    max_size=60,
)


def play(script: list[tuple]) -> tuple[e.Book, NaiveBook]:  # type: ignore[type-arg]
    book, naive = e.empty_book(1, 4, capacity=256, out=2048), NaiveBook()
    for act in script:
        if act[0] == "new":
            _, account, side, price, size, ioc = act
            e.submit(book, 0, account, side, price, size, int(ioc), e.CROWD, 0)
            naive.submit(account, side, price, size, ioc)
        else:
            _, order, size = act
            slot = slot_of(book, order)
            if slot >= 0:
                e.cancel(book, slot, size)
            naive.cancel(order, size)
    return book, naive


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(acts)
def test_same_rows_as_a_naive_book(script: list) -> None:  # type: ignore[type-arg]
    book, naive = play(script)
    columns = [e.O_KIND, e.O_ORDER, e.O_ACCOUNT, e.O_SIDE, e.O_PRICE, e.O_SIZE]
    assert [tuple(row) for row in book.out[: book.meta[e.N_OUT]][:, columns].tolist()] == naive.rows


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(acts)
def test_nothing_is_lost_and_the_book_never_crosses(script: list) -> None:  # type: ignore[type-arg]
    book, naive = play(script)
    assert book.position.sum() == 0
    assert book.cash.sum() == 0
    bid, ask = e.best(book, 0, 1), e.best(book, 0, -1)
    assert bid == 0 or ask == 0 or bid < ask
    for row, side in ((0, 1), (1, -1)):
        n = int(book.counts[row])
        assert (np.diff(book.levels[row, :n, e.KEY]) > 0).all()
        assert book.levels[row, :n, e.SHARES].sum() == sum(o.left for o in naive.orders if o.side == side)
    resting = book.orders[book.orders[:, e.ID] > 0]
    assert sorted(resting[:, e.ID].tolist()) == sorted(o.order for o in naive.orders)
    assert int(book.meta[e.N_FREE]) == len(book.orders) - len(resting)
    assert sorted(book.orders[book.crowd[0, : book.crowd_counts[0]], e.ID].tolist()) == sorted(
        resting[:, e.ID].tolist()
    )


def test_the_worst_level_goes_where_a_side_is_full() -> None:
    book = e.empty_book(1, 2, capacity=2048, out=8192)
    for k in range(e.LEVELS + 5):
        e.submit(book, 0, 0, 1, 1000 + k, 10, 0, e.CROWD, 0)
    assert book.counts[0] == e.LEVELS
    assert e.best(book, 0, 1) == 1000 + e.LEVELS + 4
    rows = book.out[: book.meta[e.N_OUT]]
    assert rows[rows[:, e.O_KIND] == 2][:, e.O_PRICE].tolist() == [1000, 1001, 1002, 1003, 1004]
    assert e.submit(book, 0, 0, 1, 900, 10, 0, e.CROWD, 0) == -1


def test_a_venue_may_keep_an_account_from_trading_with_itself() -> None:
    book = e.empty_book(1, 3, capacity=64, out=64)
    book.meta[e.PREVENT] = 1
    e.submit(book, 0, 1, -1, 100, 5, 0, e.CROWD, 0)
    e.submit(book, 0, 2, -1, 100, 5, 0, e.CROWD, 0)
    e.submit(book, 0, 1, 1, 100, 5, 0, e.CROWD, 0)
    kinds = book.out[: book.meta[e.N_OUT]][:, [e.O_KIND, e.O_ACCOUNT]].tolist()
    assert kinds == [[1, 1], [1, 2], [1, 1], [2, 1], [3, 2]]
