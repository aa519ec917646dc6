"""The registry's own copies: model folders and records, handed out only when they are what was signed for."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from tradewind.core import InputError, OutputError
from tradewind.core.files import atomic_path
from tradewind.registry.folder import check_folder, files_sha256
from tradewind.registry.ledger import VersionState
from tradewind.registry.record import ModelRecord

_RESTORE = "restore it from a copy of the registry's folder"


class Archive:
    """Under ``folder``: ``NAME/VERSION/model/`` and ``NAME/VERSION/record-HASH.json``.

    Records are named by their hash, so that amending one never overwrites what an earlier decision was about.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def name_folder(self, name: str) -> Path:
        """Return the folder of all versions of ``name``."""
        return self.folder / name

    def keep_model(self, source: Path, record: ModelRecord) -> None:
        """Copy a model folder and verify the copy: what was hashed is what is kept."""
        target = self._home(record.name, record.version) / "model"
        draft = target.with_name(f".model.{os.getpid()}")
        try:
            shutil.rmtree(draft, ignore_errors=True)
            shutil.copytree(source, draft)
            check_folder(draft, record.files)
            draft.replace(target)
        except OSError as error:
            raise OutputError(
                f"cannot copy the model here ({error})", file=target, fix="choose a registry you may write to"
            ) from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def keep_record(self, record: ModelRecord) -> str:
        """Write the record beside its model and return its SHA-256."""
        text = record.to_json()
        sha256 = record_sha256(text)
        path = self._record_path(record.name, record.version, sha256)
        with atomic_path(path) as draft, draft.open("w", encoding="utf-8", newline="\n") as target:
            target.write(text)
            target.flush()
            os.fsync(target.fileno())
        return sha256

    def record(self, name: str, state: VersionState) -> ModelRecord:
        """Return the record that was signed for; InputError where the file is another."""
        path = self._record_path(name, state.version, state.record_sha256)
        try:
            content = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"cannot be read ({error})", file=path, fix=_RESTORE) from error
        if record_sha256(content) != state.record_sha256:
            raise InputError("is not the record that was signed for", file=path, fix=_RESTORE)
        record = ModelRecord.from_json(content, path)
        if (record.name, record.version, record.author) != (name, state.version, state.author):
            raise InputError("is the record of another version", file=path, fix=_RESTORE)
        if record.model_sha256 != state.model_sha256 or files_sha256(record.files) != state.model_sha256:
            raise InputError("is of other files than were signed for", file=path, fix=_RESTORE)
        return record

    def model(self, record: ModelRecord) -> Path:
        """Return the model folder after every file in it was verified."""
        folder = self._home(record.name, record.version) / "model"
        check_folder(folder, record.files)
        return folder

    def _home(self, name: str, version: int) -> Path:
        return self.folder / name / str(version)

    def _record_path(self, name: str, version: int, sha256: str) -> Path:
        return self._home(name, version) / f"record-{sha256[:16]}.json"


def record_sha256(text: str) -> str:
    """Return the SHA-256 of a record's JSON text."""
    return hashlib.sha256(text.encode()).hexdigest()
