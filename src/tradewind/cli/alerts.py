"""`tradewind alerts`: what is wrong now, who looks at it, and what shall not be told for a while."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli import options

if TYPE_CHECKING:
    from tradewind.monitoring.alerts import AlertSettings

EPILOG = """[bold]Examples[/bold]

What is open, the gravest first, and what is behind one incident:

  tradewind alerts list

  tradewind alerts show 1e0bc8e87b

I look at it: it is not told again unless it gets worse:

  tradewind alerts ack 1e0bc8e87b --as ann --note "feed vendor called"

A migration for two hours; critical alerts are told all the same (--critical silences them too):

  tradewind alerts silence kind=feature_drift feed=primary --hours 2 --as ann --reason "vendor migration"

  tradewind alerts list --silences

  tradewind alerts unsilence 9a41c0de77

Does the mail arrive?

  tradewind alerts test desk --settings alerts.toml

What was not delivered, and once the fault is mended, again:

  tradewind alerts list --outbox

  tradewind alerts resend
"""

Store = Annotated[
    Path,
    typer.Option(
        "--store", metavar="FILE", envvar="TRADEWIND_ALERTS", help="The file of alerts that the monitor writes."
    ),
]
STORE = Path(".tradewind/monitoring/alerts.db")
Settings = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Receivers, chain and limits (TOML; docs/alerts.md).")
]
As = Annotated[str, typer.Option("--as", metavar="NAME", help="Who you are.")]

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="alerts", help="Show, acknowledge and silence alerts; try receivers.", epilog=EPILOG)


@group.command("list", epilog=EPILOG)
def list_(
    store: Store = STORE,
    every: Annotated[bool, typer.Option("--all", help="Those that are over too.")] = False,
    severity: Annotated[
        str | None, typer.Option("--severity", metavar="NAME", help="At least: info, warning, error, critical.")
    ] = None,
    silences: Annotated[bool, typer.Option("--silences", help="Silences instead of incidents.")] = False,
    outbox: Annotated[bool, typer.Option("--outbox", help="Notifications that are not delivered instead.")] = False,
    as_json: options.Json = False,
) -> None:
    """List the open incidents, the gravest first; or silences; or what was not delivered."""
    from tradewind.cli import show
    from tradewind.core.clock import SystemClock
    from tradewind.monitoring.alerts import AlertStore, incident_rows, outbox_rows, silence_rows

    kept = AlertStore(store, create=False)
    if silences:
        rows, title = silence_rows(kept.read(), SystemClock().now()), "Silences"
    elif outbox:
        rows, title = outbox_rows(kept.outbox), "Not delivered"
    else:
        rows, title = incident_rows(kept.read(), every=every, least=severity), "Incidents"
    show.table(rows, title=title if rows else f"{title}: none", as_json=as_json)


@group.command("show", epilog=EPILOG)
def show_(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of an incident or alert, or its first digits.")],
    store: Store = STORE,
    as_json: options.Json = False,
) -> None:
    """Show an incident: its alerts, what they explain, who looks at it, and the run-book's section."""
    from tradewind.cli import show
    from tradewind.monitoring.alerts import AlertStore, incident_details

    found = incident_details(AlertStore(store, create=False).read(), name)
    if as_json:
        show.print_json(found)
        return
    for key, value in found["incident"].items():
        show.say(f"{key}: {value}")
    show.table(found["alerts"], title="Alerts", as_json=False)
    if found["explained"]:
        show.table(found["explained"], title="Held back, since these explain them", as_json=False)


@group.command("ack", epilog=EPILOG)
def ack(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of an incident or alert, or its first digits.")],
    who: As,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="What you know or do.")] = "",
    store: Store = STORE,
    as_json: options.Json = False,
) -> None:
    """Acknowledge an incident: it goes no further up the chain and is not told again, unless it gets worse."""
    from tradewind.cli import show
    from tradewind.core.clock import SystemClock
    from tradewind.monitoring.alerts import AlertStore, acknowledge

    found = acknowledge(AlertStore(store, create=False), name, who, SystemClock().now(), note=note)
    if as_json:
        show.print_json(found.to_dict())
        return
    show.say(f"Incident {found.id} is acknowledged by {who}")


