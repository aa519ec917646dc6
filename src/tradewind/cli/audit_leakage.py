"""`tradewind audit-leakage`: does this feature table know the future?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

A table of your own with a label column:

  tradewind audit-leakage --table features.parquet --label target

Against prices, from which the label is made:

  tradewind audit-leakage --table features.parquet --prices prices.parquet

Tradewind's own features, computed again on truncated history:

  tradewind audit-leakage --prices prices.parquet
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("audit-leakage", epilog=EPILOG)(audit_leakage)


def audit_leakage(
    table: Annotated[
        Path | None, typer.Option("--table", metavar="FILE", help="Features: symbol, date, one column each.")
    ] = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", metavar="FILE", help="Bars; without --table, our features of them.")
    ] = None,
    label: Annotated[str | None, typer.Option("--label", help="Label column of the table.")] = None,
    label_end: Annotated[
        str | None, typer.Option("--label-end", help="Column with the time each label is known.")
    ] = None,
    split: Annotated[str | None, typer.Option("--split", help="Column that says train or test.")] = None,
    ignore: Annotated[str | None, typer.Option("--ignore", help="Columns that are no features.")] = None,
    as_json: options.Json = False,
) -> None:
    """Look for look-ahead, targets among features, overlapping labels, full-sample scaling and survivorship.

    Ends with exit code 1 where a leak is found, so that it can guard a pipeline.
    """
    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.data import read_prices
    from tradewind.data.typed import read_table
    from tradewind.training import feature_table
    from tradewind.validation import AuditColumns
    from tradewind.validation import audit_leakage as audit

    if table is None and prices is None:
        raise UsageError("neither --table nor --prices was given", fix="give a feature table, prices, or both")
    columns = AuditColumns(
        label=label,
        label_end=label_end,
        split=split,
        ignore=options.names(ignore, "--ignore") if ignore else (),
    )
    panel = read_prices(prices) if prices else None
    if table is not None:
        report = audit(read_table(table), panel, columns=columns)
    else:
        assert panel is not None  # one of the two was given
        report = audit(feature_table(panel), panel, columns=columns, recompute=feature_table)
    leaks = len(report.errors)
    if as_json:
        show.print_json(report.to_dict())
    else:
        rows = [
            {"severity": str(f.severity), "kind": f.kind, "feature": f.feature, "what": f.message, "do": f.advice}
            for f in report.findings
        ]
        title = f"{len(report.features)} features, {report.rows} rows: {leaks} leaks"
        show.table(rows, title=title, as_json=False)
        for name, want in report.skipped.items():
            show.note(f"Not checked: {name}, it needs {want}")
    if leaks:
        raise typer.Exit(1)
