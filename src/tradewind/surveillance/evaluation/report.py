"""The evaluation on paper: ``evaluation.json``, a table for the terminal, pictures of the curves."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tradewind.core.files import write_json_file, write_text
from tradewind.evaluation.report.drawing import FAINT, SERIES, drawing, standalone
from tradewind.surveillance.evaluation.intervals import Interval
from tradewind.surveillance.evaluation.scores import SchemeScore, SurveillanceEvaluation

EVALUATION_FILE = "evaluation.json"
CURVES_FILE = "precision_recall.svg"
STYLES = ("-", "--", ":")


def write_evaluation(evaluation: SurveillanceEvaluation, folder: Path) -> tuple[Path, Path]:
    """Write ``evaluation.json`` and ``precision_recall.svg`` into ``folder``; return their paths.

    Raises
    ------
    OutputError : the folder cannot be made or written.
    """
    figures = write_json_file(folder / EVALUATION_FILE, evaluation.to_dict())
    picture = write_text(folder / CURVES_FILE, standalone(curves_svg(evaluation)))
    return figures, picture


def evaluation_table(evaluation: SurveillanceEvaluation) -> str:
    """Return the scores as lines of text, one a scheme and one in all, intervals over markets."""
    head = (
        f"{'scheme':<22}{'planted':>8}{'found':>7}{'alerts':>8}{'false':>7}"
        f"{'precision':>22}{'recall':>22}{'recall@95':>11}{'false/M':>9}"
    )
    rows = [*evaluation.schemes.values(), evaluation.overall]
    return "\n".join([head, *(_line(row) for row in rows)])


def _line(row: SchemeScore) -> str:
    return (
        f"{row.name:<22}{row.planted:>8}{row.found:>7}{row.alerts:>8}{row.alerts - row.true_alerts:>7}"
        f"{_share(row.precision_markets):>22}{_share(row.recall_markets):>22}"
        f"{_percent(row.curve.recall_at_precision(0.95)):>11}{row.false_per_million:>9.2f}"
    )


def _share(of: Interval) -> str:
    if np.isnan(of.value):
        return "–"
    return f"{_percent(of.value)} ({_percent(of.lower)}–{_percent(of.upper)})"


def _percent(value: float) -> str:
    return "–" if np.isnan(value) else f"{100 * value:.1f}"


def curves_svg(evaluation: SurveillanceEvaluation) -> str:
    """Return the precision-recall curves, one for each planted scheme, as an SVG element for a page."""
    shown = [score for score in evaluation.schemes.values() if score.planted]
    with drawing(3.6) as picture:
        for number, score in enumerate(shown):
            curve = score.curve
            picture.axes.step(
                np.concatenate([[0.0], curve.recall]),
                np.concatenate([[1.0], curve.precision]),
                where="post",
                color=SERIES[number % len(SERIES)],
                linestyle=STYLES[number // len(SERIES)],
                linewidth=1.2,
                label=score.name.replace("_", " "),
            )
        picture.axes.axhline(0.95, color=FAINT, linewidth=1.0)
        picture.axes.set_xlim(0.0, 1.02)
        picture.axes.set_ylim(0.0, 1.02)
        picture.axes.set_xlabel("recall of planted episodes")
        picture.axes.set_ylabel("precision of alerts")
        if shown:
            picture.legend(3)
        worst = min((s.curve.recall_at_precision(0.95) for s in shown), default=float("nan"))
        return picture.svg(
            f"Precision against recall for {len(shown)} schemes; at a precision of 95 % the least recall is "
            f"{_percent(worst)} %."
        )
