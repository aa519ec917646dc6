"""`tradewind stream`: what lies in the event log, what could not be read, and how to read it again or add to it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

Topics, their messages, and who reads them how far behind:

  tradewind stream show

Why messages of a topic were refused, and where each lies:

  tradewind stream dead --topic bars

A log into another one, ten times as fast as it was written:

  tradewind stream replay --to /tmp/copy --speed 10

  tradewind stream replay --topics news | head

Bars and news of a file into the log of a running server; what is there already is not written again:

  tradewind stream send --prices prices.parquet --news news.parquet

Records as JSON lines, of the form that `replay` prints:

  tradewind stream send - < bars.jsonl
"""
STATE = Path(".tradewind/serving")

State = Annotated[Path, typer.Option("--state", metavar="DIR", help="State folder of the server; its log is read.")]
Log = Annotated[
    str | None,
    typer.Option("--log", metavar="PLACE", help="The log itself, in place of --state: a folder or kafka://HOST:PORT."),
]

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(
        group, name="stream", help="Look into the event log, replay it, and add records to it.", epilog=EPILOG
    )


@group.command("show", epilog=EPILOG)
def show_(state: State = STATE, log: Log = None, as_json: options.Json = False) -> None:
    """Show topics with their partitions and ends, and consumer groups with their lag."""
    from tradewind.cli import show
    from tradewind.cli.streamed import described, opened

    with opened(state, log) as opened_log:
        found = described(opened_log)
    if as_json:
        show.print_json(found)
        return
    rows = [{**topic, "partitions": len(topic["partitions"])} for topic in found["topics"]]
    show.table(rows, title=f"Topics of {found['place']}", as_json=False)
    readers = [{key: one[key] for key in ("group", "members", "lag")} for one in found["groups"]]
    if readers:
        show.table(readers, title="Consumer groups", as_json=False)
    else:
        show.note("No consumer group has committed; a server keeps its positions in its own checkpoint")


@group.command("dead", epilog=EPILOG)
def dead(
    topic: Annotated[str | None, typer.Option("--topic", metavar="NAME", help="Of this topic alone.")] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", min=1, help="The newest so many.")] = 50,
    state: State = STATE,
    log: Log = None,
    as_json: options.Json = False,
) -> None:
    """Show messages that could not be read: where each lies, the reason, and the record as it came."""
    from tradewind.cli import show
    from tradewind.cli.streamed import dead_rows, opened

    with opened(state, log) as opened_log:
        rows = dead_rows(opened_log, topic, limit)
    if not rows and not as_json:
        show.say("No message was refused")
        return
    show.table(rows, title="Dead letters", as_json=as_json)


@group.command("replay", epilog=EPILOG)
def replay(
    to: Annotated[
        str | None, typer.Option("--to", metavar="PLACE", help="Log to write into; without it JSON lines are printed.")
    ] = None,
    topics: Annotated[str, typer.Option("--topics", metavar="NAMES", help="With commas.")] = "bars,news",
    speed: Annotated[
        float | None,
        typer.Option("--speed", metavar="X", help="1 is the pace of writing, 10 ten times it; without it full speed."),
    ] = None,
    state: State = STATE,
    log: Log = None,
    as_json: options.Json = False,
) -> None:
    """Read a log from its beginning to where it ends now, and print it or write it into another log.

    Messages come in the order in which they were written. The log that is read is not changed.
    """
    from tradewind.cli import show
    from tradewind.cli.streamed import opened, print_records, replayed_into

    wanted = options.names(topics, "--topics")
    with opened(state, log) as source:
        if to is None:
            print_records(source, wanted, speed)
            return
        counts = replayed_into(source, wanted, to, speed)
    if as_json:
        show.print_json({"to": to, "written": counts})
        return
    told = ", ".join(f"{count} of {topic}" for topic, count in counts.items()) or "nothing"
    show.say(f"Wrote {told} into {to}")


@group.command("send", epilog=EPILOG)
def send(
    source: Annotated[
        str | None, typer.Argument(metavar="[-]", help="`-` reads records as JSON lines from standard input.")
    ] = None,
    prices: Annotated[Path | None, typer.Option("--prices", metavar="FILE", help="Bars (Parquet or CSV).")] = None,
    news: options.News = None,
    fear: options.Fear = None,
    state: State = STATE,
    log: Log = None,
    as_json: options.Json = False,
) -> None:
    """Write bars and news of files, or records of standard input, into the log; a running server takes them up.

    Of files only what the log lacks, or has otherwise, is written. A bad line of standard input is told and left out,
    the others are written; the exit code is 2 then.
    """
    from tradewind.cli import show
    from tradewind.cli.streamed import log_place, sent_files
    from tradewind.core import UsageError

    if source is not None and source != "-":
        raise UsageError(f"{source!r} is not `-`", fix="give files with --prices, records on standard input with -")
    if (source is None) == (prices is None):
        raise UsageError("one source is sent at a time", fix="give either --prices FILE or -")
    place = log_place(state, log)
    if prices is not None:
        seeded = sent_files(place, state, prices, news, fear)
        if as_json:
            show.print_json({"bars": seeded.bars, "corrected": seeded.corrected, "items": seeded.items})
        else:
            show.say(f"Wrote {seeded.bars} bars ({seeded.corrected} corrections) and {seeded.items} news items")
        return
    _lines(place, as_json=as_json)


def _lines(place: str, *, as_json: bool) -> None:
    import sys

    from tradewind.cli import show
    from tradewind.cli.streamed import send_lines

    done = send_lines(sys.stdin.buffer, place, lambda error: show.complain(str(error)))
    if as_json:
        show.print_json({"written": done.written, "refused": done.refused})
    else:
        show.say(f"Wrote {done.written} records, refused {done.refused} lines")
    if done.refused:
        raise typer.Exit(2)
