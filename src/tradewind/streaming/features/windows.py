"""The last bars of every symbol in memory, ready to be copied out as what a model reads."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core import UsageError
from tradewind.core.arrays import BoolArray, Float32Array, FloatArray, Int32Array, IntArray
from tradewind.features.online.memory import BEFORE_ALL
from tradewind.streaming.features.blocks import FeatureBlock, WindowRows

PLACES = 256
"""Lists of names whose columns are remembered."""


class NewestRows(NamedTuple):
    """Of m symbols: (m,) time, known_at, revision of the newest row; the least int64, 0 and 0 where there is none."""

    time: IntArray
    known_at: IntArray
    revision: Int32Array


class FeatureWindows:
    """Holds the newest ``window`` rows of ``n_symbols`` symbols.

    The rows of a symbol lie in order in a strip of twice the length, so the last w are always one stretch of memory:
    reading is one copy. One writer and any number of readers; a reader sees a block whole or not at all.
    """

    def __init__(self, n_symbols: int, names: Sequence[str], window: int) -> None:
        if window < 1:
            raise UsageError(f"a window of {window} bars holds nothing", fix="give at least 1")
        self.n_symbols, self.names, self.window = n_symbols, tuple(names), window
        shape = (n_symbols, 2 * window)
        self._values: Float32Array = np.full((*shape, len(self.names)), np.nan, dtype=np.float32)
        self._time = np.full(shape, BEFORE_ALL, dtype=np.int64)
        self._known = np.zeros(shape, dtype=np.int64)
        self._scale = np.full(shape, np.nan)
        self._occasion = np.zeros(shape, dtype=bool)
        self._revision = np.zeros(shape, dtype=np.int32)
        self._stop = np.zeros(n_symbols, dtype=np.int64)
        self._count = np.zeros(n_symbols, dtype=np.int64)
        self._lock = threading.Lock()
        self._column = {name: column for column, name in enumerate(self.names)}
        self._places: dict[tuple[str, ...], IntArray] = {}
        self._every = np.arange(len(self.names), dtype=np.int64)

    def put(self, block: FeatureBlock) -> None:
        """Take in the rows of ``block``: new ones, late ones in their place, changed ones over the old."""
        with self._lock:
            _put(
                (self._values, self._time, self._known, self._scale, self._occasion, self._revision),
                (self._stop, self._count),
                block.time,
                block.code,
                (block.known_at, block.values, block.scale, block.occasion, block.revision),
            )

    def clear(self) -> None:
        """Forget every row: a service that begins again further back must not find the rows after that."""
        with self._lock:
            self._time.fill(BEFORE_ALL)
            self._known.fill(0)
            self._revision.fill(0)
            self._stop.fill(0)
            self._count.fill(0)

    def rows(self, codes: IntArray, names: Sequence[str] | None, w: int) -> WindowRows:
        """Return the last ``w`` bars of the symbols ``codes`` (m,), the columns ``names`` of them (None: all).

        Raises
        ------
        UsageError : ``w`` is longer than the window, or a name is not among the columns.
        """
        return self.rows_now(codes, names, w)[0]

    def rows_now(self, codes: IntArray, names: Sequence[str] | None, w: int) -> tuple[WindowRows, NewestRows]:
        """Return :meth:`rows` and :meth:`newest` as of one moment."""
        if not 1 <= w <= self.window:
            raise UsageError(f"{w} bars are asked for where {self.window} are kept", fix="keep a longer window")
        columns = self._every if names is None else self.columns(names)
        m = len(codes)
        history = np.empty((m, w, len(columns)), dtype=np.float32)
        count, scale, occasion = np.empty(m, dtype=np.int64), np.empty(m), np.empty((m, w), dtype=bool)
        with self._lock:
            _gather(
                (self._values, self._scale, self._occasion),
                (self._stop, self._count),
                codes,
                columns,
                (history, count, scale, occasion),
            )
            newest = self._newest(codes)
        return WindowRows(history=history, count=count, scale=scale, occasion=occasion), newest

    def columns(self, names: Sequence[str]) -> IntArray:
        """(q,) places of ``names`` among the columns; UsageError names the first that is not there."""
        key = tuple(names)
        found = self._places.get(key)
        if found is None:
            for name in key:
                if name not in self._column:
                    raise UsageError(f"feature {name!r} is not computed online", fix="add it to the service's features")
            if len(self._places) >= PLACES:
                self._places.clear()
            found = self._places[key] = np.array([self._column[name] for name in key], dtype=np.int64)
        return found

    def newest(self, codes: IntArray) -> NewestRows:
        """Return when the newest row of each of ``codes`` (m,) is of."""
        with self._lock:
            return self._newest(codes)

    def _newest(self, codes: IntArray) -> NewestRows:
        at = np.maximum(self._stop[codes] - 1, 0)
        return NewestRows(self._time[codes, at], self._known[codes, at], self._revision[codes, at])


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _put(
    ring: tuple[Float32Array, IntArray, IntArray, FloatArray, BoolArray, Int32Array],
    bounds: tuple[IntArray, IntArray],
    time: int,
    code: IntArray,
    rows: tuple[IntArray, Float32Array, FloatArray, BoolArray, Int32Array],
) -> None:
    values, times, known, scale, occasion, revision = ring
    stop, count = bounds
    window = times.shape[1] // 2
    for i in range(code.size):
        s = code[i]
        end, n = stop[s], count[s]
        at = end
        while at > end - n and times[s, at - 1] >= time:
            at -= 1
        is_held = at < end and times[s, at] == time
        if not is_held:
            if at == end - n and n == window:
                continue  # older than all that is kept
            if end == 2 * window:
                first = end - n
                for j in range(n):
                    _move(ring, s, first + j, j)
                at -= first
                end = n
            for j in range(end, at, -1):
                _move(ring, s, j - 1, j)
            stop[s] = end + 1
            count[s] = min(n + 1, window)
        times[s, at], known[s, at], scale[s, at] = time, rows[0][i], rows[2][i]
        occasion[s, at], revision[s, at] = rows[3][i], rows[4][i]
        values[s, at, :] = rows[1][i]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _move(
    ring: tuple[Float32Array, IntArray, IntArray, FloatArray, BoolArray, Int32Array], s: int, source: int, target: int
) -> None:
    values, times, known, scale, occasion, revision = ring
    times[s, target], known[s, target], scale[s, target] = times[s, source], known[s, source], scale[s, source]
    occasion[s, target], revision[s, target] = occasion[s, source], revision[s, source]
    values[s, target, :] = values[s, source]


@njit(cache=True, nogil=True)  # type: ignore[untyped-decorator, unused-ignore]
def _gather(
    ring: tuple[Float32Array, FloatArray, BoolArray],
    bounds: tuple[IntArray, IntArray],
    codes: IntArray,
    columns: IntArray,
    out: tuple[Float32Array, IntArray, FloatArray, BoolArray],
) -> None:
    values, scales, occasions = ring
    stop, counts = bounds
    history, count, scale, occasion = out
    w, q = history.shape[1], history.shape[2]
    for i in range(codes.size):
        s = codes[i]
        end = stop[s]
        n = min(counts[s], w)
        count[i] = n
        scale[i] = scales[s, end - 1] if n else np.nan
        for j in range(w - n):
            occasion[i, j] = False
            for c in range(q):
                history[i, j, c] = np.nan
        for j in range(n):
            row = end - n + j
            occasion[i, w - n + j] = occasions[s, row]
            for c in range(q):
                history[i, w - n + j, c] = values[s, row, columns[c]]
