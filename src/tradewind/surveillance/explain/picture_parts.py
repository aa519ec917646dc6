"""What the pictures of an alert share: time on the axis, lives, arrows, heat, names that a drawing can hold."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import numpy as np

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.evaluation.report.drawing import INK, SERIES, Drawing
from tradewind.surveillance.events.table import PRICE_UNIT
from tradewind.surveillance.explain.evidence import EvidenceChain
from tradewind.surveillance.explain.extract import SECOND, clock
from tradewind.surveillance.explain.orders import Execution, Lifeline

BUY, SELL = SERIES[0], SERIES[1]


def beside(x: float) -> str:
    """Return where a name stands at its node: outside the ring."""
    if abs(x) < 0.3:
        return "center"
    return "left" if x > 0 else "right"


def arrow(axes: Any, start: FloatArray, end: FloatArray, width: float, itself: bool) -> None:
    if itself:
        axes.plot(start[0], start[1], "o", ms=18, mfc="none", mec=BUY, mew=width)
        return
    axes.annotate(
        "",
        end,
        start,
        arrowprops={
            "arrowstyle": "-|>",
            "color": BUY,
            "lw": width,
            "connectionstyle": "arc3,rad=0.14",
            "shrinkA": 9,
            "shrinkB": 9,
            "mutation_scale": 12 + 2 * width,
        },
    )


def life(picture: Drawing, row: int, line: Lifeline, largest: int) -> None:
    width = 1.0 + 3.0 * (line.size / largest) ** 0.5
    start, end = hour(line.entered), hour(line.ended)
    colour = BUY if line.side > 0 else SELL
    picture.axes.plot([start, end], [row, row], color=colour, lw=width, solid_capstyle="butt")
    if line.cancelled:
        picture.axes.plot(end, row, "x", color=INK, ms=3.5, mew=0.8)
    elif line.filled:
        picture.axes.plot(end, row, "o", color=INK, ms=2.5)


def heat(picture: Drawing, time: IntArray, edges: FloatArray, grid: FloatArray) -> None:
    """Draw shares by price and moment as rectangles: bids in one colour, asks in the other, opaque by amount."""
    at = hours(time)
    for sign, colour in ((1, BUY), (-1, SELL)):
        for strength in (0.15, 0.35, 0.6, 1.0):
            low = {0.15: 0.02, 0.35: 0.15, 0.6: 0.35, 1.0: 0.6}[strength]
            shown = (sign * grid > low) & (sign * grid <= (strength if strength < 1 else np.inf))
            spans = [
                (edges[row] / PRICE_UNIT, (edges[row + 1] - edges[row]) / PRICE_UNIT, _runs(shown[row], at))
                for row in range(len(grid))
            ]
            for bottom, height, runs in spans:
                if runs:
                    picture.axes.broken_barh(
                        runs, (bottom, height), facecolors=colour, alpha=0.15 + 0.7 * strength, lw=0
                    )


def _runs(shown: Any, at: FloatArray) -> list[tuple[float, float]]:
    """Return (start, width) of each run of True; a moment lasts until the next one."""
    change = np.diff(np.concatenate([[0], shown.astype(int), [0]]))
    starts, ends = np.flatnonzero(change == 1), np.flatnonzero(change == -1)
    step = at[1] - at[0] if len(at) > 1 else 1.0
    return [
        (float(at[a]), float((at[b] if b < len(at) else at[-1] + step) - at[a]))
        for a, b in zip(starts, ends, strict=True)
    ]


def mark_time(picture: Drawing, chain: EvidenceChain) -> None:
    picture.axes.axvspan(hour(chain.alert.start), hour(chain.alert.end), color=SERIES[3], alpha=0.10, lw=0)


def time_axis(picture: Drawing, chain: EvidenceChain) -> None:
    """Label five moments of the span; the date stands at the first."""
    span = chain.extract.span
    places = np.linspace(span.start, span.end, 5).astype(np.int64)
    whole = (span.end - span.start) > 20 * 3600 * SECOND
    labels = [_day(t) + " " + clock(t, 0)[:5] if whole else clock(t, 0) for t in places.tolist()]
    picture.axes.set_xticks(hours(places), labels)
    picture.axes.set_xlim(hour(span.start), hour(span.end))
    picture.axes.set_xlabel(f"UTC, {_day(span.start)}")


def _day(time: int) -> str:
    return f"{datetime.fromtimestamp(time // SECOND, UTC):%Y-%m-%d}"


def legend(picture: Drawing) -> None:
    if picture.axes.get_legend_handles_labels()[0]:
        picture.legend(4)


def areas(hits: list[Execution]) -> FloatArray:
    size = np.array([e.size for e in hits], dtype=float)
    return np.asarray(8 + 52 * size / max(float(size.max()), 1.0))


def hour(time: int) -> float:
    return float(hours(np.array([time], dtype=np.int64))[0])


def hours(time: IntArray) -> FloatArray:
    """Return times as hours of their era: exact enough to draw, small enough for a float."""
    return np.asarray((time.astype(np.int64) - _EPOCH) / (3600 * SECOND))


_EPOCH = 1_600_000_000 * SECOND


def short_name(name: str) -> str:
    """Return a name as a picture can hold it: short, and without signs that no drawing may hold."""
    kept = "".join(sign if sign.isprintable() else "?" for sign in name)
    kept = kept if len(kept) <= 18 else f"{kept[:8]}…{kept[-8:]}"
    return f" {kept}" if kept.startswith("_") else kept  # Matplotlib leaves names with a leading line out
