"""The embedded log: a folder, no server; several processes of one machine may write and read it.

log.json                                 version of the layout
groups.sqlite                            members, owners and positions of consumer groups
topics/bars/topic.json                   number of partitions
topics/bars/0/head                       which segment is written; what writers lock
topics/bars/0/00000000000000000000.seg   frames, from that offset on
"""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from tradewind.core import UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.streaming.log.dead import cut
from tradewind.streaming.log.description import GroupState, LogDescription, TopicState
from tradewind.streaming.log.embedded_consumer import EmbeddedConsumer, Source
from tradewind.streaming.log.embedded_producer import EmbeddedProducer
from tradewind.streaming.log.errors import LogError
from tradewind.streaming.log.groups import Groups, Place
from tradewind.streaming.log.hashing import partition_of
from tradewind.streaming.log.protocol import Start
from tradewind.streaming.log.reader import PartitionReader
from tradewind.streaming.log.segments import Segments, sync_folder, write_file
from tradewind.streaming.log.settings import LogSettings
from tradewind.streaming.log.tail import Tail
from tradewind.streaming.log.writer import PartitionWriter
from tradewind.streaming.schema import DeadLetter

LAYOUT = 1
BURIAL_SECONDS = 5.0
"""How long a reader tries to put a dead letter aside."""
_TOPIC = re.compile(r"[a-z0-9][a-z0-9._-]{0,200}")


