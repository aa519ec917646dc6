"""The plots of a diagnosis, each an SVG element with its text alternative."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core.arrays import FloatArray, TimeArray
from tradewind.evaluation.report.drawing import FAINT, INK, SERIES, Drawing, drawing

if TYPE_CHECKING:
    from tradewind.monitoring.diagnosis.diagnosis import Diagnosis

WINDOW = 5
"""Slices of the running mean of accuracy."""
SHOWN = 6
LEAST_SHOWN = 0.005
"""Share of belief from which a cause has a bar."""


def trace_plot(diagnosis: Diagnosis) -> str:
    """The series that speaks for the first cause, with the period shaded; empty where there is none."""
    trace, top = diagnosis.trace, diagnosis.top
    if trace is None or not np.isfinite(trace.values).any():
        return ""
    times = diagnosis.performance.times
    with drawing(2.4) as plot:
        _line(plot, times, trace.values, SERIES[0], trace.name)
        _period(plot, diagnosis)
        plot.axes.set_ylabel(trace.unit)
        plot.legend()
        known = trace.values[diagnosis.reference :]
        known = known[np.isfinite(known)]
        span = f"from {known.min():.3g} to {known.max():.3g}" if len(known) else "not known"
        since = "" if top.since is None else f"; the cause begins on {top.since:%Y-%m-%d}"
        return plot.svg(f"Line chart of {trace.name} ({trace.unit}); in the period {span}{since}.")


def belief_plot(diagnosis: Diagnosis) -> str:
    """A bar for each of the causes that are believed most."""
    shown = [one for one in diagnosis.causes[:SHOWN] if one.score >= LEAST_SHOWN]
    with drawing(0.6 + 0.3 * len(shown)) as plot:
        places = np.arange(len(shown))[::-1]
        shares = [100 * one.score for one in shown]
        plot.axes.barh(places, shares, color=[SERIES[0], *[FAINT] * (len(shown) - 1)], height=0.7)
        plot.axes.set_yticks(places, [one.kind.words for one in shown])
        plot.axes.set_xlim(0, 100)
        plot.axes.set_xlabel("belief, %")
        plot.axes.grid(visible=False, axis="y")
        words = ", ".join(f"{one.kind.words} {one.score:.0%}" for one in shown)
        return plot.svg(f"Bar chart of belief in each cause: {words}.")


def timeline_plot(diagnosis: Diagnosis) -> str:
    """Accuracy by slice with its changes, and below it the watchers' findings; empty without labels."""
    seen = diagnosis.performance
    if not np.isfinite(seen.accuracy).any():
        return ""
    with drawing(2.8) as plot:
        share = 100 * seen.accuracy
        plot.axes.plot(_moments(seen.times), share, ".", ms=3, color=FAINT, label="accuracy of a slice")
        _line(plot, seen.times, 100 * running_mean(seen.accuracy, WINDOW), SERIES[0], f"mean of {WINDOW}")
        for number, moment in enumerate(seen.changes):
            label = "change of level" if number == 0 else None
            plot.axes.axvline(_plain(moment), color=SERIES[2], ls="--", lw=1.2, label=label)
        if diagnosis.findings:
            low = float(np.nanmin(share))
            when = [_plain(one.time) for one in diagnosis.findings]
            plot.axes.plot(when, [low - 4.0] * len(when), "|", ms=8, color=SERIES[1], label="findings")
        _period(plot, diagnosis)
        plot.axes.set_ylabel("right, %")
        plot.legend()
        changed = ", ".join(f"{one:%Y-%m-%d}" for one in seen.changes) or "none"
        return plot.svg(
            f"Accuracy by slice: {_share(seen.usual)} before, {_share(seen.now)} in the period; changes of its level: "
            f"{changed}; {len(diagnosis.findings)} findings."
        )


def running_mean(values: FloatArray, window: int) -> FloatArray:
    """(n,) mean of the finite among the ``window`` values up to each; NaN where there is none."""
    known = np.isfinite(values)
    total = np.cumsum(np.concatenate([[0.0], np.where(known, values, 0.0)]))
    count = np.cumsum(np.concatenate([[0.0], known.astype(np.float64)]))
    begin = np.maximum(np.arange(len(values)) + 1 - window, 0)
    end = np.arange(len(values)) + 1
    n = count[end] - count[begin]
    return np.asarray(np.where(n > 0, (total[end] - total[begin]) / np.maximum(n, 1.0), np.nan), dtype=np.float64)


def _period(plot: Drawing, diagnosis: Diagnosis) -> None:
    """Shade the period, and mark since when the first cause holds."""
    plot.axes.axvspan(_plain(diagnosis.begin), _plain(diagnosis.end), color=FAINT, alpha=0.25, lw=0)
    if diagnosis.top.since is not None:
        plot.axes.axvline(_plain(diagnosis.top.since), color=INK, lw=1.0, ls=":", label="cause begins")


def _line(plot: Drawing, times: TimeArray, values: FloatArray, colour: str, label: str) -> None:
    # A name from the data could be taken for a formula ("$") or be hidden ("_").
    plot.axes.plot(_moments(times), values, color=colour, lw=1.4, label=" " + label.replace("$", r"\$"))


def _moments(times: TimeArray) -> Any:
    return times.astype("datetime64[us]").astype(object)


def _plain(moment: datetime) -> Any:
    """Return the moment as the axis has it: UTC, without saying so."""
    return moment.replace(tzinfo=None)


def _share(value: float) -> str:
    return "not known" if np.isnan(value) else f"{value:.1%}"
