"""The waterfall: from the base, step by step, to the probability."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes

from tradewind.evaluation.report.drawing import FAINT, INK, SERIES, drawing
from tradewind.explain.page.picture import Picture, picture

UP, DOWN = SERIES[0], SERIES[1]
ROW = 0.34
"""Inches a row is high."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One bar: it begins where the bar before ended. ``value`` is ``end - start``, in probability."""

    name: str
    start: float
    end: float

    @property
    def value(self) -> float:
        """What the step adds."""
        return self.end - self.start


def steps_of(base: float, parts: Sequence[Mapping[str, Any]], *, top: int) -> tuple[Step, ...]:
    """Return the steps of the ``top`` largest ``parts`` (``name``, ``value``), largest first, and one of all the rest.

    The last step ends at ``base`` plus the sum of all parts, whatever ``top`` is.
    """
    order = sorted(parts, key=lambda part: -abs(part["value"]))
    shown = [(str(part["name"]), float(part["value"])) for part in order[:top]]
    rest = order[top:]
    if rest:
        shown.append((f"{len(rest)} others", float(sum(part["value"] for part in rest))))
    steps, at = [], base
    for name, value in shown:
        steps.append(Step(name=name, start=at, end=at + value))
        at += value
    return tuple(steps)


def waterfall(evidence: Mapping[str, Any], *, by: str = "features", top: int = 10) -> Picture:
    """Return the waterfall of one forecast ``by`` "features" or "groups", all but ``top`` parts as one step."""
    found = evidence["attribution"]
    steps = steps_of(found["base"], found[by], top=top)
    total = found["probability"]
    words = ", ".join(f"{step.name} {100 * step.value:+.2f}" for step in steps)
    alt = (
        f"Waterfall by {by}: from a base of {100 * found['base']:.2f} % to a probability of {100 * total:.2f} %; "
        f"points given: {words}"
    )
    with drawing(0.75 + ROW * (len(steps) + 2)) as one:
        _paint(one.axes, found["base"], steps, total)
        return picture(one, alt)


def _paint(axes: Axes, base: float, steps: Sequence[Step], total: float) -> None:
    """Draw the steps from top to bottom, base first and total last."""
    last = len(steps) + 1
    places = [base, total, *(step.start for step in steps), *(step.end for step in steps)]
    low, high = min(places), max(places)
    room = max(high - low, 0.002)
    axes.set_xlim(100 * (low - 0.22 * room), 100 * (high + 0.22 * room))
    for row, value in ((0, base), (last, total)):
        axes.plot([100 * value] * 2, [row - 0.36, row + 0.36], color=INK, linewidth=3, solid_capstyle="butt")
        axes.annotate(
            f"{100 * value:.2f} %", (100 * value, row), xytext=(7, 0), textcoords="offset points", va="center",
            fontweight="bold",
        )  # fmt: skip
    for row, step in enumerate(steps, 1):
        rises = step.value >= 0
        axes.barh(row, 100 * step.value, left=100 * step.start, height=0.62, color=UP if rises else DOWN)
        axes.annotate(
            f"{100 * step.value:+.2f}", (100 * step.end, row), xytext=(5 if rises else -5, 0),
            textcoords="offset points", va="center", ha="left" if rises else "right", fontsize=9,
        )  # fmt: skip
    ends = [base, *(step.end for step in steps)]
    for row, value in enumerate(ends):
        axes.plot([100 * value] * 2, [row + 0.31, row + 0.69], color=FAINT, linewidth=0.8)
    if low <= 0.5 <= high:
        axes.axvline(50.0, color=INK, linewidth=0.8, linestyle=(0, (2, 3)), zorder=0)
    axes.set_yticks(range(last + 1), ["base", *(step.name for step in steps), "probability"])
    axes.set_ylim(last + 0.6, -0.6)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("probability of a rise, %")
