"""What the numbers of a file mean, told from its first rows: units, codes of sides, counters.

All that is inferred is inferred once, from the same first rows however the file is cut, and then holds for all rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from tradewind.surveillance.events.cells import NANOSECONDS, Ints, flat, floats, ints, is_text, order_ids, times
from tradewind.surveillance.events.coding import TextCodes
from tradewind.surveillance.events.columns import find_columns, plain
from tradewind.surveillance.events.options import ReadOptions
from tradewind.surveillance.events.problems import Problem, Problems
from tradewind.surveillance.events.sources import Batch, Source
from tradewind.surveillance.events.table import PRICE_UNIT
from tradewind.surveillance.events.words import Action, kind_of, numbers_of, side_of

LOOK = 32_768
"""Rows that are looked at before a file is read."""
_EPOCH = (631_152_000, 4_102_444_800)
"""1990 and 2100 in seconds: a number of seconds, thousands, ... between them is a date in that unit."""
EARLIEST = -2_208_988_800_000_000_000
"""1900-01-01."""
LATEST = 7_258_118_400_000_000_000
"""2200-01-01."""
_MANY = 16
"""Rows from which one and the same number in all of them is a blank."""
_ODD = 0.05
"""A smaller share of values that are not whole is odd rows, not the habit of the file."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """How one file writes events.

    Attributes
    ----------
    columns : field -> column.
    time_factor : nanoseconds in one unit of a time that is a number.
    price_scale : what a price is multiplied with to give the table's units.
    size_scale : what a size is multiplied with; 1 unless the file trades in fractions of a share.
    zero, one : what the numbers 0 and 1 mean as sides.
    zero_order : True where 0 is an order's id and not the absence of one.
    counts_symbols : True where sequence numbers count within a symbol, False where over the venue.
    ordered : True where sequence numbers rise in the order of the file: they settle what came first.
    dense : True where they leave nothing out, so that a gap means a loss.
    earliest : no time of the file lies before it, nanoseconds; where the file writes dates, a time of 0 is a blank.
    """

    columns: Mapping[str, str]
    time_factor: int = 1
    price_scale: float = float(PRICE_UNIT)
    size_scale: float = 1.0
    zero: int = 0
    one: int = 1
    zero_order: bool = False
    counts_symbols: bool = False
    ordered: bool = False
    dense: bool = False
    earliest: int = EARLIEST

    def usable(self, found: Ints) -> BoolArray:
        """Return which times can be read and lie where times of this file may lie."""
        inside = (found.values >= self.earliest) & (found.values <= LATEST)
        return np.asarray(inside & ~(found.empty | found.unreadable), dtype=bool)


class _Look:
    """The first rows of a file, column by column."""

    def __init__(self, source: Source, columns: Mapping[str, str]) -> None:
        self.columns = columns
        self._batches: list[Batch] = []
        rows = 0
        for batch in source.batches(list(columns.values())):
            self._batches.append(batch)
            rows += len(batch)
            if rows >= LOOK:
                break
        self._rows = rows

    def has(self, field: str) -> bool:
        return field in self.columns and self._rows > 0

    def raw(self, field: str) -> list[pa.Array]:
        return [batch.columns[self.columns[field]] for batch in self._batches]

    def floats(self, field: str) -> FloatArray:
        values = np.concatenate([floats(column).values for column in self.raw(field)])[:LOOK]
        return np.where(np.abs(values) < 1e100, values, np.nan)

    def ints(self, field: str) -> tuple[IntArray, AnyArray]:
        """Return whole numbers and which cells hold one."""
        cells = [ints(column) for column in self.raw(field)]
        read = [~(cell.empty | cell.unreadable) for cell in cells]
        return np.concatenate([cell.values for cell in cells])[:LOOK], np.concatenate(read)[:LOOK]

    def orders(self) -> IntArray:
        found = [order_ids(column) for column in self.raw("order")]
        return np.concatenate([np.where(empty, -1, ids) for ids, empty in found])[:LOOK]

    def codes(self, field: str) -> tuple[IntArray, list[str]]:
        """Return each cell's place in the list of different texts, -1 for none, and that list."""
        known: dict[str, int] = {}
        coder = TextCodes(lambda text: known.setdefault(text, len(known)), -1)
        cells = np.concatenate([coder(column) for column in self.raw(field)])[:LOOK]
        return cells, list(known)

    def actions(self) -> IntArray:
        cells, words = self.codes("kind")
        return np.array([*(kind_of(word) for word in words), 0], dtype=np.int64)[cells]


