"""The anchor: the last seal outside the database, so that an older copy of the database is found out.

It bears a signature of its own: a seal that lies in the database cannot be made into an anchor. It is written after
every group, by rename. A process that is killed between the commit and the rename leaves an anchor one group behind;
the next group, or the next opening, brings it up to date.
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
from typing import Any, NamedTuple

from filelock import FileLock

from tradewind.core import OutputError
from tradewind.governance.audit.seal import Seal
from tradewind.governance.audit.signing import Signer, Verifier

LEFT = 3600.0
"""Seconds after which a draft is nobody's."""

_ANCHOR = b"tradewind audit anchor 1\0"


class Told(NamedTuple):
    """What an anchor tells: the log's id, its last seal, and a signature over both that only an anchor bears."""

    log: bytes
    seal: Seal
    signature: bytes

    def by(self, verifier: Verifier) -> bool:
        """Return whether the holder of the secret made this anchor."""
        return verifier.check(self.seal.signature, self.seal.message(self.log)) and verifier.check(
            self.signature, _ANCHOR + self.seal.digest(self.log)
        )


class Anchor:
    """The file of one log's anchor.

    Parameters
    ----------
    path : where it is; a lock file lies beside it.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._pool: ThreadPoolExecutor | None = None

    def read(self) -> Told | None:
        """Return what the file tells, None where there is none.

        Raises
        ------
        ValueError : the file is there and is no anchor, or may not be read.
        """
        try:
            told = _parsed(json.loads(self.path.read_text(encoding="utf-8")))
            told.seal.message(told.log)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ValueError(f"not an anchor that can be read here ({error.strerror or error})") from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, struct.error) as error:
            raise ValueError(f"not an anchor ({error})") from error
        return told

    def draft(self, log: bytes, seal: Seal, signer: Signer) -> Pending:
        """Begin to write ``seal`` beside the file, in a thread: the disk syncs it together with the database."""
        if self._pool is None:
            self._pool = ThreadPoolExecutor(1, thread_name_prefix="audit-anchor")
        return Pending(self._pool.submit(self._write, log, seal, signer))

    def advance(self, log: bytes, seal: Seal, draft: Pending) -> None:
        """Put ``draft``, which is of ``seal``, in place unless the file already holds a later one of the same log.

        Raises
        ------
        OutputError : the file cannot be written.
        ValueError : the file is there and is no anchor.
        """
        try:
            ready = draft.path()
            with FileLock(f"{self.path}.lock"):
                now = self.read()
                if now is None or now.log != log or now.seal.n < seal.n:
                    os.replace(ready, self.path)  # the sync of the next group also makes this rename durable
        except OSError as error:
            raise OutputError(
                f"the anchor of the audit log cannot be written ({error.strerror or error})",
                file=self.path,
                fix="free the disk or choose a folder you may write to, then open the log again",
            ) from error
        finally:
            draft.discard()

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

    def _write(self, log: bytes, seal: Seal, signer: Signer) -> Path:
        told = {"log": log, **seal._asdict(), "anchor": signer.sign(_ANCHOR + seal.digest(log))}
        values = {name: value.hex() if isinstance(value, bytes) else value for name, value in told.items()}
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", dir=self.path.parent)
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(json.dumps(values, indent=1))
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


def _parsed(value: dict[str, Any]) -> Told:
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
    return Told(bytes.fromhex(value["log"]), seal, bytes.fromhex(value["anchor"]))
