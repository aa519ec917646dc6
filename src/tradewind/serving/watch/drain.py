"""Takes the audit spool's lines into the audit log, in blocks, each line once.

A block is one entry of the log: the writer's name, which segment and bytes it covers, and the lines. On start
the drain asks the log how far each writer came, so a drain that was killed between writing and remembering repeats
nothing. A segment is removed when its writer has begun the next one, or has ended, and all of it is in the log.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from tradewind.serving.watch.spool import lines_from, segments
from tradewind.streaming.records import Prediction


@dataclass(frozen=True, kw_only=True)
class Block:
    """Lines of one segment from byte ``start`` to ``end``.

    ``made`` : predictions that are served here for the first time, in full. ``served`` : ``microseconds, prediction id,
    revision, caller, request id``, separated by tabs, one string a served prediction.
    """

    writer: str
    segment: str
    start: int
    end: int
    made: Sequence[Prediction]
    served: Sequence[str]


Reached = Mapping[str, tuple[str, int]]
"""Writer -> (segment, byte) up to which its lines are in the log."""


@dataclass(kw_only=True)
class Drain:
    """Moves lines from ``folder`` to ``write`` (durable when it returns).

    ``reached`` tells, once, how far the log is for each writer. ``block_lines`` bounds a block.
    """

    folder: Path
    write: Callable[[Block], None]
    reached: Callable[[], Reached]
    block_lines: int = 20_000
    _at: dict[str, tuple[str, int]] = field(default_factory=dict)
    _asked: bool = False

    def step(self, *, ended: Collection[str] = ()) -> int:
        """Write what is there and return how many lines; segments of writers that have ``ended`` are removed whole."""
        if not self._asked:
            self._at.update(self.reached())
            self._asked = True
        moved = 0
        for writer, paths in segments(self.folder).items():
            for place, path in enumerate(paths):
                moved += self._drain(writer, path)
                if writer in ended or place < len(paths) - 1:
                    path.unlink()
        return moved

    def writers(self) -> frozenset[str]:
        """Return the names of the writers that have segments in the folder."""
        return frozenset(segments(self.folder))

    def run(self, stop: Event, *, pause: float = 0.05) -> None:
        """Drain until ``stop`` is set, then once more; ``pause`` seconds between looks when there is little to do."""
        while not stop.is_set():
            if self.step() < self.block_lines // 4:
                stop.wait(pause)
        self.step()

    def _drain(self, writer: str, path: Path) -> int:
        segment, offset = self._at.get(writer, ("", 0))
        if segment > path.name:
            return 0
        if segment < path.name:
            offset = 0
        moved = 0
        made: list[Prediction] = []
        served: list[str] = []
        start = offset

        def flush(end: int) -> None:
            nonlocal start
            if made or served:
                self.write(
                    Block(
                        writer=writer, segment=path.name, start=start, end=end, made=tuple(made), served=tuple(served)
                    )
                )
                self._at[writer] = (path.name, end)
                made.clear()
                served.clear()
            start = end

        with path.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as data:
            for line, end in lines_from(data, offset):
                if line.made is not None:
                    made.append(line.made)
                else:
                    served.append(line.served)
                moved += 1
                if len(made) + len(served) >= self.block_lines:
                    flush(end)
                offset = end
        flush(offset)
        return moved
