"""How many threads a model may use."""

from __future__ import annotations

import os

FEW_ROWS = 512


def threads_for(n_rows: int) -> int:
    """Return how many threads forecast ``n_rows``: one for a few rows, for which waking others takes longer.

    On a busy machine a second thread that waits for a core makes a forecast of one row a hundred times slower.
    """
    return 1 if n_rows <= FEW_ROWS else thread_count()


def thread_count() -> int:
    """Return the number of CPUs this process may run on, or ``OMP_NUM_THREADS`` where that is set and smaller."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return max(1, min(allowed, int(asked))) if asked.isdigit() else max(1, allowed)
