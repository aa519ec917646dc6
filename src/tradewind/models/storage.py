"""Fitted models on disk: a folder of data files and a manifest with their hashes; no pickled code anywhere."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core import InputError
from tradewind.core.arrays import AnyArray
from tradewind.core.files import atomic_path, write_text

FORMAT = 1
MANIFEST = "manifest.json"
_FIX = "save the model again or restore the folder from a copy"


@dataclass(frozen=True, kw_only=True)
class Artefact:
    """What a model folder holds.

    Attributes
    ----------
    kind : name of the model that wrote it.
    state : JSON values: settings and small fitted numbers.
    files : content of each data file by its name.
    """

    kind: str
    state: dict[str, Any]
    files: Mapping[str, bytes]

    def arrays(self, name: str) -> dict[str, AnyArray]:
        """Return the arrays of the data file ``name``, which :func:`pack_arrays` made."""
        with np.load(io.BytesIO(self.files[name]), allow_pickle=False) as archive:
            return {key: archive[key] for key in archive.files}


def pack_arrays(arrays: Mapping[str, AnyArray]) -> bytes:
    """Return ``arrays`` as the bytes of an ``.npz`` archive."""
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def write_artefact(folder: Path, kind: str, state: dict[str, Any], files: Mapping[str, bytes] | None = None) -> None:
    """Write a model into ``folder``; the manifest comes last, so that a broken write is noticed.

    Raises
    ------
    OutputError : the folder cannot be made or written.
    """
    contents = files or {}
    for name, content in contents.items():
        with atomic_path(folder / name) as draft:
            draft.write_bytes(content)
    manifest = {
        "format": FORMAT,
        "kind": kind,
        "state": state,
        "state_sha256": _state_hash(state),
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in contents.items()},
    }
    write_text(folder / MANIFEST, json.dumps(manifest, indent=2))


def read_artefact(folder: Path, kind: str | None = None) -> Artefact:
    """Read and verify what :func:`write_artefact` wrote; of ``kind`` when that is given.

    Raises
    ------
    InputError : the folder is no model, of another kind or format, or a file is missing or was changed.
    """
    manifest = _manifest(folder)
    if manifest.get("format") != FORMAT:
        raise InputError(
            f"has format {manifest.get('format')!r}, this version reads format {FORMAT}",
            file=folder / MANIFEST,
            fix="load it with the version that wrote it",
        )
    found = str(manifest.get("kind"))
    if kind is not None and found != kind:
        raise InputError(f"holds a model of kind {found!r}, expected {kind!r}", file=folder / MANIFEST, fix=_FIX)
    state, hashes = manifest.get("state"), manifest.get("files")
    if not isinstance(state, dict) or not isinstance(hashes, dict) or _state_hash(state) != manifest["state_sha256"]:
        raise InputError("was changed after it was written", file=folder / MANIFEST, fix=_FIX)
    return Artefact(kind=found, state=state, files={name: _content(folder / name, hashes[name]) for name in hashes})


def _state_hash(state: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


def _manifest(folder: Path) -> dict[str, Any]:
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path, fix="give a saved model's folder") from error
    except ValueError as error:
        raise InputError("is not valid JSON", file=path, fix=_FIX) from error
    if not isinstance(manifest, dict):
        raise InputError("is not a model's manifest", file=path, fix="give a saved model's folder")
    return manifest


def _content(path: Path, sha256: str) -> bytes:
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path, fix=_FIX) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise InputError("does not match its SHA-256 in the manifest", file=path, fix=_FIX)
    return content
