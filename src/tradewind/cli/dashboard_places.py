"""Where the commands of the dashboard find it, and whether it is installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.core import MissingExtraError

if TYPE_CHECKING:
    from tradewind.web.access import AccessStore

Home = Annotated[Path, typer.Option("--home", metavar="DIR", envvar="TRADEWIND_HOME", help="Where the work is kept.")]
HOME = Path(".tradewind")


def needs_web() -> None:
    """Go on where what serves the dashboard is installed.

    Raises
    ------
    MissingExtraError : it is not.
    """
    for package in ("fastapi", "uvicorn"):
        if find_spec(package) is None:
            raise MissingExtraError(package, "web")


def people_of(context: typer.Context) -> AccessStore:
    """Return the people of the dashboard whose home the group's flag names."""
    needs_web()
    from tradewind.web.access import AccessStore
    from tradewind.web.workspace import Workspace

    return AccessStore(Workspace.of(home_of(context)).store)


def home_of(context: typer.Context) -> Path:
    """Return the home that was named before the subcommand."""
    home = context.find_object(Path)
    return home if home is not None else HOME
