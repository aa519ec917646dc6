"""Works out beforehand what people ask of a project first, so that they seldom meet a page that takes seconds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module
from pathlib import Path

from tradewind.core.errors import InputError
from tradewind.web.jobs.state import read_job
from tradewind.web.problems import Problem
from tradewind.web.projects import Project, list_projects
from tradewind.web.views.analyst.backtest_explorer import explore
from tradewind.web.views.analyst.backtest_shapes import BacktestControls
from tradewind.web.views.analyst.features_catalogue import catalogue_of
from tradewind.web.views.analyst.market import overview_of
from tradewind.web.views.analyst.regimes_market import regimes_of
from tradewind.web.views.executive.champion import in_service
from tradewind.web.views.executive.summary import summary_bytes
from tradewind.web.workspace import Workspace

_LOG = logging.getLogger("tradewind.web")
NEWEST = 3
"""Projects that are warmed whole: the bars and forecasts of each stay in memory, some 300 MB for 500 symbols x 10
years. Of the others only the executive summary is worked out, and that is kept on disk."""
_STATES = 3

FIRST: tuple[tuple[str, Callable[[Project], object]], ...] = (("executive summary", summary_bytes),)
STEPS: tuple[tuple[str, Callable[[Project], object]], ...] = (
    ("bars", Project.panel),
    ("forecasts", Project.outcomes),
    ("market", overview_of),
    ("backtest", lambda project: explore(project, BacktestControls(), 1)),  # a look of nobody's: it counts no try
    ("features", catalogue_of),
    ("regimes", lambda project: regimes_of(project, _STATES)),
)
Step = tuple[str, Callable[[], object]]
LIBRARIES = ("tradewind.evaluation", "tradewind.explain.rationale", "tradewind.surveillance.learning", "scipy.stats")
"""What operations import when they are first asked, seconds of it: a start does without."""


class Warmer:
    """Warms projects on a thread of its own, one page after the other, the project that changed last first.

    It begins ``delay`` seconds after the first answer, or after ``patience`` seconds without one, so that who opens the
    page at once is served first, and looks again when it is woken. A request that needs what is being worked out waits
    for it, as for any other request; nothing else waits.

    Parameters
    ----------
    more : what else takes long and is of no project; worked out after the projects at each look, and to be kept by who
        works it out.
    """

    def __init__(
        self, workspace: Workspace, *, more: Sequence[Step] = (), delay: float = 1.0, patience: float = 20.0
    ) -> None:
        self._workspace, self._more, self._delay, self._patience = workspace, more, delay, patience
        self._warmed: dict[str, tuple[int, ...]] = {}
        self._asked, self._stop, self._answered = threading.Event(), threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin."""
        self._stop.clear()
        self._asked.set()
        self._thread = threading.Thread(target=self._run, name="tradewind-warmer", daemon=True)
        self._thread.start()

    def wake(self) -> None:
        """Look again soon, for projects may have changed; from any thread."""
        self._asked.set()

    def answered(self) -> None:
        """Begin now: somebody has been served."""
        self._answered.set()

    def stop(self) -> None:
        """End after the step that is at work, and wait for that a few seconds."""
        self._stop.set()
        self._asked.set()
        self._answered.set()
        if self._thread is not None:
            self._thread.join(timeout=5.0)
            self._thread = None

    def look(self) -> list[str]:
        """Warm what has changed since the last look and has no job at work; return the names."""
        for name in LIBRARIES:
            if self._stop.is_set():
                return []
            import_module(name)
        found = sorted(list_projects(self._workspace), key=lambda one: max(_state(one)), reverse=True)
        champion: Callable[[Project], object] = partial(in_service, self._workspace)
        first = (*FIRST, ("model in service", champion))
        done: list[str] = []
        for at, project in enumerate(found):
            state = _state(project)
            if self._warmed.get(project.name) == state or self._busy(project):
                continue
            wanted = (*first, *STEPS) if at < NEWEST else first
            if not self._warm(project.name, [(name, partial(step, project)) for name, step in wanted]):
                return done
            self._warmed[project.name] = state
            done.append(project.name)
        self._warm("the workspace", self._more)
        return done

    def _busy(self, project: Project) -> bool:
        try:
            job = read_job(project.folder)
        except (OSError, ValueError, KeyError, TypeError):  # a job's file of an older kind; its pages tell of it
            return False
        return job is not None and job.open

    def _warm(self, of: str, steps: Sequence[Step]) -> bool:
        """Take the steps; return False where the end was asked for in between."""
        for name, step in steps:
            if self._stop.is_set():
                return False
            try:
                step()
            except (Problem, InputError) as error:  # absent or faulty; whoever opens the page is told
                _LOG.debug("%s of %s cannot be warmed: %s", name, of, error)
            except Exception:  # noqa: BLE001  one page's fault must not leave all others cold
                _LOG.warning("%s of %s cannot be warmed", name, of, exc_info=True)
        return True

    def _run(self) -> None:
        self._answered.wait(self._patience)
        while not self._stop.wait(self._delay):
            self._asked.wait()
            self._asked.clear()
            if self._stop.is_set():
                return
            try:
                self.look()
            except OSError as error:  # a folder that cannot be listed now: the next look tries again
                _LOG.warning("projects cannot be warmed: %s", error)


def _state(project: Project) -> tuple[int, ...]:
    """Return when what the pages are made of changed last; zeros where it is absent."""
    evaluation, folder = project.evaluation_folder, project.folder
    files: tuple[Path, ...] = (
        project.prices_file,
        folder / "project.toml",
        project.model_folder / "model.json",
        evaluation / "metrics.json",
        evaluation / "predictions.parquet",
        folder / "forecast",
    )
    return tuple(file.stat().st_mtime_ns if file.exists() else 0 for file in files)