def learn_dialect(source: Source, options: ReadOptions, problems: Problems) -> Dialect:
    """Tell how ``source`` writes events; what was assumed on the way is noted in ``problems``.

    Raises
    ------
    SchemaError : a column is missing.
    """
    columns = find_columns(source.names, source.file, options.columns)
    look = _Look(source, columns)
    effects = {"seq": "rows are numbered as they lie", "account": "all events are nobody's"}
    for field, effect in effects.items():
        if field not in columns:
            problems.add(Problem(code="missing_column", message=f"no column for the {field}: {effect}"))
    if _is_constant(look, "seq"):
        text = f"column {columns['seq']!r} holds one number: {effects['seq']}"
        problems.add(Problem(code="missing_column", message=text))
        look.columns = columns = {field: column for field, column in columns.items() if field != "seq"}
    factor = _time_factor(look, options, problems)
    zero, one = _side_numbers(look)
    counts_symbols, ordered, dense = _counter(look, factor)
    return Dialect(
        columns=columns,
        time_factor=factor,
        price_scale=_price_scale(look, options.price_unit, problems),
        size_scale=_size_scale(look, problems),
        zero=zero,
        one=one,
        zero_order=_zero_is_an_order(look),
        counts_symbols=counts_symbols,
        ordered=ordered,
        dense=dense,
        earliest=_earliest(look, factor),
    )


def learn_quotes(source: Source, columns: Mapping[str, str], options: ReadOptions, problems: Problems) -> Dialect:
    """Tell the units of a file of quotes; its price and size are those of the bid."""
    look = _Look(source, {"time": columns["time"], "price": columns["bid"], "size": columns["bid_size"]})
    return Dialect(
        columns=columns,
        time_factor=_time_factor(look, options, problems),
        price_scale=_price_scale(look, options.price_unit, problems),
        size_scale=_size_scale(look, problems),
    )


def learn_times(source: Source, columns: Mapping[str, str], options: ReadOptions, problems: Problems) -> int:
    """Return nanoseconds in a unit of a file's column of times."""
    return _time_factor(_Look(source, {"time": columns["time"]}), options, problems)


def _numbers_in(columns: Sequence[pa.Array]) -> FloatArray:
    """Return the numbers of a column of times; empty where it holds dates."""
    if not all(is_text(c) or pa.types.is_integer(flat(c).type) or pa.types.is_floating(flat(c).type) for c in columns):
        return np.empty(0)
    values = np.concatenate([np.empty(0), *(floats(column).values for column in columns)])[:LOOK]
    return np.asarray(values[np.isfinite(values)], dtype=np.float64)


def _time_factor(look: _Look, options: ReadOptions, problems: Problems) -> int:
    """Return nanoseconds in a unit of time: as told, by the column's name, by the size of the numbers; else 1."""
    if options.time_unit is not None:
        return NANOSECONDS[options.time_unit]
    name = look.columns["time"]
    ending = plain(name).rpartition("_")[2]
    values = _numbers_in(look.raw("time"))
    typical = float(np.median(values)) if len(values) else 0.0
    seen = next((unit for unit, size in NANOSECONDS.items() if _EPOCH[0] <= typical * size / 1e9 <= _EPOCH[1]), "ns")
    if ending in NANOSECONDS:
        if seen not in (ending, "ns"):
            text = f"column {name!r} was read as {ending}, but its numbers look like {seen}: {typical:.0f}"
            problems.add(Problem(code="doubtful_time", message=text))
        unit = ending
    else:
        unit = seen
    if unit != "ns":
        text = f"column {name!r} holds {unit}; converted to nanoseconds"
        problems.add(Problem(code="converted_time", message=text))
    return NANOSECONDS[unit]


def _whole(values: FloatArray) -> AnyArray:
    return np.abs(values - np.rint(values)) <= 1e-6 * np.maximum(1.0, np.abs(values) * 1e-9)


def _price_scale(look: _Look, price_unit: float, problems: Problems) -> float:
    """Return the factor from the file's prices to ten-thousandths of a dollar.

    Where prices are finer than that and so low that rounding would lose more than a per cent of one (a coin quoted at
    0.0000123), the factor is raised by powers of ten until it does not.
    """
    scale = price_unit * PRICE_UNIT
    prices = look.floats("price") * scale if look.has("price") else np.empty(0)
    prices = prices[np.isfinite(prices) & (prices > 0)]
    if not len(prices) or float(np.mean(~_whole(prices))) <= _ODD:
        return scale
    lowest, raised = float(np.quantile(prices, 0.01)), 1.0
    while lowest * raised < 1e4 and not _whole(prices * raised).all() and float(prices.max()) * raised < 1e13:
        raised *= 10.0
    if raised > 1.0:
        text = f"prices are finer than a ten-thousandth of a dollar: all were multiplied by {raised:.0f}"
        problems.add(Problem(code="coarse_price", message=text))
    return scale * raised


