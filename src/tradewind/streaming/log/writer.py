"""Appending to one partition, whichever process does it.

Writers take turns under a lock on the partition. Whoever holds it first takes in what others wrote; half a frame at the
end is that of a writer that died in the middle, for no living one holds the lock, and is cut off. Damage is never cut:
the segment is closed as it is and a new one begun, so that readers can tell what is missing.
"""

from __future__ import annotations

import errno
import logging
import os
import threading
import time
from collections.abc import Sequence

from tradewind.core.clock import Clock
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.frames import Entry, Frame, pack
from tradewind.streaming.log.segments import Segments, sync_folder
from tradewind.streaming.log.settings import LogSettings
from tradewind.streaming.log.tail import Ending, Tail

logger = logging.getLogger(__name__)


def why(error: OSError, what: str) -> str:
    """Return a sentence about a failed write that says what to do where that is known."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"{what}: the disk is full (free some space; what is queued is written then)"
    if error.errno == errno.EFBIG:
        return f"{what}: the file may not grow further (raise the limit of file sizes)"
    return f"{what}: {error.strerror or error}"


class PartitionWriter:
    """Writes batches into one partition; safe among threads and processes of one machine."""

    def __init__(self, segments: Segments, settings: LogSettings, clock: Clock) -> None:
        self._segments, self._settings, self._clock = segments, settings, clock
        self._tail = Tail(segments)
        self._mutex = threading.Lock()
        self._synced = 0  # bytes of the segment known to be durable
        self._rewrite = False

    def append(self, producer: int, sequence: int, entries: Sequence[Entry]) -> None:
        """Write ``entries`` of ``producer`` from ``sequence`` on; those that are there already are passed over.

        Raises
        ------
        LogError : the disk is full or fails; nothing of it can be seen by a reader.
        """
        with self._mutex:
            try:
                with self._segments.locked():
                    self._append(producer, sequence, entries)
            except OSError as error:
                self._tail.close()  # what lies in the file is found out anew
                raise LogError(why(error, f"cannot write to {self._segments.folder}")) from error

    def _append(self, producer: int, sequence: int, entries: Sequence[Entry]) -> None:
        self._catch_up()
        tail = self._tail
        skip = tail.producers.get(producer, -1) - sequence + 1
        if skip > 0:
            entries, sequence = entries[skip:], sequence + skip
            if not entries:
                return
        written_at = int(self._clock.now().timestamp() * 1e6)
        frame = pack(tail.following, written_at, producer, sequence, entries)
        if tail.size and tail.size + len(frame) > self._settings.segment_bytes:
            self._roll()
        place = tail.size
        self._write(frame, place)
        tail.size += len(frame)
        base, count = tail.following, len(entries)
        tail.took(Frame(place, tail.size, base, count, written_at, producer, sequence), place)

    def _catch_up(self) -> None:
        tail = self._tail
        ending = self._refresh()
        if ending == "short":
            logger.info("%s: cut off half a frame of a writer that died", self._segments.path(tail.base))
            os.ftruncate(tail.fd, tail.size)
        elif ending == "damaged":
            logger.warning("%s ends in damage; it is kept and closed", self._segments.path(tail.base))
            tail.following += tail.lost  # an offset that a reader may have seen is not given again
            self._roll()

    def _refresh(self) -> Ending:
        base = self._tail.base
        ending = self._tail.refresh()
        if self._tail.base != base:
            self._synced, self._rewrite = 0, False  # whoever began the new segment made the old one durable
        return ending

    def _write(self, frame: bytes, place: int) -> None:
        view, done = memoryview(frame), 0
        try:
            while done < len(frame):
                done += os.pwrite(self._tail.fd, view[done:], place + done)
        except OSError:
            os.ftruncate(self._tail.fd, place)
            raise

    def _roll(self) -> None:
        """Close the segment and begin the next; delete what retention no longer keeps."""
        tail = self._tail
        self._sync()
        self._segments.write_index(tail.base, tail.index())
        following, producers = tail.following, tail.producers
        self._segments.set_active(following)
        tail.close()
        tail.refresh()
        tail.producers = producers
        self._synced = 0
        sync_folder(self._segments.folder)
        self._retain()

    def _retain(self) -> None:
        settings = self._settings
        closed = [base for base in self._segments.bases() if base < self._tail.base]
        total = 0
        now = time.time()
        for base in reversed(closed):
            found = self._segments.path(base).stat()
            total += found.st_size
            old = settings.retention_hours is not None and now - found.st_mtime > settings.retention_hours * 3600
            if old or (settings.retention_bytes is not None and total > settings.retention_bytes):
                self._segments.delete(base)

    def sync(self) -> None:
        """Return when all that was appended here is durable.

        Raises
        ------
        LogError : the disk fails.
        """
        with self._mutex:
            try:
                self._sync()
            except OSError as error:
                raise LogError(why(error, f"cannot make {self._segments.folder} durable")) from error

    def _sync(self) -> None:
        tail = self._tail
        if tail.base < 0:
            return
        if tail.fd < 0:  # a write failed after others that count
            self._refresh()
        if self._synced >= tail.size:
            return
        if self._rewrite:
            # After a failed sync the kernel holds the pages for clean, and a second sync would lie: write them again.
            again = os.pread(tail.fd, tail.size - self._synced, self._synced)
            os.pwrite(tail.fd, again, self._synced)
        try:
            os.fsync(tail.fd)
        except OSError:
            self._rewrite = True
            raise
        if not self._synced:
            sync_folder(self._segments.folder)
        self._rewrite, self._synced = False, tail.size

    def close(self) -> None:
        """Let go of the files."""
        with self._mutex:
            self._tail.close()
            self._segments.close()
