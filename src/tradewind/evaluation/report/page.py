"""From an evaluation to one self-contained HTML page."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tradewind.core import Outcomes
from tradewind.core.files import write_text
from tradewind.core.page import render
from tradewind.evaluation.evaluation import Evaluation
from tradewind.evaluation.report import plots
from tradewind.evaluation.report.drawing import standalone
from tradewind.evaluation.report.parity_plot import parity_curve_plot
from tradewind.evaluation.report.summary import summary


def number(value: Any, digits: int = 3) -> str:
    """Return a figure with ``digits`` decimals, a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:,.{digits}f}"


def percent(value: Any, digits: int = 1) -> str:
    """Return a fraction as per cent, a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{round(100 * value, digits) + 0.0:,.{digits}f} %"  # a zero has no sign


def chance(p: Any) -> str:
    """Return a p value: three decimals, and "<0.001" below them."""
    return "<0.001" if p is not None and p < 0.001 else number(p)


def between(found: Any, digits: int = 1) -> str:
    """Return the bounds of an interval of a fraction as per cent."""
    if not math.isfinite(found.lower):
        return "–"
    return f"{100 * found.lower:.{digits}f} to {100 * found.upper:.{digits}f}"


def flat(settings: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield dotted names and values of nested settings."""
    for name, value in settings.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _plots(evaluation: Evaluation, outcomes: Outcomes) -> list[tuple[str, str, str]]:
    """Return (heading, note, SVG) of each plot there are data for."""
    main, metrics = evaluation.main, evaluation.settings.metrics
    portfolios = {
        "main": main.portfolio,
        "long-only": main.variants["long-only, sign"],
        "deciles": main.variants["long-short, decile"],
    }
    curve = evaluation.learning_curve
    candidates = [
        ("Equity", "Wealth after costs; buy and hold pays its entry only.", plots.equity_plot(portfolios)),
        ("Drawdown", "Of the main portfolio.", plots.drawdown_plot(main.portfolio)),
        (
            "Rolling accuracy",
            "Skill lies above both lines, not above 50 % alone.",
            plots.rolling_accuracy_plot(outcomes),
        ),
        (
            "Calibration",
            "Dots on the dotted line: probabilities mean what they say.",
            plots.calibration_plot(outcomes, metrics),
        ),
        (
            "Learning curve",
            f"{curve.words[0].upper()}{curve.words[1:]}." if curve else "",
            plots.learning_curve_plot(curve) if curve else None,
        ),
        ("IC over time", "Does the day's order of symbols come true?", plots.ic_plot(outcomes, metrics)),
        (
            "Accuracy by slice",
            "Hollow dots: small slices, read them with care.",
            plots.slices_plot(evaluation.slices, main.metrics.accuracy),
        ),
        ("Interval coverage over time", "It should hold level.", plots.coverage_plot(main.metrics.coverage_over_time)),
    ]
    return [(heading, note, svg) for heading, note, svg in candidates if svg]


def draw_plots(evaluation: Evaluation, outcomes: Mapping[str, Outcomes]) -> dict[str, str]:
    """Return the report's plots as SVG files by name, such as ``rolling_accuracy.svg``."""
    found = _plots(evaluation, outcomes[evaluation.primary])
    return {f"{heading.lower().replace(' ', '_')}.svg": standalone(svg) for heading, _, svg in found}


def render_report(
    evaluation: Evaluation,
    outcomes: Mapping[str, Outcomes],
    *,
    title: str,
    notes: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> str:
    """Return the report as HTML; parameters as of :func:`write_report`."""
    order = sorted(evaluation.models.values(), key=lambda m: (m.name != evaluation.primary, m.baseline))
    return render(
        "tradewind.evaluation.report",
        "report.html.j2",
        filters={"number": number, "percent": percent, "between": between, "chance": chance},
        title=title,
        evaluation=evaluation,
        main=evaluation.main,
        models=order,
        level=f"{evaluation.settings.bootstrap.level * 100:.0f} %",
        sentences=summary(evaluation),
        notes=notes,
        plots=_plots(evaluation, outcomes[evaluation.primary]),
        settings=list(flat(settings or {})),
        parity_plot=parity_curve_plot(evaluation.parity_curve) if evaluation.parity_curve else "",
        own_settings=list(flat(evaluation.settings.model_dump(mode="json"))),
    )


def write_report(
    evaluation: Evaluation,
    outcomes: Mapping[str, Outcomes],
    path: str | Path,
    *,
    title: str,
    notes: Sequence[str] = (),
    settings: Mapping[str, Any] | None = None,
) -> Path:
    """Write the report, one HTML file without any external asset.

    Parameters
    ----------
    evaluation : what :func:`~tradewind.evaluation.evaluate_outcomes` returned for ``outcomes``.
    title : heading of the page.
    notes : warnings a reader must know, such as survivorship bias of the data.
    settings : what made the forecasts (settings, span, data id), nested; shown as a table.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    return write_text(path, render_report(evaluation, outcomes, title=title, notes=notes, settings=settings))
