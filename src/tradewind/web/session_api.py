"""Operations of logging in and out, and of what the page needs to know about who is there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field

from tradewind import __version__
from tradewind.web.access import AccessStore, User
from tradewind.web.guard import COOKIE, MARK, CurrentUser, access_of
from tradewind.web.live import Live
from tradewind.web.problems import Problem
from tradewind.web.roles import Role, View, views_of
from tradewind.web.settings import DashboardSettings

router = APIRouter(prefix="/api", tags=["session"])
Access = Annotated[AccessStore, Depends(access_of)]


class LogIn(BaseModel):
    """A name and its password."""

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000)


class Me(BaseModel):
    """Who is logged in, and what they may open."""

    name: str
    roles: list[Role]
    views: list[View]
    signs_as: str | None = Field(description="Whose key signs what they decide; null: they cannot sign.")
    version: str


def _me(user: User) -> Me:
    return Me(
        name=user.name,
        roles=sorted(user.roles),
        views=list(views_of(user.roles)),
        signs_as=user.person,
        version=__version__,
    )


@router.get("/me")
def me(user: CurrentUser) -> Me:
    """Who is logged in."""
    return _me(user)


@router.post("/log-in")
def log_in(request: Request, response: Response, body: LogIn, access: Access) -> Me:
    """Log in; a cookie carries the session."""
    if request.headers.get(MARK) is None:
        raise Problem(403, "This did not come from the dashboard", f"The header {MARK} is missing.")
    secret = access.log_in(body.name, body.password)
    session = access.session(secret) if secret else None
    if secret is None or session is None:
        raise Problem(401, "Name or password is wrong", "Nobody is known by this name and password.")
    _keep(request, response, secret)
    return _me(session.user)


@router.post("/log-out", status_code=204)
def log_out(request: Request, response: Response, _: CurrentUser, access: Access) -> None:
    """Log out."""
    access.log_out(request.cookies[COOKIE])
    response.delete_cookie(COOKIE, path="/")


@router.get("/ticket/{ticket}", include_in_schema=False)
def redeem(request: Request, ticket: str, access: Access) -> Response:
    """Log in by the link that the command prints, once."""
    secret = access.redeem(ticket)
    answer = RedirectResponse("/" if secret else "/log-in?over=1", status_code=303)
    if secret:
        _keep(request, answer, secret)
    return answer


@router.get("/live", include_in_schema=False)
async def live(request: Request, _: CurrentUser) -> StreamingResponse:
    """What changes, as server-sent events."""
    hub: Live = request.app.state.live
    return StreamingResponse(
        hub.events(), media_type="text/event-stream", headers={"cache-control": "no-store", "x-accel-buffering": "no"}
    )


def _keep(request: Request, response: Response, secret: str) -> None:
    settings: DashboardSettings = request.app.state.settings
    response.set_cookie(
        COOKIE,
        secret,
        httponly=True,
        samesite="strict",
        secure=settings.secure_cookies,
        max_age=int(settings.session_hours * 3600),
        path="/",
    )