def _size_scale(look: _Look, problems: Problems) -> float:
    """Return 1, or a power of ten where sizes are fractions of a share and so small that rounding would lose them."""
    sizes = look.floats("size") if look.has("size") else np.empty(0)
    sizes = sizes[np.isfinite(sizes) & (sizes > 0)]
    small = float(np.quantile(sizes, 0.1)) if len(sizes) else 0.0
    if not len(sizes) or small >= 20.0 or float(np.mean(~_whole(sizes))) <= _ODD:
        return 1.0
    scale = 1.0
    while scale < 1e8 and small * scale < 1000.0 and not _whole(sizes * scale).all():
        scale *= 10.0
    if scale > 1.0:
        text = f"sizes are fractions of a share: all were multiplied by {scale:.0f}"
        problems.add(Problem(code="fractional_size", message=text))
    return scale


def _side_numbers(look: _Look) -> tuple[int, int]:
    """Return what 0 and 1 mean as sides.

    1 is a purchase beside -1 or 2 (FIX tag 54) and alone, 0 then says nothing. Where 0 and 1 are the only numbers, one
    is a purchase and the other a sale: of new orders, those at the lower prices buy; where prices do not tell, 0 buys
    (FIX tag 269, as CME's feeds have it).
    """
    if not look.has("side"):
        return 0, 1
    cells, words = look.codes("side")
    if numbers_of(words) != {0, 1} or plain(look.columns["side"]).startswith("is_buy"):
        return (-1, 1) if plain(look.columns["side"]).startswith("is_buy") else (0, 1)
    value = np.array([*(side_of(word, zero=0, one=1) or 0 for word in words), -1])[cells]
    prices, actions = look.floats("price"), look.actions()
    new = (actions == Action.NEW) & np.isfinite(prices) & (prices > 0)
    symbols, _ = look.codes("symbol")
    votes = 0.0
    for symbol in np.unique(symbols[new])[:64]:
        here = new & (symbols == symbol)
        low, high = prices[here & (value == 0)], prices[here & (value == 1)]
        if len(low) and len(high):
            votes += float(np.sign(np.median(high) - np.median(low))) * min(len(low), len(high))
    return (-1, 1) if votes < 0 else (1, -1)


def _zero_is_an_order(look: _Look) -> bool:
    """Say whether 0 is the id of one order: it was entered once, where the absence of an id would come again."""
    if not look.has("order"):
        return False
    entered = np.isin(look.actions(), (Action.NEW, Action.MARKET))
    return int(((look.orders() == 0) & entered).sum()) == 1


def _earliest(look: _Look, factor: int) -> int:
    """Return 1990-01-01 where most times are dates since then, so that 0 and the like stand out; else 1900-01-01."""
    if not look.has("time"):
        return EARLIEST
    found = [times(column, factor) for column in look.raw("time")]
    read = np.concatenate([cell.values[~(cell.empty | cell.unreadable)] for cell in found])[:LOOK]
    low, high = (1_000_000_000 * second for second in _EPOCH)
    return low if len(read) and low <= float(np.median(read)) <= high else EARLIEST


def _is_constant(look: _Look, field: str) -> bool:
    """Say whether all of several rows hold one and the same number, as where a writer had nothing to put there."""
    if not look.has(field):
        return False
    values, read = look.ints(field)
    return len(values) >= _MANY and bool(read.all()) and bool((values == values[0]).all())


def _counter(look: _Look, factor: int) -> tuple[bool, bool, bool]:
    """Return whether sequence numbers count within symbols, rise in the order of the file, and leave nothing out."""
    if not look.has("seq"):
        return False, False, False
    (seq, numbered), (symbol, _) = look.ints("seq"), look.codes("symbol")
    time = np.concatenate([times(column, factor).values for column in look.raw("time")])[:LOOK]
    usable = numbered & (symbol >= 0) & (look.actions() > 0)
    seq, symbol, time = seq[usable], symbol[usable], time[usable]
    pairs = len(np.unique(symbol * np.int64(0x9E3779B1) + seq))  # a chance collision among so few does not matter
    if pairs < max(2, len(seq) // 4):
        return False, False, False
    within = pairs > 1.05 * len(np.unique(seq)) or _density(seq, symbol) > 0.5 > _density(seq, np.zeros_like(symbol))
    scope = symbol if within else np.zeros_like(symbol)
    by_scope = np.argsort(scope, kind="stable")
    same = np.diff(scope[by_scope]) == 0
    step, elapsed = np.diff(seq[by_scope])[same], np.diff(time[by_scope])[same]
    # they rise as the file lies; or the file is out of order, and time says so where it says anything
    told = elapsed != 0
    rises = not len(step) or bool(np.mean(step >= 0) >= 0.95)
    agrees = bool(told.sum() >= 10 and np.mean((step[told] >= 0) == (elapsed[told] > 0)) >= 0.95)
    ordered = rises or agrees
    return within, ordered, _density(seq, scope) > 0.5


def _density(seq: IntArray, scope: IntArray) -> float:
    """Return how often the next higher number of a scope is the next number."""
    order = np.lexsort((seq, scope))
    step = np.diff(seq[order])[np.diff(scope[order]) == 0]
    step = step[step > 0]  # numbers too far apart for 64 bits wrap round to below 0
    return float(np.mean(step == 1)) if len(step) else 0.0
