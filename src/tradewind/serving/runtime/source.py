"""A folder of artefacts as the source of versions: what serves where no registry is at hand."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tradewind.core import InputError, UsageError
from tradewind.core.files import read_json, write_json_file

ROLES = "roles.json"
KNOWN_ROLES = ("champion", "canary", "shadow")


class FolderSource:
    """Artefacts at ``folder/name/version`` and their roles in ``folder/roles.json``.

    A :class:`~tradewind.serving.contracts.ModelSource`. Whoever may write the folder decides what is served; where
    approvals are asked for, the registry is the source.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)

    def current(self) -> Mapping[str, str]:
        """Return role -> ``name/version``.

        Raises
        ------
        InputError : ``roles.json`` is absent or damaged, or names a role that there is not.
        """
        path = self.folder / ROLES
        roles = read_json(path, what=f"a folder in which {ROLES} says which version is the champion")
        for role, ref in roles.items():
            if role not in KNOWN_ROLES or not isinstance(ref, str):
                raise InputError(
                    f"gives the role {role!r} to {ref!r}", file=path, fix=f"name versions of {', '.join(KNOWN_ROLES)}"
                )
        return roles

    def artefact(self, ref: str) -> str:
        """Return the folder of ``ref``; UsageError where it is no ``name/version``."""
        return str(self.place(ref))

    def place(self, ref: str) -> Path:
        """Return where the artefact of ``ref`` lies, or is to be written; UsageError where it is no version."""
        parts = ref.split("/")
        if len(parts) != 2 or not all(parts) or any(part.startswith(".") or "\\" in part for part in parts):
            raise UsageError(f"{ref!r} is no version", field="model", fix="write name/version")
        return self.folder / parts[0] / parts[1]

    def assign(self, roles: Mapping[str, str]) -> None:
        """Write the roles, whole or not at all; a server that polls the folder takes them over.

        Raises
        ------
        UsageError : a role that there is not, or a version that has no artefact here. OutputError : cannot be written.
        """
        for role, ref in roles.items():
            if role not in KNOWN_ROLES:
                raise UsageError(f"there is no role {role!r}", field="role", fix=f"choose {', '.join(KNOWN_ROLES)}")
            if not self.place(ref).is_dir():
                raise UsageError(f"there is no artefact of {ref}", field="model", fix="export it there first")
        write_json_file(self.folder / ROLES, dict(roles))
