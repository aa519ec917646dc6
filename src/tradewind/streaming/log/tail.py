"""Where a partition ends: what its segment that is being written holds, read once and then only what is new."""

from __future__ import annotations

import logging
import os
from typing import Literal

from tradewind.streaming.log.frames import Frame, ShortFrame, frame_at, next_frame
from tradewind.streaming.log.segments import INDEX_BYTES, SegmentIndex, Segments

logger = logging.getLogger(__name__)

Ending = Literal["clean", "short", "damaged"]
PRODUCERS = 512
"""Producers whose last sequence is remembered, the most recent."""
LEAST_ENTRY = 12
"""Bytes of the shortest entry there can be."""


class Tail:
    """The end of the segment that is being written.

    Attributes
    ----------
    base : first offset of the segment, -1 before it was read.
    size : bytes up to the end of its last whole frame.
    following : offset after its last entry.
    producers : producer -> last sequence.
    lost : where it ends in damage, how many offsets may lie in it at most.
    """

    def __init__(self, segments: Segments) -> None:
        self.segments = segments
        self.base, self.size, self.following, self.lost = -1, 0, 0, 0
        self.producers: dict[int, int] = {}
        self.places: list[tuple[int, int]] = []
        self.fd = -1

    def refresh(self) -> Ending:
        """Take in what was written since; say how the segment ends.

        ``short``: with the beginning of a frame. ``damaged``: with bytes that are no frame and were once whole.
        """
        active = self.segments.active()
        if active != self.base or self.fd < 0:
            self._open(active)
        size = os.fstat(self.fd).st_size
        if size < self.size:
            logger.warning("%s was cut from outside; reading it anew", self.segments.path(self.base))
            self._open(active)
            size = os.fstat(self.fd).st_size
        return self._scan(size) if size > self.size else "clean"

    def _open(self, base: int) -> None:
        self.close()
        self.fd = os.open(self.segments.path(base), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        before = [other for other in self.segments.bases() if other < base]
        self.producers = dict(self.segments.index(before[-1]).producers) if before else {}
        self.base, self.size, self.following, self.places = base, 0, base, []

    def _scan(self, size: int) -> Ending:
        data = os.pread(self.fd, size - self.size, self.size)
        start, at = self.size, 0
        while at < len(data):
            ending: Ending = "damaged"
            try:
                frame = frame_at(data, at)
            except ShortFrame:
                frame, ending = None, "short"
            if frame is None or not frame.whole:
                found = next_frame(data, at + 1, self.following)
                if found is None:
                    self.lost = frame.count if frame else (len(data) - at) // LEAST_ENTRY + 1
                    return ending
                logger.warning(
                    "%s is damaged at byte %d: offsets %d to %d are lost",
                    self.segments.path(self.base), start + at, self.following, found.base - 1,
                )  # fmt: skip
                frame = found
            self.took(frame, start + frame.start)
            at = frame.end
            self.size = start + at
        return "clean"

    def took(self, frame: Frame, place: int) -> None:
        """Remember a frame that lies at byte ``place``."""
        if not self.places or place - self.places[-1][1] >= INDEX_BYTES:
            self.places.append((frame.base, place))
        self.following = frame.following
        self.producers.pop(frame.producer, None)
        self.producers[frame.producer] = frame.sequence + frame.count - 1
        if len(self.producers) > PRODUCERS:
            del self.producers[next(iter(self.producers))]

    def index(self) -> SegmentIndex:
        """Return the index of the segment as it is now."""
        return SegmentIndex(self.places, self.producers)

    def close(self) -> None:
        """Let go of the segment; the next refresh reads it anew."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1
