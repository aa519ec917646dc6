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

CODE, DST, X, Y, Z, WINDOW, SLOT = range(7)
"""Columns of the table of operations: what, the register written, three operands, window, first slot of memory."""


class Program(NamedTuple):
    """``ops`` (m, 7) int64 by the columns above, ``constants`` (m,), the place and capacity of each ring,
    and how many registers a row takes."""

    ops: IntArray
    constants: FloatArray
    place: IntArray
    capacity: IntArray
    registers: int


class Memory(NamedTuple):
    """(S, ...) memory of each symbol: rings, the number of the last missing bar of each, slots, bars so far."""

    ring: FloatArray
    missing: IntArray
    slot: FloatArray
    seen: IntArray


@njit(cache=True, nogil=True)
def run_logs(program: Program, memory: Memory, code: IntArray, inputs: FloatArray, out: FloatArray) -> None:
    """Write the numbers whose logs the plan asks for, (L, k) ``out``; changes no memory.

    The last L rows of the program's table name the registers they are found in.
    """
    count = program.ops.shape[0] - out.shape[0]
    registers = np.empty(program.registers)
    for i in range(code.size):
        registers[: inputs.shape[0]] = inputs[:, i]
        _run(program, memory, code[i], out[:, i], registers, count)
        for j in range(out.shape[0]):
            out[j, i] = registers[program.ops[count + j, X]]


@njit(cache=True, nogil=True)
def run_rows(
    program: Program, memory: Memory, code: IntArray, data: tuple[FloatArray, FloatArray], columns: IntArray,
    out: FloatArray,
) -> None:  # fmt: skip
    """Take the rows in and write the registers ``columns`` as (k, q) ``out``; ``data``: inputs and logs."""
    inputs, logs = data
    registers = np.empty(program.registers)
    for i in range(code.size):
        registers[: inputs.shape[0]] = inputs[:, i]
        _run(program, memory, code[i], logs[:, i], registers, program.ops.shape[0])
        memory.seen[code[i]] += 1
        for j in range(columns.size):
            value = registers[columns[j]]
            out[i, j] = value if np.isfinite(value) else np.nan


@njit(cache=True, nogil=True)
def _run(program: Program, memory: Memory, s: int, logs: FloatArray, registers: FloatArray, count: int) -> None:
    """Run the first ``count`` operations for the newest bar of symbol ``s``."""
    ops, constants, n = program.ops, program.constants, memory.seen[s]
    for k in range(count):
        code, dst, x, y = ops[k, CODE], ops[k, DST], ops[k, X], ops[k, Y]
        if code < op.WITH_CONSTANT:
            registers[dst] = _binary(code, registers[x], registers[y])
        elif code < op.UNARY:
            registers[dst] = _with_constant(code, registers[x], constants[k])
        elif code < op.SERIES:
            registers[dst] = _unary(code, registers[x])
        elif code == op.PUSH:
            _push(program, memory, s, dst, registers[x])
        elif code == op.LAG:
            at = (n - ops[k, WINDOW]) & (program.capacity[x] - 1)
            registers[dst] = memory.ring[s, program.place[x] + at]
        elif code == op.LOAD_LOG:
            registers[dst] = logs[x]
        elif code < op.RECURSIVE:
            _window(program, memory, s, k, registers)
        else:
            _recursive(ops[k], constants[k], memory.slot[s, ops[k, SLOT] :], registers)


@njit(cache=True, nogil=True)
def _push(program: Program, memory: Memory, s: int, series: int, value: float) -> None:
    n, capacity = memory.seen[s], program.capacity[series]
    at = program.place[series] + (n & (capacity - 1))
    memory.ring[s, at] = value
    memory.ring[s, at + capacity] = value
    if value != value:
        memory.missing[s, series] = n


@njit(cache=True, nogil=True)
def _part(program: Program, memory: Memory, s: int, series: int, window: int) -> FloatArray:
    """(window,) latest values of a series, this bar's included."""
    capacity = program.capacity[series]
    end = program.place[series] + (memory.seen[s] & (capacity - 1)) + capacity + 1
    return memory.ring[s, end - window : end]


@njit(cache=True, nogil=True)
def _window(program: Program, memory: Memory, s: int, k: int, registers: FloatArray) -> None:
    """Write the result of window operation ``k``: NaN before ``window`` bars, and where one of them is missing."""
    code, dst, x, window = program.ops[k, CODE], program.ops[k, DST], program.ops[k, X], program.ops[k, WINDOW]
    two = code >= op.MEAN_STD
    if memory.missing[s, x] > memory.seen[s] - window:
        registers[dst] = np.nan
        if two:
            registers[dst + 1] = np.nan
        return
    part = _part(program, memory, s, x, window)
    held = memory.seen[s] % window + 1
    if code == op.MEAN_STD:
        ddof = program.ops[k, Y]
        registers[dst], registers[dst + 1] = window_mean_std(part, held, ddof)
    elif code == op.SKEW_KURT:
        registers[dst], registers[dst + 1] = window_skew_kurt(part, held)
    elif code == op.CORRELATION:
        y = program.ops[k, Y]
        known = memory.missing[s, y] <= memory.seen[s] - window
        other = _part(program, memory, s, y, window)
        registers[dst] = window_correlation(part, other, held) if known else np.nan
    elif code == op.CCI:
        registers[dst] = window_cci(part, registers[program.ops[k, Y]])
    else:
        registers[dst] = _one_window(code, part, held)


@njit(cache=True, nogil=True)
def _one_window(code: int, part: FloatArray, held: int) -> float:
    if code == op.SUM:
        return window_sum(part, held)
    if code == op.MAX:
        return window_max(part)
    if code == op.MIN:
        return window_min(part)
    if code == op.RANK:
        return window_rank(part)
    if code == op.SLOPE:
        return window_slope(part, held)
    return window_since_peak(part)


@njit(cache=True, nogil=True)
def _recursive(row: IntArray, constant: float, slot: FloatArray, registers: FloatArray) -> None:
    code, dst, window = row[CODE], row[DST], row[WINDOW]
    value = registers[row[X]]
    if code == op.SMOOTH:
        registers[dst] = step_smooth(slot, value, window, constant)
    elif code == op.RSI:
        registers[dst] = step_rsi(slot, value, window)
    elif code == op.MACD:
        registers[dst], registers[dst + 1] = step_macd(slot, value, (window, row[Y], row[Z]))
    elif code == op.ADX:
        moves = (value, registers[row[Y]], registers[row[Z]])
        registers[dst], registers[dst + 1] = step_adx(slot, moves, window)
    elif code == op.TOTAL:
        registers[dst] = step_total(slot, value)
    else:
        registers[dst] = step_streak(slot, value)


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
