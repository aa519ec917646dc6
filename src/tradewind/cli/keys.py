"""`tradewind keys`: who may ask the server, for what, how often."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

A key for a program that reads forecasts, 200 a second:

  tradewind keys create --note "execution desk" --rate 200

One that may also ask why, and follow new forecasts:

  tradewind keys create --scopes read,explain,stream --days 90

  tradewind keys list

  tradewind keys revoke k3f9a1
"""

File = Annotated[
    Path,
    typer.Option(
        "--keys", metavar="FILE", envvar="TRADEWIND_API_KEYS", help="The file of keys; a running server follows it."
    ),
]
FILE = Path(".tradewind/serving/keys.json")

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="keys", help="Create, list and revoke the keys of the server's callers.", epilog=EPILOG)


@group.command("create", epilog=EPILOG)
def create(
    scopes: Annotated[
        str, typer.Option("--scopes", metavar="NAMES", help="read, explain, stream, compute, admin; with commas.")
    ] = "read",
    rate: Annotated[float, typer.Option("--rate", metavar="N", help="Requests a second on average.")] = 100.0,
    burst: Annotated[
        int | None, typer.Option("--burst", metavar="N", help="Requests at once (twice the rate).")
    ] = None,
    days: Annotated[int | None, typer.Option("--days", metavar="N", min=1, help="Days until it runs out.")] = None,
    note: Annotated[str, typer.Option("--note", metavar="TEXT", help="Whose it is.")] = "",
    keys: File = FILE,
    as_json: options.Json = False,
) -> None:
    """Create a key and show it, once: only a hash of it is kept."""
    from datetime import timedelta

    from tradewind.cli import show
    from tradewind.cli.serving_keys import terms_of
    from tradewind.core.clock import SystemClock
    from tradewind.serving.access import create_key

    expires = None if days is None else SystemClock().now() + timedelta(days=days)
    key, record = create_key(keys, terms_of(scopes, rate=rate, burst=burst, expires=expires, note=note))
    if as_json:
        show.print_json({"key": key, "id": record.id, "scopes": list(record.scopes)})
        return
    show.say(key)
    show.note(f"Key {record.id} may {', '.join(record.scopes)}. It is not shown again; send it as X-Api-Key.")


@group.command("list")
def list_(keys: File = FILE, as_json: options.Json = False) -> None:
    """List the keys: what each may do, and since when; never the keys themselves."""
    from tradewind.cli import show
    from tradewind.cli.serving_keys import shown
    from tradewind.serving.access import list_keys

    show.table([shown(record) for record in list_keys(keys)], title="Keys", as_json=as_json)


@group.command("revoke")
def revoke(
    key: Annotated[str, typer.Argument(metavar="ID", help="The id of the key, as `keys list` shows it.")],
    keys: File = FILE,
) -> None:
    """Revoke a key; running servers refuse it within a second."""
    from tradewind.cli import show
    from tradewind.serving.access import revoke_key

    record = revoke_key(keys, key)
    show.say(f"Key {record.id} is revoked")
