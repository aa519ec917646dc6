"""Tables of unknown columns, with their types found."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tradewind.core import SchemaError
from tradewind.data.tables import load_table


def read_table(path: str | Path) -> pl.DataFrame:
    """Read any CSV or Parquet table that has ``symbol`` and ``date`` columns; a CSV's types are found by its cells.

    Raises
    ------
    InputError : the file cannot be read, or has no rows.
    SchemaError : a key column is missing, or a date is not one.
    """
    table = load_table(path)
    frame = table.frame
    for name in ("symbol", "date"):
        if name not in frame.columns:
            raise SchemaError("the column is missing", file=path, field=name, fix=f"add a column {name!r}")
    if frame.is_empty():
        raise SchemaError("holds no rows", file=path, fix="give a table with at least one row")
    if table.file.suffix.lower() == ".csv":
        frame = pl.read_csv(table.file, infer_schema_length=None)
    if frame.schema["date"] == pl.String:
        parsed = frame["date"].str.to_datetime(time_unit="us", strict=False)
        bad = parsed.is_null()
        if bad.any():
            row = int(bad.arg_true()[0])
            raise SchemaError(
                f"{frame['date'][row]!r} is not a date", file=path, row=row + 1, field="date", fix="write YYYY-MM-DD"
            )
        frame = frame.with_columns(date=parsed)
    elif not frame.schema["date"].is_temporal():
        raise SchemaError("holds no dates", file=path, field="date", fix="write dates as YYYY-MM-DD")
    return frame.with_columns(pl.col("symbol").cast(pl.String), pl.col("date").cast(pl.Datetime("us")))
