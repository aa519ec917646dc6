"""Shuffles that leave the structure of time whole: between symbols of a day, or by blocks of days."""

from __future__ import annotations

import numpy as np

from tradewind.core import Dataset, Panel
from tradewind.core.arrays import AnyArray, IntArray

SAME_DAY = 0.01
"""Share of a column's variance that must lie within days before a shuffle between symbols moves it at all."""


def differs_within_day(data: Dataset, columns: IntArray) -> bool:
    """Return whether symbols of one day differ in each of ``columns`` that varies, by more than a trace of variance.

    One column that all symbols share is enough for False: a shuffle between symbols would leave it where it is, and
    the whole group would look as useless as the others of it are.
    """
    code = data.panel.time_code
    count = np.bincount(code).astype(np.float64)
    differ = []
    for column in columns:
        values = data.features[:, column].astype(np.float64)
        spread = np.var(values)
        if spread > 0:
            mean = np.bincount(code, weights=values) / np.maximum(count, 1.0)
            differ.append(bool(np.mean((values - mean[code]) ** 2) > SAME_DAY * spread))
    return bool(differ) and all(differ)


def between_symbols(panel: Panel, block: int, rng: np.random.Generator) -> IntArray:
    """(n,) row whose values each row takes: another symbol's of the same day.

    Within ``block`` sessions a symbol takes from the same other one as long as both have bars, so a model that looks
    back meets a path some symbol really had, and each day keeps its own values: the market's move is not disturbed.
    On a day with one symbol the row keeps its own.
    """
    blocks = panel.time_code // block
    key = rng.random((int(blocks.max()) + 1, panel.n_symbols))[blocks, panel.symbol_code]
    order = np.lexsort((key, panel.time_code))
    day = panel.time_code[order]
    n = len(order)
    first = np.r_[True, day[1:] != day[:-1]]
    start = np.maximum.accumulate(np.where(first, np.arange(n), 0))
    successor = np.arange(1, n + 1)
    last = np.r_[first[1:], True]
    successor[last] = start[last]  # the day's last takes from its first: a random ring without fixed points
    source = np.empty(n, dtype=np.int64)
    source[order] = order[successor]
    return source


def between_blocks(panel: Panel, block: int, rng: np.random.Generator) -> IntArray:
    """(n,) row whose values each row takes: the same symbol's at another time, whole blocks of sessions together.

    Blocks are laid out anew in random order, the same for every symbol, so that what symbols share on a day stays
    shared. Where a symbol has no bar on the wanted session it gives its last one before, or its first.
    """
    days = len(panel.times)
    cuts = np.split(np.arange(days), np.arange(block, days, block))
    shuffled = np.concatenate([cuts[i] for i in rng.permutation(len(cuts))])
    wanted = shuffled[panel.time_code]
    keys = panel.symbol_code.astype(np.int64) * (days + 1) + panel.time_code  # sorted, as rows are by symbol and time
    goal = panel.symbol_code.astype(np.int64) * (days + 1) + wanted
    found = np.searchsorted(keys, goal, side="right") - 1
    return np.asarray(np.maximum(found, panel.offsets[panel.symbol_code]), dtype=np.int64)


def with_shuffled(data: Dataset, columns: IntArray, source: IntArray) -> Dataset:
    """Return ``data`` whose ``columns`` hold at every row the values of row ``source``."""
    table: AnyArray = data.features.copy()
    table[:, columns] = data.features[source[:, None], columns]
    return data.with_features(table, data.names)
