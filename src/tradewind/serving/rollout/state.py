"""What a rollout must remember over a restart, in one file that is whole or the one before."""

from __future__ import annotations

import os
import zlib
from itertools import groupby
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec import Struct, field

from tradewind.core import InputError, OutputError
from tradewind.core.files import atomic_path

Status = Literal["running", "promoted", "rolled_back", "stopped"]


class RolloutState(Struct, kw_only=True):
    """``step`` of the ramp and what it has seen; ``out`` arms taken back; ``table`` runs of (arm, buckets).

    ``last_day`` is the newest day taken in, ``day_arms`` the arms whose part of it is; ``told`` the arms of which it
    was told that they reached the goal; ``arms`` their evidence. Times are microseconds UTC.
    """

    experiment: str
    status: Status = "running"
    reason: str = ""
    winner: str = ""
    began: int = 0
    changed: int = 0
    asked: int = 0
    step: int = 0
    step_seconds: float = 0.0
    step_requests: int = 0
    step_days: int = 0
    last_day: int | None = None
    day_arms: list[str] = field(default_factory=list)
    requests: dict[str, int] = field(default_factory=dict)
    out: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)
    table: list[tuple[int, int]] = field(default_factory=list)
    arms: dict[str, dict[str, Any]] = field(default_factory=dict)


def runs_of(table: bytes) -> list[tuple[int, int]]:
    """Return ``table`` as runs of (arm, buckets)."""
    return [(arm, len(list(run))) for arm, run in groupby(table)]


def table_of(runs: list[tuple[int, int]]) -> bytes:
    """Return the table of ``runs``."""
    try:
        return b"".join(bytes([arm]) * count for arm, count in runs)
    except ValueError as error:
        raise InputError("the buckets that were kept cannot be read", field="table") from error


def save(path: Path, state: RolloutState) -> None:
    """Write ``state``; a reader or a power cut finds this one or the one before.

    Raises
    ------
    OutputError : it cannot be written; the one before stays.
    """
    body = msgspec.json.encode(state)
    try:
        with atomic_path(path) as draft, draft.open("wb") as out:
            out.write(b"%08x\n%b\n" % (zlib.crc32(body), body))
            out.flush()
            os.fsync(out.fileno())
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise OutputError(f"the state of the rollout cannot be written ({error})", file=path) from error


def load(path: Path) -> RolloutState | None:
    """Return what :func:`save` wrote, None where nothing was.

    Raises
    ------
    InputError : the file is not what was written.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise InputError(f"the state of the rollout cannot be read ({error})", file=path) from error
    head, _, body = data.partition(b"\n")
    body = body.removesuffix(b"\n")
    if head != b"%08x" % zlib.crc32(body):
        raise InputError("the state of the rollout is damaged (its checksum does not fit)", file=path)
    try:
        return msgspec.json.decode(body, type=RolloutState)
    except msgspec.MsgspecError as error:
        raise InputError(f"the state of the rollout cannot be read ({error})", file=path) from error
