"""What report commands add to the reports: progress that is shown, files named by flags."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from tradewind.cli.show import LiveProgress
from tradewind.core import UsageError
from tradewind.governance.reports import Report
from tradewind.governance.reports.gathering import Sources
from tradewind.governance.reports.gathering import compliance_of as gathered_compliance


def compliance_of(sources: Sources, at: datetime) -> Report:
    """Return the compliance status."""
    with LiveProgress() as progress:
        return gathered_compliance(sources, at, progress)


def named_files(values: Sequence[str] | None, flag: str) -> dict[str, Path]:
    """Return MODEL=FILE options as a mapping; UsageError names ``flag`` where one is written otherwise."""
    found = {}
    for value in values or ():
        name, mark, path = value.partition("=")
        if not (name and mark and path):
            raise UsageError(f"{flag} {value!r} is not MODEL=FILE", fix=f"write {flag} NAME/VERSION=FILE")
        found[name] = Path(path)
    return found
