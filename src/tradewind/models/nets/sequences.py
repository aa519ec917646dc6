"""Which bars a sequence model reads: chunks to learn from, windows to forecast from. Indices only, no copies."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Dataset
from tradewind.core.arrays import BoolArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Chunks:
    """Stretches of consecutive bars of one symbol each.

    Attributes
    ----------
    index : (c, length) rows of the panel; after a chunk's end its last row is repeated.
    taught : (c, length) True where the row may be learned from; the burn-in before it only warms the state up.
    """

    index: IntArray
    taught: BoolArray


def training_chunks(data: Dataset, rows: IntArray, *, span: int, burn_in: int, phase: int = 0) -> Chunks:
    """Cut the bars from each symbol's first to last of ``rows`` into spans of ``span`` bars with a burn-in before.

    Every one of ``rows`` is taught in exactly one chunk. No chunk holds a bar after its symbol's last of ``rows``;
    the burn-in, shorter at a symbol's start, may hold bars before its first. ``phase`` bars shift the cuts.
    """
    panel = data.panel
    code = panel.symbol_code[rows].astype(np.int64)
    first = np.full(panel.n_symbols, len(panel), dtype=np.int64)
    last = np.full(panel.n_symbols, -1, dtype=np.int64)
    np.minimum.at(first, code, rows)
    np.maximum.at(last, code, rows)
    begin = first - phase
    number = (rows - begin[code]) // span
    keys = np.unique(code * (len(panel) + span) + number)
    symbol, number = keys // (len(panel) + span), keys % (len(panel) + span)
    taught_from = begin[symbol] + number * span
    start = np.maximum(taught_from - burn_in, panel.offsets[symbol])
    position = start[:, None] + np.arange(span + burn_in)
    index = np.minimum(position, last[symbol][:, None])
    inside = (position >= taught_from[:, None]) & (position < taught_from[:, None] + span) & (position == index)
    wanted = np.zeros(len(panel), dtype=np.bool_)
    wanted[rows] = True
    return Chunks(index=index, taught=inside & wanted[index])


def windows(data: Dataset, rows: IntArray, length: int) -> tuple[IntArray, IntArray]:
    """Return the last ``length`` bars of each of ``rows``, (m, length), and the place of the row itself, (m,).

    A window starts at its first bar: where a symbol has fewer bars, the row stands earlier than at the end and is
    repeated after it. A causal net read out at that place has seen exactly the bars up to the row.
    """
    start = rows - np.minimum(data.bar_index[rows], length - 1)
    index = np.minimum(start[:, None] + np.arange(length), rows[:, None])
    return index, rows - start
