"""Write the OpenAPI schema of the dashboard, of which the types of its page are generated; `--check` only compares."""

from __future__ import annotations

import argparse
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


def main() -> None:
    """Write or compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--check", action="store_true")
    asked = parser.parse_args()
    text = schema()
    if not asked.check:
        asked.file.write_text(text)
    elif asked.file.read_text() != text:
        sys.exit(f"{asked.file} is not what the operations say. Fix: run `make dashboard` and commit what it wrote.")


if __name__ == "__main__":
    main()
