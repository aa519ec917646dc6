"""Flags that several commands share, declared once."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.core import UsageError

Prices = Annotated[
    Path,
    typer.Option(
        "--prices",
        metavar="FILE",
        help="Bars: symbol, date, open, high, low, close, adj_close, volume (Parquet or CSV).",
    ),
]
News = Annotated[
    Path | None,
    typer.Option("--news", metavar="FILE", help="News: symbol, published_at (UTC), source, text."),
]
Universe = Annotated[
    Path | None,
    typer.Option("--universe", metavar="FILE", help="Universe: symbol, name, sector[, market_cap]."),
]
Fear = Annotated[
    Path | None,
    typer.Option("--fear", metavar="FILE", help="A market fear index such as VIX: date, close."),
]
Quarantine = Annotated[
    Path | None,
    typer.Option(
        "--quarantine", metavar="FILE", help="Write bad rows here and go on without them, instead of stopping."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Seed = Annotated[int | None, typer.Option("--seed", min=0, help="Seed of everything random (7).")]
Engine = Annotated[
    Literal["local", "ray"],
    typer.Option("--engine", help="Where fits run: processes of this machine, or Ray (extra 'ray')."),
]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="Fits at once; no number of them changes a result.")]
Track = Annotated[
    str | None,
    typer.Option(
        "--track",
        metavar="URI|off",
        help="Where the run is recorded: a folder, an MLflow URI, or 'off' (default: .tradewind here; see `runs`).",
    ),
]
Models = Annotated[
    str | None,
    typer.Option("--models", metavar="NAMES", help="Members of the ensemble (lstm,random_forest,xgboost)."),
]
Label = Annotated[
    str | None,
    typer.Option(
        "--label",
        metavar="KIND",
        help="'sign' of the next move (default), or 'updown' with --up and --down (moves between them have no label).",
    ),
]
Up = Annotated[
    float | None, typer.Option("--up", help="With --label updown: a rise is a return of at least this (0.0055).")
]
Down = Annotated[
    float | None, typer.Option("--down", help="With --label updown: a fall is a return of at most this (-0.005).")
]


def day(text: str, flag: str) -> date:
    """Return ISO date ``text``; UsageError names ``flag`` when it is not one."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{flag} {text!r} is not a date", fix="write it as YYYY-MM-DD") from error


def names(text: str, flag: str) -> tuple[str, ...]:
    """Return the comma-separated names in ``text``; UsageError names ``flag`` when there is none."""
    found = tuple(part.strip() for part in text.split(",") if part.strip())
    if not found:
        raise UsageError(f"{flag} names nothing", fix=f"give {flag} at least one name, separated by commas")
    return found
