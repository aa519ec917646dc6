"""The result of a distillation as one HTML page that needs no other file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core.files import write_text
from tradewind.core.page import render
from tradewind.evaluation.report.drawing import SERIES, drawing
from tradewind.explain.distillation.additive import Additive
from tradewind.explain.distillation.distil import Distilled
from tradewind.explain.distillation.fidelity import Fidelity
from tradewind.explain.distillation.importance import Importance
from tradewind.explain.distillation.linear import Linear
from tradewind.explain.distillation.student import Student

SHOWN = 25


def write_page(target: Path, distilled: Distilled, fidelity: Fidelity, notes: tuple[str, ...] = ()) -> Path:
    """Write the page to ``target``: skill kept, agreement, shapes or rules, importance, and what was flagged."""
    text = render(
        "tradewind.explain.distillation",
        "distillation.html.j2",
        distilled=distilled,
        fidelity=fidelity,
        notes=notes,
        drawings=_shapes(distilled.student),
        rules=distilled.student.rules(),
        importance=_bars(fidelity.importance),
        rows=_ranked(fidelity.importance),
        flagged=fidelity.review.head(SHOWN).to_dicts(),
        flagged_rows=len(fidelity.review),
        shown=SHOWN,
    )
    return write_text(target, text)


def _shapes(student: Student) -> list[dict[str, str]]:
    """Return the curve of each feature as an SVG element; nothing for a forest, which has rules instead."""
    found = []
    style = "steps-post" if isinstance(student.form, Additive) else "default"
    for column, name in enumerate(student.names):
        points = _curve(student, column)
        if points is None:
            continue
        x, y = points
        with drawing(1.9) as one:
            one.axes.plot(x, y, color=SERIES[0], drawstyle=style)
            one.axes.axhline(0.0, color=SERIES[1], linewidth=0.8)
            one.axes.set_xlabel(f"{name}, standard deviations from its training mean")
            one.axes.set_ylabel("adds to log odds")
            svg = one.svg(f"what {name} adds to the log odds, from {min(y):+.3f} to {max(y):+.3f}")
        found.append({"name": name, "svg": svg})
    return found


def _curve(student: Student, column: int) -> tuple[Any, Any] | None:
    form = student.form
    if isinstance(form, Linear):
        x = np.array([-3.0, 3.0])
        return x, form.weight[column] * (x - form.centre[column])
    if isinstance(form, Additive):
        cuts, step = form.edges[column], form.steps[column]
        if not len(cuts):
            return np.array([-1.0, 1.0]), np.repeat(step, 2)
        margin = 0.05 * max(float(np.ptp(cuts)), 1.0)
        return np.r_[cuts[0] - margin, cuts, cuts[-1] + margin], np.r_[step, step[-1]]
    return None


def _ranked(importance: Importance) -> list[tuple[str, float, float]]:
    """Return the features either side puts among its first, in the teacher's order."""
    lead = sorted(importance.teacher, key=importance.teacher.__getitem__, reverse=True)
    own = sorted(importance.student, key=importance.student.__getitem__, reverse=True)
    wanted = {*lead[: importance.top], *own[: importance.top]}
    return [(name, importance.teacher[name], importance.student[name]) for name in lead if name in wanted]


def _bars(importance: Importance) -> str:
    rows = _ranked(importance)[::-1]
    place = np.arange(len(rows))
    with drawing(0.9 + 0.28 * len(rows)) as one:
        for shift, side, label, colour in ((0.2, 1, "teacher", SERIES[0]), (-0.2, 2, "student", SERIES[1])):
            one.axes.barh(place + shift, [float(row[side]) for row in rows], height=0.38, color=colour, label=label)
        one.axes.set_yticks(place, [row[0] for row in rows])
        one.axes.set_xlabel("mean change of the log odds when the feature is shuffled")
        one.legend()
        return one.svg("importance of features to teacher and student, side by side")
