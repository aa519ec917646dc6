"""Where the service stands, as one file: whole or not there, checked when read, the one before kept as well."""

from __future__ import annotations

import hashlib
import io
import json
import logging
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from tradewind.core.arrays import AnyArray
from tradewind.core.files import atomic_path

logger = logging.getLogger(__name__)

MAGIC = b"tradewind features 1\n"
DIGEST = 32
KEPT = 2


class Checkpoint(NamedTuple):
    """``meta`` is JSON-ready; ``arrays`` hold the rest."""

    meta: dict[str, Any]
    arrays: dict[str, AnyArray]


class Checkpoints:
    """The newest ``KEPT`` checkpoints in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.damaged: list[Path] = []
        self._number = max((_number(path) for path in self._paths()), default=0)

    def write(self, meta: Mapping[str, Any], arrays: Mapping[str, AnyArray]) -> Path:
        """Write a new checkpoint, durable when this returns, and remove those that are too old or damaged.

        Raises
        ------
        OutputError : the folder cannot be written; the earlier checkpoints stay.
        """
        held = io.BytesIO()
        text = np.frombuffer(json.dumps(meta).encode(), dtype=np.uint8)
        np.savez(held, allow_pickle=False, **{"meta": text, **{f"a.{name}": array for name, array in arrays.items()}})
        data = held.getbuffer()
        digest = hashlib.blake2b(data, digest_size=DIGEST).digest()
        path = self.folder / f"checkpoint-{self._number + 1:08d}.tw"
        with atomic_path(path) as draft, draft.open("wb") as file:
            file.write(MAGIC)
            file.write(digest)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self._number += 1
        _sync_folder(self.folder)
        whole = [one for one in self._paths() if one not in self.damaged]
        for old in (*self.damaged, *whole[:-KEPT]):
            old.unlink(missing_ok=True)
        return path

    def read(self) -> Checkpoint | None:
        """Return the newest whole checkpoint; None where there is none. Damaged ones are reported and passed over."""
        for path in reversed(self._paths()):
            try:
                return _read(path)
            except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
                logger.error("%s is damaged (%s); going back to the one before", path, error)
                self.damaged.append(path)
        return None

    def _paths(self) -> list[Path]:
        return sorted(self.folder.glob("checkpoint-*.tw"), key=_number)


def _read(path: Path) -> Checkpoint:
    data = path.read_bytes()
    start = len(MAGIC) + DIGEST
    if not data.startswith(MAGIC):
        raise ValueError("it does not begin as a checkpoint does")
    if hashlib.blake2b(memoryview(data)[start:], digest_size=DIGEST).digest() != data[len(MAGIC) : start]:
        raise ValueError("its checksum does not fit")
    with np.load(io.BytesIO(data[start:]), allow_pickle=False) as file:
        meta = json.loads(file["meta"].tobytes())
        return Checkpoint(meta, {name[2:]: file[name] for name in file.files if name.startswith("a.")})


def _number(path: Path) -> int:
    digits = path.stem.removeprefix("checkpoint-")
    return int(digits) if digits.isdigit() else 0


def _sync_folder(folder: Path) -> None:
    """Make the new name durable as well."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
