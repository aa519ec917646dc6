"""People and sessions in SQLite; the secret of a session is kept as a hash alone."""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from tradewind.core.clock import Clock, SystemClock
from tradewind.core.errors import UsageError
from tradewind.core.sqlite import write_transaction
from tradewind.web.access.passwords import MIN_LENGTH, hashed, matches
from tradewind.web.roles import Role

_SCHEMA = """
CREATE TABLE IF NOT EXISTS users (
    name TEXT PRIMARY KEY, password TEXT, roles TEXT NOT NULL, person TEXT, created TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sessions (
    secret TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, until TEXT NOT NULL);
"""
_TICKET_MINUTES = 10
_NOBODY = hashed(secrets.token_urlsafe(16))  # compared with where the name is unknown, so that both take as long


@dataclass(frozen=True, kw_only=True)
class User:
    """A person of the dashboard.

    Attributes
    ----------
    name : unique. roles : what they may open.
    person : whose key signs what they decide about models and cases (see ``tradewind models people``); None: nobody's.
    """

    name: str
    roles: frozenset[Role]
    person: str | None = None


@dataclass(frozen=True, kw_only=True)
class Account:
    """What is kept of a person: ``has_password`` says whether they can log in by one; ``created`` is UTC."""

    user: User
    has_password: bool
    created: datetime


@dataclass(frozen=True, kw_only=True)
class Session:
    """Somebody who is logged in, until ``until`` (UTC) unless they go on."""

    user: User
    until: datetime


