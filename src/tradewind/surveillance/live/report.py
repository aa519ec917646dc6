"""A run on one page: how many alerts of which kind, when, and what the gravest rest on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core.files import write_text
from tradewind.core.page import render
from tradewind.evaluation.report.drawing import FAINT, SERIES, drawing
from tradewind.surveillance.alert import RESPONSE_MINUTES, Alert, Tier
from tradewind.surveillance.events import MEANINGS
from tradewind.surveillance.schemes import Scheme

if TYPE_CHECKING:
    from tradewind.surveillance.live.run import RunResult

REPORT_FILE = "report.html"
SHOWN = 50
"""Alerts described one by one."""
EVIDENCE_SHOWN = 24
FEATURES_SHOWN = 8
_TIERS = tuple(Tier)


def by_gravity(alerts: Sequence[Alert]) -> list[Alert]:
    """Return alerts, the most urgent first; of one tier the surest first."""
    return sorted(alerts, key=lambda a: (_TIERS.index(a.tier), -a.score, a.start, a.id))


def clock(nanoseconds: int, *, day: bool = True) -> str:
    """Return a time as text, UTC, to the millisecond."""
    moment = datetime.fromtimestamp(nanoseconds // 1_000_000_000, UTC)
    return f"{moment:{'%Y-%m-%d ' if day else ''}%H:%M:%S}.{nanoseconds // 1_000_000 % 1000:03d}"


def write_report(result: RunResult, folder: Path) -> Path:
    """Write ``report.html`` into ``folder``, whole or not at all; return its path.

    Raises
    ------
    OutputError : the folder cannot be made or written.
    """
    counts = result.counts()
    rows = [
        {"name": scheme.label, "all": sum(counts[scheme.value].values()), "tiers": list(counts[scheme.value].values())}
        for scheme in Scheme
    ]
    text = render(
        "tradewind.surveillance.live",
        "report.html.j2",
        result=result,
        first=clock(result.first),
        last=clock(result.last),
        tiers=[{"name": tier.value, "minutes": RESPONSE_MINUTES[tier]} for tier in Tier],
        rows=rows,
        alerts=[_alert(alert) for alert in by_gravity(result.alerts)[:SHOWN]],
        timeline=timeline_svg(result.alerts, result.first, result.last) if result.alerts else "",
        problems=[{"code": c, "count": n, "meaning": MEANINGS.get(c, "")} for c, n in result.problems.items()],
        scores=_scores(result),
    )
    return write_text(folder / REPORT_FILE, text)


def _alert(alert: Alert) -> dict[str, Any]:
    pieces = sorted(alert.contributions.items(), key=lambda item: -abs(item[1]))
    known = {name: value for name, value in alert.features.items() if value == value}
    return {
        "alert": alert,
        "label": alert.scheme.label + (f" ({alert.variant.replace('_', ' ')})" if alert.variant else ""),
        "start": clock(alert.start),
        "end": clock(alert.end, day=False),
        "known_at": clock(alert.known_at, day=False),
        "accounts": ", ".join(alert.accounts) or "not known",
        "evidence": alert.evidence[:EVIDENCE_SHOWN],
        "more": max(len(alert.evidence) - EVIDENCE_SHOWN, 0),
        "pieces": pieces,
        "features": list(known.items())[:FEATURES_SHOWN],
    }


def _scores(result: RunResult) -> list[Any]:
    if result.evaluation is None:
        return []
    return [*result.evaluation.schemes.values(), result.evaluation.overall]


def timeline_svg(alerts: Sequence[Alert], first: int, last: int) -> str:
    """Return the alerts over time, a line of marks for each scheme, as an SVG element for a page."""
    schemes = [scheme for scheme in Scheme if any(alert.scheme is scheme for alert in alerts)]
    hours = (last - first) / 3.6e12
    unit, size = ("hours", 3.6e12) if hours > 2 else ("minutes", 6e10)
    with drawing(0.9 + 0.3 * len(schemes)) as picture:
        for number, tier in enumerate(Tier):
            marked = [alert for alert in alerts if alert.tier is tier]
            if not marked:
                continue
            colour = (*SERIES, FAINT)[(1, 3, 0, 2)[number]]
            times = np.array([alert.start - first for alert in marked]) / size
            picture.axes.scatter(
                times, [schemes.index(a.scheme) for a in marked], s=22, marker="|", color=colour, label=tier.value
            )
        picture.axes.set_yticks(range(len(schemes)), [scheme.label for scheme in schemes])
        picture.axes.set_ylim(len(schemes) - 0.5, -0.5)
        picture.axes.set_xlim(-0.02 * (last - first) / size, 1.02 * max(last - first, 1) / size)
        picture.axes.set_xlabel(f"{unit} after {clock(first)} UTC")
        picture.legend()
        return picture.svg(f"{len(alerts)} alerts of {len(schemes)} schemes over {hours:.1f} hours.")
