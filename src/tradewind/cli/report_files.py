"""`tradewind report incident` and `tradewind report validation`: reports from files that people fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli import options
from tradewind.cli import report_flags as flags

if TYPE_CHECKING:
    from tradewind.governance.reports import Report

INCIDENT = """[bold]Examples[/bold]

  tradewind report incident new incidents/late-data.toml --model momentum --from 2026-09-01T08:00 --until 2026-09-01T12:00

  tradewind report incident write incidents/late-data.toml --out reports --pdf
"""  # noqa: E501 - a command must stay on one line to be copied
VALIDATION = """[bold]Examples[/bold]

  tradewind report validation new momentum/3 validations/momentum-3.toml

  tradewind report validation write validations/momentum-3.toml --reproduction reproduce.json --out reports --pdf
"""
NewFile = Annotated[Path, typer.Argument(metavar="TOML", help="The file to begin; it must not exist yet.")]
OldFile = Annotated[Path, typer.Argument(metavar="TOML", help="The filled-in file.")]

incident = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)
validation = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(group: typer.Typer) -> None:
    """Add the two groups of commands to ``group``."""
    group.add_typer(incident, name="incident", help="Incident reports from a template.", epilog=INCIDENT)
    group.add_typer(validation, name="validation", help="Independent validation reports.", epilog=VALIDATION)


@incident.command("new", epilog=INCIDENT)
def new_incident_file(
    path: NewFile,
    model: Annotated[
        list[str] | None, typer.Option("--model", metavar="MODEL", help="NAME or NAME/VERSION concerned (repeatable).")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--from", metavar="TIME", help="Fill the timeline with audit rows from here (UTC) ...")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="... to here (UTC).")] = None,
    audit: flags.Audit = None,
) -> None:
    """Begin an incident file; its timeline comes from the audit log where --from and --until are given."""
    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.core.clock import SystemClock
    from tradewind.governance.audit import Filter
    from tradewind.governance.reports import log_rows, new_incident
    from tradewind.governance.reports.gathering import Sources

    if (since is None) != (until is None):
        raise UsageError("--from and --until belong together", fix="give both, or neither")
    rows = []
    if since is not None:
        with Sources(audit=audit).log() as log:
            if log is None:
                raise UsageError("there is no audit log to fill the timeline from", fix="name it with --audit")
            rows = log_rows(log, Filter(since=since, until=until))
        if not rows:
            show.warn(f"the audit log has no row from {since} to {until}")
    new_incident(path, at=SystemClock().now(), models=tuple(model or ()), rows=rows)
    show.say(f"Wrote {path}: fill it in, then run `tradewind report incident write {path} --out DIR`")


@incident.command("write", epilog=INCIDENT)
def write_incident(
    path: OldFile, out: flags.Out, audit: flags.Audit = None, pdf: flags.Pdf = False, as_json: options.Json = False
) -> None:
    """Check a filled-in incident file and write its report; links of its timeline are held to the audit log."""
    from tradewind.core.clock import SystemClock
    from tradewind.governance.reports import incident_report, read_incident, rows_numbered
    from tradewind.governance.reports.gathering import Sources

    found = read_incident(path)
    linked = [one.audit for one in found.timeline if one.audit is not None]
    rows = None
    if linked:
        with Sources(audit=audit).log() as log:
            rows = None if log is None else rows_numbered(log, linked)
    _finish(incident_report(found, at=SystemClock().now(), rows=rows), out, pdf=pdf, as_json=as_json)


@validation.command("new", epilog=VALIDATION)
def new_validation_file(
    model: flags.Model,
    path: NewFile,
    registry: flags.Registry = None,
) -> None:
    """Begin the validator's file of a registered model."""
    from tradewind.cli import show
    from tradewind.cli.resolve import needed_reference
    from tradewind.core.clock import SystemClock
    from tradewind.governance.reports import new_validation
    from tradewind.registry.reader import RegistryReader

    chosen = needed_reference(model)
    record = RegistryReader(registry).record(chosen.name, chosen.version)
    new_validation(path, record.to_dict(), at=SystemClock().now())
    show.say(f"Wrote {path}: fill it in, then run `tradewind report validation write {path} --out DIR`")


@validation.command("write", epilog=VALIDATION)
def write_validation(
    path: OldFile,
    out: flags.Out,
    reproduction: Annotated[
        Path | None, typer.Option("--reproduction", metavar="JSON", help="Result of `tradewind reproduce --json`.")
    ] = None,
    explanation: flags.Explanation = None,
    explanation_quality: Annotated[
        Path | None,
        typer.Option("--explanation-quality", metavar="JSON", help="Faithfulness and stability, as measured."),
    ] = None,
    fairness: flags.Fairness = None,
    quality: flags.Quality = None,
    notes: flags.Notes = None,
    registry: flags.Registry = None,
    pdf: flags.Pdf = False,
    as_json: options.Json = False,
) -> None:
    """Check a validator's file and write the report beside the figures it rests on; what was not given is listed."""
    from tradewind.cli.resolve import needed_reference
    from tradewind.core.clock import SystemClock
    from tradewind.core.files import read_json
    from tradewind.governance.reports import ValidationInput, card_sources, entry_of, read_validation
    from tradewind.governance.reports import validation as validation_report
    from tradewind.registry.reader import RegistryReader

    judged = read_validation(path)
    chosen = needed_reference(judged.model)
    entry = entry_of(RegistryReader(registry), chosen.name, chosen.version, notes)
    files = {"explanation": explanation, "fairness": fairness, "quality": quality}
    given = {key: None if file is None else read_json(file, what=f"the {key}") for key, file in files.items()}
    made = ValidationInput(
        sources=card_sources(entry, **given),
        notes=judged,
        reproduction=None if reproduction is None else read_json(reproduction, what="the result of `reproduce --json`"),
        explanation_quality=None
        if explanation_quality is None
        else read_json(explanation_quality, what="measures of explanation quality"),
    )
    _finish(validation_report(made, at=SystemClock().now()), out, pdf=pdf, as_json=as_json)


def _finish(report: Report, out: Path, *, pdf: bool, as_json: bool) -> None:
    from tradewind.cli.report import finish

    finish(report, out, pdf=pdf, as_json=as_json)
