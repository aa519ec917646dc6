"""The file of API keys: written whole or not at all, readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from collections.abc import Sequence
from pathlib import Path

import msgspec
from filelock import FileLock
from msgspec import Struct

from tradewind.core import OutputError, UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.core.private import others_may_read
from tradewind.serving.access.keys import KeyRecord, KeyTerms, new_key


class _File(Struct, kw_only=True, forbid_unknown_fields=True):
    version: int
    keys: list[KeyRecord]


Mark = tuple[int, int, int, int]
"""Inode, size, and times of change of the file and of its rights: differs after every write and every chmod."""


class KeyStore:
    """Keys in one JSON file at ``path`` with mode 0600; several processes may change it."""

    def __init__(self, path: str | Path, *, clock: Clock | None = None) -> None:
        self.path = Path(path)
        self._clock = clock or SystemClock()

    def __repr__(self) -> str:
        return f"KeyStore({str(self.path)!r})"

    def create(self, terms: KeyTerms) -> tuple[str, KeyRecord]:
        """Keep a new key; return it, for the only time, and its record.

        Raises
        ------
        UsageError : the terms do not fit, or the file cannot be read.
        OutputError : the file cannot be written.
        """
        key, record = new_key(terms, self._clock.now())
        with self._lock():
            self._write([*self._keys_if_any(), record])
        return key, record

    def revoke(self, id: str) -> KeyRecord:
        """Revoke the key ``id`` for good; a revoked one stays as it is.

        Raises
        ------
        UsageError : there is no such key.
        """
        with self._lock():
            keys = self.read()
            place = next((at for at, key in enumerate(keys) if key.id == id), None)
            if place is None:
                raise UsageError(f"there is no key {id!r}", file=self.path, fix="list the keys and take the id of one")
            if keys[place].revoked is None:
                keys[place] = msgspec.structs.replace(keys[place], revoked=self._clock.now())
                self._write(keys)
            return keys[place]

    def read(self) -> list[KeyRecord]:
        """Return every key, oldest first.

        Raises
        ------
        UsageError : the file is absent, may be read by others, or is damaged.
        """
        try:
            found = self.path.stat()
            data = self.path.read_bytes()
        except OSError as error:
            raise UsageError(
                f"cannot be read ({error.strerror})", file=self.path, fix="create a key first, or name another file"
            ) from error
        if others_may_read(found):
            raise UsageError(
                "may be read or changed by others than its owner", file=self.path, fix=f"chmod 600 {self.path}"
            )
        try:
            file = msgspec.json.decode(data, type=_File)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise UsageError(
                f"is not a file of keys ({error})", file=self.path, fix="restore it from a copy"
            ) from error
        if file.version != 1:
            raise UsageError(f"has version {file.version}, not 1", file=self.path, fix="use the release that wrote it")
        return file.keys

    def mark(self) -> Mark | None:
        """Return what changes when the file does; None where it is absent."""
        try:
            stat = self.path.stat()
        except OSError:
            return None
        return stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns

    def _keys_if_any(self) -> list[KeyRecord]:
        return self.read() if self.path.exists() else []

    def _lock(self) -> FileLock:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise OutputError(
                f"cannot be made ({error.strerror})", file=self.path.parent, fix="name a folder you may write to"
            ) from error
        return FileLock(self.path.with_name(f".{self.path.name}.lock"), mode=0o600)

    def _write(self, keys: Sequence[KeyRecord]) -> None:
        data = msgspec.json.format(msgspec.json.encode(_File(version=1, keys=list(keys))), indent=2) + b"\n"
        new = self.path.with_name(f".{self.path.name}.{secrets.token_hex(6)}")
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.path)
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise OutputError(
                f"cannot be written ({error.strerror})", file=self.path, fix="name a folder you may write to"
            ) from error


def create_key(path: str | Path, terms: KeyTerms | None = None, *, clock: Clock | None = None) -> tuple[str, KeyRecord]:
    """Add a key to the file at ``path``, made where absent; return the key, which is shown only now, and its record."""
    return KeyStore(path, clock=clock).create(terms or KeyTerms())


def revoke_key(path: str | Path, id: str, *, clock: Clock | None = None) -> KeyRecord:
    """Revoke the key ``id`` of the file at ``path``; running servers follow within a second."""
    return KeyStore(path, clock=clock).revoke(id)


def list_keys(path: str | Path) -> list[KeyRecord]:
    """Return the records of the file at ``path``, oldest first."""
    return KeyStore(path).read()