class AccessStore:
    """The store of people and sessions.

    Parameters
    ----------
    path : SQLite file; made, with mode 0600, where it is not there.
    hours : a session lasts as long after its last use.
    """

    def __init__(self, path: str | Path, *, hours: float = 12.0, clock: Clock | None = None) -> None:
        self._path, self._hours, self._clock = Path(path), hours, clock or SystemClock()
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._path.touch(mode=0o600, exist_ok=True)
        with self._open() as db:
            db.executescript(_SCHEMA)

    def add(self, name: str, roles: frozenset[Role], *, password: str | None, person: str | None = None) -> User:
        """Add a person, or change the one of that name; without a password they can only come by a ticket.

        Raises
        ------
        UsageError : the name is empty, no role is given or the password is too short.
        """
        if not name.strip() or not roles:
            raise UsageError("a person needs a name and a role", field="name", fix="give both")
        _long_enough(password)
        row = (name, hashed(password) if password else None, json.dumps(sorted(roles)), person, self._now().isoformat())
        with self._open() as db, write_transaction(db):
            db.execute("INSERT OR REPLACE INTO users VALUES (?, ?, ?, ?, ?)", row)
            db.execute("DELETE FROM sessions WHERE name = ?", (name,))
        return User(name=name, roles=roles, person=person)

    def remove(self, name: str) -> None:
        """Remove a person and end their sessions.

        Raises
        ------
        UsageError : nobody has that name.
        """
        with self._open() as db, write_transaction(db):
            if not db.execute("DELETE FROM users WHERE name = ?", (name,)).rowcount:
                raise _nobody(name)
            db.execute("DELETE FROM sessions WHERE name = ?", (name,))

    def change(self, name: str, roles: frozenset[Role], *, person: str | None) -> User:
        """Give a person other roles and another key; their password and sessions stay.

        Raises
        ------
        UsageError : nobody has that name, or no role is given.
        """
        if not roles:
            raise UsageError("a person needs a role", field="roles", fix="give one, or remove the person")
        with self._open() as db, write_transaction(db):
            changed = db.execute(
                "UPDATE users SET roles = ?, person = ? WHERE name = ?", (json.dumps(sorted(roles)), person, name)
            )
            if not changed.rowcount:
                raise _nobody(name)
        return User(name=name, roles=roles, person=person)

    def set_password(self, name: str, password: str, *, keep: str | None = None) -> None:
        """Give a person another password and end their sessions, but for the one of the secret ``keep``.

        Raises
        ------
        UsageError : nobody has that name, or the password is too short.
        """
        _long_enough(password)
        with self._open() as db, write_transaction(db):
            if not db.execute("UPDATE users SET password = ? WHERE name = ?", (hashed(password), name)).rowcount:
                raise _nobody(name)
            db.execute(
                "DELETE FROM sessions WHERE name = ? AND secret != ?", (name, _hash(keep) if keep is not None else "")
            )

    def users(self) -> tuple[User, ...]:
        """Return everybody, by name."""
        return tuple(account.user for account in self.accounts())

    def accounts(self) -> tuple[Account, ...]:
        """Return what is kept of everybody, by name."""
        with self._open() as db:
            rows = db.execute(
                "SELECT name, roles, person, password IS NOT NULL, created FROM users ORDER BY name"
            ).fetchall()
        return tuple(
            Account(user=_user(row[:3]), has_password=bool(row[3]), created=datetime.fromisoformat(row[4]))
            for row in rows
        )

    def log_in(self, name: str, password: str) -> str | None:
        """Return the secret of a new session; None where name or password is wrong."""
        return self._new(name, "session") if self.knows(name, password) else None

    def knows(self, name: str, password: str) -> bool:
        """Return whether it is the password of ``name``; it takes as long whether or not there is such a person."""
        with self._open() as db:
            row = db.execute("SELECT password FROM users WHERE name = ?", (name,)).fetchone()
        kept = row[0] if row is not None and row[0] else None
        return matches(password, kept or _NOBODY) and kept is not None

    def ticket(self, name: str) -> str:
        """Return a secret that logs ``name`` in once, within ten minutes; the command prints it as a link.

        Raises
        ------
        UsageError : nobody has that name.
        """
        if all(user.name != name for user in self.users()):
            raise _nobody(name)
        return self._new(name, "ticket")

    def redeem(self, ticket: str) -> str | None:
        """Return the secret of a new session for a ticket, which is used up; None where it is no good any more."""
        with self._open() as db, write_transaction(db):
            row = db.execute(
                "DELETE FROM sessions WHERE secret = ? AND kind = 'ticket' RETURNING name, until", (_hash(ticket),)
            ).fetchone()
        if row is None or datetime.fromisoformat(row[1]) <= self._now():
            return None
        return self._new(row[0], "session")

    def session(self, secret: str) -> Session | None:
        """Return whose session it is and prolong it; None where it is unknown or over."""
        key, now = _hash(secret), self._now()
        with self._open() as db:
            row = db.execute(
                "SELECT u.name, u.roles, u.person, s.until FROM sessions s JOIN users u ON u.name = s.name "
                "WHERE s.secret = ? AND s.kind = 'session'",
                (key,),
            ).fetchone()
            if row is None or datetime.fromisoformat(row[3]) <= now:
                return None
            until = now + timedelta(hours=self._hours)
            if until - datetime.fromisoformat(row[3]) > timedelta(minutes=1):  # not a write for every request
                with write_transaction(db):
                    db.execute("UPDATE sessions SET until = ? WHERE secret = ?", (until.isoformat(), key))
        return Session(user=_user(row[:3]), until=until)

    def log_out(self, secret: str) -> None:
        """End a session."""
        with self._open() as db, write_transaction(db):
            db.execute("DELETE FROM sessions WHERE secret = ?", (_hash(secret),))

    def _new(self, name: str, kind: str) -> str:
        secret, now = secrets.token_urlsafe(32), self._now()
        lasts = timedelta(hours=self._hours) if kind == "session" else timedelta(minutes=_TICKET_MINUTES)
        with self._open() as db, write_transaction(db):
            db.execute("DELETE FROM sessions WHERE until <= ?", (now.isoformat(),))
            db.execute(
                "INSERT INTO sessions VALUES (?, ?, ?, ?)", (_hash(secret), name, kind, (now + lasts).isoformat())
            )
        return secret

    def _now(self) -> datetime:
        return self._clock.now()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._path, isolation_level=None, timeout=10.0)
        try:
            yield db
        finally:
            db.close()


def _long_enough(password: str | None) -> None:
    if password is not None and len(password) < MIN_LENGTH:
        raise UsageError(f"the password has fewer than {MIN_LENGTH} letters", field="password", fix="take a longer one")


def _nobody(name: str) -> UsageError:
    return UsageError(f"nobody is called {name!r}", field="name", fix="see `tradewind dashboard users list`")


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def _user(row: tuple[str, str, str | None]) -> User:
    return User(name=row[0], roles=frozenset(map(Role, json.loads(row[1]))), person=row[2])
