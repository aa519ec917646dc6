"""Cells of raw columns as numbers, times, order ids and codes; what cannot be read is marked, never guessed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from tradewind.surveillance.events.hashing import hash_texts

NANOSECONDS = {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}
"""Nanoseconds in each unit of time."""
NULLS = ["", "null", "NULL", "Null", "NaN", "nan", "None", "N/A", "n/a", "<NA>"]
"""Texts that hold nothing: what programs write for a value they do not have."""
_EXACT = 2**53


class Ints(NamedTuple):
    """Whole numbers, 0 where there is none; which cells were empty, which could not be read."""

    values: IntArray
    empty: BoolArray
    unreadable: BoolArray


class Floats(NamedTuple):
    """Numbers, NaN where there is none; which cells could not be read."""

    values: FloatArray
    unreadable: BoolArray


def flat(column: pa.Array) -> pa.Array:
    """Return a column that is coded as a dictionary as its values."""
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def is_text(column: pa.Array) -> bool:
    """Say whether a column holds text."""
    kind = column.type.value_type if pa.types.is_dictionary(column.type) else column.type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _empty(column: pa.Array) -> BoolArray:
    """Return which cells are null."""
    if not column.null_count:
        return np.zeros(len(column), dtype=bool)
    return np.asarray(column.is_null().to_numpy(zero_copy_only=False), dtype=bool)


def as_numpy(column: pa.Array, fill: float | int) -> AnyArray:
    """Return a column as an array, its nulls as ``fill``."""
    filled = pc.fill_null(column, pa.scalar(fill, column.type)) if column.null_count else column
    return np.asarray(filled.to_numpy(zero_copy_only=False))


def floats(column: pa.Array) -> Floats:
    """Read numbers; a text that writes none is unreadable, an empty one is no number."""
    column = flat(column)
    none = np.zeros(len(column), dtype=bool)
    if is_text(column):
        cells = pl.Series(pl.from_arrow(column))
        numbers = cells.cast(pl.Float64, strict=False)
        if numbers.null_count() > cells.null_count():
            numbers = cells.str.strip_chars().cast(pl.Float64, strict=False)
            none = (numbers.is_null() & (cells.fill_null("").str.strip_chars() != "")).to_numpy()
        return Floats(numbers.fill_null(np.nan).to_numpy(), none)
    if pa.types.is_null(column.type):
        return Floats(np.full(len(column), np.nan), none)
    try:
        return Floats(as_numpy(column.cast(pa.float64(), safe=False), np.nan), none)
    except (pa.ArrowNotImplementedError, pa.ArrowInvalid):
        return Floats(np.full(len(column), np.nan), ~_empty(column))


def ints(column: pa.Array) -> Ints:
    """Read whole numbers; a fraction, a number beyond 63 bits and a text that writes none are unreadable."""
    column = flat(column)
    empty = _empty(column)
    if pa.types.is_integer(column.type) and column.type != pa.uint64():
        return Ints(as_numpy(column, 0).astype(np.int64, copy=False), empty, np.zeros(len(column), dtype=bool))
    if is_text(column):
        cells = pl.Series(pl.from_arrow(column))
        numbers = cells.cast(pl.Int64, strict=False)
        if numbers.null_count() == cells.null_count():
            return Ints(numbers.fill_null(0).to_numpy(), empty, np.zeros(len(column), dtype=bool))
        exact = numbers.is_not_null().to_numpy()
        values = numbers.fill_null(0).to_numpy().copy()
    elif column.type == pa.uint64():
        whole = as_numpy(column, 0)
        fits = whole <= np.uint64(2**63 - 1)
        return Ints(np.where(fits, whole, 0).astype(np.int64), empty, ~fits)
    else:
        exact, values = np.zeros(len(column), dtype=bool), np.zeros(len(column), dtype=np.int64)
    rest = floats(column)
    whole = np.isfinite(rest.values) & (np.abs(rest.values) <= _EXACT) & (rest.values == np.rint(rest.values))
    values[~exact & whole] = rest.values[~exact & whole].astype(np.int64)
    empty |= np.isnan(rest.values) & ~rest.unreadable & ~exact
    return Ints(values, empty, ~exact & ~whole & ~empty)


def order_ids(column: pa.Array) -> tuple[IntArray, BoolArray]:
    """Return order ids and which are missing; an id that is no whole number of 63 bits is hashed."""
    column = flat(column)
    found = ints(column)
    values, empty = found.values, found.empty
    if found.unreadable.any():
        odd = np.flatnonzero(found.unreadable)
        words = pc.cast(column.take(pa.array(odd)), pa.large_string())
        values, empty = values.copy(), empty.copy()
        values[odd] = hash_texts(words)
        empty[odd] |= as_numpy(pc.is_in(words, pa.array(NULLS, pa.large_string())), False)
    return values, empty


def _scaled(values: IntArray, factor: int) -> tuple[IntArray, BoolArray]:
    """Return ``values`` times ``factor`` and which of the products have no room in 64 bits."""
    if factor == 1:
        return values, np.zeros(len(values), dtype=bool)
    large = np.abs(values) > (2**63 - 1) // factor
    return np.where(large, 0, values) * factor, large


def _parsed_times(column: pa.Array, factor: int) -> Ints:
    """Read times written as text: numbers of the unit, with or without a fraction, or ISO 8601."""
    cells = pl.Series(pl.from_arrow(column))
    plainly = cells.cast(pl.Int64, strict=False)
    if plainly.null_count() == cells.null_count():
        numbers, large = _scaled(plainly.fill_null(0).to_numpy(), factor)
        return Ints(numbers, cells.is_null().to_numpy(), large)
    cells = cells.str.strip_chars()
    empty = (cells.is_null() | (cells == "")).fill_null(True)
    sign, whole, fraction = (cells.str.extract(r"^([+-]?)(\d{1,19})(?:\.(\d{0,18}))?$", group) for group in (1, 2, 3))
    digits = len(str(factor)) - 1
    left = whole.cast(pl.Int64, strict=False)
    right = fraction.fill_null("").str.slice(0, digits).str.pad_end(digits, "0").cast(pl.Int64, strict=False)
    numbers, large = _scaled(left.fill_null(0).to_numpy(), factor)
    numbers = (numbers + right.fill_null(0).to_numpy()) * np.where((sign.fill_null("") == "-").to_numpy(), -1, 1)
    read = left.is_not_null().to_numpy() & ~large
    rest = cells.set(left.is_not_null() | empty, None)
    if rest.null_count() < len(rest):
        moments = rest.str.to_datetime(time_unit="ns", time_zone="UTC", strict=False)
        written = moments.is_not_null().to_numpy()
        numbers = np.where(written, moments.cast(pl.Int64).fill_null(0).to_numpy(), numbers)
        read |= written
    return Ints(numbers, empty.to_numpy(), ~read & ~empty.to_numpy())


def times(column: pa.Array, factor: int) -> Ints:
    """Return nanoseconds since 1970-01-01 UTC; times without a zone are UTC.

    Parameters
    ----------
    factor : nanoseconds in one unit of a column of numbers.
    """
    column = flat(column)
    kind = column.type
    if is_text(column):
        return _parsed_times(column, factor)
    if pa.types.is_timestamp(kind) or pa.types.is_time(kind):
        empty = _empty(column)
        width = pa.int32() if kind.bit_width == 32 else pa.int64()
        values, large = _scaled(as_numpy(column.cast(width), 0).astype(np.int64), NANOSECONDS[kind.unit])
        return Ints(values, empty, large & ~empty)
    if pa.types.is_date(kind):
        return times(column.cast(pa.timestamp("ms")), 1)
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        raw = floats(column).values
        whole = np.floor(raw)
        usable = np.isfinite(raw) & (np.abs(raw) < (2**63 - 1) / factor)
        fraction = np.rint(np.where(usable, raw - whole, 0) * factor).astype(np.int64)
        values = np.where(usable, whole, 0).astype(np.int64) * factor + fraction
        return Ints(values, np.isnan(raw), ~usable & ~np.isnan(raw))
    found = ints(column)
    values, large = _scaled(found.values, factor)
    return Ints(values, found.empty, found.unreadable | large)


def rounded(values: FloatArray, factor: float) -> FloatArray:
    """Return ``values`` times ``factor`` as whole numbers; what is too large for a float is infinite."""
    with np.errstate(over="ignore"):
        return np.asarray(np.rint(values * factor), dtype=np.float64)
