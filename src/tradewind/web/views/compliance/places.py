"""Where the compliance view finds what the commands keep, and how it writes to the audit log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tradewind.core import InputError
from tradewind.governance.audit import AuditLog, AuditPlace, KeyRing, place_of
from tradewind.governance.reports.gathering import Sources
from tradewind.registry import ModelRegistry
from tradewind.registry.reader import RegistryReader
from tradewind.web.problems import absent
from tradewind.web.signing import budgets_of
from tradewind.web.workspace import Workspace


def incidents_of(workspace: Workspace) -> Path:
    """Return the folder of incident files."""
    return workspace.home / "incidents"


def notes_of(workspace: Workspace) -> Path | None:
    """Return the folder of what people wrote of models, None where there is none."""
    folder = workspace.home / "notes"
    return folder if folder.is_dir() else None


def schedule_of(workspace: Workspace) -> Path:
    """Return the file that says which reports are due when."""
    return workspace.home / "reports.toml"


def audit_place(workspace: Workspace) -> AuditPlace | None:
    """Return where the audit log is, None where it is off."""
    return place_of(workspace.audit)


def has_log(workspace: Workspace) -> bool:
    """Return whether there is an audit log; a server is not asked."""
    place = audit_place(workspace)
    return place is not None and (place.remote or Path(place.database).exists())


def open_log(workspace: Workspace) -> AuditLog:
    """Return the audit log for reading.

    Raises
    ------
    Problem : there is none (404).
    """
    place = audit_place(workspace)
    if place is None or not has_log(workspace):
        raise absent(
            "audit log",
            "Nothing has been recorded yet." if place is not None else "The audit log is off.",
            "tradewind predict ... --audit " + workspace.audit,
        )
    return AuditLog.open(place, key=KeyRing.of_environment(), readonly=True)


def tell_log(workspace: Workspace, kind: str, body: dict[str, Any]) -> None:
    """Write one entry, durably, before what it tells of counts; nothing where the log is off."""
    place = audit_place(workspace)
    if place is not None:
        with AuditLog.open(place, key=KeyRing.of_environment()) as log:
            log.append(kind, body)


def deciding(workspace: Workspace) -> ModelRegistry:
    """Return the registry in which people decide; the audit log is told of each decision before it counts."""
    return ModelRegistry(
        workspace.registry, budgets=budgets_of(workspace), on_event=lambda kind, body: tell_log(workspace, kind, body)
    )


def reading(workspace: Workspace) -> RegistryReader:
    """Return the registry for reading.

    Raises
    ------
    Problem : nothing is registered (404).
    """
    reader = RegistryReader(workspace.registry)
    if not reader.names():
        raise absent("registered model", f"{reader.folder} holds none.", "tradewind models register DIR --name NAME")
    return reader


def sources_of(workspace: Workspace, **more: Path | None) -> Sources:
    """Return what reports are made from; ``more`` adds ``prices`` and ``universe``."""
    incidents = incidents_of(workspace)
    return Sources(
        registry=workspace.registry,
        audit=workspace.audit if has_log(workspace) else "off",
        notes=notes_of(workspace),
        incidents=incidents if incidents.is_dir() else None,
        **more,
    )


def words_of(error: Exception) -> str:
    """Return what an error of ours says, without the advice."""
    return error.problem if isinstance(error, InputError) else str(error)
