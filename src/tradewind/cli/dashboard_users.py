"""`tradewind dashboard users`: who may open the dashboard, and what it shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli import options
from tradewind.cli.dashboard_places import people_of

if TYPE_CHECKING:
    from tradewind.web.roles import Role

EPILOG = """[bold]Examples[/bold]

Add a colleague; the password is asked for:

  tradewind dashboard users add ann --roles analyst,executive

One whose decisions about models and cases are signed, with a password that is made and shown once:

  tradewind dashboard users add otto --roles compliance --person otto --generate

  tradewind dashboard users password ann

A link that logs in once, within ten minutes:

  tradewind dashboard users link ann

Of another home (the flag stands before `users`):

  tradewind dashboard --home /srv/tradewind users list
"""

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)
Name = Annotated[str, typer.Argument(metavar="NAME", help="Who.")]
Generate = Annotated[bool, typer.Option("--generate", help="Make a password and show it, once.")]
FromStdin = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input.")]


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="users", help="Add, list and remove people; passwords and links.", epilog=EPILOG)


@group.command("add", epilog=EPILOG)
def add(
    context: typer.Context,
    name: Name,
    roles: Annotated[
        str | None,
        typer.Option(
            "--roles", metavar="NAMES", help="executive, analyst, oncall, compliance, surveillance, admin; with commas."
        ),
    ] = None,
    person: Annotated[
        str | None, typer.Option("--person", metavar="NAME", help="Whose key signs what they decide.")
    ] = None,
    generate: Generate = False,
    password_stdin: FromStdin = False,
) -> None:
    """Add a person, or give the one of that name other roles or another key; their password then stays."""
    from tradewind.cli import show
    from tradewind.core import UsageError

    access = people_of(context)
    known = next((user for user in access.users() if user.name == name), None)
    if known is not None:
        chosen = _roles(roles) if roles else known.roles
        access.change(name, chosen, person=person if person is not None else known.person)
        if generate or password_stdin:
            _give(context, name, generate=generate, password_stdin=password_stdin)
        show.say(f"{name}: {', '.join(sorted(chosen))}")
        return
    if roles is None:
        raise UsageError("a person needs a role", field="--roles", fix="name one, such as --roles analyst")
    chosen = _roles(roles)
    access.add(name, chosen, password=_password(generate=generate, password_stdin=password_stdin), person=person)
    show.say(f"{name}: {', '.join(sorted(chosen))}")


@group.command("list", epilog=EPILOG)
def list_users(context: typer.Context, as_json: options.Json = False) -> None:
    """List everybody."""
    from tradewind.cli import show

    rows = [
        {
            "name": account.user.name,
            "roles": ", ".join(sorted(account.user.roles)),
            "signs as": account.user.person,
            "comes by": "password" if account.has_password else "link",
            "since": account.created.date().isoformat(),
        }
        for account in people_of(context).accounts()
    ]
    show.table(rows, title=f"{len(rows)} people of the dashboard", as_json=as_json)


@group.command("remove", epilog=EPILOG)
def remove(context: typer.Context, name: Name) -> None:
    """Remove a person; they are logged out at once."""
    from tradewind.cli import show

    people_of(context).remove(name)
    show.say(f"{name} is removed")


@group.command("password", epilog=EPILOG)
def password(context: typer.Context, name: Name, generate: Generate = False, password_stdin: FromStdin = False) -> None:
    """Give a person another password; their sessions end."""
    from tradewind.cli import show

    _give(context, name, generate=generate, password_stdin=password_stdin)
    show.say(f"the password of {name} is changed")


@group.command("link", epilog=EPILOG)
def link(
    context: typer.Context,
    name: Name,
    url: Annotated[
        str, typer.Option("--url", metavar="URL", help="Where the dashboard is reached.")
    ] = "http://127.0.0.1:8700",
) -> None:
    """Print a link that logs a person in once, within ten minutes."""
    from tradewind.cli import show

    show.say(f"{url.rstrip('/')}/api/ticket/{people_of(context).ticket(name)}")


def _roles(text: str) -> frozenset[Role]:
    from tradewind.core import UsageError
    from tradewind.web.roles import Role

    names = [part.strip() for part in text.split(",") if part.strip()]
    unknown = [name for name in names if name not in list(Role)]
    if unknown or not names:
        raise UsageError(
            f"no such role: {', '.join(unknown) or 'none is named'}",
            field="--roles",
            fix=f"name of {', '.join(Role)}",
        )
    return frozenset(map(Role, names))


def _give(context: typer.Context, name: str, *, generate: bool, password_stdin: bool) -> None:
    access = people_of(context)
    if all(user.name != name for user in access.users()):
        from tradewind.core import UsageError

        raise UsageError(f"nobody is called {name!r}", field="name", fix="see `tradewind dashboard users list`")
    access.set_password(name, _password(generate=generate, password_stdin=password_stdin))


def _password(*, generate: bool, password_stdin: bool) -> str:
    """Return a password: made and shown, read from a pipe, or asked for twice."""
    import sys

    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.web.access.passwords import generated

    if generate:
        made = generated()
        show.say(f"password, shown this once: {made}")
        return made
    if password_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise UsageError("there is no terminal to ask for the password", fix="give --generate or --password-stdin")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