def _read_json(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise LogError(f"{path} cannot be read: {error}") from error
    if not isinstance(found, dict):
        raise LogError(f"{path} holds no table")
    return found


class EmbeddedLog:
    """A durable, replayable log of records in a folder; safe among threads."""

    def __init__(self, folder: Path, settings: LogSettings, clock: Clock) -> None:
        self.folder, self.settings, self._clock = folder, settings, clock
        self._lock = threading.RLock()
        self._changed = threading.Condition()
        self._version = 0
        self._partitions: dict[str, int] = {}
        self._writers: dict[Place, PartitionWriter] = {}
        self._tails: dict[Place, Tail] = {}
        self._open: list[EmbeddedProducer | EmbeddedConsumer] = []
        self._gravedigger: EmbeddedProducer | None = None
        self._closed = False
        self._groups = Groups(folder / "groups.sqlite")

    @classmethod
    def open(
        cls,
        folder: str | Path,
        partitions: int | None = None,
        settings: LogSettings | None = None,
        clock: Clock | None = None,
    ) -> Self:
        """Open the log in ``folder``, which is made where it is absent.

        Parameters
        ----------
        folder : on a local disk; network file systems lock unreliably.
        partitions : of topics made from now on; counts before that of ``settings``.
        clock : stamps what is written.

        Raises
        ------
        UsageError : the folder cannot be made, or is another program's or a newer version's.
        """
        settings = settings or LogSettings()
        if partitions is not None:
            settings = LogSettings(**{**settings.model_dump(), "partitions": partitions})
        folder = Path(folder)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            mark = folder / "log.json"
            if not mark.exists():
                strange = [
                    name for name in os.listdir(folder) if not name.startswith((".", "groups.sqlite", "log.json"))
                ]
                if strange and strange != ["topics"]:
                    raise UsageError(
                        f"the folder holds {strange[0]!r} and is no event log", file=folder, fix="name an empty folder"
                    )
                write_file(mark, json.dumps({"layout": LAYOUT}).encode())
            layout = _read_json(mark).get("layout")
            if not (folder / "topics").exists():
                (folder / "topics").mkdir(exist_ok=True)
                sync_folder(folder)
        except OSError as error:
            raise UsageError(
                f"no event log can be opened there ({error.strerror})", file=folder, fix="name a folder you may write"
            ) from error
        if layout != LAYOUT:
            raise UsageError(f"has layout {layout!r}, and {LAYOUT} is known", file=mark, fix="use the newer version")
        return cls(folder, settings, clock or SystemClock())

    def partitions(self, topic: str) -> int:
        """Return the number of partitions of ``topic``, which is made where it is absent.

        Raises
        ------
        UsageError : the name cannot be a topic's.
        """
        found = self._partitions.get(topic)
        if found is not None:
            return found
        if not _TOPIC.fullmatch(topic):
            raise UsageError(f"{topic!r} cannot be a topic", fix="use a-z, 0-9, dot, dash and underscore")
        with self._lock:
            place = self.folder / "topics" / topic
            mark = place / "topic.json"
            try:
                place.mkdir(exist_ok=True)
                if not mark.exists():
                    self._decide(place, mark)
            except OSError as error:
                raise LogError(f"cannot make topic {topic!r}: {error.strerror}") from error
            number = int(_read_json(mark)["partitions"])
            self._partitions[topic] = number
            return number

    def _decide(self, place: Path, mark: Path) -> None:
        """Write how many partitions a topic has, durably; whoever comes first decides, among all processes."""
        part = place / f".topic.{os.getpid()}.{threading.get_ident()}"
        write_file(part, json.dumps({"partitions": self.settings.partitions}).encode())
        try:
            os.link(part, mark)
        except FileExistsError:
            pass  # another process did
        finally:
            part.unlink()
        sync_folder(place)
        sync_folder(place.parent)

    def _segments(self, place: Place) -> Segments:
        return Segments(self.folder / "topics" / place[0] / str(place[1]))

    def _route(self, topic: str, key: str) -> PartitionWriter:
        place = topic, partition_of(key, self.partitions(topic))
        with self._lock:
            writer = self._writers.get(place)
            if writer is None:
                writer = self._writers[place] = PartitionWriter(self._segments(place), self.settings, self._clock)
            return writer

    def _notify(self) -> None:
        with self._changed:
            self._version += 1
            self._changed.notify_all()

    def _wait(self, version: int, seconds: float) -> None:
        """Return when something was written here since ``version``, or after ``seconds``."""
        with self._changed:
            if self._version == version:
                self._changed.wait(seconds)

    def _end(self, place: Place) -> int:
        with self._lock:
            tail = self._tails.get(place)
            if tail is None:
                tail = self._tails[place] = Tail(self._segments(place))
            tail.refresh()
            return tail.following

    def _bury(self, letters: Sequence[DeadLetter]) -> None:
        """Write dead letters, durably."""
        with self._lock:
            if self._gravedigger is None:
                self._gravedigger = self.producer()
        for letter in letters:
            self._gravedigger.send(cut(letter, self.settings.record_bytes))  # type: ignore[arg-type]
        self._gravedigger.flush(timeout=BURIAL_SECONDS)

    def _check_open(self) -> None:
        if self._closed:
            raise LogError(f"the log in {self.folder} is closed")

    def _keep(self, part: EmbeddedProducer | EmbeddedConsumer) -> None:
        """Remember what must be closed with the log, and forget what was closed before."""
        with self._lock:
            self._open = [*(other for other in self._open if not other.closed), part]

    def producer(self) -> EmbeddedProducer:
        """Return a new writer."""
        self._check_open()
        producer = EmbeddedProducer(self._route, self._notify, self.settings)
        self._keep(producer)
        return producer

    def consumer(self, topics: Sequence[str], *, group: str | None, start: Start = "earliest") -> EmbeddedConsumer:
        """Return a new reader of ``topics`` in ``group``; None reads every partition alone.

        Raises
        ------
        UsageError : a name cannot be a topic's.
        LogError : the store of groups cannot be written.
        """
        self._check_open()
        places = [(topic, part) for topic in dict.fromkeys(topics) for part in range(self.partitions(topic))]
        source = Source(
            places=places,
            reader=lambda place, offset: PartitionReader(self._segments(place), offset, self.settings.read_bytes),
            end=self._end,
            bury=self._bury,
            version=lambda: self._version,
            wait=self._wait,
            groups=self._groups,
            settings=self.settings,
        )
        consumer = EmbeddedConsumer(source, group, start)
        self._keep(consumer)
        return consumer

    def ends(self, topic: str) -> dict[Place, int]:
        """Return the offset after the last message of each partition."""
        self._check_open()
        return {(topic, part): self._end((topic, part)) for part in range(self.partitions(topic))}

    def describe(self) -> LogDescription:
        """Return what lies in the log and who reads it."""
        self._check_open()
        names = sorted(path.parent.name for path in (self.folder / "topics").glob("*/topic.json"))
        topics = []
        for name in names:
            starts = {}
            for part in range(self.partitions(name)):
                bases = [int(path.stem) for path in (self.folder / "topics" / name / str(part)).glob("*.seg")]
                starts[part] = min(bases, default=0)
            ends = {part: end for (_, part), end in self.ends(name).items()}
            topics.append(TopicState(name=name, starts=starts, ends=ends))
        groups = [
            GroupState(name=name, members=len(self._groups.members(name)), positions=self._groups.committed(name))
            for name in self._groups.names()
        ]
        return LogDescription(place=str(self.folder), topics=tuple(topics), groups=tuple(groups))

    def close(self) -> None:
        """Flush and close what is open.

        Raises
        ------
        LogError : something sent could not be made durable.
        """
        if self._closed:
            return
        self._closed = True
        failed: LogError | None = None
        for part in list(self._open):
            try:
                part.close()
            except LogError as error:
                failed = error
        for writer in self._writers.values():
            writer.close()
        for tail in self._tails.values():
            tail.close()
            tail.segments.close()
        self._groups.close()
        if failed is not None:
            raise failed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
