"""What is made of cases from the command line: labels to learn from, and the file of one case."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Audit
from tradewind.cli.surveil_case import CASES, Case, Cases, Out

EXAMPLES = """[bold]Examples[/bold]

The labels of closed cases:

  tradewind surveil case feedback --out labels.parquet

Fit the model again with them; the old one stays unless the new one is no worse:

  tradewind surveil case feedback --retrain --base candidates.npz --models models/ --model model/
"""

FILE = """[bold]Examples[/bold]

The evidence, pictures, regulation and decisions of a case, from the events its alerts were raised on:

  tradewind surveil case file C000012 --events orders.parquet --out files/

As a PDF too, with the model that scored the alerts and times of the exchange:

  tradewind surveil case file C000012 --events orders.parquet --out files/ --pdf --model model/ --timezone Europe/Paris
"""


def add_to(group: typer.Typer) -> None:
    """Add the commands to ``group``."""
    group.command("feedback", epilog=EXAMPLES)(feedback)
    group.command("file", epilog=FILE)(file)


def feedback(
    out: Out = None,
    retrain: Annotated[bool, typer.Option("--retrain", help="Fit the model again with these labels.")] = False,
    base: Annotated[
        Path | None, typer.Option("--base", metavar="FILE", help="Candidates (.npz) the model was fitted on.")
    ] = None,
    model: Annotated[
        Path | None,
        typer.Option("--model", metavar="DIR", help="The present model (that of --models, else the bundled one)."),
    ] = None,
    models: Annotated[
        Path | None, typer.Option("--models", metavar="DIR", help="Where versions are kept; current.json says which.")
    ] = None,
    cases: Cases = CASES,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Show what closed cases say of their alerts, one row each; with --retrain, learn from it."""
    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.surveillance.cases import CaseStore

    with CaseStore(cases, create=False) as store:
        rows = store.feedback()
    if out is not None:
        _write(rows, out)
    if not retrain:
        shown = rows.select("id", "case", "scheme", "symbol", "outcome", "label", "weight", "score")
        show.table(shown.to_dicts(), title="Feedback" if len(rows) else "Feedback: none", as_json=as_json)
        return
    if base is None or models is None:
        raise UsageError("--retrain takes --base and --models", fix="see the examples in --help")
    from tradewind.cli.audited import audit_log
    from tradewind.surveillance.cases.retraining import CURRENT, current_version, keep_version, retrain_with_feedback
    from tradewind.surveillance.learning import CandidateTable, SurveillanceModel, bundled_model

    known = current_version(models) if model is None and (models / CURRENT).exists() else model
    present = bundled_model() if known is None else SurveillanceModel.load(known)
    with audit_log(audit) as log, show.LiveProgress() as bars:
        made = retrain_with_feedback(present, CandidateTable.load(base), rows, log=log, progress=bars)
    place = keep_version(made, models)
    if as_json:
        show.print_json({**made.to_dict(), "folder": str(place)})
        return
    show.say(f"Learnt from {made.rows} alerts of closed cases: {made.why}")
    measured = [{"model": name, **skill.to_dict()} for name, skill in (("old", made.before), ("new", made.after))]
    show.table(measured, title="Measured out of fold", as_json=False)
    show.say(f"The model that counts is in {place}")


def file(
    case: Case,
    events: Annotated[Path, typer.Option("--events", metavar="FILE", help="The events the alerts were raised on.")],
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder that gets the file.")],
    pdf: Annotated[bool, typer.Option("--pdf", help="A PDF too.")] = False,
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="The model that scored the alerts.")
    ] = None,
    timezone: Annotated[str, typer.Option("--timezone", metavar="NAME", help="The exchange's.")] = "UTC",
    cases: Cases = CASES,
    as_json: options.Json = False,
) -> None:
    """Write the file of a case: evidence in order, pictures, regulation, doubts, and who decided what."""
    from dataclasses import replace

    from tradewind.cli import show
    from tradewind.surveillance.cases import CaseStore
    from tradewind.surveillance.cases.words import decisions
    from tradewind.surveillance.explain import CaseAbout, build_case_file

    with CaseStore(cases, create=False) as store:
        found = store.get(case)
        alerts, acts = store.alerts(found.id), store.history(found.id)
    known = CaseAbout() if model is None else CaseAbout.of_model(model)
    about = replace(
        known,
        id=found.id,
        title=found.title,
        respond_by=f"{found.respond_by[:16].replace('T', ' ')} UTC",
        timezone=timezone,
    )
    written = build_case_file(alerts, events, out, decisions=decisions(acts), pdf=pdf, about=about)
    if as_json:
        show.print_json({"case": found.id, "files": [str(path) for path in written]})
        return
    for path in written:
        show.say(f"Wrote {path}")


def _write(rows: object, out: Path) -> None:
    import polars as pl

    from tradewind.core import UsageError
    from tradewind.core.files import atomic_path

    assert isinstance(rows, pl.DataFrame)
    if out.suffix not in (".parquet", ".csv"):
        raise UsageError(f"{out.name} is neither .parquet nor .csv", field="--out", fix="give a file of either kind")
    with atomic_path(out) as draft:
        if out.suffix == ".parquet":
            rows.write_parquet(draft)
        else:
            rows.with_columns(pl.col("accounts").list.join(";")).write_csv(draft)