@group.command("silence", epilog=EPILOG)
def silence_(
    match: Annotated[
        list[str],
        typer.Argument(metavar="LABEL=PATTERNS...", help="kind=feature_* feed=primary; commas: one of these."),
    ],
    who: As,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why.")],
    hours: Annotated[float, typer.Option("--hours", metavar="N", help="How long.")],
    critical: Annotated[bool, typer.Option("--critical", help="Silence critical alerts too.")] = False,
    settings: Settings = None,
    store: Store = STORE,
    as_json: options.Json = False,
) -> None:
    """Silence the alerts that match: they are kept, and told when the silence ends if they are still there."""
    import math
    from datetime import timedelta

    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.core.clock import SystemClock
    from tradewind.monitoring.alerts import AlertStore, SilenceOrder, silence

    if not (math.isfinite(hours) and abs(hours) < 1e6):
        raise UsageError(f"a silence of {hours:g} hours cannot be", field="--hours", fix="give a number of hours")
    order = SilenceOrder(
        match=_pairs(match), lasts=timedelta(hours=hours), author=who, reason=reason, critical=critical
    )
    made = silence(AlertStore(store, create=False), order, SystemClock().now(), _settings(settings))
    if as_json:
        show.print_json(made.to_dict())
        return
    show.say(f"Silence {made.id} lasts until {made.until:%Y-%m-%d %H:%M} UTC")


@group.command("unsilence", epilog=EPILOG)
def unsilence_(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of the silence, or its first digits.")],
    store: Store = STORE,
    as_json: options.Json = False,
) -> None:
    """End a silence now."""
    from tradewind.cli import show
    from tradewind.core.clock import SystemClock
    from tradewind.monitoring.alerts import AlertStore, unsilence

    ended = unsilence(AlertStore(store, create=False), name, SystemClock().now())
    if as_json:
        show.print_json(ended.to_dict())
        return
    show.say(f"Silence {ended.id} is over")


@group.command("test", epilog=EPILOG)
def trial(
    receivers: Annotated[
        list[str] | None, typer.Argument(metavar="[RECEIVER]...", help="Names in the settings; all if none is given.")
    ] = None,
    settings: Settings = None,
    as_json: options.Json = False,
) -> None:
    """Tell receivers that this is a test. The exit code is 1 where one did not take it."""
    from tradewind.cli import show
    from tradewind.core.clock import SystemClock
    from tradewind.monitoring.alerts import try_receivers

    rows = try_receivers(_settings(settings), tuple(receivers or ()), SystemClock().now())
    show.table(rows, title="Receivers", as_json=as_json)
    if any(row["error"] for row in rows):
        raise typer.Exit(1)


@group.command("resend", epilog=EPILOG)
def resend(store: Store = STORE) -> None:
    """Let notifications that were given up be tried again, once their fault is mended."""
    from tradewind.cli import show
    from tradewind.monitoring.alerts import AlertStore

    count = AlertStore(store, create=False).outbox.resend()
    show.say(f"{count} notifications are tried again")


def _settings(path: Path | None) -> AlertSettings:
    from tradewind.monitoring.alerts import AlertSettings

    return AlertSettings() if path is None else AlertSettings.from_toml(path)


def _pairs(words: list[str]) -> dict[str, Any]:
    from tradewind.core import UsageError

    found = {}
    for word in words:
        name, sign, value = word.partition("=")
        if not (name and sign and value) or name in found:
            raise UsageError(f"{word!r} says nothing to match", fix="write LABEL=PATTERNS, each label once")
        found[name] = value
    return found
