"""`tradewind dashboard`: the web application over what the other commands keep, and who may open it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

EPILOG = """[bold]Examples[/bold]

Look around in a furnished example, with nothing set up before:

  tradewind dashboard --demo

Open your own work (bars can be uploaded there):

  tradewind dashboard

Add a colleague; the password is asked for:

  tradewind dashboard users add ann --roles analyst,executive
"""

group = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False, invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    app.add_typer(group, name="dashboard", help="Open the dashboard in a browser.", epilog=EPILOG)


@group.callback()
def dashboard(
    context: typer.Context,
    home: Annotated[
        Path, typer.Option("--home", metavar="DIR", envvar="TRADEWIND_HOME", help="Where the work is kept.")
    ] = Path(".tradewind"),
    host: Annotated[str, typer.Option("--host", help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="Port; 0 takes a free one.")] = 8700,
) -> None:
    """Serve the dashboard and print a link that logs you in."""
    if context.invoked_subcommand is not None:
        return
    import uvicorn

    from tradewind.cli import show
    from tradewind.web.app import build_dashboard
    from tradewind.web.roles import Role
    from tradewind.web.settings import DashboardSettings
    from tradewind.web.workspace import Workspace

    app = build_dashboard(Workspace.of(home), DashboardSettings(host=host, port=port))
    access = app.state.access
    if not any(Role.admin in user.roles for user in access.users()):
        access.add("admin", frozenset({Role.admin}), password=None)
    show.say(f"Open http://{host}:{port}/api/ticket/{access.ticket('admin')}  (works once, for ten minutes)")
    uvicorn.run(app, host=host, port=port, log_level="warning")
