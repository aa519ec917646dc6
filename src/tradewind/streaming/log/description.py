"""What lies in a log and who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable


@dataclass(frozen=True, kw_only=True)
class TopicState:
    """A topic: partition -> first offset that is kept, and the offset after the last message."""

    name: str
    starts: Mapping[int, int]
    ends: Mapping[int, int]

    @property
    def messages(self) -> int:
        """How many messages are kept."""
        return sum(self.ends[part] - self.starts.get(part, 0) for part in self.ends)


@dataclass(frozen=True, kw_only=True)
class GroupState:
    """A consumer group: how many members live, and what it has committed, (topic, partition) -> offset."""

    name: str
    members: int
    positions: Mapping[tuple[str, int], int] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class LogDescription:
    """A log at one moment."""

    place: str
    topics: tuple[TopicState, ...]
    groups: tuple[GroupState, ...]

    def lag(self, group: GroupState) -> int:
        """Return how many messages lie ahead of what ``group`` has committed."""
        ends = {(topic.name, part): end for topic in self.topics for part, end in topic.ends.items()}
        return sum(max(0, ends.get(place, 0) - position) for place, position in group.positions.items())


@runtime_checkable
class Describable(Protocol):
    """A log that can say what lies in it."""

    def describe(self) -> LogDescription:
        """Return what lies in the log and who reads it."""
        ...


def describe(log: Describable) -> LogDescription:
    """Return the topics, partitions, ends, groups and their lag of ``log``."""
    return log.describe()
