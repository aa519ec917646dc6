"""The audit spool: a line for every served prediction, safe against a killed process before the answer leaves.

Lines go into memory-mapped segment files: what is copied there belongs to the kernel and outlives the process. Another
process drains them into the audit log in blocks (:mod:`tradewind.serving.watch.drain`) and removes drained segments.
The number of segments is bounded: where the drain does not keep up, :meth:`Spool.record` refuses and the caller waits.

A line is ``length u32, crc32 u32, bytes``. The length is written last: a line whose length is not 0 and whose checksum
fits was written whole; a process that is killed in between leaves a line nobody was answered for.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import struct
import time
import uuid
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

import msgspec
from pydantic import Field

from tradewind.core import OutputError, Settings
from tradewind.streaming.records import Prediction

SUFFIX = ".spool"
_LENGTH = struct.Struct("<I")
_HEAD = struct.Struct("<II")
_MADE, _SERVED = b"P", b"S"


class SpoolSettings(Settings):
    """``segment_bytes`` : size of a segment file. ``segments`` : how many may wait for the drain at most.

    ``known`` : predictions remembered as already written in full; an older one that is served again is written again.
    """

    segment_bytes: int = Field(default=8 * 2**20, ge=4096)
    segments: int = Field(default=32, ge=2)
    known: int = Field(default=100_000, ge=1)


class Spool:
    """The writing end; one per server process, threads may share it.

    Parameters
    ----------
    folder : where segments lie, shared with the drain.
    name : of this writer, unique among all there ever were (None: a new one); entries are numbered within it.

    Raises
    ------
    OutputError : a segment cannot be made (no space, no right).
    """

    def __init__(self, folder: Path, settings: SpoolSettings | None = None, *, name: str | None = None) -> None:
        self.settings, self._folder = settings or SpoolSettings(), folder
        self.name = name or uuid.uuid4().hex[:16]
        self._lock = Lock()
        self._known: OrderedDict[str, int] = OrderedDict()
        self._encoder = msgspec.msgpack.Encoder()
        self._number, self.written, self.refused = 0, 0, 0
        self._waiting_since = 0.0
        self._full = False
        folder.mkdir(parents=True, exist_ok=True)
        self._map, self._at = self._segment(), 0

    def record(self, prediction: Prediction, caller: str, request_id: str) -> bool:
        """Write that ``caller`` is about to be given ``prediction``; False where the spool is full.

        The prediction itself is written in front of its first line.
        """
        line = f"{time.time_ns() // 1000}\t{prediction.id}\t{prediction.revision}\t{caller}\t{request_id}".encode()
        with self._lock:
            if self._known.get(prediction.id) != prediction.revision:
                if not self._put(_MADE + self._encoder.encode(prediction)):
                    return False
                self._known[prediction.id] = prediction.revision
                if len(self._known) > self.settings.known:
                    self._known.popitem(last=False)
            return self._put(_SERVED + line)

    async def room(self) -> None:
        """Return when a line would be taken again."""
        while not self._has_room():
            await asyncio.sleep(0.005)

    def waiting(self) -> int:
        """Return how many segments wait for the drain."""
        return sum(1 for _ in self._folder.glob(f"{self.name}-*{SUFFIX}"))

    def stats(self) -> dict[str, float]:
        """Return counts: lines written, lines refused, segments that wait, the most there may be."""
        return {
            "lines": self.written,
            "refused": self.refused,
            "segments": self.waiting(),
            "segments_limit": self.settings.segments,
        }

    def close(self) -> None:
        """Let go of the segment; what is in it stays for the drain."""
        with self._lock:
            self._map.close()

    def _has_room(self) -> bool:
        with self._lock:
            return not self._full or self._turn()

    def _put(self, body: bytes) -> bool:
        end = self._at + _HEAD.size + len(body)
        if end + _LENGTH.size > self.settings.segment_bytes and not self._turn():  # the next length stays 0
            self.refused += 1
            return False
        at = self._at
        end = at + _HEAD.size + len(body)
        if end + _LENGTH.size > self.settings.segment_bytes:
            raise OutputError(f"an audit line of {len(body)} bytes does not fit a segment", fix="enlarge segment_bytes")
        view = self._map
        view[at + 4 : at + 8] = _LENGTH.pack(zlib.crc32(body))
        view[at + 8 : end] = body
        view[at : at + 4] = _LENGTH.pack(len(body))
        self._at = end
        self.written += 1
        return True

    def _turn(self) -> bool:
        """Begin the next segment; False where too many wait or the disk is full."""
        now = time.monotonic()
        if self._full and now - self._waiting_since < 0.002:  # ask the folder not more often than that
            return False
        self._waiting_since = now
        if self.waiting() >= self.settings.segments:
            self._full = True
            return False
        try:
            fresh = self._segment()
        except OutputError:  # no space: the callers wait, as for a full spool, until there is
            self._full = True
            return False
        self._map.close()
        self._map, self._at, self._full = fresh, 0, False
        return True

    def _segment(self) -> mmap.mmap:
        path = self._folder / f"{self.name}-{self._number:012d}{SUFFIX}"
        draft = path.with_suffix(".draft")
        try:
            handle = os.open(draft, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.posix_fallocate(handle, 0, self.settings.segment_bytes)  # a hole would kill us when the disk is full
                view = mmap.mmap(handle, self.settings.segment_bytes)
            finally:
                os.close(handle)
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise OutputError(
                f"cannot make a segment of the audit spool ({error.strerror or error})",
                file=path,
                fix="free space there, or choose another --state folder",
            ) from error
        self._number += 1
        return view


@dataclass(frozen=True, kw_only=True)
class Line:
    """One thing the spool holds: a prediction in full (``made``), or that one was given to somebody (``served``)."""

    made: Prediction | None = None
    served: str = ""


def segments(folder: Path) -> dict[str, list[Path]]:
    """Return the segments of each writer, in the order they were written."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        found.setdefault(path.name.rsplit("-", 1)[0], []).append(path)
    return found


_DECODER = msgspec.msgpack.Decoder(Prediction)


def lines_from(data: bytes | mmap.mmap, offset: int) -> Iterator[tuple[Line, int]]:
    """Yield the whole lines of a segment from ``offset`` on, each with the offset after it.

    Stops at the first line that is not whole: nothing behind it was written.
    """
    size = len(data)
    while offset + _HEAD.size <= size:
        length, check = _HEAD.unpack_from(data, offset)
        end = offset + _HEAD.size + length
        if length == 0 or end > size:
            return
        body = data[offset + _HEAD.size : end]
        if zlib.crc32(body) != check:
            return
        if body[:1] == _MADE:
            yield Line(made=_DECODER.decode(body[1:])), end
        else:
            yield Line(served=body[1:].decode()), end
        offset = end
