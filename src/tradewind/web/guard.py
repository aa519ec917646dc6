"""Who asks: the session behind a request, and whether its person may open the view."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated

from fastapi import Depends, Request

from tradewind.web.access import AccessStore, Session, User
from tradewind.web.problems import Problem
from tradewind.web.roles import OPENS, Role, View
from tradewind.web.workspace import Workspace

COOKIE = "tradewind_session"
MARK = "x-tradewind"
"""A header that only this application's own pages can send: a form of another site cannot (no cross-site forgery)."""


def access_of(request: Request) -> AccessStore:
    """Return the store of people."""
    store: AccessStore = request.app.state.access
    return store


def workspace_of(request: Request) -> Workspace:
    """Return where everything lies."""
    workspace: Workspace = request.app.state.workspace
    return workspace


def marked(request: Request) -> None:
    """Let a change through that this application's own page asks for.

    Raises
    ------
    Problem : another site's page may have asked for it (403).
    """
    if request.method not in ("GET", "HEAD", "OPTIONS") and request.headers.get(MARK) is None:
        raise Problem(403, "This did not come from the dashboard", f"The header {MARK} is missing.")


def session_of(request: Request) -> Session:
    """Return the session of a request.

    Raises
    ------
    Problem : nobody is logged in (401), or a change is asked for by another site's page (403).
    """
    marked(request)
    secret = request.cookies.get(COOKIE)
    session = access_of(request).session(secret) if secret else None
    if session is None:
        raise Problem(401, "Nobody is logged in", "The log-in is over or was never made.", fix="log in")
    return session


def user_of(session: Annotated[Session, Depends(session_of)]) -> User:
    """Return who asks."""
    return session.user


def opens(view: View) -> Callable[[User], User]:
    """Return a dependency that lets through who may open ``view``."""

    def check(user: Annotated[User, Depends(user_of)]) -> User:
        if not user.roles & OPENS[view]:
            allowed = ", ".join(sorted(role.value for role in OPENS[view] - {Role.admin}))
            raise Problem(
                403, "This view is not open to you", f"It is for the roles {allowed}.", fix="ask an administrator"
            )
        return user

    return check


def needs(*roles: Role) -> Callable[[User], User]:
    """Return a dependency that lets through who has one of ``roles``."""

    def check(user: Annotated[User, Depends(user_of)]) -> User:
        if not user.roles & frozenset(roles):
            raise Problem(
                403,
                "This is not open to you",
                f"It is for the roles {', '.join(sorted(role.value for role in roles))}.",
                fix="ask an administrator",
            )
        return user

    return check


CurrentUser = Annotated[User, Depends(user_of)]
Place = Annotated[Workspace, Depends(workspace_of)]
