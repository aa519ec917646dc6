"""How many threads a model may use."""

from __future__ import annotations

import os


def thread_count() -> int:
    """Return the number of CPUs this process may run on, or ``OMP_NUM_THREADS`` where that is set and smaller."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(allowed, int(asked))) if asked.isdigit() else max(1, allowed)
