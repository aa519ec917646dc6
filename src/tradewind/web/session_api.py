"""Operations of logging in and out, and of what the page needs to know about who is there."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse, StreamingResponse
from pydantic import BaseModel, Field

from tradewind import __version__
from tradewind.web.access import AccessStore, Throttle, User
from tradewind.web.access.passwords import MIN_LENGTH
from tradewind.web.guard import COOKIE, CurrentUser, Place, access_of, marked
from tradewind.web.live import Live
from tradewind.web.problems import Problem
from tradewind.web.roles import Role, View, views_of
from tradewind.web.settings import DashboardSettings
from tradewind.web.signing import has_key
from tradewind.web.workspace import Workspace

router = APIRouter(prefix="/api", tags=["session"])
Access = Annotated[AccessStore, Depends(access_of)]


class LogIn(BaseModel):
    """A name and its password."""

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1000)


class PasswordChange(BaseModel):
    """A new password; the present one proves who asks, where there is one."""

    old: str | None = Field(default=None, max_length=1000)
    new: str = Field(min_length=MIN_LENGTH, max_length=1000)


class Me(BaseModel):
    """Who is logged in, and what they may open."""

    name: str
    roles: list[Role]
    views: list[View]
    signs_as: str | None = Field(description="Whose key signs what they decide; null: they cannot sign.")
    key_here: bool = Field(description="That key lies on the machine of the dashboard.")
    has_password: bool = Field(description="False: they came by a link, and can take a password.")
    version: str


def _me(user: User, access: AccessStore, place: Workspace) -> Me:
    account = next((one for one in access.accounts() if one.user.name == user.name), None)
    return Me(
        name=user.name,
        roles=sorted(user.roles),
        views=list(views_of(user.roles)),
        signs_as=user.person,
        key_here=has_key(place, user.person),
        has_password=account is not None and account.has_password,
        version=__version__,
    )


@router.get("/me")
def me(user: CurrentUser, access: Access, place: Place) -> Me:
    """Who is logged in."""
    return _me(user, access, place)


@router.post("/log-in", dependencies=[Depends(marked)])
def log_in(request: Request, response: Response, body: LogIn, access: Access, place: Place) -> Me:
    """Log in; a cookie carries the session."""
    throttle, address = _throttle(request, body.name)
    secret = access.log_in(body.name, body.password)
    session = access.session(secret) if secret else None
    if secret is None or session is None:
        throttle.failed(body.name, address)
        raise Problem(401, "Name or password is wrong", "Nobody is known by this name and password.")
    throttle.passed(body.name, address)
    _keep(request, response, secret)
    return _me(session.user, access, place)


@router.post("/log-out", status_code=204)
def log_out(request: Request, response: Response, _: CurrentUser, access: Access) -> None:
    """Log out."""
    access.log_out(request.cookies[COOKIE])
    response.delete_cookie(COOKIE, path="/")


@router.post("/me/password", status_code=204)
def change_own_password(request: Request, user: CurrentUser, access: Access, body: PasswordChange) -> None:
    """Take another password; one's other sessions end."""
    throttle, address = _throttle(request, user.name)
    has_one = any(account.user.name == user.name and account.has_password for account in access.accounts())
    if has_one and not access.knows(user.name, body.old or ""):
        throttle.failed(user.name, address)
        raise Problem(422, "The present password is wrong", "It was not changed.", fix="type the present one again")
    access.set_password(user.name, body.new, keep=request.cookies[COOKIE])


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


def _throttle(request: Request, name: str) -> tuple[Throttle, str]:
    throttle: Throttle = request.app.state.throttle
    address = request.client.host if request.client else "unknown"
    wait = throttle.wait(name, address)
    if wait:
        raise Problem(
            429,
            "Too many attempts failed",
            f"The next one is heard in {wait} s.",
            fix="wait, or let an administrator reset the password",
            headers={"retry-after": str(wait)},
        )
    return throttle, address


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
