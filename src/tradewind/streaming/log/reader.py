"""Reading one partition in order, past damage, from segment to segment, while others write."""

from __future__ import annotations

import logging
import os
from bisect import bisect_right
from dataclasses import dataclass

from tradewind.streaming.log.frames import Entry, Frame, ShortFrame, frame_at, next_frame
from tradewind.streaming.log.segments import Segments

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Batch:
    """Entries in order; ``base`` is the offset of the first."""

    base: int
    written_at: int
    entries: list[Entry]

    @property
    def following(self) -> int:
        """Offset after the last."""
        return self.base + len(self.entries)


@dataclass(frozen=True, slots=True)
class Damage:
    """A stretch of a file that is no frame any more: what offsets it held, where it lies, its bytes."""

    base: int
    following: int
    place: str
    value: bytes


class PartitionReader:
    """Reads a partition from an offset on; ``segments`` is its own, and closed with it.

    Attributes
    ----------
    offset : of the next entry that :meth:`take` gives.
    """

    def __init__(self, segments: Segments, offset: int, read_bytes: int) -> None:
        self._segments, self._read_bytes = segments, read_bytes
        self._fd, self._base, self._place = -1, -1, 0
        self._seen = (-1, -1)  # size and time of the file when all whole frames in it were read
        self._ready: list[Batch | Damage] = []  # reversed: the next one is the last
        self._filled = offset
        self.offset = offset

    def take(self, limit: int) -> list[Batch | Damage]:
        """Return what lies ahead, at most ``limit`` entries; empty where there is nothing yet."""
        taken: list[Batch | Damage] = []
        while limit > 0 and (self._ready or self._fill()):
            part = self._ready.pop()
            if isinstance(part, Batch):
                if len(part.entries) > limit:
                    rest = Batch(part.base + limit, part.written_at, part.entries[limit:])
                    self._ready.append(rest)
                    part = Batch(part.base, part.written_at, part.entries[:limit])
                limit -= len(part.entries)
            taken.append(part)
            self.offset = part.following
        return taken

    def seek(self, offset: int) -> None:
        """Go on from ``offset``."""
        if offset != self.offset:
            self._let_go()
            self._ready = []
            self.offset = self._filled = offset

    def _fill(self) -> bool:
        """Read on; False where nothing whole lies ahead."""
        if self._fd < 0 and not self._open():
            return False
        while True:
            if os.fstat(self._fd).st_size > self._place and self._read():
                return True
            if not self._step():
                return False
            if self._ready:
                return True

    def _open(self) -> bool:
        """Open the segment that holds the next offset."""
        bases = self._segments.bases()
        if not bases:
            return False
        at = bisect_right(bases, self._filled) - 1
        if at < 0:
            logger.warning("%s: offsets %d to %d are no longer kept", self._segments.folder, self._filled, bases[0] - 1)
            self.offset = self._filled = bases[0]
            at = 0
        places = self._segments.index(bases[at]).places
        near = bisect_right(places, self._filled, key=lambda place: place[0]) - 1
        return self._enter(bases[at], places[near][1] if near >= 0 else 0)

    def _enter(self, base: int, place: int = 0) -> bool:
        self._let_go()
        try:
            self._fd = os.open(self._segments.path(base), os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return False  # retention took it between listing and opening; the next call finds what is left
        self._base, self._place, self._seen = base, place, (-1, -1)
        return True

    def _let_go(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _step(self) -> bool:
        """Go to the next segment where the one at hand is closed and read to its end."""
        if self._segments.active() == self._base:
            return False
        size = os.fstat(self._fd).st_size
        if size > self._place:  # closed, so what is left is no frame
            if self._read():
                return True
            self._damaged(size, following=None)
        later = [base for base in self._segments.bases() if base > self._base]
        if not later:
            return False
        if self._ready and isinstance(self._ready[0], Damage):
            self._ready[0] = Damage(self._ready[0].base, later[0], self._ready[0].place, self._ready[0].value)
        self._filled = later[0]
        if not self._ready:
            self.offset = max(self.offset, later[0])
        entered = self._enter(later[0])
        return entered or bool(self._ready)

    def _read(self) -> bool:
        """Take in the whole frames that lie ahead in this segment."""
        found_file = os.fstat(self._fd)
        size = found_file.st_size
        if self._seen == (size, found_file.st_mtime_ns):
            return False  # nothing new behind what was no whole frame
        want = self._read_bytes
        while True:
            data = os.pread(self._fd, want, self._place)
            found, at, needed = self._frames(data)
            if found:
                self._ready = found[::-1]
                self._place += at
                return True
            if at:  # frames before the offset that was sought
                self._place += at
                continue
            if needed > len(data) and self._place + needed <= size:
                want = needed
                continue
            break
        return self._past_damage()

    def _frames(self, data: bytes) -> tuple[list[Batch | Damage], int, int]:
        """Return the batches in ``data``, how many bytes they take, and how many the next frame needs."""
        found: list[Batch | Damage] = []
        at = 0
        try:
            while at < len(data):
                frame = frame_at(data, at)
                if frame is None or not frame.whole:
                    return found, at, 0
                self._add(found, frame, data)
                at = frame.end
        except ShortFrame as short:
            return found, at, short.needed
        return found, at, 0

    def _add(self, found: list[Batch | Damage], frame: Frame, data: bytes) -> None:
        if frame.following <= self._filled:
            return
        entries, base = frame.entries(data), frame.base
        if base < self._filled:
            entries, base = entries[self._filled - base :], self._filled
        found.append(Batch(base, frame.written_at, entries))
        self._filled = frame.following

    def _past_damage(self) -> bool:
        """Look behind bytes that are no frame for one that is."""
        with self._segments.locked(shared=True):  # no writer is half-way
            found = os.fstat(self._fd)
            data = os.pread(self._fd, found.st_size - self._place, self._place)
        if self._frames_ahead(data):
            return True
        frame = next_frame(data, 1, self._filled) if data else None
        if frame is None:
            self._seen = (found.st_size, found.st_mtime_ns)
            return False
        self._damaged(self._place + frame.start, following=frame.base)
        return True

    def _frames_ahead(self, data: bytes) -> bool:
        """Take frames that became whole meanwhile."""
        found, at, _ = self._frames(data)
        self._ready = found[::-1]
        self._place += at
        return bool(found)

    def _damaged(self, end: int, following: int | None) -> None:
        """Report the bytes up to ``end``; ``following`` is the first offset known to lie behind them."""
        value = os.pread(self._fd, end - self._place, self._place)
        place = f"{self._segments.path(self._base)}, bytes {self._place} to {end}"
        logger.warning("%s: damaged, not readable", place)
        behind = self._filled if following is None else following
        self._ready = [Damage(self._filled, behind, place, value)]
        self._filled, self._place = behind, end

    def close(self) -> None:
        """Let go of the files."""
        self._let_go()
        self._segments.close()
