"""`tradewind drift`: has what the model is given changed more than it changes anyway?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.cli import options
from tradewind.core.arrays import AnyArray, Float32Array, TimeArray

EPILOG = """[bold]Examples[/bold]

  tradewind drift --reference features_2014.parquet --current features_2015.parquet

  tradewind drift --reference past.parquet --current now.parquet --by sector --universe universe.csv --out out/drift

[bold]Exit code[/bold] 0: nothing drifted, or no verdict could be given. 1: drift. 2: the input is at fault.
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("drift", epilog=EPILOG)(drift)


def drift(
    reference: Annotated[
        Path, typer.Option("--reference", metavar="FILE", help="Features that the model knows, as `features` writes.")
    ],
    current: Annotated[Path, typer.Option("--current", metavar="FILE", help="Features to compare with them.")],
    by: Annotated[
        Literal["none", "sector"], typer.Option("--by", help="Judge each sector of --universe too.")
    ] = "none",
    universe: options.Universe = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="Write drift.json and drift.html.")] = None,
    alarms: Annotated[float, typer.Option("--alarms", min=0.01, help="False alarms a year that are accepted.")] = 1.0,
    as_json: options.Json = False,
) -> None:
    """Compare two tables of features: textbook tests beside verdicts calibrated on the reference's own windows."""
    from dataclasses import asdict

    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.monitoring.drift import DriftReference, DriftSettings, drift_report

    if (by == "sector") != (universe is not None):
        raise UsageError("--by sector and --universe go together", fix="give both or neither")
    sectors = _sectors(universe) if universe else None
    before, after = _read(reference, sectors), _read(current, sectors)
    known = DriftReference.of(
        before.values, before.names, before.day, before.group, settings=DriftSettings(alarms_per_year=alarms)
    )
    report = drift_report(known, after.values, after.day, after.group, names=after.names)
    if out is not None:
        report.write_json(out / "drift.json")
        report.write_html(out / "drift.html")
    if as_json:
        show.print_json(report.to_dict())
    else:
        wanted = ("feature", "drift", "excess", "by", "ks", "p_corrected", "psi", "advice", "wasserstein", "missing")
        rows = [{name: asdict(one)[name] for name in wanted} for one in report.features[:15]]
        show.table(rows, title=f"{len(report.drifted)} of {len(report.features)} features drifted", as_json=False)
        if not report.calibrated:
            show.warn("the reference is too short for calibrated verdicts: give at least 12 days")
        if out is not None:
            show.say(f"Wrote {out / 'drift.json'} and {out / 'drift.html'}")
    if report.drift:
        raise typer.Exit(1)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Table:
    values: Float32Array
    names: tuple[str, ...]
    day: TimeArray
    group: AnyArray | None


def _sectors(path: Path) -> dict[str, str]:
    import polars as pl

    from tradewind.data.tables import load_table

    frame = load_table(path).frame
    _need(frame.columns, ("symbol", "sector"), path)
    return {str(s): str(g) for s, g in frame.select(pl.col("symbol", "sector")).iter_rows()}


def _read(path: Path, sectors: dict[str, str] | None) -> _Table:
    import numpy as np
    import polars as pl

    from tradewind.core import SchemaError
    from tradewind.data.tables import load_table

    frame = load_table(path).frame
    _need(frame.columns, ("symbol", "date"), path)
    names = tuple(name for name in frame.columns if name not in {"symbol", "date"})
    try:
        values = frame.select(pl.col(names).cast(pl.Float32)).to_numpy()
        day = frame["date"].to_numpy().astype("datetime64[D]")
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise SchemaError(
            f"holds values that are no numbers or dates ({error})", file=path, fix="give what `features` writes"
        ) from error
    group = None if sectors is None else np.array([sectors.get(str(s), "unknown") for s in frame["symbol"]])
    return _Table(values=np.ascontiguousarray(values), names=names, day=day, group=group)


def _need(columns: list[str], wanted: tuple[str, ...], path: Path) -> None:
    from tradewind.core import SchemaError

    for name in wanted:
        if name not in columns:
            raise SchemaError("the column is missing", file=path, field=name, fix="give what `features` writes")
