"""`tradewind runs`: what was run, how runs differ, and which were rejected and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli import options

if TYPE_CHECKING:
    from tradewind.training.tracking import RunEntry, Runs

EPILOG = """[bold]Examples[/bold]

  tradewind runs list --dataset acl18 --metric accuracy --limit 10

  tradewind runs show 3f2a

  tradewind runs compare 3f2a 91bc

  tradewind runs reject 91bc --reason "fitted on prices that were not adjusted"

  tradewind runs journal --search "not adjusted"
"""
LIST = """[bold]Examples[/bold]

  tradewind runs list

  tradewind runs list --dataset acl18 --metric ic --limit 5 --json
"""
SHOW = """[bold]Examples[/bold]

  tradewind runs show 3f2a

  tradewind runs show 3f2a --json
"""
COMPARE = """[bold]Examples[/bold]

  tradewind runs compare 3f2a 91bc

  tradewind runs compare 3f2a 91bc 07de --json
"""
REJECT = """[bold]Examples[/bold]

  tradewind runs reject 91bc --reason "fitted on prices that were not adjusted"
"""
JOURNAL = """[bold]Examples[/bold]

  tradewind runs journal

  tradewind runs journal --search "no skill acl18"
"""
MAIN = ("accuracy", "mcc", "ic", "brier", "sharpe")
Store = Annotated[
    str | None,
    typer.Option("--track", metavar="URI", help="Where the runs are: a folder or an MLflow URI (.tradewind here)."),
]
Run = Annotated[str, typer.Argument(metavar="RUN", help="Id of the run, or its first digits.")]

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="runs", help="List, compare and reject recorded runs.", epilog=EPILOG)


@group.command("list", epilog=LIST)
def list_runs(
    dataset: Annotated[
        str | None, typer.Option("--dataset", metavar="TEXT", help="Only runs whose price file or data hash holds it.")
    ] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", metavar="NAME", help="Show this metric, and the highest first.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most runs to show.")] = 20,
    track: Store = None,
    as_json: options.Json = False,
) -> None:
    """List recorded runs, the newest first."""
    from tradewind.cli import show

    runs = _runs(track)
    found = runs.all(dataset=dataset, metric=metric, limit=limit)
    if as_json:
        show.print_json([run.to_dict() for run in found])
        return
    if not found:
        show.say(f"No such run in {runs.place.shown}")
        return
    wanted = (metric,) if metric and metric not in MAIN else ()
    rows = [
        {
            "run": run.id[:8],
            "began (UTC)": _moment(run.began),
            "command": run.command,
            "dataset": run.dataset,
            "models": run.params.get("settings.models", "").strip("[]").replace('"', ""),
            **{name: run.metrics.get(name) for name in (*MAIN, *wanted)},
            "outcome": run.outcome,
        }
        for run in found
    ]
    show.table(rows, title=f"Runs in {runs.place.shown}", as_json=False)


@group.command("show", epilog=SHOW)
def show_run(run: Run, track: Store = None, as_json: options.Json = False) -> None:
    """Show one run: settings, data, code, metrics, folds and files."""
    from tradewind.cli import show

    runs = _runs(track)
    entry = runs.find(run)
    files = runs.files(entry)
    folds = runs.folds(entry, "fold.accuracy") if "fold.accuracy" in entry.metrics else []
    if as_json:
        show.print_json({**entry.to_dict(), "files": files, "fold_accuracy": folds})
        return
    show.say(f"Run {entry.id}: {entry.command} of {entry.dataset}, {_moment(entry.began)} UTC, {entry.outcome}")
    for said in entry.journal():
        show.say(f"{said.kind}: {said.reason}")
    show.table(_pairs(entry.params), title="Settings, data and code", as_json=False)
    show.table(_pairs(entry.metrics), title="Metrics (those of folds: the last fold)", as_json=False)
    if folds:
        show.say("Accuracy of each fold: " + ", ".join(show.cell(value) for value in folds))
    show.say("Files: " + (", ".join(files) or "none"))


@group.command("compare", epilog=COMPARE)
def compare(
    run: Annotated[list[str], typer.Argument(metavar="RUN RUN...", help="Ids of the runs, or their first digits.")],
    track: Store = None,
    as_json: options.Json = False,
) -> None:
    """Compare runs: the settings that differ, the metrics side by side, and the difference of accuracy.

    The difference is taken bar by bar against the first run, where both kept their predictions, with a 95 % interval
    over days.
    """
    from tradewind.cli import show
    from tradewind.core import UsageError

    runs = _runs(track)
    entries = [runs.find(prefix) for prefix in run]
    if len({entry.id for entry in entries}) < max(2, len(entries)):
        raise UsageError("a comparison needs two different runs or more", fix="give the id of each run once")
    differs, metrics, paired = _differing(entries), _side_by_side(entries), _paired(runs, entries)
    if as_json:
        show.print_json(
            {"runs": [e.id for e in entries], "settings": differs, "metrics": metrics, "accuracy_gap": paired}
        )
        return
    if differs:
        show.table(differs, title="What differs", as_json=False)
    else:
        show.say("Settings, data and code are the same")
    show.table(metrics, title="Metrics", as_json=False)
    for found in paired:
        show.say(found["words"])


@group.command("reject", epilog=REJECT)
def reject(
    run: Run,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why: a sentence for whoever tries next.")],
    track: Store = None,
) -> None:
    """Reject a run: it stays, and the failure journal says why."""
    from tradewind.cli import show

    runs = _runs(track)
    entry = runs.find(run)
    runs.reject(entry, reason)
    show.say(f"Rejected {entry.id[:8]} ({entry.command} of {entry.dataset}): {reason.strip()}")


@group.command("journal", epilog=JOURNAL)
def journal(
    search: Annotated[
        str | None, typer.Option("--search", metavar="TEXT", help="Only entries that hold all these words.")
    ] = None,
    track: Store = None,
    as_json: options.Json = False,
) -> None:
    """Show the failure journal: rejected runs, crashed runs, and evaluations that found no skill."""
    from tradewind.cli import show

    runs = _runs(track)
    found = runs.journal(search)
    if as_json:
        show.print_json([entry.to_dict() for entry in found])
        return
    if not found:
        show.say(f"No such entry in {runs.place.shown}")
        return
    rows = [
        {
            "run": entry.run[:8],
            "when (UTC)": _moment(entry.moment),
            "kind": entry.kind,
            "dataset": entry.dataset,
            "reason": entry.reason,
        }
        for entry in found
    ]
    show.table(rows, title=f"Failure journal of {runs.place.shown}", as_json=False)


def _runs(track: str | None) -> Runs:
    from tradewind.core import UsageError
    from tradewind.training.tracking import Runs, place_of

    place = place_of(track)
    if place is None:
        raise UsageError("recording is off (TRADEWIND_TRACK or --track)", fix="give --track the folder of the runs")
    return Runs(place)


def _moment(milliseconds: int) -> str:
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M")


def _pairs(values: Any) -> list[dict[str, Any]]:
    return [{"name": name, "value": values[name]} for name in sorted(values)]


def _differing(entries: list[RunEntry]) -> list[dict[str, Any]]:
    names = sorted({name for entry in entries for name in entry.params} - {"settings.id"})
    rows = [{"name": name, **{e.id[:8]: e.params.get(name) for e in entries}} for name in names]
    return [row for row in rows if len({value for key, value in row.items() if key != "name"}) > 1]


def _side_by_side(entries: list[RunEntry]) -> list[dict[str, Any]]:
    names = sorted({name for entry in entries for name in entry.metrics if not name.startswith("fold.")})
    return [{"metric": name, **{e.id[:8]: e.metrics.get(name) for e in entries}} for name in names]


def _paired(runs: Runs, entries: list[RunEntry]) -> list[dict[str, Any]]:
    from tradewind.evaluation import paired_accuracy

    tables = [runs.predictions(entry) for entry in entries]
    found = []
    for entry, table in zip(entries[1:], tables[1:], strict=True):
        pair = f"{entry.id[:8]} against {entries[0].id[:8]}"
        if tables[0] is None or table is None:
            found.append({"run": entry.id, "words": f"{pair}: no predictions to compare bar by bar"})
            continue
        result = paired_accuracy(tables[0], table)
        if not result.n:
            found.append({"run": entry.id, "words": f"{pair}: they forecast no bar in common"})
            continue
        gap = result.gap
        sure = "more than chance" if gap.lower > 0 or gap.upper < 0 else "chance can explain it"
        words = (
            f"{pair}: accuracy {100 * gap.value:+.2f} points ({100 * gap.lower:+.2f} to {100 * gap.upper:+.2f}) "
            f"on {result.n} shared bars of {result.n_days} days: {sure}"
        )
        found.append({"run": entry.id, **result.to_dict(), "words": words})
    return found
