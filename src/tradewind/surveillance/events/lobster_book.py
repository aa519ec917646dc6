"""LOBSTER's published book held against the one that its messages alone give."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.core.errors import InputError
from tradewind.surveillance.events.lobster import EMPTY, Messages, read_book, read_messages
from tradewind.surveillance.events.problems import Problems

_EQUAL, _UNSEEN, _DIFFERS = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class Disagreement:
    """The first level at which the two books differ.

    Attributes
    ----------
    row : 1-based row of the files.
    side : +1 bid, -1 ask.
    level : 1 is the best.
    rebuilt, published : price and size in each; price 0 and size 0 where there is no level.
    """

    row: int
    side: int
    level: int
    rebuilt: tuple[int, int]
    published: tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class BookComparison:
    """How often the rebuilt book is the published one.

    Attributes
    ----------
    rows : rows compared; the first published row is where the book starts from, so it is not among them.
    equal : rows in which every price and size of every level is equal.
    unseen : rows in which a level came into view whose volume no message tells, for it stood below the published
        levels; it was taken over from the published row. Everything else in these rows is equal.
    differ : rows in which something that the messages do tell is not equal.
    first : the first of these.
    """

    rows: int
    equal: int
    unseen: int
    differ: int
    first: Disagreement | None


def compare_book(message: str | Path, orderbook: str | Path, levels: int = 10) -> BookComparison:
    """Rebuild the book of a pair of LOBSTER files from its messages and compare it row by row with the published one.

    Raises
    ------
    InputError : a file is not there or damaged, or the two are not of the same length.
    """
    problems = Problems()
    messages, published = read_messages(message, problems), read_book(orderbook, levels)
    if len(problems) or len(messages.rows) != len(published):
        raise InputError(
            f"has {len(messages.rows)} messages that can be read for {len(published)} rows of the book",
            file=message,
            fix="give the two files of one download",
        )
    prices = np.unique(np.concatenate([messages.price, published[:, ::2].ravel()]))
    status, place = _compare(*_steps(messages), published, len(prices) + 1)
    differs = np.flatnonzero(status == _DIFFERS)
    first = None
    if len(differs):
        side, level, price, size, other_price, other_size = place.tolist()
        first = Disagreement(
            row=int(differs[0]) + 1,
            side=side,
            level=level + 1,
            rebuilt=(price, size),
            published=(other_price, other_size),
        )
    return BookComparison(
        rows=max(len(published) - 1, 0),
        equal=int((status[1:] == _EQUAL).sum()),
        unseen=int((status == _UNSEEN).sum()),
        differ=len(differs),
        first=first,
    )


def _steps(messages: Messages) -> tuple[IntArray, IntArray, IntArray]:
    """Return what each message does to the book: on which side (0 bid, 1 ask), at which price, how many shares."""
    sign = np.array([0, 1, -1, -1, -1, 0, 0, 0])[messages.type]
    return np.where(messages.direction > 0, 0, 1), messages.price, sign * messages.size


@njit(cache=True, nogil=True, error_model="numpy")
def change_level(keys: IntArray, sizes: IntArray, count: int, key: int, by: int) -> int:
    """Add ``by`` shares at ``key`` of one side and return its number of levels; a level without shares goes.

    ``keys`` rises: prices of bids, minus prices of asks, so that the best is last.
    """
    at = np.searchsorted(keys[:count], key)
    if at < count and keys[at] == key:
        sizes[at] += by
        if sizes[at] <= 0:
            for i in range(at, count - 1):
                keys[i], sizes[i] = keys[i + 1], sizes[i + 1]
            count -= 1
    elif by > 0:
        for i in range(count, at, -1):
            keys[i], sizes[i] = keys[i - 1], sizes[i - 1]
        keys[at], sizes[at] = key, by
        count += 1
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _take_over(
    keys: IntArray, sizes: IntArray, count: int, before: IntArray, now: IntArray, sign: int
) -> tuple[int, bool]:
    """Set what is published in ``now`` but lay out of view in ``before``; both are (levels, 2) of one side.

    Returns the number of levels and whether something had to be changed.
    """
    last = len(now) - 1
    if abs(before[last, 0]) == EMPTY:  # fewer levels than there is room for: all were in view
        return count, False
    horizon = sign * before[last, 0]
    lowest = sign * now[last, 0]
    changed = False
    i = np.searchsorted(keys[:count], horizon) - 1
    while i >= 0 and (keys[i] >= lowest or abs(now[last, 0]) == EMPTY):
        listed = False
        for k in range(len(now)):
            listed = listed or (now[k, 1] > 0 and sign * now[k, 0] == keys[i])
        if not listed:
            count = change_level(keys, sizes, count, keys[i], -sizes[i])
            changed = True
        i -= 1
    for k in range(len(now)):
        key = sign * now[k, 0]
        if now[k, 1] > 0 and key < horizon:
            at = np.searchsorted(keys[:count], key)
            known = sizes[at] if at < count and keys[at] == key else 0
            if known != now[k, 1]:
                count = change_level(keys, sizes, count, key, now[k, 1] - known)
                changed = True
    return count, changed


@njit(cache=True, nogil=True, error_model="numpy")
def _first_unequal(keys: IntArray, sizes: IntArray, count: int, now: IntArray, sign: int) -> int:
    """Return the first level that is not as published, -1 where all are."""
    for k in range(len(now)):
        there = k < count
        if there != (now[k, 1] > 0):
            return k
        if there and (sign * keys[count - 1 - k] != now[k, 0] or sizes[count - 1 - k] != now[k, 1]):
            return k
    return -1


@njit(cache=True, nogil=True, error_model="numpy")
def _one_side(row: IntArray, side: int) -> IntArray:
    """Return (levels, 2) price and size of one side of a published row."""
    shift = 2 if side == 0 else 0
    found = np.empty((len(row) // 4, 2), dtype=np.int64)
    for k in range(len(found)):
        found[k, 0], found[k, 1] = row[4 * k + shift], row[4 * k + shift + 1]
    return found


@njit(cache=True, nogil=True, error_model="numpy")
def _seed(keys: IntArray, sizes: IntArray, now: IntArray, sign: int) -> int:
    """Start one side from a published row; returns its number of levels."""
    count = 0
    for k in range(len(now)):
        if now[k, 1] > 0:
            count = change_level(keys, sizes, count, sign * now[k, 0], now[k, 1])
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _compare(
    side: IntArray, price: IntArray, by: IntArray, published: IntArray, room: int
) -> tuple[AnyArray, IntArray]:
    """Return each row's status and, of the first that differs: side, level, our price and size, theirs."""
    status = np.zeros(len(published), dtype=np.int8)
    place = np.zeros(6, dtype=np.int64)
    keys, sizes = np.zeros((2, room), dtype=np.int64), np.zeros((2, room), dtype=np.int64)
    count = np.zeros(2, dtype=np.int64)
    for s in range(2 if len(published) else 0):
        count[s] = _seed(keys[s], sizes[s], _one_side(published[0], s), 1 - 2 * s)
    for row in range(1, len(published)):
        s = side[row]
        if by[row] != 0:
            count[s] = change_level(keys[s], sizes[s], count[s], price[row] * (1 - 2 * s), by[row])
        for s in range(2):
            sign = 1 - 2 * s
            now = _one_side(published[row], s)
            count[s], changed = _take_over(keys[s], sizes[s], count[s], _one_side(published[row - 1], s), now, sign)
            if changed and status[row] == _EQUAL:
                status[row] = _UNSEEN
            wrong = _first_unequal(keys[s], sizes[s], count[s], now, sign)
            if wrong < 0:
                continue
            status[row] = _DIFFERS
            if place[0] == 0:
                place[0], place[1] = sign, wrong
                if wrong < count[s]:
                    place[2], place[3] = sign * keys[s, count[s] - 1 - wrong], sizes[s, count[s] - 1 - wrong]
                if now[wrong, 1] > 0:
                    place[4], place[5] = now[wrong, 0], now[wrong, 1]
    return status, place
