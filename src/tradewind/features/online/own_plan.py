"""A plan: what to compute for each bar, written in the terms of the batch definitions and worked out once.

Every method of :class:`Plan` stands for one operation of :mod:`tradewind.features.kernels` or of NumPy and returns the
place (register) of its result. Asking twice for the same operation gives the same place, so features share what they
have in common, and what none of them needs is not in the plan.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.features.online import own_codes as op
from tradewind.features.online.own_kernel import (
    CODE,
    DST,
    MASK,
    N_COLUMNS,
    OTHER_MASK,
    OTHER_PLACE,
    PLACE,
    SLOT,
    WINDOW,
    Program,
    X,
    Y,
    Z,
)
from tradewind.features.online.own_recursive import ADX_SLOTS, MACD_SLOTS, RSI_SLOTS, SMOOTH_SLOTS

OPEN, HIGH, LOW, CLOSE, ADJ_CLOSE, VOLUME, DAY, DAY_OF_WEEK, MONTH_TURN, MONTH = range(10)
"""Registers that a bar comes in."""
N_INPUTS = 10

_ON_RINGS = (op.PUSH, op.LAG, *range(op.WINDOW, op.RECURSIVE))


@dataclass(eq=False)
class Plan:
    """Operations in the order they are to be run.

    ``capacity`` holds the capacity of each ring, ``slots`` the length of a symbol's recursive memory, ``logs`` the
    registers whose log (False) or log of one more (True) is taken between the two programs.
    """

    capacity: list[int] = field(default_factory=list)
    slots: int = 0
    logs: list[tuple[int, bool]] = field(default_factory=list)
    _rows: list[list[int]] = field(default_factory=list)
    _constants: list[float] = field(default_factory=list)
    _known: dict[tuple[float, ...], int] = field(default_factory=dict)
    _series: dict[int, int] = field(default_factory=dict)
    _next: int = N_INPUTS

    # -- arithmetic

    def binary(self, code: int, x: int, y: int) -> int:
        """Return an operation on two registers."""
        return self._add(code, x=x, y=y)

    def unary(self, code: int, x: int) -> int:
        """Return a function of one register."""
        return self._add(code, x=x)

    def ratio(self, top: int, bottom: int) -> int:
        """Return top / bottom; NaN where the bottom is zero."""
        return self._add(op.RATIO, x=top, y=bottom)

    def excess(self, top: int, bottom: int) -> int:
        """Return top / bottom - 1; NaN where the bottom is zero."""
        return self._add(op.EXCESS, x=top, y=bottom)

    def sub(self, x: int, y: int) -> int:
        """Return x - y."""
        return self._add(op.SUB, x=x, y=y)

    def add(self, x: int, y: int) -> int:
        """Return x + y."""
        return self._add(op.ADD, x=x, y=y)

    def mul(self, x: int, y: int) -> int:
        """Return x * y."""
        return self._add(op.MUL, x=x, y=y)

    def scale(self, x: int, constant: float) -> int:
        """Return x * constant."""
        return self._add(op.SCALE, x=x, constant=constant)

    def shift(self, x: int, constant: float) -> int:
        """Return x + constant."""
        return self._add(op.SHIFT, x=x, constant=constant)

    def over(self, x: int, constant: float) -> int:
        """Return x / constant."""
        return self._add(op.OVER, x=x, constant=constant)

    def square(self, x: int) -> int:
        """Return x * x."""
        return self._add(op.SQUARE, x=x)

    def log(self, x: int, *, one_more: bool = False) -> int:
        """Return log(x), or log(1 + x), by NumPy: its last bit is not that of the C library.

        ``x`` may be made of the bar and of earlier bars only, not of windows that hold this bar.
        """
        key = (x, one_more)
        if key not in self.logs:
            self.logs.append(key)
        return self._add(op.LOAD_LOG, x=self.logs.index(key))

    # -- the symbol's bars before

    def lag(self, x: int, bars: int) -> int:
        """Return the value ``bars`` bars ago."""
        return self._add(op.LAG, x=self._keep(x, bars + 1), window=bars)

    def sum(self, x: int, window: int) -> int:
        """Return the sum of the window."""
        return self.window(op.SUM, x, window)

    def mean(self, x: int, window: int) -> int:
        """Return the mean of the window."""
        return self.scale(self.sum(x, window), 1.0 / window)

    def window(self, code: int, x: int, window: int) -> int:
        """Return a statistic of the window of one series."""
        return self._add(code, x=self._keep(x, window), window=window)

    def mean_std(self, x: int, window: int, ddof: int) -> tuple[int, int]:
        """Return mean and standard deviation of the window."""
        first = self._add(op.MEAN_STD, x=self._keep(x, window), y=ddof, window=window, results=2)
        return first, first + 1

    def skew_kurt(self, x: int, window: int) -> tuple[int, int]:
        """Return skewness and excess kurtosis of the window."""
        first = self._add(op.SKEW_KURT, x=self._keep(x, window), window=window, results=2)
        return first, first + 1

    def correlation(self, x: int, y: int, window: int) -> int:
        """Return the correlation of two series over the window."""
        return self._add(op.CORRELATION, x=self._keep(x, window), y=self._keep(y, window), window=window)

    def cci(self, x: int, mean: int, window: int) -> int:
        """Return the commodity channel index of the window about its mean."""
        return self._add(op.CCI, x=self._keep(x, window), y=mean, window=window)

    # -- memories

    def smooth(self, x: int, window: int, alpha: float) -> int:
        """Return the exponential average with weight ``alpha`` on the newest value."""
        return self._add(op.SMOOTH, x=x, window=window, constant=alpha, slots=SMOOTH_SLOTS)

    def rsi(self, move: int, window: int) -> int:
        """Return the relative strength index of a price's moves."""
        return self._add(op.RSI, x=move, window=window, slots=RSI_SLOTS)

    def macd(self, x: int, fast: int, slow: int, signal: int) -> tuple[int, int]:
        """Return the convergence-divergence line and its signal."""
        first = self._add(op.MACD, x=x, window=fast, y=slow, z=signal, slots=MACD_SLOTS, results=2)
        return first, first + 1

    def adx(self, rise: int, fall: int, span: int, window: int) -> tuple[int, int]:
        """Return the average directional index and the signed one."""
        first = self._add(op.ADX, x=rise, y=fall, z=span, window=window, slots=ADX_SLOTS, results=2)
        return first, first + 1

    def total(self, x: int) -> int:
        """Return the sum of all bars so far."""
        return self._add(op.TOTAL, x=x, slots=1)

    def streak(self, move: int) -> int:
        """Return the run of rises or falls that this bar is in."""
        return self._add(op.STREAK, x=move, slots=1)

    # -- the programs

    @property
    def width(self) -> int:
        """Places that the rings of one symbol take."""
        return 2 * sum(self.capacity)

    def halves(self) -> IntArray:
        """(width / 2,) places of the first copy of every ring; the second lies ``capacity`` further."""
        starts = self._starts()
        parts = [np.arange(a, a + size) for a, size in zip(starts, self.capacity, strict=True)]
        return np.concatenate([np.empty(0, dtype=np.int64), *parts])

    def program(self) -> Program:
        """Return everything a bar is put through."""
        return self._as_program(self._rows, self._constants)

    def log_program(self) -> Program:
        """Return what the arguments of the logs need, followed by one row an argument that names its register."""
        wanted = {x for x, _ in self.logs}
        keep: list[int] = []
        for at in range(len(self._rows) - 1, -1, -1):
            row = self._rows[at]
            if row[CODE] == op.PUSH or row[DST] not in wanted:
                continue
            if row[CODE] > op.LAG:
                raise ValueError("the argument of a log may not be made of a window or of another log")
            keep.append(at)
            if row[CODE] != op.LAG:
                wanted |= {row[X], row[Y]}
        keep.reverse()
        last = [_row(op.ADD, 0, x) for x, _ in self.logs]
        constants = [self._constants[at] for at in keep] + [0.0] * len(last)
        return self._as_program([self._rows[at] for at in keep] + last, constants)

    def _starts(self) -> IntArray:
        ends = np.cumsum([2 * size for size in self.capacity], dtype=np.int64)
        return np.concatenate([np.zeros(1, dtype=np.int64), ends])[: len(self.capacity)]

    def _as_program(self, rows: list[list[int]], constants: list[float]) -> Program:
        table: IntArray = np.array(rows, dtype=np.int64).reshape(len(rows), N_COLUMNS)
        starts, masks = self._starts(), np.array(self.capacity, dtype=np.int64) - 1
        for row in table:
            if row[CODE] in _ON_RINGS:
                series = row[DST if row[CODE] == op.PUSH else X]
                row[PLACE], row[MASK] = starts[series], masks[series]
            if row[CODE] == op.CORRELATION:
                row[OTHER_PLACE], row[OTHER_MASK] = starts[row[Y]], masks[row[Y]]
        numbers: FloatArray = np.array(constants, dtype=np.float64)
        return Program(ops=table, constants=numbers, registers=self._next)

    def _keep(self, x: int, length: int) -> int:
        """Return the ring of register ``x``, with room for ``length`` values; push its value once a bar."""
        if x not in self._series:
            self._series[x] = len(self.capacity)
            self.capacity.append(1)
            self._rows.append(_row(op.PUSH, self._series[x], x))
            self._constants.append(0.0)
        series = self._series[x]
        while self.capacity[series] < length:
            self.capacity[series] *= 2
        return series

    def _add(self, code: int, *, constant: float = 0.0, slots: int = 0, results: int = 1, **operands: int) -> int:
        x, y, z, window = (operands.get(name, 0) for name in ("x", "y", "z", "window"))
        key = (code, x, y, z, window, constant)
        if key not in self._known:
            row = _row(code, self._next, x)
            row[Y], row[Z], row[WINDOW], row[SLOT] = y, z, window, self.slots
            self._known[key] = self._next
            self._rows.append(row)
            self._constants.append(constant)
            self._next += results
            self.slots += slots
        return self._known[key]


def _row(code: int, dst: int, x: int) -> list[int]:
    """Return a row of the table with its first columns filled."""
    return [code, dst, x] + [0] * (N_COLUMNS - 3)
