"""Incident files of the workspace: read, numbered, written without losing what somebody else wrote meanwhile."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from filelock import FileLock

from tradewind.core import InputError
from tradewind.governance.reports import Incident, read_incident, save_incident
from tradewind.web.problems import Problem
from tradewind.web.views.compliance.places import incidents_of
from tradewind.web.workspace import Workspace

_NUMBERED = re.compile(r"INC-(\d{4})-(\d+)")
_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, kw_only=True)
class Filed:
    """An incident file: what it holds, or what is wrong with it; ``revision`` is its SHA-256."""

    path: Path
    revision: str
    incident: Incident | None
    problem: str = ""


def filed_incidents(workspace: Workspace) -> tuple[Filed, ...]:
    """Return every incident file, by name; one that people left unfinished says what it lacks."""
    folder = incidents_of(workspace)
    return tuple(_filed(path) for path in sorted(folder.glob("*.toml"))) if folder.is_dir() else ()


def sound_incidents(workspace: Workspace) -> tuple[Incident, ...]:
    """Return the incidents whose files can be read."""
    return tuple(filed.incident for filed in filed_incidents(workspace) if filed.incident is not None)


def find_incident(workspace: Workspace, reference: str) -> Filed:
    """Return the file of the incident ``reference``.

    Raises
    ------
    Problem : there is none (404), or it cannot be read (409).
    """
    for filed in filed_incidents(workspace):
        if filed.incident is not None and filed.incident.reference == reference:
            return filed
        if filed.incident is None and filed.path.stem == reference:
            raise Problem(409, "The file of this incident is not finished", filed.problem, fix=f"edit {filed.path}")
    raise Problem(404, "There is no such incident", f"No incident is called {reference!r}.", fix="see the list")


def next_reference(workspace: Workspace, at: datetime) -> str:
    """Return the next free reference of the year, such as ``INC-2026-007``."""
    found = [_NUMBERED.fullmatch(filed.path.stem) for filed in filed_incidents(workspace)]
    numbers = [int(one.group(2)) for one in found if one is not None and int(one.group(1)) == at.year]
    return f"INC-{at.year}-{max(numbers, default=0) + 1:03d}"


def file_incident(workspace: Workspace, incident: Incident) -> Filed:
    """Write a new incident.

    Raises
    ------
    OutputError : one of that reference is there already.
    """
    folder = incidents_of(workspace)
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder):
        return _filed(save_incident(folder / f"{incident.reference}.toml", incident, new=True))


def change_incident(workspace: Workspace, reference: str, revision: str, incident: Incident) -> Filed:
    """Write ``incident`` in the place of the file that was seen at ``revision``.

    Raises
    ------
    Problem : the file was changed since (409), or the reference is another (422).
    """
    if incident.reference != reference or not _REFERENCE.fullmatch(reference):
        raise Problem(422, "The reference stays", f"{reference!r} cannot become {incident.reference!r}.")
    with _alone(incidents_of(workspace)):
        filed = find_incident(workspace, reference)
        if filed.revision != revision:
            raise Problem(
                409,
                "Somebody else changed this incident meanwhile",
                "Nothing of yours was written.",
                fix="load it again, then make your change",
            )
        return _filed(save_incident(filed.path, incident))


def _alone(folder: Path) -> FileLock:
    return FileLock(folder / ".lock", timeout=10)


def _filed(path: Path) -> Filed:
    revision = hashlib.sha256(path.read_bytes()).hexdigest()
    try:
        return Filed(path=path, revision=revision, incident=read_incident(path))
    except InputError as error:
        return Filed(path=path, revision=revision, incident=None, problem=error.problem)
