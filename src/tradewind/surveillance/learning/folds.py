"""Folds that share neither a market nor, within one market, time or accounts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import BoolArray, IntArray
from tradewind.core.errors import LeakageError, UsageError
from tradewind.surveillance.learning.table import SchemeTable
from tradewind.validation.times import overlaps, time_blocks

EMBARGO_NS = 300_000_000_000
"""Nanoseconds after a tested candidate within which none is learnt from, in folds of one market."""


@dataclass(frozen=True, eq=False)
class Fold:
    """Rows to fit on and rows to score; ascending, none in both."""

    train: IntArray
    test: IntArray


def market_parts(market: IntArray, positive: BoolArray, parts: int, seed: int) -> IntArray:
    """Return (n,) the part, 0 to ``parts - 1``, of each row: whole markets, positives spread evenly.

    Markets with most positives are placed first, each into the part with fewest; equals in an order drawn by ``seed``.
    The same markets and positives give the same parts.

    Raises
    ------
    UsageError : fewer markets than parts, or ``parts`` below 2.
    """
    names, code = np.unique(market, return_inverse=True)
    if not 2 <= parts <= len(names):
        raise UsageError(
            f"{parts} folds cannot be cut from {len(names)} markets",
            field="folds",
            fix="give more markets or fewer folds",
        )
    rows = np.bincount(code, minlength=len(names))
    hits = np.bincount(code, positive.astype(float), minlength=len(names))
    draw = np.random.default_rng(seed).permutation(len(names))
    place = np.zeros(len(names), dtype=np.int64)
    load = np.zeros((parts, 2))
    for number in sorted(range(len(names)), key=lambda i: (-hits[i], -rows[i], draw[i])):
        part = min(range(parts), key=lambda p: (load[p, 0], load[p, 1], p))
        place[number] = part
        load[part] += hits[number], rows[number]
    return place[code]


def market_folds(table: SchemeTable, parts: int, seed: int = 7, venues: IntArray | None = None) -> Iterator[Fold]:
    """Yield folds that test whole markets on models that saw others; every row is tested once.

    ``venues`` : (markets,) where each comes from, if no fold is to test a venue that its model saw.
    """
    whole = table.market if venues is None else venues[table.market]
    part = market_parts(whole, table.label, parts, seed)
    for number in range(parts):
        yield Fold(np.flatnonzero(part != number), np.flatnonzero(part == number))


def entity_folds(table: SchemeTable, parts: int, embargo_ns: int = EMBARGO_NS) -> Iterator[Fold]:
    """Yield folds over blocks of time within markets that are few: no account of a test row is learnt from.

    A training row is dropped where its span meets that of a tested row, begins within ``embargo_ns`` after it, or
    names an account that a tested row of its market names. Every row is tested once; a fold may train on few.

    Raises
    ------
    UsageError : there are not enough distinct times for ``parts`` blocks.
    """
    start, end = (column.view("datetime64[ns]").astype("datetime64[us]") for column in (table.start, table.end))
    block = time_blocks(table.known_at.view("datetime64[ns]"), parts, "folds")
    for number in range(parts):
        tested = block == number
        test = np.flatnonzero(tested)
        # Rounding to microseconds could make two spans touch that do not: it drops a row too many, never too few.
        touched = overlaps(start, end, test, np.timedelta64(-(-embargo_ns // 1000), "us"))
        known = _accounts(table, test)
        shared = np.array([bool(known & _of_row(table, row)) for row in range(len(table))], dtype=bool)
        yield Fold(np.flatnonzero(~tested & ~touched & ~shared), test)


def _of_row(table: SchemeTable, row: int) -> set[tuple[int, int]]:
    market = int(table.market[row])
    return {(market, account) for account in table.accounts[row]}


def _accounts(table: SchemeTable, rows: IntArray) -> set[tuple[int, int]]:
    return {pair for row in rows for pair in _of_row(table, int(row))}


def check_fold(table: SchemeTable, fold: Fold) -> None:
    """Refuse a fold whose sides share a row, an account of one market, or spans of one market that overlap.

    Raises
    ------
    LeakageError : they do.
    """
    if len(np.intersect1d(fold.train, fold.test)):
        raise LeakageError("a row is both learnt from and tested")
    if _accounts(table, fold.train) & _accounts(table, fold.test):
        raise LeakageError("an account of a market is both learnt from and tested")
    for market in np.intersect1d(table.market[fold.train], table.market[fold.test]):
        train, test = (rows[table.market[rows] == market] for rows in (fold.train, fold.test))
        order = test[np.argsort(table.start[test], kind="stable")]
        reach = np.maximum.accumulate(table.end[order])
        before = np.searchsorted(table.start[order], table.end[train], side="right")
        if ((before > 0) & (reach[np.maximum(before - 1, 0)] >= table.start[train])).any():
            raise LeakageError("spans that are learnt from and tested overlap")


def make_folds(table: SchemeTable, parts: int, seed: int = 7, venues: IntArray | None = None) -> tuple[Fold, ...]:
    """Return folds over markets where positives lie in enough of them, else over time and accounts; those that can be
    learnt from (both classes in training) alone. ``venues`` as in :func:`market_folds`.
    """
    enough = len(np.unique(table.market[table.label])) >= parts
    folds = market_folds(table, parts, seed, venues) if enough else entity_folds(table, parts)
    return tuple(fold for fold in folds if 0 < table.label[fold.train].sum() < len(fold.train))
