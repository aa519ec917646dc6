"""The files of one partition: segments named by their first offset, and which of them is being written.

``head`` holds the first offset of the segment that is being written (8 bytes) and is what writers lock. It is written
before the segment is made, so a writer that dies in between leaves a name without a file, which the next one makes.
A closed segment has an ``.idx`` beside it: where some of its offsets lie, and the last sequence of each producer.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

INDEX_BYTES = 256 << 10
"""An index entry stands for about this many bytes."""


class SegmentIndex(Struct, frozen=True):
    """What is known of a closed segment.

    ``places`` : (offset, byte) of some frames, ascending. ``producers`` : producer -> last sequence in the partition.
    """

    places: list[tuple[int, int]]
    producers: dict[int, int]


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(SegmentIndex).decode


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable."""
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def write_file(path: Path, data: bytes) -> None:
    """Write ``path`` whole or not at all."""
    part = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        with part.open("wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    sync_folder(path.parent)


class Segments:
    """The files in the folder of one partition."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not folder.exists():
            folder.mkdir(parents=True, exist_ok=True)
            sync_folder(folder.parent)  # what is durable in a folder is lost where the folder's own name is
        self._head = os.open(folder / "head", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)

    def path(self, base: int) -> Path:
        """Return the file of the segment that begins with offset ``base``."""
        return self.folder / f"{base:020d}.seg"

    def bases(self) -> list[int]:
        """Return the first offset of each segment, ascending."""
        return sorted(int(name[:-4]) for name in os.listdir(self.folder) if name.endswith(".seg"))

    def active(self) -> int:
        """Return the first offset of the segment that is being written."""
        raw = os.pread(self._head, 8, 0)
        if len(raw) == 8:
            return int.from_bytes(raw, "little")
        bases = self.bases()  # nothing written yet, or a power cut took the head
        return bases[-1] if bases else 0

    def set_active(self, base: int) -> None:
        """Say which segment is being written from now on; only under :meth:`locked`."""
        os.pwrite(self._head, base.to_bytes(8, "little"), 0)
        os.fsync(self._head)

    @contextmanager
    def locked(self, *, shared: bool = False) -> Iterator[None]:
        """Hold the partition against writers of every process; ``shared`` against writers alone."""
        fcntl.flock(self._head, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(self._head, fcntl.LOCK_UN)

    def index(self, base: int) -> SegmentIndex:
        """Return the index of a segment; empty where it has none, which only makes finding an offset slower."""
        try:
            return _decode(self.path(base).with_suffix(".idx").read_bytes())
        except (FileNotFoundError, msgspec.DecodeError):
            return SegmentIndex([], {})

    def write_index(self, base: int, index: SegmentIndex) -> None:
        """Store the index of a segment that is closed."""
        write_file(self.path(base).with_suffix(".idx"), _encode(index))

    def delete(self, base: int) -> None:
        """Delete a segment and its index."""
        self.path(base).unlink(missing_ok=True)
        self.path(base).with_suffix(".idx").unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of the folder."""
        os.close(self._head)
