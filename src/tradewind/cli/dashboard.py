"""`tradewind dashboard`: the web application over what the other commands keep, and who may open it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import dashboard_ratings, dashboard_users
from tradewind.cli.dashboard_places import HOME, Home

EPILOG = """[bold]Examples[/bold]

Look around in a furnished example, with nothing set up before; it is made once, in .tradewind-demo:

  tradewind dashboard --demo

Open your own work (bars can be uploaded there), in the browser at once:

  tradewind dashboard --open

What lies elsewhere, and a server that is running:

  tradewind dashboard --registry postgresql://db/tradewind --server http://127.0.0.1:8600

For colleagues, behind a proxy that ends TLS; somebody needs a password first:

  tradewind dashboard users add ann --roles admin
  tradewind dashboard --host 0.0.0.0 --behind-proxy

What people think of the explanations:

  tradewind dashboard ratings
"""

group = typer.Typer(rich_markup_mode="rich", pretty_exceptions_enable=False, invoke_without_command=True)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    dashboard_users.register(group)
    dashboard_ratings.register(group)
    app.add_typer(group, name="dashboard", help="Open the dashboard in a browser.", epilog=EPILOG)


@group.callback()
def dashboard(
    context: typer.Context,
    home: Home = HOME,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")] = 8700,
    open_browser: Annotated[bool, typer.Option("--open", help="Open it in the browser, logged in.")] = False,
    demo: Annotated[
        bool, typer.Option("--demo", help="Furnish an example to look around in (in .tradewind-demo).")
    ] = False,
    behind_proxy: Annotated[
        bool,
        typer.Option("--behind-proxy", help="A proxy ends TLS: cookies over TLS alone, callers as it names them."),
    ] = False,
    session_hours: Annotated[
        float, typer.Option("--session-hours", metavar="N", min=0.1, help="A log-in lasts as long unused.")
    ] = 12.0,
    registry: Annotated[
        str | None,
        typer.Option("--registry", metavar="PLACE", envvar="TRADEWIND_REGISTRY", help="Registry of models."),
    ] = None,
    audit: Annotated[str | None, typer.Option("--audit", metavar="PLACE", help="The audit log.")] = None,
    serving: Annotated[Path | None, typer.Option("--serving", metavar="DIR", help="State of `serve`.")] = None,
    server: Annotated[
        str | None, typer.Option("--server", metavar="URL", help="Address of a running `serve`, to be asked.")
    ] = None,
    alerts: Annotated[Path | None, typer.Option("--alerts", metavar="FILE", help="Alerts of `monitor`.")] = None,
    journal: Annotated[Path | None, typer.Option("--journal", metavar="DIR", help="Journal of `monitor`.")] = None,
    references: Annotated[
        Path | None, typer.Option("--references", metavar="DIR", help="What `monitor` compares with.")
    ] = None,
    drift: Annotated[Path | None, typer.Option("--drift", metavar="DIR", help="Drift that `monitor` kept.")] = None,
    cases: Annotated[Path | None, typer.Option("--cases", metavar="FILE", help="Cases of `surveil`.")] = None,
    events: Annotated[Path | None, typer.Option("--events", metavar="DIR", help="Order events of cases.")] = None,
    reports: Annotated[Path | None, typer.Option("--reports", metavar="DIR", help="Governance reports.")] = None,
    projects: Annotated[Path | None, typer.Option("--projects", metavar="DIR", help="Projects.")] = None,
) -> None:
    """Serve the dashboard until stopped, and print a link that logs you in once.

    A place that is not named lies under --home, where the other commands put it. Nothing leaves this machine, and the
    page loads nothing from elsewhere.
    """
    if context.invoked_subcommand is not None:
        context.obj = home
        return
    from tradewind.cli.dashboard_serving import Listening, run
    from tradewind.web.workspace import Workspace

    if demo and home == HOME:
        home = Path(".tradewind-demo")
    workspace = Workspace.of(
        home,
        registry=registry,
        audit=audit,
        serving=serving,
        server=server,
        alerts=alerts,
        journal=journal,
        references=references,
        drift=drift,
        cases=cases,
        events=events,
        reports=reports,
        projects=projects,
    )
    how = Listening(
        host=host, port=port, open_browser=open_browser, behind_proxy=behind_proxy, session_hours=session_hours
    )
    run(workspace, how, demo=demo)


@group.command("schema")
def schema(
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write it here, not to the screen.")] = None,
) -> None:
    """Print the OpenAPI schema of the operations, for programs that ask the dashboard."""
    import json
    import tempfile

    from tradewind.cli.dashboard_places import needs_web
    from tradewind.core.files import write_text

    needs_web()
    from tradewind.web.app import build_dashboard
    from tradewind.web.workspace import Workspace

    with tempfile.TemporaryDirectory() as nowhere:
        text = json.dumps(build_dashboard(Workspace.of(nowhere)).openapi(), indent=1, sort_keys=True)
    if out is None:
        print(text)
    else:
        write_text(out, text + "\n")
