"""The report as a page."""

from __future__ import annotations

from pathlib import Path

from tradewind.core.files import write_text
from tradewind.core.page import render
from tradewind.monitoring.drift.result import DriftReport

SHOWN = 60
GROUPS = 25
BAR = 300
"""Width of a bar at an excess of 2, in pixels."""


def write_page(report: DriftReport, path: str | Path) -> Path:
    """Write ``report`` as one HTML file, whole or not at all."""
    bars = [
        {"name": one.feature, "y": 22 * i, "width": round(BAR * min(max(one.excess, 0.0), 2.0) / 2), "drift": one.drift}
        for i, one in enumerate(report.features[:15])
        if one.excess == one.excess
    ]
    text = render(
        "tradewind.monitoring.drift",
        "report.html.j2",
        report=report,
        features=report.features[:SHOWN],
        groups=report.groups[:GROUPS],
        bars=bars,
        limit=190 + BAR // 2,
    )
    return write_text(path, text)
