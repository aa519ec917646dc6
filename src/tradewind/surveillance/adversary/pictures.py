"""Pictures of robustness: recall as play grows slyer, and what being less suspicious costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tradewind.evaluation.report.drawing import FAINT, SERIES, drawing
from tradewind.surveillance.evaluation.intervals import Interval
from tradewind.surveillance.schemes import Scheme

_STYLES = ("-", "--", ":")


def fall_svg(falls: Mapping[Scheme, Sequence[tuple[float, Interval]]]) -> str:
    """Return recall against evasiveness, a line for each scheme, whiskers where one line alone is drawn."""
    shown = {scheme: [p for p in points if p[1].value == p[1].value] for scheme, points in falls.items()}
    shown = {scheme: points for scheme, points in shown.items() if points}
    with drawing(3.4) as picture:
        for number, (scheme, points) in enumerate(shown.items()):
            colour, style = SERIES[number % len(SERIES)], _STYLES[number // len(SERIES) % len(_STYLES)]
            x, y = [p[0] for p in points], [p[1].value for p in points]
            picture.axes.plot(x, y, color=colour, linestyle=style, marker="o", markersize=3, label=scheme.label)
            if len(shown) == 1:
                picture.axes.fill_between(
                    x, [p[1].lower for p in points], [p[1].upper for p in points], color=colour, alpha=0.15, lw=0
                )
        picture.axes.set_ylim(-0.02, 1.02)
        picture.axes.set_xlabel("evasiveness: 0 ordinary play, 1 the least suspicious found")
        picture.axes.set_ylabel("recall")
        if shown:
            picture.legend(3)
        return picture.svg(f"Recall of {len(shown)} schemes from ordinary play to the least suspicious evasion found.")


def trade_off_svg(fronts: Mapping[Scheme, Sequence[tuple[float, float]]]) -> str:
    """Return suspicion against effect of the ways that no other way beats in both."""
    shown = {scheme: sorted(points) for scheme, points in fronts.items() if points}
    with drawing(3.4) as picture:
        for number, (scheme, points) in enumerate(shown.items()):
            colour, style = SERIES[number % len(SERIES)], _STYLES[number // len(SERIES) % len(_STYLES)]
            x, y = [max(p[0], 0.02) for p in points], [p[1] for p in points]
            picture.axes.plot(x, y, color=colour, linestyle=style, marker="o", markersize=3, label=scheme.label)
        picture.axes.axhline(0.5, color=FAINT, linewidth=1.0)
        picture.axes.axvline(1.0, color=FAINT, linewidth=1.0)
        picture.axes.set_xscale("log")
        picture.axes.set_ylim(-0.02, 1.02)
        picture.axes.set_xlabel("effect, ordinary play 1")
        picture.axes.set_ylabel("suspicion, 0.5 at the bar")
        if shown:
            picture.legend(3)
        return picture.svg(f"Suspicion against effect, {len(shown)} schemes: what it costs to be less suspicious.")
