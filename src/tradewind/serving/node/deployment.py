"""What is to be served now, as a file: written by whoever may read the registry, read by the server, which may not.

The server holds no training code and no registry; it is told which verified artefact answers in which role, and looks
at the file again when it changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from tradewind.core import InputError, Settings
from tradewind.core.files import write_text


class Universe(Settings):
    """The symbols that are served, sorted, and the sector of each (``unknown`` where not known)."""

    symbols: tuple[str, ...] = Field(min_length=1)
    sectors: tuple[str, ...]

    @classmethod
    def of(cls, sectors: dict[str, str]) -> Universe:
        """Return the universe of the symbols of ``sectors``."""
        names = tuple(sorted(sectors))
        return cls(symbols=names, sectors=tuple(sectors[name] for name in names))


class Deployed(Settings):
    """One version: its serving artefact, the model folder it was made from (for explanations), and why it is served.

    ``artefact`` : a folder; ``folder#name`` where the baseline ``name`` answers in the model's place.
    """

    artefact: str
    model: str
    how: str = "champion"
    words: str = ""


class Deployment(Settings):
    """``roles`` : reference by role: ``champion``, arms of an experiment by name, ``student`` and ``shadow`` beside it.

    ``versions`` : what is known of each reference; folders are taken from where the file lies. ``universe`` : the
    symbols that are served; a server that runs keeps those it began with.
    """

    format: Literal[1] = 1
    universe: Universe
    roles: dict[str, str]
    versions: dict[str, Deployed] = Field(default_factory=dict)

    def write(self, path: Path) -> None:
        """Write the file, whole or not at all."""
        write_text(path, self.model_dump_json(indent=2) + "\n")


class FileSource:
    """A :class:`~tradewind.serving.contracts.ModelSource` that reads the deployment at ``path``.

    Raises
    ------
    InputError : the file is absent or damaged.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._seen: tuple[int, int] | None = None
        self._known: dict[str, Deployed] = {}
        self._read = self._load()

    def current(self) -> Mapping[str, str]:
        """Return role -> reference; what the file says now.

        Raises
        ------
        InputError : the file was damaged since; :meth:`deployed` still answers from the last good one.
        """
        self._refresh()
        return dict(self._read.roles)

    def artefact(self, ref: str) -> str:
        """Return the place of the artefact of ``ref``; KeyError where it is not deployed."""
        return str(self._path.parent / self._read.versions[ref].artefact)

    def model_folder(self, ref: str) -> Path:
        """Return the folder of the model that the artefact was made from; KeyError where it never was deployed."""
        return self._path.parent / self._known[ref].model

    @property
    def universe(self) -> Universe:
        """The symbols that are served."""
        return self._read.universe

    def deployed(self, ref: str) -> Deployed:
        """Return what is known of ``ref``; KeyError where it never was deployed.

        A version that the file no longer names is served on where its successor cannot be loaded.
        """
        return self._known[ref]

    def _refresh(self) -> None:
        if self._stamp() != self._seen:
            self._read = self._load()

    def _stamp(self) -> tuple[int, int] | None:
        try:
            stat = self._path.stat()
        except OSError:
            return None
        return stat.st_mtime_ns, stat.st_ino

    def _load(self) -> Deployment:
        seen = self._stamp()
        try:
            found = Deployment.model_validate_json(self._path.read_bytes())
        except OSError as error:
            raise InputError(
                f"cannot be read ({error.strerror})", file=self._path, fix="deploy a model: tradewind serve --model ..."
            ) from error
        except ValidationError as error:
            raise InputError("is no deployment", file=self._path, fix="deploy the model again") from error
        missing = [ref for ref in found.roles.values() if ref not in found.versions]
        if missing or "champion" not in found.roles:
            what = f"names {missing[0]} without its artefact" if missing else "names no champion"
            raise InputError(what, file=self._path, fix="deploy the model again")
        self._seen = seen
        self._known.update(found.versions)
        return found
