"""Operations on people, for administrators."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, Field

from tradewind.web.access.passwords import MIN_LENGTH, generated
from tradewind.web.access.store import AccessStore, Account, User
from tradewind.web.guard import access_of, needs
from tradewind.web.problems import Problem
from tradewind.web.roles import Role

router = APIRouter(prefix="/api/people", tags=["people"])
Access = Annotated[AccessStore, Depends(access_of)]
Admin = Annotated[User, Depends(needs(Role.admin))]
NAME = r"^[\w.@+-]{1,64}$"


class PersonShape(BaseModel):
    """A person who may open the dashboard."""

    name: str
    roles: list[Role]
    signs_as: str | None = Field(description="Whose key signs what they decide; null: they cannot sign.")
    has_password: bool = Field(description="False: they come by a link alone.")
    created: str


class NewPerson(BaseModel):
    """A person to add; without a password one is made and shown once."""

    name: str = Field(pattern=NAME)
    roles: list[Role] = Field(min_length=1)
    signs_as: str | None = Field(default=None, max_length=200)
    password: str | None = Field(default=None, min_length=MIN_LENGTH, max_length=1000)


class ChangedPerson(BaseModel):
    """What a person is from now on."""

    roles: list[Role] = Field(min_length=1)
    signs_as: str | None = Field(default=None, max_length=200)


class SecretOnce(BaseModel):
    """A secret that is shown this once and kept as a hash alone."""

    name: str
    secret: str = Field(description="The password, or the address that logs in.")


@router.get("")
def people(_: Admin, access: Access) -> list[PersonShape]:
    """Everybody, by name."""
    return [_shape(account) for account in access.accounts()]


@router.post("", status_code=201)
def add_person(_: Admin, access: Access, body: NewPerson) -> SecretOnce:
    """Add a person; the answer bears their password."""
    if any(user.name == body.name for user in access.users()):
        raise Problem(409, "That name is taken", f"{body.name} is there already.", fix="change that person instead")
    password = body.password or generated()
    access.add(body.name, frozenset(body.roles), password=password, person=body.signs_as or None)
    return SecretOnce(name=body.name, secret=password)


@router.put("/{name}")
def change_person(admin: Admin, access: Access, name: str, body: ChangedPerson) -> PersonShape:
    """Give a person other roles, or another key."""
    account = _account(access, name)
    if Role.admin in account.user.roles and Role.admin not in body.roles:
        _not_the_last(access, admin, account)
    access.change(name, frozenset(body.roles), person=body.signs_as or None)
    return _shape(_account(access, name))


@router.delete("/{name}", status_code=204)
def remove_person(admin: Admin, access: Access, name: str) -> None:
    """Remove a person and end their sessions."""
    account = _account(access, name)
    if name == admin.name:
        raise Problem(409, "You cannot remove yourself", "You would be logged out.", fix="ask another administrator")
    access.remove(account.user.name)


@router.post("/{name}/password")
def reset_password(_: Admin, access: Access, name: str) -> SecretOnce:
    """Give a person a new password, which is shown once; their sessions end."""
    account, password = _account(access, name), generated()
    access.set_password(account.user.name, password)
    return SecretOnce(name=name, secret=password)


@router.post("/{name}/link")
def login_link(request: Request, _: Admin, access: Access, name: str) -> SecretOnce:
    """Make a link that logs a person in once, within ten minutes."""
    ticket = access.ticket(_account(access, name).user.name)
    return SecretOnce(name=name, secret=f"{str(request.base_url).rstrip('/')}/api/ticket/{ticket}")


def _account(access: AccessStore, name: str) -> Account:
    found = next((account for account in access.accounts() if account.user.name == name), None)
    if found is None:
        raise Problem(404, "There is no such person", f"Nobody is called {name!r}.", fix="choose one of the list")
    return found


def _not_the_last(access: AccessStore, admin: User, account: Account) -> None:
    others = [user for user in access.users() if Role.admin in user.roles and user.name != account.user.name]
    if not others:
        raise Problem(
            409, "The last administrator stays one", f"{admin.name} is the only one.", fix="make another one first"
        )


def _shape(account: Account) -> PersonShape:
    user = account.user
    return PersonShape(
        name=user.name,
        roles=sorted(user.roles),
        signs_as=user.person,
        has_password=account.has_password,
        created=account.created.isoformat(),
    )
