"""Turns what `--model` says into a model folder: a folder for research, or a registered name that is approved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tradewind.core import InputError, UsageError
from tradewind.core.clock import Clock
from tradewind.registry import ModelRecord, Served
from tradewind.registry.reader import RegistryReader

_REFERENCE = re.compile(r"(?P<name>[a-z0-9][a-z0-9_-]{0,63})(?:@(?P<alias>[a-z]+)|/(?P<number>\d+))")
ALIASES = ("champion", "challenger", "latest")


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A registered version as people write it: ``NAME@`` and one of :data:`ALIASES`, or ``NAME/3``."""

    name: str
    version: int | str


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """A model folder, and what is known of it.

    Attributes
    ----------
    folder : verified where the model is registered.
    served : how the registry serves it, None for a plain folder.
    """

    folder: Path
    served: Served | None

    @property
    def record(self) -> ModelRecord | None:
        """The registered record, None for a plain folder."""
        return None if self.served is None else self.served.record

    @property
    def baseline(self) -> str | None:
        """The baseline that is served in the model's place."""
        return None if self.served is None else self.served.baseline

    @property
    def words(self) -> str:
        """What is used, in a few words."""
        if self.served is None:
            return f"{self.folder} (unregistered: for research, nobody approved it)"
        return self.served.words


def reference_of(text: str) -> Reference | None:
    """Return ``text`` as a reference to a registered model, None where it is none (a folder's path).

    A folder of that path comes first: ``models/1`` is the folder where there is one.

    Raises
    ------
    UsageError : the alias is unknown.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None or ("@" not in text and Path(text).is_dir()):
        return None
    alias, number = found["alias"], found["number"]
    if alias is not None and alias not in ALIASES:
        raise UsageError(f"there is no alias {alias!r}", fix=f"use {found['name']}@ and one of {', '.join(ALIASES)}")
    return Reference(name=found["name"], version=alias or int(number))


def needed_reference(text: str) -> Reference:
    """Return ``text`` as a reference to a registered model; a bare NAME is its latest version.

    Raises
    ------
    UsageError : it is none.
    """
    found = reference_of(text if "@" in text or "/" in text else f"{text}@latest")
    if found is None:
        raise UsageError(
            f"{text!r} names no registered model", fix="write NAME@champion, NAME@challenger, NAME@latest or NAME/3"
        )
    return found


def resolve_model(text: str, *, registry: str | Path | None = None, clock: Clock | None = None) -> Resolved:
    """Return the model that ``text`` names: a folder as it is, a registered name only where it may be served.

    ``NAME@champion`` is what the registry serves at present, an override or a fallback included.

    Raises
    ------
    UsageError : the version is not approved, or serving of the name is stopped.
    InputError : there is no such folder, or the registry was tampered with.
    """
    wanted = reference_of(text)
    if wanted is None:
        if not Path(text).exists():
            raise InputError(
                "is neither a model's folder nor a registered model",
                file=text,
                fix="give a folder that `tradewind train` wrote, or NAME@champion (`tradewind models list`)",
            )
        return Resolved(folder=Path(text), served=None)
    reader = RegistryReader(registry, clock=clock)
    if wanted.version == "champion":
        served = reader.serving(wanted.name)
    else:
        version = wanted.version if isinstance(wanted.version, int) else reader.number(wanted.name, wanted.version)
        served = reader.serving(wanted.name, version)
    return Resolved(folder=served.folder, served=served)


def studied_folder(text: str, *, registry: str | Path | None = None) -> Path:
    """Return the verified folder of the model that ``text`` names, of any stage: to study is not to serve."""
    wanted = reference_of(text)
    if wanted is None:
        return Path(text)
    return RegistryReader(registry).model_folder(wanted.name, wanted.version)
