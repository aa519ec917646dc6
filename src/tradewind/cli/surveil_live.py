"""`tradewind surveil watch` and `replay`: surveillance while the market runs, or as if it did."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.surveil_run import Linked, Model, NoEnsemble, Schemes, Strictness

WATCH = """[bold]Examples[/bold]

Watch the orders that a log receives, and bring alerts to the queue of cases:

  tradewind surveil watch --log .tradewind/serving/log --cases cases.db --port 9105

A market with other hours:

  tradewind surveil watch --log kafka://broker:9092 --sessions 09:00-17:30@Europe/Berlin

Look at all that the log holds, and end:

  tradewind surveil watch --log LOG --once
"""
REPLAY = """[bold]Examples[/bold]

See the alerts of a recorded day appear, sixty times as fast as it was:

  tradewind surveil replay --events events.parquet --speed 60x

Into a log that `surveil watch` reads:

  tradewind surveil replay --events events.parquet --speed max --log LOG
"""

Log = Annotated[str, typer.Option("--log", metavar="PLACE", help="The event log: a folder, or kafka://HOST:PORT.")]


def register(group: typer.Typer) -> None:
    """Add the commands to ``group``."""
    group.command("watch", epilog=WATCH)(watch)
    group.command("replay", epilog=REPLAY)(replay)


def watch(
    log: Log,
    state: Annotated[Path, typer.Option("--state", metavar="DIR", help="Where the checkpoint is kept.")] = Path(
        ".tradewind/surveillance/live"
    ),
    model: Model = None,
    sessions: Annotated[
        str,
        typer.Option(
            "--sessions", metavar="NAME", help="A calendar such as XNYS, or hours: 09:30-16:00@America/New_York."
        ),
    ] = "XNYS",
    linked: Linked = None,
    schemes: Schemes = None,
    strictness: Strictness = 0.0,
    no_ensemble: NoEnsemble = False,
    cases: Annotated[
        Path | None, typer.Option("--cases", metavar="FILE", help="Bring alerts to this store of cases.")
    ] = None,
    warm_up: Annotated[
        int | None,
        typer.Option(
            "--warm-up",
            metavar="N",
            min=0,
            help="Events read again on a restart, instead of all; alerts open then may be told otherwise.",
        ),
    ] = None,
    port: Annotated[int | None, typer.Option("--port", help="Prometheus metrics on this port of 127.0.0.1.")] = None,
    once: Annotated[bool, typer.Option("--once", help="End when the log is read to its end.")] = False,
    as_json: options.Json = False,
) -> None:
    """Judge the orders of the event log as they come; alerts go to its topic `alerts_surveillance`."""
    from tradewind.cli import show
    from tradewind.cli.surveil_watching import LivePlaces, watched
    from tradewind.cli.surveilling import chosen_model, chosen_settings

    places = LivePlaces(log=log, state=state, cases=cases, port=port, sessions=sessions, warm_up=warm_up)
    result = watched(
        places, chosen_model(model, no_ensemble=no_ensemble), chosen_settings(schemes, strictness, linked), once=once
    )
    if as_json:
        show.print_json(result)
        return
    show.say(f"{result['events']:,} events judged, {result['alerts']} alerts")


def replay(
    events: Annotated[Path, typer.Option("--events", metavar="FILE|DIR", help="Events, as for `surveil run`.")],
    speed: Annotated[
        str, typer.Option("--speed", metavar="X", help="Market seconds in a second: 1x, 10x, 3600x; or max.")
    ] = "max",
    log: Annotated[
        str | None,
        typer.Option("--log", metavar="PLACE", help="Write the orders into this log and judge nothing here."),
    ] = None,
    news: Annotated[
        Path | None, typer.Option("--news", metavar="FILE", help="News: symbol, published_at (UTC), text.")
    ] = None,
    model: Model = None,
    linked: Linked = None,
    schemes: Schemes = None,
    strictness: Strictness = 0.0,
    no_ensemble: NoEnsemble = False,
    as_json: options.Json = False,
) -> None:
    """Play recorded events as if the market ran: alerts appear as they are raised, with their delays."""
    from tradewind.cli import show
    from tradewind.cli.surveil_watching import played, replayed
    from tradewind.cli.surveilling import chosen_model, chosen_settings
    from tradewind.surveillance.live.sources import EventFiles

    pace = pace_of(speed)
    files = EventFiles.of(events, news=news)
    if log is not None:
        count = played(files, log, pace)
        if as_json:
            show.print_json({"written": count, "log": log})
        else:
            show.say(f"Wrote {count:,} orders into {log}")
        return
    judge = chosen_model(model, no_ensemble=no_ensemble), chosen_settings(schemes, strictness, linked)
    result = replayed(files, pace, *judge, live=not as_json)
    if as_json:
        show.print_json(result)
        return
    show.say(
        f"{result['events']:,} events in {result['seconds']:.1f} s, {result['alerts']} alerts; from an event to its "
        f"alert {1000 * result['delay_p50']:.0f} ms (median), {1000 * result['delay_p99']:.0f} ms (99 %)"
    )


def pace_of(text: str) -> float | None:
    """Return the number in ``10x``; None for ``max``."""
    from tradewind.core import UsageError

    if text == "max":
        return None
    try:
        pace = float(text.removesuffix("x"))
    except ValueError:
        raise UsageError(f"{text!r} is no speed", field="--speed", fix="give 1x, 10x or max") from None
    if not 0 < pace < float("inf"):
        raise UsageError(f"{text!r} is no speed", field="--speed", fix="give 1x, 10x or max")
    return pace
