"""The one compiled loop that runs a plan over the rows of a slice.

A plan is a table of operations on numbers of one row (registers) and on rings of one symbol. Rings hold the latest
values of a series, each written twice, so that every window of them lies in one piece; a ring of capacity R (a power of
two) takes 2 R places in the symbol's row of ``Memory.ring``.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.features.online import own_codes as op
from tradewind.features.online.own_recursive import (
    step_adx,
    step_macd,
    step_rsi,
    step_smooth,
    step_streak,
    step_total,
)
from tradewind.features.online.own_windows import (
    window_cci,
    window_correlation,
    window_max,
    window_mean_std,
    window_min,
    window_rank,
    window_since_peak,
    window_skew_kurt,
    window_slope,
    window_sum,
)

CODE, DST, X, Y, Z, WINDOW, SLOT, PLACE, MASK, OTHER_PLACE, OTHER_MASK = range(11)
"""Columns of the table of operations: what, the register written, three operands, window, first slot of memory; place
and capacity less 1 of the ring of ``X`` (of ``DST`` when it is pushed to), and of a second ring."""

N_COLUMNS = 11


class Program(NamedTuple):
    """``ops`` (m, 11) int64 by the columns above, ``constants`` (m,), and how many registers a row takes."""

    ops: IntArray
    constants: FloatArray
    registers: int


class Memory(NamedTuple):
    """(S, ...) memory of each symbol: rings, the number of the last missing bar of each, slots, bars so far."""

    ring: FloatArray
    missing: IntArray
    slot: FloatArray
    seen: IntArray


Row = tuple[FloatArray, IntArray, FloatArray, int]
"""Memory of one symbol."""


@njit(cache=True, nogil=True)
def run_logs(program: Program, memory: Memory, code: IntArray, inputs: FloatArray, out: FloatArray) -> None:
    """Write the numbers whose logs the plan asks for, (L, k) ``out``; changes no memory.

    The last L rows of the program's table name the registers they are found in.
    """
    ops, constants, count = program.ops, program.constants, program.ops.shape[0] - out.shape[0]
    registers = np.empty(program.registers)
    for i in range(code.size):
        s = code[i]
        for j in range(inputs.shape[0]):
            registers[j] = inputs[j, i]
        row = (memory.ring[s], memory.missing[s], memory.slot[s], memory.seen[s])
        _run(ops, constants, row, out[:, i], registers, count)
        for j in range(out.shape[0]):
            out[j, i] = registers[ops[count + j, X]]


@njit(cache=True, nogil=True)
def run_rows(
    program: Program, memory: Memory, code: IntArray, data: tuple[FloatArray, FloatArray], columns: IntArray,
    out: FloatArray,
) -> None:  # fmt: skip
    """Take the rows in and write the registers ``columns`` as (k, q) ``out``; ``data``: inputs and logs."""
    inputs, logs = data
    ops, constants = program.ops, program.constants
    registers = np.empty(program.registers)
    for i in range(code.size):
        s = code[i]
        for j in range(inputs.shape[0]):
            registers[j] = inputs[j, i]
        row = (memory.ring[s], memory.missing[s], memory.slot[s], memory.seen[s])
        _run(ops, constants, row, logs[:, i], registers, ops.shape[0])
        memory.seen[s] += 1
        for j in range(columns.size):
            value = registers[columns[j]]
            out[i, j] = value if np.isfinite(value) else np.nan


@njit(cache=True, nogil=True)
def _run(
    ops: IntArray, constants: FloatArray, row: Row, logs: FloatArray, registers: FloatArray, count: int
) -> None:  # fmt: skip
    """Run the first ``count`` operations for the newest bar of a symbol."""
    ring, missing, slot, n = row
    for k in range(count):
        code, dst, x, y = ops[k, CODE], ops[k, DST], ops[k, X], ops[k, Y]
        if code < op.WITH_CONSTANT:
            registers[dst] = _binary(code, registers[x], registers[y])
        elif code < op.UNARY:
            registers[dst] = _with_constant(code, registers[x], constants[k])
        elif code < op.SERIES:
            registers[dst] = _unary(code, registers[x])
        elif code == op.PUSH:
            value, at = registers[x], ops[k, PLACE] + (n & ops[k, MASK])
            ring[at] = value
            ring[at + ops[k, MASK] + 1] = value
            if value != value:
                missing[dst] = n
        elif code == op.LAG:
            registers[dst] = ring[ops[k, PLACE] + ((n - ops[k, WINDOW]) & ops[k, MASK])]
        elif code == op.LOAD_LOG:
            registers[dst] = logs[x]
        elif code < op.RECURSIVE:
            _window(ops, k, ring, missing, n, registers)
        else:
            _recursive(ops, k, constants[k], slot, registers)


@njit(cache=True, nogil=True)
def _window(ops: IntArray, k: int, ring: FloatArray, missing: IntArray, n: int, registers: FloatArray) -> None:
    """Write the result of window operation ``k``: NaN before ``window`` bars, and where one of them is missing."""
    code, dst, window = ops[k, CODE], ops[k, DST], ops[k, WINDOW]
    known = missing[ops[k, X]] <= n - window
    start, held = _start(n, ops[k, PLACE], ops[k, MASK], window), n % window + 1
    if code == op.CORRELATION:
        other = _start(n, ops[k, OTHER_PLACE], ops[k, OTHER_MASK], window)
        known = known and missing[ops[k, Y]] <= n - window
        registers[dst] = window_correlation(ring, start, other - start, window, held) if known else np.nan
    elif not known:
        registers[dst] = np.nan
        if code >= op.MEAN_STD:
            registers[dst + 1] = np.nan
    elif code == op.MEAN_STD:
        registers[dst], registers[dst + 1] = window_mean_std(ring, start, window, held, ops[k, Y])
    elif code == op.SKEW_KURT:
        registers[dst], registers[dst + 1] = window_skew_kurt(ring, start, window, held)
    elif code == op.CCI:
        registers[dst] = window_cci(ring, start, window, registers[ops[k, Y]])
    else:
        registers[dst] = _one_window(code, ring, start, window, held)


@njit(cache=True, nogil=True)
def _start(n: int, place: int, mask: int, window: int) -> int:
    """Return where the ``window`` latest values of a ring begin, bar ``n`` included."""
    return place + (n & mask) + mask + 2 - window


@njit(cache=True, nogil=True)
def _one_window(code: int, ring: FloatArray, start: int, window: int, held: int) -> float:
    if code == op.SUM:
        return window_sum(ring, start, window, held)
    if code == op.MAX:
        return window_max(ring, start, window)
    if code == op.MIN:
        return window_min(ring, start, window)
    if code == op.RANK:
        return window_rank(ring, start, window)
    if code == op.SLOPE:
        return window_slope(ring, start, window, held)
    return window_since_peak(ring, start, window)


@njit(cache=True, nogil=True)
def _recursive(ops: IntArray, k: int, constant: float, slot: FloatArray, registers: FloatArray) -> None:
    code, dst, window, at = ops[k, CODE], ops[k, DST], ops[k, WINDOW], ops[k, SLOT]
    value = registers[ops[k, X]]
    if code == op.SMOOTH:
        registers[dst] = step_smooth(slot, at, value, window, constant)
    elif code == op.RSI:
        registers[dst] = step_rsi(slot, at, value, window)
    elif code == op.MACD:
        registers[dst], registers[dst + 1] = step_macd(slot, at, value, (window, ops[k, Y], ops[k, Z]))
    elif code == op.ADX:
        moves = (value, registers[ops[k, Y]], registers[ops[k, Z]])
        registers[dst], registers[dst + 1] = step_adx(slot, at, moves, window)
    elif code == op.TOTAL:
        registers[dst] = step_total(slot, at, value)
    else:
        registers[dst] = step_streak(slot, at, value)


@njit(cache=True, nogil=True, error_model="numpy")
def _binary(code: int, x: float, y: float) -> float:
    if code == op.ADD:
        return x + y
    if code == op.SUB:
        return x - y
    if code == op.MUL:
        return x * y
    if code == op.DIVIDE:
        return x / y
    if code == op.RATIO:
        return x / y if y != 0.0 else np.nan
    if code == op.EXCESS:
        return x / y - 1.0 if y != 0.0 else np.nan
    if code == op.RATIO_OR_ZERO:
        return x / y if y != 0.0 else 0.0
    if code == op.GREATER:
        return x if x > y else y
    if code == op.LESSER:
        return x if x < y else y
    return _by_move(code, x, y)


@njit(cache=True, nogil=True)
def _by_move(code: int, weight: float, move: float) -> float:
    """Return ``weight`` by the sign of ``move``, as the kernels ``signed`` and ``flows``."""
    missing = 0.0 * move  # zero, or NaN where the move is not known
    if code == op.SIGNED:
        return weight * ((1.0 if move > 0.0 else 0.0) - (1.0 if move < 0.0 else 0.0)) + missing
    if code == op.FLOW_UP:
        return (weight if move > 0.0 else 0.0 * weight) + missing
    return (weight if move != 0.0 else 0.0 * weight) + missing


@njit(cache=True, nogil=True, error_model="numpy")
def _with_constant(code: int, x: float, constant: float) -> float:
    if code == op.SCALE:
        return x * constant
    if code == op.SHIFT:
        return x + constant
    return x / constant


@njit(cache=True, nogil=True)
def _unary(code: int, x: float) -> float:
    """Return a function of one number; NaN where it is NaN."""
    if x != x:
        return np.nan
    if code == op.SQUARE:
        return x * x
    if code == op.ABSOLUTE:
        return abs(x)
    if code == op.NEGATE:
        return -x
    if code == op.FALL:
        return min(x, 0.0)
    if code == op.ROOT:
        return float(np.sqrt(max(x, 0.0)))
    if code == op.SIGN:
        return (1.0 if x > 0.0 else 0.0) - (1.0 if x < 0.0 else 0.0)
    if code == op.ABOVE_ZERO:
        return x if x > 0.0 else np.nan
    if code == op.FINITE:
        return x if np.isfinite(x) else np.nan
    if code == op.ROSE:
        return 1.0 if x > 0.0 else 0.0
    return np.log(x) if x > 0.0 else np.nan
