"""Write the OpenAPI schema of the dashboard, of which the types of its page are generated."""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tradewind.web.app import build_dashboard
from tradewind.web.workspace import Workspace


def schema() -> str:
    """Return the schema as text that changes only where the operations change."""
    with tempfile.TemporaryDirectory() as home:
        described = build_dashboard(Workspace.of(home)).openapi()
    described["info"]["version"] = "0"  # the page need not be built anew for a release of the package
    return json.dumps(described, indent=1, sort_keys=True) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(schema())
