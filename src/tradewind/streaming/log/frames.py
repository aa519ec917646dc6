"""How a batch of messages lies in a file: one frame, whole or absent.

A frame is a head of 52 bytes, little endian, and the entries as MessagePack. The head: ``TW``, version 1, a zero byte,
the length of the entries, offset of the first entry, number of entries, when it was written (microseconds UTC),
producer, sequence of the first entry, CRC-32 of the entries, CRC-32 of the head up to here. With a sum of its own the
head can be trusted where the entries are damaged, and half a frame at the end of a file, which a writer did not live
to finish, be told from damage.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import Struct
from zlib import crc32

import msgspec

Entry = tuple[str, str, bytes, Mapping[str, str] | None]
"""key, schema, value, further headers."""

_START = b"TW\x01\x00"
_HEAD = Struct("<4sIQIqQQI")
HEAD_BYTES = _HEAD.size + 4

_encode = msgspec.msgpack.Encoder().encode
decode_entries = msgspec.msgpack.Decoder(list[tuple[str, str, bytes, dict[str, str] | None]]).decode


@dataclass(frozen=True, slots=True)
class Frame:
    """A frame found in a buffer: ``start`` and ``end`` are where it lies there; ``whole``: its entries are sound."""

    start: int
    end: int
    base: int
    count: int
    written_at: int
    producer: int
    sequence: int
    whole: bool = True

    @property
    def following(self) -> int:
        """Offset after its last entry."""
        return self.base + self.count

    def entries(self, buffer: bytes) -> list[Entry]:
        """Return its entries out of the buffer it was found in."""
        return decode_entries(memoryview(buffer)[self.start + HEAD_BYTES : self.end])  # type: ignore[return-value]


def pack(base: int, written_at: int, producer: int, sequence: int, entries: Sequence[Entry]) -> bytes:
    """Return the frame of ``entries``."""
    payload = _encode(entries)
    head = _HEAD.pack(_START, len(payload), base, len(entries), written_at, producer, sequence, crc32(payload))
    return b"".join((head, crc32(head).to_bytes(4, "little"), payload))


class ShortFrame(Exception):
    """The buffer ends before the frame does; ``needed`` is how many bytes the frame has as far as is known."""

    def __init__(self, needed: int) -> None:
        self.needed = needed
        super().__init__(needed)


def frame_at(buffer: bytes, at: int) -> Frame | None:
    """Return the frame that begins at ``at``; None where no head of a frame is there.

    Raises
    ------
    ShortFrame : what is there is the beginning of a frame, or could be.
    """
    rest = len(buffer) - at
    if rest < HEAD_BYTES:
        if buffer[at : at + 4] == _START[: min(rest, 4)]:
            raise ShortFrame(HEAD_BYTES)
        return None
    start, length, base, count, written_at, producer, sequence, checksum = _HEAD.unpack_from(buffer, at)
    body = at + HEAD_BYTES
    if start != _START or crc32(buffer[at : body - 4]) != int.from_bytes(buffer[body - 4 : body], "little"):
        return None
    end = body + length
    if end > len(buffer):
        raise ShortFrame(HEAD_BYTES + length)
    whole = crc32(memoryview(buffer)[body:end]) == checksum
    return Frame(at, end, base, count, written_at, producer, sequence, whole)


def next_frame(buffer: bytes, at: int, offset: int) -> Frame | None:
    """Return the first whole frame after ``at`` whose offsets are not below ``offset``; None where there is none."""
    while (at := buffer.find(_START, at)) >= 0:
        try:
            frame = frame_at(buffer, at)
        except ShortFrame:
            frame = None  # a start that occurs by chance inside an entry, or in damage
        if frame is not None and frame.whole and frame.base >= offset:
            return frame
        at += 1
    return None
