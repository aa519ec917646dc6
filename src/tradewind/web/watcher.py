"""Notices what other programs change in the workspace: a monitor's alerts, a registry's decisions, a job's progress."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tradewind.web.workspace import Workspace

_LOG = logging.getLogger("tradewind.web")
_MOST = 4000
"""Files looked at of one topic; beyond, the newest changes of a folder still move its own time."""

State = tuple[int, int, int]


def topics_of(workspace: Workspace) -> Mapping[str, Callable[[], Iterator[Path]]]:
    """Return, by topic, the files and folders whose change is told; they need not exist."""
    projects, serving = workspace.projects, workspace.serving

    def under(*places: str | Path) -> Callable[[], Iterator[Path]]:
        return lambda: (Path(place) for place in places if "://" not in str(place))

    return {
        "alerts": under(workspace.alerts),
        "cases": under(workspace.cases),
        "models": under(workspace.registry),
        "audit": under(workspace.audit),
        "journal": under(workspace.journal),
        "monitor": under(workspace.drift, workspace.references),
        "reports": under(workspace.reports),
        "forecasts": lambda: serving.glob("**/predictions.db"),
        "rollout": under(serving / "rollout", serving / "deployment.json", serving / "review.db"),
        "jobs": lambda: _each(projects.glob("*/work"), workspace.alerts.with_name("jobs.db")),
        "projects": lambda: _each(
            projects.glob("*/project.toml"),
            projects.glob("*/prices.parquet"),
            projects.glob("*/model"),
            projects.glob("*/evaluation"),
        ),
    }


def _each(*places: Path | Iterator[Path]) -> Iterator[Path]:
    for place in places:
        if isinstance(place, Path):
            yield place
        else:
            yield from place


def state_of(places: Iterator[Path]) -> State:
    """Return how many files there are, how large they are together and when the newest of them changed.

    The write-ahead log beside an SQLite file counts with it.
    """
    count = size = newest = 0
    for place in places:
        for path in (place, place.with_name(f"{place.name}-wal")):
            for entry in _within(path):
                try:
                    stat = entry.stat()
                except OSError:  # gone between listing and looking: the next look sees it gone
                    continue
                count, size, newest = count + 1, size + stat.st_size, max(newest, stat.st_mtime_ns)
                if count >= _MOST:
                    return count, size, newest
    return count, size, newest


def _within(path: Path) -> Iterator[Path]:
    if not path.exists():
        return
    yield path
    if path.is_dir():
        for folder, _, names in os.walk(path):
            yield Path(folder)
            for name in names:
                if not name.endswith("-shm"):  # readers write there too
                    yield Path(folder) / name


class Watcher:
    """Looks every ``seconds`` at the stores of the workspace, on a thread of its own, and tells topics that changed.

    Parameters
    ----------
    tell : called with the topic, from that thread.
    """

    def __init__(self, workspace: Workspace, tell: Callable[[str], None], *, seconds: float = 2.0) -> None:
        self._topics, self._tell, self._seconds = topics_of(workspace), tell, seconds
        self._seen: dict[str, State] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; what is there now is no news."""
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="tradewind-watcher", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End, and wait until the thread is gone."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join(timeout=10.0)
            self._thread = None

    def look(self) -> list[str]:
        """Look once; return the topics that changed since the last look, none at the first."""
        changed = []
        for topic, places in self._topics.items():
            state = state_of(places())
            before = self._seen.get(topic)
            self._seen[topic] = state
            if before is not None and before != state:
                changed.append(topic)
        return changed

    def _run(self) -> None:
        while True:
            try:
                for topic in self.look():
                    self._tell(topic)
            except OSError as error:  # a folder that cannot be listed now: the next look tries again
                _LOG.warning("the workspace cannot be watched: %s", error)
            if self._stop.wait(self._seconds):
                return
