"""``alerts.parquet``: alerts as a table, the columns that others compare by first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from tradewind.core.errors import InputError, SchemaError
from tradewind.core.files import atomic_path
from tradewind.core.plain import finite
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.alerting.book import latest
from tradewind.surveillance.schemes import Scheme

ALERTS_FILE = "alerts.parquet"

SCHEMA: Mapping[str, pl.DataType] = {
    "scheme": pl.String(),
    "start": pl.Int64(),
    "end": pl.Int64(),
    "symbol": pl.String(),
    "accounts": pl.List(pl.String()),
    "score": pl.Float64(),
    "tier": pl.String(),
    "id": pl.String(),
    "variant": pl.String(),
    "known_at": pl.Int64(),
    "revision": pl.Int64(),
    "evidence": pl.List(pl.Int64()),
    "features": pl.String(),
    "contributions": pl.String(),
}
"""Columns of the file in order; times are nanoseconds since 1970-01-01 UTC, the last two are JSON objects."""

REQUIRED = ("scheme", "start", "end", "symbol", "accounts", "score", "tier")


def alerts_table(alerts: Iterable[Alert]) -> pl.DataFrame:
    """Return the last revision of each alert as a table, by time known, symbol, scheme and id."""
    rows = [
        (
            a.scheme.value,
            a.start,
            a.end,
            a.symbol,
            list(a.accounts),
            a.score,
            a.tier.value,
            a.id,
            a.variant,
            a.known_at,
            a.revision,
            list(a.evidence),
            _packed(a.features),
            _packed(a.contributions),
        )
        for a in sorted(latest(alerts), key=lambda a: (a.known_at, a.symbol, a.scheme.value, a.id))
    ]
    return pl.DataFrame(rows, schema=dict(SCHEMA), orient="row")


def write_alerts(alerts: Iterable[Alert], folder: Path) -> Path:
    """Write the last revision of each alert to ``folder``/alerts.parquet, whole or not at all; return its path.

    Raises
    ------
    OutputError : the folder cannot be made or written.
    """
    target = folder / ALERTS_FILE
    with atomic_path(target) as draft:
        alerts_table(alerts).write_parquet(draft)
    return target


def read_alerts(path: Path) -> tuple[Alert, ...]:
    """Read alerts from a file that :func:`write_alerts` wrote, or from a folder that holds one.

    Raises
    ------
    InputError : the file cannot be read. SchemaError : a column is absent, or a value is none that it may hold.
    """
    file = path / ALERTS_FILE if path.is_dir() else path
    try:
        table = pl.read_parquet(file)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise InputError(f"cannot be read ({error})", file=file, fix="give the alerts.parquet of a run") from error
    for name in REQUIRED:
        if name not in table.columns:
            raise SchemaError("is absent", file=file, field=name, fix="give the alerts.parquet of a run")
    return tuple(_alert(row, number, file) for number, row in enumerate(table.iter_rows(named=True), start=1))


def _alert(row: Mapping[str, object], number: int, file: Path) -> Alert:
    known: dict[str, object] = {name: row[name] for name in SCHEMA if row.get(name) is not None}
    known.setdefault("id", "")
    known.setdefault("known_at", known.get("end"))
    try:
        known["scheme"], known["tier"] = Scheme(str(known["scheme"])), Tier(str(known["tier"]))
        for name in ("accounts", "evidence"):
            known[name] = tuple(known.get(name, ()))  # type: ignore[arg-type]
        for name in ("features", "contributions"):
            known[name] = _unpacked(str(known.get(name, "{}")))
        return Alert(**known)  # type: ignore[arg-type]
    except (ValueError, TypeError, KeyError) as error:
        raise SchemaError(
            f"is no alert ({error})", file=file, row=number, fix="give the alerts.parquet of a run"
        ) from error


def _packed(numbers: Mapping[str, float]) -> str:
    return json.dumps(finite(dict(numbers)))


def _unpacked(text: str) -> dict[str, float]:
    return {name: float("nan") if value is None else float(value) for name, value in json.loads(text).items()}
