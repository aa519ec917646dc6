"""Furnish a workspace and serve the dashboard over it, with one person of each role: what the browser tests look at.

Tests decide, and what they decided stays. So that each run begins alike, the workspace is kept as it was furnished, and
put back when the server starts again within the hours in which its cases are those of today.
"""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path

import uvicorn

from tradewind.cli.dashboard_serving import furnish
from tradewind.web.app import build_dashboard
from tradewind.web.roles import Role
from tradewind.web.settings import DashboardSettings
from tradewind.web.workspace import Workspace

PASSWORD = "walking-through-1"
KEPT_SECONDS = 2 * 3600
NAME = "a-workspace-whose-name-alone-is-longer-than-the-screen-of-a-phone-is-wide"
"""Pages show where keys and models lie; none may widen for it."""


def furnished(home: Path) -> Workspace:
    """Return a workspace below ``home`` as it is when nobody has been at work in it."""
    place, kept, half = home / NAME, home / "furnished", home / "half"
    shutil.rmtree(half, ignore_errors=True)
    if kept.is_dir() and time.time() - kept.stat().st_mtime < KEPT_SECONDS:
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(kept, place)
        return Workspace.of(place)
    for old in (kept, place):
        shutil.rmtree(old, ignore_errors=True)
    workspace = Workspace.of(place)
    furnish(workspace)
    shutil.copytree(place, half)
    half.rename(kept)
    kept.touch()
    return workspace


def main(home: Path, port: int) -> None:
    """Serve until stopped."""
    workspace = furnished(home.resolve())
    app = build_dashboard(workspace, DashboardSettings(port=port))
    for role in Role:
        app.state.access.add(role.value, frozenset({role}), password=PASSWORD, person=role.value)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
