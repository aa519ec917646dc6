"""Every registered version, read and verified once until a file of the registry changes."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tradewind.core import InputError, UsageError
from tradewind.governance.reports import ModelEntry
from tradewind.governance.reports.joining import entry_of
from tradewind.registry import Decision
from tradewind.registry.reader import RegistryReader
from tradewind.web.views.compliance.places import notes_of, reading, words_of
from tradewind.web.workspace import Workspace

LASTS = 30.0
"""Seconds after which it is read again although no file changed: a store on a server changes unseen, orders end."""


@dataclass(frozen=True, kw_only=True)
class Unsound:
    """A model whose ledger, index or records are not what was signed for; nothing of it is shown as sound."""

    name: str
    problem: str
    fix: str


@dataclass(frozen=True, kw_only=True)
class Registered:
    """What the registry holds.

    Attributes
    ----------
    entries : every version of every sound model, by name and version.
    history : the signed decisions about each sound model, oldest first.
    unsound : the models that are not.
    serving : by name, what is served at present, or why nothing is.
    orders : by name, the override or fallback in force.
    """

    folder: Path
    entries: tuple[ModelEntry, ...]
    history: Mapping[str, tuple[Decision, ...]]
    unsound: tuple[Unsound, ...]
    serving: Mapping[str, str]
    orders: Mapping[str, tuple[Decision, ...]]

    def find(self, name: str, version: int) -> ModelEntry | None:
        """Return one version."""
        wanted = (name, str(version))
        return next((entry for entry in self.entries if (entry.name, entry.version) == wanted), None)


@dataclass
class _Kept:
    lock: threading.Lock = field(default_factory=threading.Lock)
    state: tuple[object, ...] = ()
    until: float = 0.0
    value: Registered | None = None


_KEPT: dict[str, _Kept] = {}


def registered(workspace: Workspace) -> Registered:
    """Return what the registry of ``workspace`` holds, verified.

    Raises
    ------
    Problem : nothing is registered (404).
    """
    reader = reading(workspace)
    kept = _KEPT.setdefault(str(reader.folder), _Kept())
    with kept.lock:
        state = _state(reader, notes_of(workspace))
        if kept.value is None or kept.state != state or time.monotonic() > kept.until:
            kept.value = _read(reader, notes_of(workspace))
            kept.state, kept.until = state, time.monotonic() + LASTS
        return kept.value


def _state(reader: RegistryReader, notes: Path | None) -> tuple[object, ...]:
    files = [reader.people_path, *sorted((reader.folder / "ledgers").glob("*.jsonl"))]
    files += sorted(reader.folder.glob("*.db*"))
    files += sorted((reader.folder / "models").glob("*/*/record-*.json"))
    files += sorted(notes.glob("*.toml")) if notes else []
    found = []
    for path in files:
        try:
            told = path.stat()
        except FileNotFoundError:  # a write-ahead log goes when its last reader closes
            continue
        found.append((str(path), told.st_mtime_ns, told.st_size))
    return tuple(found)


def _read(reader: RegistryReader, notes: Path | None) -> Registered:
    entries: list[ModelEntry] = []
    unsound: list[Unsound] = []
    history: dict[str, tuple[Decision, ...]] = {}
    serving: dict[str, str] = {}
    orders: dict[str, tuple[Decision, ...]] = {}
    for name in reader.names():
        try:
            held = [entry_of(reader, name, version, notes) for version in reader.versions(name)]
            history[name] = reader.history(name)
            orders[name] = tuple(order for order in reader.orders(name).values() if order is not None)
            serving[name] = _serving(reader, name)
            entries += held
        except InputError as error:
            unsound.append(Unsound(name=name, problem=words_of(error), fix=error.fix or ""))
    return Registered(
        folder=reader.folder,
        entries=tuple(entries),
        history=history,
        unsound=tuple(unsound),
        serving=serving,
        orders=orders,
    )


def _serving(reader: RegistryReader, name: str) -> str:
    try:
        return f"Served: {reader.serving(name).words}"
    except UsageError as error:
        return f"Not served: {error.problem}"
