"""A page with pictures of a search."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from tradewind.core.page import render
from tradewind.training.tuning.choice import Trial, advantage
from tradewind.training.tuning.result import StageResult, TuningResult

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tradewind",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.linewidth": 0.4,
    "grid.color": "#cccccc",
}
BLUE, ORANGE, GREY = "#1f6fb2", "#d9730d", "#9a9a9a"
ACROSS = 3
LEAST = 4
DECADE = 10.0


def search_page(result: TuningResult) -> str:
    """Return the page as self-contained HTML."""
    searches = []
    for stage in result.stages:
        name = f"{stage.stage}: {stage.model}"
        searches.append(
            {
                "name": name,
                "curve": _drawn(1, partial(_curve, stage)),
                "parameters": _parameters(stage),
                "trials": sorted(stage.trials, key=lambda t: (-np.nan_to_num(t.score, nan=-np.inf), t.number))[:10],
                "chosen": stage.chosen.number,
            }
        )
    return render(
        "tradewind.training.tuning",
        "search.html.j2",
        result=result,
        rows=[stage.to_dict() for stage in result.stages],
        summary=_drawn(1, lambda axes: _gains(axes[0], result)),
        searches=searches,
        settings=result.settings.to_toml(),
        number=_number,
    )


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}" if np.isfinite(value) else "–"
    return "–" if value is None else str(value)


def _drawn(count: int, draw: Callable[[Sequence[Axes]], None]) -> str:
    """Return an SVG element of ``count`` sets of axes, side by side."""
    with mpl.rc_context(_STYLE):
        lines = -(-count // ACROSS)
        figure = Figure(figsize=(8.4, 2.6 if count == 1 else 2.2 * lines), layout="constrained")
        FigureCanvasSVG(figure)
        axes = [figure.add_subplot(lines, min(count, ACROSS), place + 1) for place in range(count)]
        draw(axes)
        sink = io.StringIO()
        figure.savefig(sink, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = sink.getvalue()
    text = re.sub(r"<metadata>.*?</metadata>", "", text[text.index("<svg") :], flags=re.S)
    return re.sub(r"\s*\n\s*", "\n", text).strip()


def _gain(trial: Trial, stage: StageResult) -> tuple[float, float]:
    """Return the trial's paired advantage over the default and its standard error; NaN where either has no score."""
    found = advantage(trial, stage.trials[0])
    return found.mean, found.std_error if np.isfinite(found.std_error) else 0.0


def _curve(stage: StageResult, all_axes: Sequence[Axes]) -> None:
    """Draw every trial's advantage over the default, and the best so far."""
    (axes,) = all_axes
    for state, colour, label in (("complete", BLUE, "trial"), ("pruned", GREY, "given up early")):
        shown = [t for t in stage.trials if t.state == state]
        gains = [_gain(t, stage) for t in shown]
        axes.errorbar(
            [t.number for t in shown],
            [mean for mean, _ in gains],
            yerr=[error for _, error in gains],
            fmt="o" if state == "complete" else "x",
            ms=4,
            color=colour,
            elinewidth=0.6,
            label=label,
        )
    complete = [t for t in stage.trials if t.state == "complete"]
    if complete:
        best = np.maximum.accumulate([_gain(t, stage)[0] for t in complete])
        axes.step([t.number for t in complete], best, where="post", color=BLUE, lw=1, label="best so far")
    axes.axhline(0.0, color=ORANGE, lw=1, ls="--", label="default")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel("trial")
    axes.set_ylabel("score less default's")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=4, frameon=False, fontsize=8)


def _parameters(stage: StageResult) -> str:
    """Return small drawings of the advantage against each parameter; "" where too few trials were judged."""
    judged = [t for t in stage.trials if t.state in ("complete", "pruned") and "start" not in t.params]
    names = list(dict.fromkeys(name for t in judged for name in t.params))
    if not names or len(judged) < LEAST:
        return ""

    def draw(axes: Sequence[Axes]) -> None:
        for place, name in zip(axes, names, strict=True):
            _parameter(place, name, [t for t in judged if name in t.params], stage)

    return _drawn(len(names), draw)


def _parameter(axes: Axes, name: str, trials: Sequence[Trial], stage: StageResult) -> None:
    values = [t.params[name] for t in trials]
    if any(isinstance(value, str) for value in values):
        options = list(dict.fromkeys(map(str, values)))
        places: list[float] = [float(options.index(str(value))) for value in values]
        axes.set_xticks(range(len(options)), options, rotation=30, fontsize=6)
    else:
        places = [float(value) for value in values]
        if min(places) > 0 and max(places) / min(places) > DECADE:
            axes.set_xscale("log")
            axes.xaxis.set_major_locator(LogLocator(numticks=4))
            axes.xaxis.set_minor_formatter(NullFormatter())
        else:
            axes.xaxis.set_major_locator(MaxNLocator(4))
    chosen = stage.chosen.number
    colours = [ORANGE if t.number == chosen else (BLUE if t.state == "complete" else GREY) for t in trials]
    axes.scatter(places, [_gain(t, stage)[0] for t in trials], c=colours, s=12)
    axes.set_title(name, fontsize=9)


def _gains(axes: Axes, result: TuningResult) -> None:
    """Draw the best challenger's advantage over the default in each search, with its standard error."""
    shown = [(stage, stage.best) for stage in result.stages if stage.best is not None]
    names = [f"{stage.stage}: {stage.model}" for stage, _ in shown]
    gains = [_gain(best, stage) for stage, best in shown]
    means, errors = [mean for mean, _ in gains], [error for _, error in gains]
    axes.barh(names, means, xerr=errors, color=BLUE, height=0.5, error_kw={"elinewidth": 1, "ecolor": GREY})
    axes.axvline(0.0, color=ORANGE, lw=1)
    axes.invert_yaxis()
    axes.set_xlabel("score of the best challenger less the default's, with its standard error over periods")
