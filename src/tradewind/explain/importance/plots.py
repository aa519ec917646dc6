"""Pictures of importance, its history, effects and faithfulness."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter

from tradewind.core.arrays import FloatArray
from tradewind.evaluation.report.drawing import FAINT, INK, SERIES, drawing
from tradewind.explain.effects import Effect
from tradewind.explain.importance.permutation import PermutationImportance
from tradewind.explain.importance.shapley import Part
from tradewind.explain.importance.stability import Stability
from tradewind.explain.quality import Faithfulness

SHOWN = 15


def bars(parts: Sequence[Part], what: str) -> str:
    """Return importance of the first parts with their intervals, in points of probability."""
    shown = list(parts[:SHOWN])[::-1]
    value = 100.0 * np.array([part.importance.value for part in shown])
    low, high = (100.0 * np.array([getattr(part.importance, side) for part in shown]) for side in ("lower", "upper"))
    with drawing(0.8 + 0.26 * len(shown)) as one:
        place = np.arange(len(shown))
        error = np.nan_to_num(np.stack([value - low, high - value])).clip(min=0.0)
        one.axes.barh(place, value, height=0.6, color=SERIES[0], xerr=error, ecolor=INK, capsize=2)
        one.axes.set_yticks(place, [part.name for part in shown])
        one.axes.set_xlabel("mean absolute contribution, points of probability")
        return one.svg(f"importance by {what}: " + ", ".join(f"{p.name} {100 * p.importance.value:.2f}" for p in shown))


def shuffled(permutation: PermutationImportance) -> str:
    """Return the rise of log loss of each group when it is shuffled, with intervals."""
    shown = list(permutation.groups[:SHOWN])[::-1]
    with drawing(0.8 + 0.26 * len(shown)) as one:
        for place, group in enumerate(shown):
            found = group.log_loss
            one.axes.plot([found.lower, found.upper], [place, place], color=SERIES[0], linewidth=2)
            one.axes.plot([found.value], [place], "o", color=SERIES[0], markersize=5)
        one.axes.axvline(0.0, color=SERIES[1], linewidth=0.8)
        one.axes.set_yticks(np.arange(len(shown)), [group.label for group in shown])
        one.axes.set_xlabel("rise of log loss out of sample when shuffled, nats")
        return one.svg("rise of log loss by group of columns when it is shuffled")


def heat_map(found: Stability) -> str:
    """Return the share of importance of each part in each period; the darker the larger."""
    names = found.names[:SHOWN]
    total = found.importance.sum(axis=1, keepdims=True)
    share = np.divide(found.importance, total, out=np.zeros_like(found.importance), where=total > 0)[:, : len(names)]
    most = float(share.max()) if share.size else 1.0
    with drawing(0.9 + 0.26 * len(names)) as one:
        one.axes.grid(visible=False)
        for i, row in enumerate(share):
            for j, value in enumerate(row):
                where = (i - 0.48, len(names) - 1 - j - 0.46)
                one.axes.add_patch(
                    Rectangle(where, 0.96, 0.92, facecolor=SERIES[0], alpha=float(value) / max(most, 1e-12))
                )
                if len(share) <= 12:
                    place = (i, len(names) - 1 - j)
                    one.axes.text(*place, f"{100 * value:.0f}", ha="center", va="center", fontsize=8)
        one.axes.set_xlim(-0.5, max(len(share), 1) - 0.5)
        one.axes.set_ylim(-0.5, len(names) - 0.5)
        step = max(1, len(found.periods) // 12)
        one.axes.set_xticks(np.arange(len(found.periods))[::step], found.periods[::step])
        one.axes.set_yticks(np.arange(len(names)), names[::-1])
        return one.svg("share of importance by feature and period, per cent")


def effect(ale: Effect, pdp: Effect) -> str:
    """Return ALE with its interval, partial dependence and single rows of one column, each less its own mean."""
    with drawing(2.4) as one:
        for row in pdp.ice:
            one.axes.plot(pdp.raw, 100.0 * (row - row.mean()), color=FAINT, linewidth=0.5, alpha=0.6)
        line = 100.0 * (pdp.value - pdp.value.mean())
        one.axes.plot(pdp.raw, line, color=SERIES[1], linestyle="--", label="partial dependence")
        low, middle, high = (100.0 * side for side in (ale.lower, ale.value, ale.upper))
        one.axes.fill_between(ale.raw, low, high, color=SERIES[0], alpha=0.2, linewidth=0)
        one.axes.plot(ale.raw, middle, color=SERIES[0], marker="o", markersize=3, label="accumulated local effect")
        if len(pdp.ice):
            one.axes.plot([], [], color=FAINT, linewidth=0.8, label="single rows")
        one.axes.set_xlabel(ale.column)
        if np.abs(ale.raw).max() < 1.0:  # two decimals are too few for returns and their like
            one.axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{100.0 * value:.3g}%"))
        one.axes.set_ylabel("log odds, hundredths")
        one.legend()
        return one.svg(
            f"effect of {ale.column} on the log odds: from {ale.value[0]:+.3f} at {ale.raw[0]:.4g} to "
            f"{ale.value[-1]:+.3f} at {ale.raw[-1]:.4g}"
        )


def faithfulness_curves(found: Faithfulness) -> str:
    """Return deletion and insertion in the order of the explanation and in random order."""
    with drawing(2.6) as one:
        for curve, colour, name in ((found.deletion, SERIES[0], "deletion"), (found.insertion, SERIES[2], "insertion")):
            one.axes.plot(_percent(curve.share), curve.explained, color=colour, label=f"{name}, explained order")
            one.axes.plot(_percent(curve.share), curve.random, color=colour, linestyle=":", label=f"{name}, random")
        one.axes.axhline(0.0, color=FAINT, linewidth=0.8)
        one.axes.set_xlabel("columns deleted or inserted, per cent")
        one.axes.set_ylabel("log odds towards the forecast")
        one.legend(columns=2)
        return one.svg("deletion and insertion curves of the explanation against random order")


def _percent(share: FloatArray) -> FloatArray:
    return np.asarray(100.0 * share, dtype=np.float64)
