"""A model folder's content as hashes: one changed, added or missing file is named."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from tradewind.core import InputError

CHUNK = 1 << 20


def file_sha256(path: Path) -> str:
    """Return the SHA-256 of a file's bytes.

    Raises
    ------
    InputError : the file cannot be read.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as source:
            while block := source.read(CHUNK):
                digest.update(block)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=path, fix="give a readable file") from error
    return digest.hexdigest()


def folder_files(folder: Path) -> dict[str, str]:
    """Return the SHA-256 of every file under ``folder``, by relative path with forward slashes.

    Raises
    ------
    InputError : the folder is absent, empty, or holds a link (what it points to could change unseen).
    """
    if not folder.is_dir():
        raise InputError("is no folder", file=folder, fix="give a folder that `tradewind train --out` wrote")
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            raise InputError("is a link", file=path, fix="put the file itself in its place")
        if path.is_file():
            found[path.relative_to(folder).as_posix()] = file_sha256(path)
    if not found:
        raise InputError("is empty", file=folder, fix="give a folder that `tradewind train --out` wrote")
    return found


def files_sha256(files: Mapping[str, str]) -> str:
    """Return one SHA-256 over the hashes of a folder's files."""
    return hashlib.sha256(json.dumps(dict(sorted(files.items()))).encode()).hexdigest()


def check_folder(folder: Path, files: Mapping[str, str]) -> None:
    """Refuse a folder that does not hold exactly ``files``.

    Raises
    ------
    InputError : names the first file that was changed, added or removed.
    """
    found = folder_files(folder)
    fix = "restore the folder from a copy, or register the model anew"
    for name in sorted(found.keys() | files.keys()):
        if name not in found:
            raise InputError("is missing from the registered model", file=folder / name, fix=fix)
        if name not in files:
            raise InputError("was added to the registered model", file=folder / name, fix=fix)
        if found[name] != files[name]:
            raise InputError("was changed after it was registered", file=folder / name, fix=fix)
