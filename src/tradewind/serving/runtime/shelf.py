"""Versions that are loaded, the roles they play, and how a new one takes a role without a lost request."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Condition, Lock
from typing import Literal

from tradewind.core import UsageError
from tradewind.serving.contracts import ModelSource
from tradewind.serving.runtime.loaded import LoadedModel, load_artefact

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class ShelfEvent:
    """Something that happened to a version: it was loaded, took a role, failed to load, or was dropped.

    ``problem`` : what went wrong, of a failure; what was served before is served on.
    """

    kind: Literal["loaded", "role", "failed", "dropped"]
    ref: str
    role: str = ""
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """What a refresh did: versions ``loaded``, ``dropped``, and those that ``failed`` with the reason."""

    loaded: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)


@dataclass(eq=False)
class _Place:
    model: LoadedModel
    held: int = 0


class Shelf:
    """Loaded versions by ref, and the version of each role; threads and tasks may share it.

    A request holds its version (:meth:`hold`) while it is answered; a version that has lost its role and its place
    among the last ``keep`` is dropped when the last request has let go. ``keep`` makes going back immediate.
    """

    def __init__(
        self,
        *,
        load: Callable[[str], LoadedModel] = load_artefact,
        on_event: Callable[[ShelfEvent], None] | None = None,
        keep: int = 1,
    ) -> None:
        self._load, self._on_event, self._keep = load, on_event, keep
        self._places: dict[str, _Place] = {}
        self._roles: dict[str, str] = {}
        self._former: list[str] = []
        self._changed = Condition()
        self._one_refresh = Lock()

    def refs(self) -> tuple[str, ...]:
        """Return every loaded version."""
        with self._changed:
            return tuple(self._places)

    def roles(self) -> dict[str, str]:
        """Return role -> ref of what is served now."""
        with self._changed:
            return dict(self._roles)

    def get(self, ref: str) -> LoadedModel:
        """Return the loaded version ``ref``; UsageError where it is not loaded."""
        with self._changed:
            return self._place(ref).model

    def role(self, role: str = "champion") -> LoadedModel:
        """Return the version of ``role``; UsageError where none plays it."""
        with self._changed:
            return self._place(self._ref(role)).model

    @contextmanager
    def hold(self, ref: str | None = None, *, role: str = "champion") -> Iterator[LoadedModel]:
        """Keep the version ``ref``, or that of ``role``, loaded for the time of the block."""
        with self._changed:
            name = self._ref(role) if ref is None else ref
            place = self._place(name)
            place.held += 1
        try:
            yield place.model
        finally:
            with self._changed:
                place.held -= 1
                dropped = self._drop_unused() if place.held == 0 else []
                self._changed.notify_all()
            self._tell(*dropped)

    def put(self, model: LoadedModel, *, role: str | None = None) -> None:
        """Place a version that is loaded already, and give it ``role`` at once."""
        with self._changed:
            self._places.setdefault(model.ref, _Place(model))
            events = [ShelfEvent(kind="loaded", ref=model.ref)]
            if role is not None:
                events += self._assign({**self._roles, role: model.ref})
        self._tell(*events)

    def refresh(self, source: ModelSource) -> Refresh:
        """Load what ``source`` wants and is not loaded, then swap all roles at once; call it from a thread.

        A version that cannot be loaded leaves its role as it was. Requests are answered throughout; one refresh runs
        at a time. What ``source`` itself raises comes through, with nothing changed.
        """
        with self._one_refresh:
            wanted = dict(source.current())
            known = set(self.refs())
            fresh: dict[str, LoadedModel] = {}
            failed: dict[str, str] = {}
            for ref in dict.fromkeys(wanted.values()):
                if ref not in known:
                    self._try(ref, source, fresh, failed)
            before = set(self.refs())
            with self._changed:
                for ref, model in fresh.items():
                    self._places[ref] = _Place(model)
                roles = {role: ref for role, ref in wanted.items() if ref in self._places}
                for role, ref in wanted.items():
                    if ref not in self._places and role in self._roles:
                        roles[role] = self._roles[role]
                if "champion" not in roles and "champion" in self._roles:  # a source without one empties no server
                    roles["champion"] = self._roles["champion"]
                events = self._assign(roles)
            self._tell(*(ShelfEvent(kind="loaded", ref=ref) for ref in fresh), *events)
            dropped = tuple(sorted(before - set(self.refs())))
            return Refresh(loaded=tuple(fresh), dropped=dropped, failed=failed)

    async def refresh_async(self, source: ModelSource) -> Refresh:
        """Do :meth:`refresh` in a thread."""
        return await asyncio.to_thread(self.refresh, source)

    def drained(self, ref: str, *, timeout: float) -> bool:
        """Wait up to ``timeout`` seconds until no request holds ``ref``; return whether none does."""
        with self._changed:
            return self._changed.wait_for(lambda: ref not in self._places or not self._places[ref].held, timeout)

    def _try(self, ref: str, source: ModelSource, fresh: dict[str, LoadedModel], failed: dict[str, str]) -> None:
        try:
            model = self._load(source.artefact(ref))
            if model.ref != ref:
                raise UsageError(f"the artefact is of {model.ref}, not of {ref}", fix="export the version again")
            fresh[ref] = model
        except Exception as error:  # noqa: BLE001  whatever a damaged artefact raises, what is served stays served
            failed[ref] = str(error)
            log.error("version %s cannot be loaded: %s", ref, error)
            self._tell(ShelfEvent(kind="failed", ref=ref, problem=str(error)))

    def _assign(self, roles: dict[str, str]) -> list[ShelfEvent]:
        """Swap the roles under the lock and return what happened."""
        events = [
            ShelfEvent(kind="role", ref=ref, role=role) for role, ref in roles.items() if self._roles.get(role) != ref
        ]
        for ref in self._roles.values():
            if ref not in roles.values() and ref not in self._former:
                self._former.append(ref)
        self._roles = roles
        self._former = [ref for ref in self._former if ref not in roles.values()]
        return [*events, *self._drop_unused()]

    def _drop_unused(self) -> list[ShelfEvent]:
        """Drop versions without a role, a place among the last ones, or a request; the lock is held."""
        kept = {*self._roles.values(), *(self._former[-self._keep :] if self._keep else [])}
        former = set(self._former)
        gone = [ref for ref, place in self._places.items() if ref in former - kept and place.held == 0]
        for ref in gone:
            del self._places[ref]
            self._former.remove(ref)
        return [ShelfEvent(kind="dropped", ref=ref) for ref in gone]

    def _ref(self, role: str) -> str:
        if role not in self._roles:
            raise UsageError(f"no version is {role}", field="role", fix="approve a version and give it the role")
        return self._roles[role]

    def _place(self, ref: str) -> _Place:
        if ref not in self._places:
            known = ", ".join(self._places) or "none"
            raise UsageError(f"version {ref!r} is not loaded", field="model", fix=f"choose among: {known}")
        return self._places[ref]

    def _tell(self, *events: ShelfEvent) -> None:
        if self._on_event is not None:
            for event in events:
                self._on_event(event)
