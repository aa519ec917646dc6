"""Furnish a workspace and serve the dashboard over it, with one person of each role: what the browser tests look at.

Tests decide, and what they decided stays. So that each run begins alike, the workspace is kept as it was furnished, and
put back when the server starts again within the hours in which its cases are those of today. The test of
`tradewind dashboard --demo` leaves what it furnished here, too, for the same hours.
"""

from __future__ import annotations

import fcntl
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "walking-through-1"
KEPT_SECONDS = 2 * 3600
NAME = "a-workspace-whose-name-alone-is-longer-than-the-screen-of-a-phone-is-wide"
"""Pages show where keys and models lie; none may widen for it."""


@contextmanager
def claimed(home: Path) -> Iterator[bool]:
    """Yield whether ``home`` is ours alone until the block ends; another process may be at work in it."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


def put_back(home: Path) -> bool:
    """Lay the workspace of ``home`` out as it was furnished; return whether one is kept that is of today."""
    place, kept = home / NAME, home / "furnished"
    shutil.rmtree(place, ignore_errors=True)
    if not kept.is_dir() or time.time() - kept.stat().st_mtime > KEPT_SECONDS:
        shutil.rmtree(kept, ignore_errors=True)
        return False
    shutil.copytree(kept, place)
    return True


def keep(home: Path) -> None:
    """Keep the workspace of ``home`` as it is now, without people: each run adds its own."""
    half, kept = home / "half", home / "furnished"
    for old in (half, kept):
        shutil.rmtree(old, ignore_errors=True)
    shutil.copytree(home / NAME, half, ignore=shutil.ignore_patterns("dashboard.db*"))
    half.rename(kept)
    kept.touch()


def main(home: Path, port: int) -> None:
    """Serve until stopped."""
    import uvicorn

    from tradewind.cli.dashboard_serving import furnish
    from tradewind.web.app import build_dashboard
    from tradewind.web.roles import Role
    from tradewind.web.settings import DashboardSettings
    from tradewind.web.workspace import Workspace

    with claimed(home) as ours:
        if not ours:
            sys.exit(f"another server is at work in {home}; name another place in DASHBOARD_HOME")
        there = put_back(home)
        workspace = Workspace.of(home / NAME)
        if not there:
            furnish(workspace)
            keep(home)
        app = build_dashboard(workspace, DashboardSettings(port=port))
        for role in Role:
            app.state.access.add(role.value, frozenset({role}), password=PASSWORD, person=role.value)
        uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), int(sys.argv[2]))
