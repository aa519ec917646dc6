"""The anchor: a copy of the last seal outside the database, so that an older copy of the database is found out.

It is written after every group, by rename. A process that is killed between the commit and the rename leaves an anchor
one group behind; the next group, or the next opening, brings it up to date.
"""

from __future__ import annotations

import json
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock

from tradewind.core import OutputError
from tradewind.governance.audit.seal import Seal


class Anchor:
    """The file of one log's anchor.

    Parameters
    ----------
    path : where it is; a lock file lies beside it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

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
            return _parsed(json.loads(text))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not an anchor: {error}") from error

    def advance(self, log: bytes, seal: Seal) -> None:
        """Write ``seal`` unless the file already holds a later one of the same log.

        Raises
        ------
        OutputError : the file cannot be written.
        """
        try:
            with FileLock(f"{self.path}.lock"):
                now = self.read()
                if now is None or now[0] != log or now[1].n < seal.n:
                    self._write(log, seal)
        except OSError as error:
            raise OutputError(
                f"the anchor of the audit log cannot be written ({error.strerror or error})",
                file=self.path,
                fix="free the disk or choose a folder you may write to, then open the log again",
            ) from error

    def _write(self, log: bytes, seal: Seal) -> None:
        text = json.dumps(
            {
                "log": log.hex(),
                **{name: value.hex() if isinstance(value, bytes) else value for name, value in seal._asdict().items()},
            },
            indent=1,
        )
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as out:
                out.write(text)
                out.flush()
                os.fsync(out.fileno())
            os.chmod(name, 0o644)
            os.replace(name, self.path)  # the sync of the next group also makes this rename durable
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name)


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
