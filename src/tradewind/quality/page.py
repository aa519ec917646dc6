"""The quality report as one HTML page that needs no other file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tradewind.core import page

if TYPE_CHECKING:
    from tradewind.quality.report import QualityReport

MOST_EVENTS = 500
BANDS = ((0, 50), (50, 80), (80, 90), (90, 95), (95, 99), (99, 101))


def render(report: QualityReport) -> str:
    """Return the page; text from the data is escaped."""
    counts = [sum(low <= line.score < high for line in report.symbols) for low, high in BANDS]
    names = [f"{low}-{min(high, 100)}" for low, high in BANDS]
    severe = {"critical": 0, "error": 1, "warning": 2, "info": 3}
    events = sorted(report.events, key=lambda event: severe[event.severity.value])
    return page.render(
        "tradewind.quality",
        "report.html.j2",
        report=report,
        lines=sorted(report.symbols, key=lambda line: (line.score, line.symbol)),
        events=events[:MOST_EVENTS],
        left_out=max(0, len(events) - MOST_EVENTS),
        bands=_bars(names, counts),
        kinds=_bars(list(report.kinds), list(report.kinds.values())),
    )


def _bars(names: list[str], counts: list[int]) -> list[dict[str, str | int | float]]:
    """Return what the template needs to draw a horizontal bar per name."""
    top = max([*counts, 1])
    return [
        {"name": name, "count": count, "y": 22 * i, "width": round(300.0 * count / top, 1)}
        for i, (name, count) in enumerate(zip(names, counts, strict=True))
    ]
