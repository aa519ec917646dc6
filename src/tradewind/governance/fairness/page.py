"""The fairness and the data-balance report as HTML pages."""

from __future__ import annotations

from pathlib import Path

from tradewind.core.files import write_text
from tradewind.core.page import render
from tradewind.evaluation.parity import FOUR_FIFTHS
from tradewind.evaluation.report.drawing import FAINT, SERIES, drawing
from tradewind.governance.fairness.balance import DataBalance
from tradewind.governance.fairness.over_time import Fairness, FairnessReport

PACKAGE = "tradewind.governance.fairness"


def write_fairness(report: FairnessReport, target: Path) -> Path:
    """Write the page of ``report`` to ``target``."""
    drawings = {kind.by: _over_time(kind) for kind in report.kinds if kind.periods}
    return write_text(target, render(PACKAGE, "fairness.html.j2", report=report, drawings=drawings))


def write_balance(report: DataBalance, target: Path) -> Path:
    """Write the page of ``report`` to ``target``."""
    return write_text(target, render(PACKAGE, "balance.html.j2", report=report))


def _over_time(kind: Fairness) -> str:
    """Return the ratio of each period with its interval, beside the four-fifths line."""
    place = list(range(len(kind.periods)))
    value = [period.ratio.value for period in kind.periods]
    low = [period.ratio.value - period.ratio.lower for period in kind.periods]
    high = [period.ratio.upper - period.ratio.value for period in kind.periods]
    with drawing(2.4) as plot:
        plot.axes.errorbar(place, value, yerr=[low, high], fmt="o-", ms=4, lw=1.2, color=SERIES[0], capsize=2)
        plot.axes.axhline(FOUR_FIFTHS, color=SERIES[1], lw=1.0, ls="--")
        plot.axes.axhline(1.0, color=FAINT, lw=0.8)
        step = max(len(place) // 10, 1)
        plot.axes.set_xticks(place[::step], [period.period for period in kind.periods][::step])
        plot.axes.set_ylim(0.0, 1.08)
        plot.axes.set_ylabel("lowest over highest share")
        words = ", ".join(f"{period.period} {period.ratio.value:.2f}" for period in kind.periods)
        return plot.svg(f"Ratio of the shares forecast to rise by {kind.by}, with the 0.8 line: {words}.")
