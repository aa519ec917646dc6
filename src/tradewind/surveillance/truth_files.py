"""Planted truth as a file: what alerts of a run are measured against."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from tradewind.core.errors import InputError, SchemaError
from tradewind.core.files import atomic_path
from tradewind.core.plain import finite
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

SCHEMA: Mapping[str, pl.DataType] = {
    "scheme": pl.String(),
    "symbol": pl.String(),
    "accounts": pl.List(pl.String()),
    "start": pl.Int64(),
    "end": pl.Int64(),
    "evasive": pl.Boolean(),
    "parameters": pl.String(),
}
"""Columns of the file; times are nanoseconds since 1970-01-01 UTC, the parameters a JSON object."""

_ALIASES: Mapping[str, tuple[str, ...]] = {
    "scheme": ("scheme", "type", "label"),
    "symbol": ("symbol", "ticker", "instrument"),
    "accounts": ("accounts", "account"),
    "start": ("start", "start_ns", "start_timestamp_ns"),
    "end": ("end", "end_ns", "end_timestamp_ns"),
}


def write_truth(truth: Iterable[Planted], path: Path) -> Path:
    """Write ``truth`` as Parquet, whole or not at all; return the path.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    rows = [
        (p.scheme.value, p.symbol, list(p.accounts), p.start, p.end, p.evasive, json.dumps(finite(dict(p.parameters))))
        for p in truth
    ]
    with atomic_path(path) as draft:
        pl.DataFrame(rows, schema=dict(SCHEMA), orient="row").write_parquet(draft)
    return path


def read_truth(path: Path) -> tuple[Planted, ...]:
    """Read planted episodes from Parquet or CSV.

    Columns ``scheme, symbol, accounts, start, end``; accounts as a list, or as one text with ``;`` between them.

    Raises
    ------
    InputError : the file cannot be read. SchemaError : a column is absent, or a value is none that it may hold.
    """
    table = _table(path)
    return tuple(_planted(row, number, path) for number, row in enumerate(table.iter_rows(named=True), start=1))


def read_labels(path: Path) -> tuple[tuple[Planted, ...], tuple[Planted, ...]]:
    """Read what closed cases say, as ``surveil case feedback --out`` writes it: what was done, and what was left open.

    Columns as in :func:`read_truth` and ``label``: true, false, or nothing where the case was inconclusive.

    Raises
    ------
    InputError : the file cannot be read. SchemaError : a column is absent, or a value is none that it may hold.
    """
    table = _table(path)
    if "label" not in table.columns:
        raise SchemaError("is absent", file=path, field="label", fix="write it with `tradewind surveil case feedback`")
    rows = list(enumerate(table.iter_rows(named=True), start=1))
    for number, row in rows:
        if row["label"] not in (True, False, None):
            fix = "write true, false, or nothing where the case was inconclusive"
            raise SchemaError(f"{row['label']!r} is no label", file=path, row=number, field="label", fix=fix)
    done, left_open = (
        tuple(_planted(row, number, path) for number, row in rows if row["label"] is label) for label in (True, None)
    )
    return done, left_open


def _table(path: Path) -> pl.DataFrame:
    """Return the table in a file, its columns under their usual names."""
    try:
        table = pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(
            f"cannot be read ({str(error).splitlines()[0]})", file=path, fix="give a table of planted episodes"
        ) from error
    named = {}
    for name, aliases in _ALIASES.items():
        found = next((alias for alias in aliases if alias in table.columns), None)
        if found is None:
            fix = "give scheme, symbol, accounts, start and end"
            raise SchemaError("is absent", file=path, field=name, fix=fix)
        named[found] = name
    return table.rename(named)


def _planted(row: Mapping[str, Any], number: int, file: Path) -> Planted:
    try:
        accounts = row["accounts"]
        names = accounts.split(";") if isinstance(accounts, str) else list(accounts or ())
        return Planted(
            scheme=Scheme(str(row["scheme"]).strip().lower().replace(" ", "_").replace("-", "_")),
            symbol=str(row["symbol"]),
            accounts=tuple(name.strip() for name in map(str, names) if name.strip()),
            start=int(row["start"]),
            end=int(row["end"]),
            evasive=bool(row.get("evasive") or False),
            parameters=_numbers(row.get("parameters")),
        )
    except (ValueError, TypeError) as error:
        fix = f"name one of {', '.join(Scheme)} and times in nanoseconds"
        raise SchemaError(f"is no planted episode ({error})", file=file, row=number, fix=fix) from error


def _numbers(text: object) -> dict[str, float]:
    if not isinstance(text, str):
        return {}
    return {name: float(value) for name, value in json.loads(text).items() if value is not None}
