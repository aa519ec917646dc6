"""`tradewind jobs`: what became of the runs of jobs, and what a person decides on those that were cut."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli import options

if TYPE_CHECKING:
    from tradewind.monitoring.jobs import JobStore

LIST = """[bold]Examples[/bold]

  tradewind jobs list

  tradewind jobs list --job retrain --waiting --json
"""
SETTLE = """[bold]Examples[/bold]

Let a run that was cut be made again, or count it as done:

  tradewind jobs settle retrain 2026-01-05T06:00:00+00:00 --as otto --again

  tradewind jobs settle retrain 2026-01-05T06:00:00+00:00 --as otto --done
"""
Store = Annotated[Path, typer.Option("--store", metavar="FILE", help="Where runs are kept.")]
USUAL = Path(".tradewind/monitor/jobs.db")


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    group = typer.Typer(help="Jobs beside the monitor: their runs.", no_args_is_help=True, rich_markup_mode="rich")
    group.command("list", epilog=LIST)(list_)
    group.command("settle", epilog=SETTLE)(settle)
    app.add_typer(group, name="jobs")


def list_(
    job: Annotated[str | None, typer.Option("--job", metavar="NAME", help="Of this job only.")] = None,
    waiting: Annotated[bool, typer.Option("--waiting", help="Only those that wait for a person.")] = False,
    limit: Annotated[int, typer.Option("--limit", min=1, help="At most so many, the newest first.")] = 50,
    store: Store = USUAL,
    as_json: options.Json = False,
) -> None:
    """List runs, the newest first."""
    from tradewind.cli import show

    kept = _open(store)
    try:
        found = kept.runs(job, ("abandoned", "failed") if waiting else (), limit=limit)
    finally:
        kept.close()
    if as_json:
        show.print_json([one.to_dict() for one in found])
        return
    if not found:
        show.say("no run of a job is kept")
        return
    rows = [
        {"job": one.job, "run": one.key, "state": one.state, "tries": one.attempts, "error": one.error[:80] or "-"}
        for one in found
    ]
    show.table(rows, title="Runs of jobs", as_json=False)


def settle(
    job: Annotated[str, typer.Argument(metavar="JOB", help="Name of the job.")],
    key: Annotated[str, typer.Argument(metavar="RUN", help="The run, as `jobs list` shows it.")],
    person: Annotated[str, typer.Option("--as", metavar="PERSON", help="Who decides.")],
    again: Annotated[
        bool | None, typer.Option("--again/--done", help="Make the run again, or count it as done.")
    ] = None,
    store: Store = USUAL,
) -> None:
    """Decide on a run that was abandoned or failed."""
    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.core.clock import SystemClock

    if again is None:
        raise UsageError("say what becomes of the run", fix="add --again or --done")
    kept = _open(store)
    try:
        kept.settle(job, key, person, SystemClock().now(), again=again)
    finally:
        kept.close()
    show.say(f"{key} of {job} {'will be made again' if again else 'counts as done'}, says {person}")


def _open(store: Path) -> JobStore:
    from tradewind.core import InputError
    from tradewind.monitoring.jobs import JobStore

    if not store.exists():
        raise InputError("there is no such store of jobs", file=store, fix="name the file of [jobs] store")
    return JobStore(store)
