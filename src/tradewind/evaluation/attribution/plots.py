"""The pictures of a performance attribution, each an SVG element with its text alternative."""

from __future__ import annotations

import numpy as np
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

from tradewind.evaluation.attribution.performance import Performance
from tradewind.evaluation.report.drawing import FAINT, INK, SERIES, drawing
from tradewind.evaluation.report.plots import thin

EFFECT_COLOURS = {"allocation": SERIES[0], "selection": SERIES[1], "interaction": SERIES[2]}


def bridge_plot(result: Performance) -> str:
    """From the benchmark's return to the portfolio's, effect by effect."""
    total = result.total
    steps = [
        ("benchmark", total.benchmark),
        *((effect, total.total(effect)) for effect in EFFECT_COLOURS),
        ("costs", total.cost),
    ]
    with drawing(2.7) as plot:
        level = 0.0
        for at, (name, size) in enumerate(steps):
            plot.axes.bar(at, 100 * size, bottom=100 * level, width=0.6, color=EFFECT_COLOURS.get(name, FAINT), lw=0)
            level += size
            plot.axes.plot([at + 0.3, at + 0.7], [100 * level] * 2, color=INK, lw=0.8)
        plot.axes.bar(len(steps), 100 * total.portfolio, width=0.6, color=SERIES[3], lw=0)
        plot.axes.axhline(0, color=INK, lw=0.8)
        plot.axes.set_xticks(range(len(steps) + 1), [*(name for name, _ in steps), "portfolio"])
        plot.axes.set_ylabel("return, %")
        said = ", ".join(f"{name} {100 * size:+.2f} %" for name, size in steps)
        return plot.svg(
            f"Bridge from the benchmark to the portfolio: {said}; portfolio {100 * total.portfolio:+.2f} %."
        )


def sectors_plot(result: Performance) -> str:
    """Effects of each sector over all days, side by side."""
    rows = result.total.sectors
    with drawing(0.8 + 0.32 * len(rows)) as plot:
        place = np.arange(len(rows))[::-1].astype(np.float64)
        for shift, (effect, colour) in zip((0.26, 0.0, -0.26), EFFECT_COLOURS.items(), strict=True):
            values = [100 * getattr(row, effect) for row in rows]
            plot.axes.barh(place + shift, values, height=0.24, color=colour, lw=0, label=effect)
        plot.axes.axvline(0, color=INK, lw=0.8)
        plot.axes.set_yticks(place, [row.sector for row in rows])
        plot.axes.grid(visible=False, axis="y")
        plot.axes.set_xlabel("linked effect, % of return")
        plot.legend()
        said = "; ".join(f"{row.sector} {100 * row.total:+.2f} %" for row in rows)
        return plot.svg(f"Effects by sector: {said}.")


def factors_plot(result: Performance) -> str:
    """What each factor has given so far, summed day by day, with what is specific to the portfolio."""
    factors = result.factors
    with drawing(2.8) as plot:
        gross = np.cumsum(result.gross_by_day)
        own = gross - np.cumsum(factors.daily.sum(axis=1))
        days, total, rest = thin(result.days, 100 * gross, 100 * own)
        plot.axes.plot(days, total, color=INK, lw=1.6, label="gross return")
        plot.axes.plot(days, rest, color=FAINT, lw=1.4, ls="--", label="specific")
        strongest = sorted(range(len(factors.factors)), key=lambda k: -abs(factors.factors[k].contribution))
        for colour, k in zip(SERIES, strongest, strict=False):
            at, line = thin(result.days, 100 * np.cumsum(factors.daily[:, k]))
            plot.axes.plot(at, line, color=colour, lw=1.0, label=factors.factors[k].name)
        plot.axes.axhline(0, color=INK, lw=0.6, ls=":")
        plot.axes.set_ylabel("sum of daily returns, %")
        where = AutoDateLocator(maxticks=9)  # type: ignore[no-untyped-call, unused-ignore]
        plot.axes.xaxis.set_major_locator(where)
        form = ConciseDateFormatter(where)  # type: ignore[no-untyped-call, unused-ignore]
        plot.axes.xaxis.set_major_formatter(form)
        plot.legend(3)
        said = ", ".join(f"{one.name} {100 * one.contribution:+.2f} %" for one in factors.factors)
        return plot.svg(f"Cumulative contributions: {said}; specific {100 * rest[-1]:+.2f} %.")


def periods_plot(result: Performance) -> str:
    """Active return of each period by effect, stacked, with costs."""
    rows = result.periods
    with drawing(2.6) as plot:
        up, down = np.zeros(len(rows)), np.zeros(len(rows))
        parts = {effect: np.array([row.total(effect) for row in rows]) for effect in EFFECT_COLOURS}
        parts["costs"] = np.array([row.cost for row in rows])
        for name, values in parts.items():
            base = np.where(values >= 0, up, down)
            colour = EFFECT_COLOURS.get(name, FAINT)
            plot.axes.bar(
                np.arange(len(rows)), 100 * values, bottom=100 * base, color=colour, width=0.7, lw=0, label=name
            )
            up, down = up + np.maximum(values, 0), down + np.minimum(values, 0)
        active = [100 * row.active for row in rows]
        plot.axes.plot(np.arange(len(rows)), active, color=INK, lw=0, marker="D", ms=4, label="active return")
        plot.axes.axhline(0, color=INK, lw=0.8)
        every = max(1, len(rows) // 10)
        shown = list(range(0, len(rows), every))
        plot.axes.set_xticks(shown, [rows[i].name for i in shown])
        plot.axes.tick_params(axis="x", labelsize=8)
        plot.axes.set_ylabel("% of return")
        plot.legend(5)
        said = "; ".join(f"{row.name} {100 * row.active:+.2f} %" for row in rows)
        return plot.svg(f"Active return by period: {said}.")
