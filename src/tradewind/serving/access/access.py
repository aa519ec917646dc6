"""Who asks: credentials to callers, by one look-up where they were seen before."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol

from tradewind.core import UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.serving.access.grant import Grant
from tradewind.serving.access.keys import KeyRecord, parse_key
from tradewind.serving.access.limits import Limiter, LocalLimiter
from tradewind.serving.access.store import KeyStore
from tradewind.serving.contracts import Caller, Scope

_LOG = logging.getLogger("tradewind.serving.access")
_NOBODY = KeyRecord(
    id="", salt="00" * 16, hash="00" * 32, scopes=(), rate=1.0, burst=1, created=datetime(1970, 1, 1, tzinfo=UTC)
)


class Access(Protocol):
    """Answers who a credential stands for. ``known`` holds what :meth:`grant` found, for a look-up without a call."""

    limiter: Limiter

    @property
    def known(self) -> Mapping[bytes, Grant]:
        """What :meth:`grant` found, by credential."""
        ...

    @property
    def open(self) -> bool:
        """Whether anyone may ask without a key."""
        ...

    def grant(self, credential: bytes) -> Grant | None:
        """Return the grant of a header's value (``Bearer tw_…`` or the key alone); None where it is not valid."""
        ...

    def refresh(self) -> None:
        """Take in changes of the keys; call it every second."""
        ...


class KeyAccess:
    """Callers by the keys of a :class:`KeyStore`.

    A credential that was good is remembered until :meth:`refresh` sees that its key was revoked or ran out: a revoked
    key is refused, and its open streams end, within a second. An unknown id is compared like a known one: the time
    tells nothing.

    Raises
    ------
    UsageError : the file cannot be read when the server starts. Later, a damaged file leaves the keys as they were.
    """

    open = False

    def __init__(self, store: KeyStore, *, limiter: Limiter | None = None, clock: Clock | None = None) -> None:
        self.limiter: Limiter = limiter or LocalLimiter()
        self.known: dict[bytes, Grant] = {}
        self._store, self._clock = store, clock or SystemClock()
        self._grants: dict[str, Grant] = {}
        self._mark = store.mark()
        self._records = {record.id: record for record in store.read()}

    def __repr__(self) -> str:
        return f"KeyAccess({len(self._records)} keys)"

    def grant(self, credential: bytes) -> Grant | None:
        """Return the grant of a header's value; None where it is no live key."""
        found = self.known.get(credential)
        if found is not None:
            return found
        key = credential[7:].strip() if credential[:7].lower() == b"bearer " else credential
        parsed = parse_key(key)
        if parsed is None:
            return None
        id, secret = parsed
        record = self._records.get(id, _NOBODY)
        if not record.matches(secret) or not record.live(self._clock.now()):
            return None
        grant = self._grants.get(id)
        if grant is None:
            grant = self._grants[id] = Grant(record.caller(), time.monotonic(), shared=self.limiter.shared)
        if len(self.known) > 8 * len(self._records) + 64:  # one key written in many ways must not fill the memory
            self.known.clear()
        self.known[credential] = grant
        return grant

    def check(self, header: bytes) -> Caller | None:
        """Return the caller of a header's value; None where it is no live key."""
        grant = self.grant(header)
        return None if grant is None else grant.caller

    def refresh(self) -> None:
        """Read the file where it changed; forget credentials whose key was revoked, ran out or is gone."""
        mark = self._store.mark()
        if mark != self._mark:
            try:
                self._records = {record.id: record for record in self._store.read()}
                _LOG.info("%d keys read from %s", len(self._records), self._store.path)
            except UsageError as error:
                _LOG.error("the keys stay as they were: %s", error)
            self._mark = mark
            for id, grant in self._grants.items():
                if id in self._records:
                    grant.serve(self._records[id].caller(), shared=self.limiter.shared)
        now = self._clock.now()
        dead = {id for id in self._grants if id not in self._records or not self._records[id].live(now)}
        if dead:
            for credential in [text for text, grant in self.known.items() if grant.caller.id in dead]:
                del self.known[credential]
            for id in dead:
                self._grants.pop(id).end_streams()


class OpenAccess:
    """Everyone is one caller who needs no key: for the machine itself alone; servers refuse it on other addresses."""

    open = True

    def __init__(
        self,
        *,
        scopes: tuple[Scope, ...] = ("read", "explain", "stream", "compute"),
        rate: float = 1e9,
        burst: int = 10**9,
    ) -> None:
        self.limiter: Limiter = LocalLimiter()
        self.known: dict[bytes, Grant] = {}
        caller = Caller(id="anyone", scopes=frozenset(scopes), rate=rate, burst=burst)
        self._grant = Grant(caller, time.monotonic())

    def __repr__(self) -> str:
        return "OpenAccess()"

    def grant(self, credential: bytes) -> Grant | None:  # noqa: ARG002
        """Return the one caller, whatever was sent."""
        return self._grant

    def check(self, header: bytes) -> Caller | None:  # noqa: ARG002
        """Return the one caller."""
        return self._grant.caller

    def refresh(self) -> None:
        """Nothing changes."""
