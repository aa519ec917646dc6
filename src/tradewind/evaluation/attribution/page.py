"""A performance attribution as one HTML page that needs no other file."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tradewind.core.files import write_text
from tradewind.core.page import render
from tradewind.evaluation.attribution import plots
from tradewind.evaluation.attribution.performance import Performance
from tradewind.evaluation.report.page import chance, flat, number, percent


def summary(result: Performance) -> tuple[str, ...]:
    """Return what happened as sentences; every number is a field of ``result``."""
    total, factors, timing = result.total, result.factors, result.timing
    beat = "more" if total.active > 0 else "less"
    named = sorted(total.sectors, key=lambda s: -s.total)
    first, last = named[0], named[-1]
    strongest = max(factors.factors, key=lambda f: abs(f.contribution), default=None)
    lines = [
        f"After costs the portfolio returned {percent(total.portfolio)}, {percent(abs(total.active))} {beat} than the "
        f"benchmark's {percent(total.benchmark)}.",
        f"Of that difference allocation gave {percent(total.total('allocation'))}, selection "
        f"{percent(total.total('selection'))}, their interaction {percent(total.total('interaction'))} and costs "
        f"{percent(total.cost)}; "
        f"{first.sector} helped most ({percent(first.total)}) and {last.sector} least ({percent(last.total)}).",
    ]
    if strongest is not None:
        sure = "beyond its error" if abs(factors.alpha_statistic) > 1.96 else "within its error of zero"
        lines.append(
            f"Factors explain {percent(factors.r_squared)} of the variance of daily returns; {strongest.name} gave "
            f"most ({percent(strongest.contribution)}). What no factor explains is {percent(factors.alpha, 3)} a day, "
            f"{sure} (t = {number(factors.alpha_statistic, 2)})."
        )
    lines.append(
        f"Of the gross sum of {percent(timing.gross)}, mean exposure to the market gave {percent(timing.passive)}, its "
        f"timing {percent(timing.timing)}, selection among longs {percent(timing.selection_long)} and among shorts "
        f"{percent(timing.selection_short)}."
    )
    return tuple(lines)


def render_page(result: Performance, *, title: str, notes: Sequence[str] = ()) -> str:
    """Return the page as HTML; ``notes`` are warnings a reader must know."""
    named = result.settings.named
    return render(
        "tradewind.evaluation.attribution",
        "performance.html.j2",
        filters={"number": number, "percent": percent, "chance": chance},
        title=title,
        notes=notes,
        result=result,
        sentences=summary(result),
        pictures={
            "bridge": plots.bridge_plot(result),
            "sectors": plots.sectors_plot(result),
            "periods": plots.periods_plot(result),
            "factors": plots.factors_plot(result),
        },
        best=result.symbols[:named],
        worst=result.symbols[::-1][: min(named, max(len(result.symbols) - named, 0))],
        settings=list(flat(result.settings.model_dump(mode="json"))),
    )


def write_page(result: Performance, path: str | Path, *, title: str, notes: Sequence[str] = ()) -> Path:
    """Write the page; OutputError where the file cannot be written."""
    return write_text(path, render_page(result, title=title, notes=notes))
