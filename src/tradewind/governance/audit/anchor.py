"""The anchor: a copy of the last seal outside the database, so that an older copy of the database is found out.

It is written after every group, by rename. A process that is killed between the commit and the rename leaves an anchor
one group behind; the next group, or the next opening, brings it up to date.
"""

from __future__ import annotations

import json
import os
import struct
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

from tradewind.core import OutputError
from tradewind.governance.audit.seal import Seal

LEFT = 3600.0
"""Seconds after which a draft is nobody's."""


class Anchor:
    """The file of one log's anchor.

    Parameters
    ----------
    path : where it is; a lock file lies beside it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pool: ThreadPoolExecutor | None = None

    def read(self) -> tuple[bytes, Seal] | None:
        """Return the log's id and the seal, None where there is no file.

        Raises
        ------
        ValueError : the file is there and is no anchor.
        """
        try:
            text = self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None
        try:
            log, seal = _parsed(json.loads(text))
            seal.message(log)
        except (ValueError, KeyError, TypeError, AttributeError, struct.error) as error:
            raise ValueError(f"not an anchor ({error})") from error
        return log, seal

    def draft(self, log: bytes, seal: Seal) -> Pending:
        """Begin to write ``seal`` beside the file, in a thread: the disk syncs it together with the database."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="audit-anchor")
        return Pending(self._pool.submit(self._write, log, seal))

    def advance(self, log: bytes, seal: Seal, draft: Pending | None = None) -> None:
        """Put ``seal`` in the file unless it already holds a later one of the same log.

        Raises
        ------
        OutputError : the file cannot be written.
        ValueError : the file is there and is no anchor.
        """
        begun = draft or self.draft(log, seal)
        try:
            ready = begun.path()
            with FileLock(f"{self.path}.lock"):
                now = self.read()
                if now is None or now[0] != log or now[1].n < seal.n:
                    os.replace(ready, self.path)  # the sync of the next group also makes this rename durable
        except OSError as error:
            raise OutputError(
                f"the anchor of the audit log cannot be written ({error.strerror or error})",
                file=self.path,
                fix="free the disk or choose a folder you may write to, then open the log again",
            ) from error
        finally:
            begun.discard()

    def tidy(self) -> None:
        """Remove drafts that killed writers left an hour ago or earlier."""
        for left in self.path.parent.glob(f".{self.path.name}.*"):
            with suppress(FileNotFoundError):  # another process tidies too
                if time.time() - left.stat().st_mtime > LEFT:
                    left.unlink()

    def close(self) -> None:
        """End the thread that writes."""
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _write(self, log: bytes, seal: Seal) -> Path:
        values = {name: value.hex() if isinstance(value, bytes) else value for name, value in seal._asdict().items()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(json.dumps({"log": log.hex(), **values}, indent=1))
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, 0o644)  # whoever verifies may read it
        return Path(name)


class Pending:
    """An anchor that lies beside its place."""

    def __init__(self, written: Future[Path]) -> None:
        self._written = written

    def path(self) -> Path:
        """Return the file when it is on the disk; OSError where it could not be written."""
        return self._written.result()

    def discard(self) -> None:
        """Remove the file unless it took its place."""
        with suppress(OSError):  # told by `path` where it matters
            self._written.result().unlink()


def _parsed(value: dict[str, Any]) -> tuple[bytes, Seal]:
    boundary = value["boundary"]
    seal = Seal(
        n=int(value["n"]),
        seq=int(value["seq"]),
        hash=bytes.fromhex(value["hash"]),
        at=int(value["at"]),
        writer=str(value["writer"]),
        boundary=None if boundary is None else int(boundary),
        detail=str(value["detail"]),
        previous=bytes.fromhex(value["previous"]),
        signature=bytes.fromhex(value["signature"]),
    )
    return bytes.fromhex(value["log"]), seal
