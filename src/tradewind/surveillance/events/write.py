"""Write events as a Parquet or CSV file with the columns every reader of events knows."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as parquet

from tradewind.core.arrays import AnyArray
from tradewind.core.errors import InputError
from tradewind.core.files import atomic_path
from tradewind.surveillance.events.table import PRICE_UNIT, EventTable, Kind, Names

_WORDS = ["", *(kind.name.lower() for kind in Kind), "resume"]
_RESUME = len(_WORDS) - 1
_SIDES = ["sell", "buy"]

SCHEMA = pa.schema(
    [
        ("timestamp_ns", pa.int64()),
        ("symbol", pa.dictionary(pa.int32(), pa.string())),
        ("venue_seq", pa.int64()),
        ("kind", pa.dictionary(pa.int32(), pa.string())),
        ("order_id", pa.int64()),
        ("account", pa.dictionary(pa.int32(), pa.string())),
        ("side", pa.dictionary(pa.int32(), pa.string())),
        ("price", pa.float64()),
        ("size", pa.int64()),
    ]
)
"""Columns of an events file. Prices are dollars; the account of nobody and an unknown side are null."""


def write_events(tables: EventTable | Iterable[EventTable], path: str | Path) -> Path:
    """Write events, whole or not at all; the suffix says whether as Parquet or as CSV.

    :func:`read_events` gives the same events back. The two columns about the other side of a trade are written as
    ``contra_account`` and ``contra_order_id`` where the first table has them.

    Parameters
    ----------
    tables : one table, or tables of one source in order.

    Raises
    ------
    InputError : the suffix is neither ``.parquet`` nor ``.csv``.
    OutputError : the file cannot be written.
    """
    goal = Path(path)
    if goal.suffix not in (".parquet", ".csv"):
        raise InputError(f"the suffix {goal.suffix!r} is not known", file=goal, fix="name it .parquet or .csv")
    parts = iter([tables] if isinstance(tables, EventTable) else tables)
    first = next(parts, None)
    batch = None if first is None else _batch(first)
    schema = SCHEMA if batch is None else batch.schema
    with atomic_path(goal) as draft:
        if goal.suffix == ".csv":
            plain = pa.schema(
                [(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in schema]
            )
            with arrow_csv.CSVWriter(str(draft), plain) as lines:
                _write_all(lines, batch, parts, plain)
        else:
            with parquet.ParquetWriter(str(draft), schema, compression="zstd") as writer:
                _write_all(writer, batch, parts, schema)
    return goal


def _write_all(
    writer: arrow_csv.CSVWriter | parquet.ParquetWriter,
    first: pa.RecordBatch | None,
    rest: Iterable[EventTable],
    schema: pa.Schema,
) -> None:
    if first is None:
        return
    writer.write_batch(first.cast(schema))
    for table in rest:
        writer.write_batch(_batch(table).cast(schema))


def _batch(table: EventTable) -> pa.RecordBatch:
    kind = table.kind.astype(np.int32)
    halts = kind == Kind.HALT
    kind[halts & (table.price == 1)] = _RESUME
    price = table.price / PRICE_UNIT
    price[halts] = np.where(table.price[halts] == 0, 0.0, np.nan)
    columns = {
        "timestamp_ns": pa.array(table.time),
        "symbol": _named(table.symbol, table.symbols),
        "venue_seq": pa.array(table.seq),
        "kind": pa.DictionaryArray.from_arrays(pa.array(kind), pa.array(_WORDS)),
        "order_id": pa.array(table.order),
        "account": _named(table.account, table.accounts),
        "side": _coded((table.side.astype(np.int32) + 1) // 2, _SIDES, table.side == 0),
        "price": pa.array(price, from_pandas=True),
        "size": pa.array(table.size),
    }
    if table.contra is not None:
        columns["contra_account"] = _named(table.contra, table.accounts)
    if table.contra_order is not None:
        columns["contra_order_id"] = pa.array(table.contra_order)
    return pa.RecordBatch.from_pydict(columns)


def _named(codes: AnyArray, names: Names) -> pa.Array:
    """Return names by code, of the codes that occur."""
    used, places = np.unique(codes, return_inverse=True)
    return _coded(places.astype(np.int32), [names[code] for code in used.tolist()], codes < 0)


def _coded(places: AnyArray, words: list[str], none: AnyArray) -> pa.Array:
    return pa.DictionaryArray.from_arrays(pa.array(places, mask=none), pa.array(words, pa.string()))
