"""All checks over a whole panel."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime

import numpy as np

from tradewind.core import Event, Panel
from tradewind.quality.bars import Bars
from tradewind.quality.checks import BAR_CHECKS, PANEL_CHECKS, to_events
from tradewind.quality.outliers import mark_bars
from tradewind.quality.report import QualityReport, SymbolQuality, score
from tradewind.quality.sessions import sessions_around
from tradewind.quality.settings import QualitySettings


def check_panel(
    panel: Panel, settings: QualitySettings | None = None, *, calendar: str | None = "XNYS"
) -> QualityReport:
    """Run every check on every bar of ``panel``.

    Parameters
    ----------
    panel : the bars; NaN is a missing field, never an error of the checks.
    settings : thresholds; the documented ones where None.
    calendar : exchange whose sessions the dates must fit; None looks at weekends and at the panel's own sessions.

    Raises
    ------
    UsageError : the calendar is not known.
    """
    rules = settings or QualitySettings()
    days = None
    if calendar is not None and len(panel):
        days = sessions_around(panel.time.min(), panel.time.max(), calendar)
    bars = Bars.of_panel(panel, days)
    symbols = np.array(panel.symbols)[panel.symbol_code] if len(panel) else np.empty(0, dtype=str)
    events: list[Event] = []
    for check in BAR_CHECKS:
        events += [event for _, event in to_events(check, check.find(bars, rules), bars, symbols)]
    for rule in PANEL_CHECKS:
        events += rule.find(rule, panel, bars, rules)
    return _report(panel, bars, events, rules)


def _report(panel: Panel, bars: Bars, events: list[Event], rules: QualitySettings) -> QualityReport:
    marks = mark_bars(bars, rules)
    of_symbol: dict[str, list[Event]] = defaultdict(list)
    for event in events:
        of_symbol[event.symbol or ""].append(event)
    lines = []
    for s, name in enumerate(panel.symbols):
        rows = slice(int(panel.offsets[s]), int(panel.offsets[s + 1]))
        own = of_symbol[name]
        lines.append(
            SymbolQuality(
                symbol=name,
                bars=rows.stop - rows.start,
                score=score(own, rows.stop - rows.start),
                kinds=dict(Counter(event.kind for event in own).most_common()),
                outliers_iqr=int(marks.iqr[rows].sum()),
                outliers_deviation=int(marks.deviation[rows].sum()),
            )
        )
    return QualityReport(
        events=tuple(sorted(events, key=_order)),
        symbols=tuple(lines),
        settings_id=rules.id,
        panel_id=panel.id,
    )


def _order(event: Event) -> tuple[str, datetime, datetime, str]:
    early = datetime.min
    return event.symbol or "", event.known_at or early, event.event_time or early, event.kind
