"""The market page's answers: the symbols of a project, and the bars of one with what was forecast at them."""

from __future__ import annotations

from typing import Any

import numpy as np

from tradewind.core import Panel
from tradewind.core.arrays import FloatArray
from tradewind.web.problems import Problem
from tradewind.web.projects import Project
from tradewind.web.views.analyst.market_shapes import MarketOverview, MarketSymbol, NextForecast, SymbolBars
from tradewind.web.views.analyst.market_track import (
    Track,
    is_daily,
    plain,
    rows_of,
    times_of,
    track_files,
    track_of,
)


def overview_of(project: Project) -> MarketOverview:
    """Return the symbols of ``project``; without forecasts they are there all the same.

    Raises
    ------
    Problem : there are no bars.
    """
    panel = project.panel()
    try:
        track, why = track_of(project), None
    except Problem as problem:
        if problem.shape.status != 404:
            raise
        track, why = None, f"{problem.shape.detail} Make them with: {problem.shape.fix}"
    return project.derived("market overview", track_files(project), lambda: _overview(project, panel, track, why))


def bars_of(project: Project, symbol: str) -> SymbolBars:
    """Return the bars of ``symbol`` and what was forecast at them.

    Raises
    ------
    Problem : there are no bars of it.
    """
    panel = project.panel()
    rows = rows_of(panel, symbol)
    try:
        track = track_of(project)
    except Problem as problem:
        if problem.shape.status != 404:
            raise
        track = None
    daily = is_daily(panel)
    adjusted = panel.adj_close[rows]
    factor = adjusted / panel.close[rows]
    prices = {name: plain(getattr(panel, name)[rows] * factor) for name in ("open", "high", "low")}
    return SymbolBars(
        project=project.name,
        symbol=symbol,
        name=names_of(project).get(symbol),
        sector=panel.sectors[panel.symbols.index(symbol)],
        daily=daily,
        time=times_of(panel.time[rows], daily=daily),
        close=plain(adjusted),
        volume=plain(panel.volume[rows]),
        **prices,
        **_forecasts(project, track, adjusted, rows, daily=daily),
    )


def names_of(project: Project) -> dict[str, str]:
    """Return the names of symbols, where a universe was given."""
    universe = project.universe()
    return {} if universe is None else dict(zip(universe.symbols, universe.names, strict=True))


def _overview(project: Project, panel: Panel, track: Track | None, why: str | None) -> MarketOverview:
    names = names_of(project)
    ends = panel.offsets[1:] - 1
    lengths = np.diff(panel.offsets)
    before = panel.adj_close[np.maximum(ends - 1, 0)]
    change = np.where(lengths > 1, panel.adj_close[ends] / before - 1.0, np.nan)
    count, accuracy, latest = _by_symbol(panel, track)
    last, moves, share, chance = plain(panel.adj_close[ends]), plain(change), plain(accuracy), plain(latest)
    metrics = project.metrics() if track and (project.evaluation_folder / "metrics.json").exists() else {}
    verdict = metrics.get("verdict", {})
    forecast = track.outcomes.time if track and len(track.outcomes) else None
    return MarketOverview(
        project=project.name,
        title=str(project.about.get("title", project.name)),
        symbols=[
            MarketSymbol(
                symbol=symbol,
                name=names.get(symbol),
                sector=panel.sectors[s],
                bars=int(lengths[s]),
                last=last[s],
                change=moves[s],
                forecasts=int(count[s]),
                accuracy=share[s],
                probability=chance[s],
            )
            for s, symbol in enumerate(panel.symbols)
        ],
        first_bar=str(panel.times[0])[:10],
        last_bar=str(panel.times[-1])[:10],
        first_forecast=None if forecast is None else str(forecast[0])[:10],
        last_forecast=None if forecast is None else str(forecast[-1])[:10],
        verdict=verdict.get("words"),
        skill=verdict.get("skill"),
        absent=why,
    )


def _by_symbol(panel: Panel, track: Track | None) -> tuple[FloatArray, FloatArray, FloatArray]:
    """(S,) judged forecasts, (S,) share of them that was right, (S,) probability in the last forecast."""
    size = panel.n_symbols
    latest = np.full(size, np.nan)
    if track is None:
        return np.zeros(size), np.full(size, np.nan), latest
    found, code = track.outcomes, panel.symbol_code[track.row]
    judged = found.labelled
    right = (found.predicted_direction == found.direction)[judged]
    count = np.bincount(code[judged], minlength=size).astype(np.float64)
    hits = np.bincount(code[judged], weights=right, minlength=size)
    latest[code] = found.probability  # rows are in order of time: the last assignment stays
    return count, np.where(count > 0, hits / np.maximum(count, 1), np.nan), latest


def _forecasts(
    project: Project, track: Track | None, adjusted: FloatArray, rows: slice, *, daily: bool
) -> dict[str, Any]:
    n = len(adjusted)
    if track is None:
        empty: list[None] = [None] * n
        names = ("probability", "expected", "band_lower", "band_upper", "came", "outcome")
        return dict.fromkeys(names, empty) | {"horizon": 1, "covered": None, "level": None, "next": None}
    found, h = track.outcomes, track.label.horizon
    probability, expected, lower, upper, came, direction = (
        track.column(values, rows)
        for values in (
            found.probability,
            found.expected_return,
            found.lower,
            found.upper,
            found.forward_return,
            found.direction,
        )
    )
    judged = np.isfinite(direction) & np.isfinite(probability)
    right = (probability > 0.5) == (direction == 1.0)
    low, high = adjusted * (1.0 + lower), adjusted * (1.0 + upper)
    told = np.isfinite(lower) & np.isfinite(upper) & np.isfinite(came)
    return {
        "horizon": h,
        "probability": plain(probability),
        "expected": plain(expected, 4),
        "band_lower": plain(_shifted(low, h)),
        "band_upper": plain(_shifted(high, h)),
        "came": plain(came, 4),
        "outcome": [int(r) if j else None for r, j in zip(right.tolist(), judged.tolist(), strict=True)],
        "covered": float(((came >= lower) & (came <= upper))[told].mean()) if told.any() else None,
        "level": _level(project),
        "next": _next(track, rows, (probability, expected, low, high), daily=daily),
    }


def _shifted(values: FloatArray, bars: int) -> FloatArray:
    """Return ``values`` at the bar they are about: ``bars`` later."""
    out = np.full(len(values), np.nan)
    if len(values) > bars:
        out[bars:] = values[:-bars]
    return out


def _level(project: Project) -> float | None:
    path = project.evaluation_folder / "metrics.json"
    settings = project.metrics().get("context", {}).get("settings", {}) if path.exists() else {}
    alpha = settings.get("ensemble", {}).get("alpha")
    return None if alpha is None else 1.0 - float(alpha)


def _next(track: Track, rows: slice, columns: tuple[FloatArray, ...], *, daily: bool) -> NextForecast | None:
    """Return the forecast whose bar has not come: made at one of the last ``horizon`` bars, the latest of them."""
    probability, expected, low, high = columns
    made = np.flatnonzero(np.isfinite(probability))
    if not len(made) or made[-1] + track.label.horizon < len(probability):
        return None
    at = int(made[-1])
    values = plain(np.array([probability[at], expected[at], low[at], high[at]]))
    return NextForecast(
        made=times_of(track.panel.time[rows][at : at + 1], daily=daily)[0],
        probability=values[0],
        expected=values[1],
        lower=values[2],
        upper=values[3],
    )
