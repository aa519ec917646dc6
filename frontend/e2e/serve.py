"""Furnish a workspace and serve the dashboard over it, with one person of each role: what the browser tests look at."""

from __future__ import annotations

import sys
from pathlib import Path

import uvicorn

from tradewind.cli.dashboard_serving import furnish
from tradewind.web.app import build_dashboard
from tradewind.web.roles import Role
from tradewind.web.settings import DashboardSettings
from tradewind.web.workspace import Workspace

PASSWORD = "walking-through-1"


def main(home: Path, port: int) -> None:
    """Serve until stopped."""
    workspace = Workspace.of(home)
    furnish(workspace)
    app = build_dashboard(workspace, DashboardSettings(port=port))
    for role in Role:
        app.state.access.add(role.value, frozenset({role}), password=PASSWORD, person=role.value)
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
