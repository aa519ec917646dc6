"""Tell open pages how jobs go on: one thread that looks at their files while any runs."""

from __future__ import annotations

import threading
import time
import weakref

from tradewind.web.jobs.state import Job, read_job
from tradewind.web.live import Live
from tradewind.web.projects.project import list_projects
from tradewind.web.workspace import Workspace

_LOOK = 0.5
_WATCHED: weakref.WeakKeyDictionary[Live, threading.Thread] = weakref.WeakKeyDictionary()
_LOCK = threading.Lock()


def watch_jobs(place: Workspace, live: Live) -> None:
    """Watch the jobs of ``place`` until none is open, telling the topic ``jobs``; a second call changes nothing."""
    with _LOCK:
        if live in _WATCHED:
            return
        watcher = threading.Thread(target=_watch, args=(place, live), name="jobs", daemon=True)
        _WATCHED[live] = watcher
        watcher.start()


def _watch(place: Workspace, live: Live) -> None:
    told: dict[str, Job | None] = {}
    while True:
        jobs = {project.name: read_job(project.folder) for project in list_projects(place)}
        for name, job in jobs.items():
            if name not in told or told[name] != job:
                live.tell("jobs", {"project": name, "state": job.state if job else None})
        told = jobs
        with _LOCK:  # whoever starts a job now either sees this thread go on or starts another
            if not any(job is not None and job.open for job in jobs.values()):
                del _WATCHED[live]
                return
        time.sleep(_LOOK)
