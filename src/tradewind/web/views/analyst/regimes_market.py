"""Regimes of a project's market, fitted before its forecasts and filtered: no session knows of a later one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from tradewind.web.problems import Problem
from tradewind.web.projects import Project
from tradewind.web.projects.kept import kept_answer
from tradewind.web.views.analyst.market_track import Track, plain, track_files, track_of
from tradewind.web.views.analyst.regimes_shapes import RegimeSummary, RegimesView

if TYPE_CHECKING:
    from tradewind.continual.regimes import MarketObservations

_YEAR = 252


def regimes_of(project: Project, states: int) -> RegimesView:
    """Return the regimes of ``project``'s market (seconds, the first time).

    The model of regimes learns from the sessions before the first forecast; without forecasts from the first half.

    Raises
    ------
    Problem : there are no bars. UsageError : too few sessions to fit so many regimes on.
    """
    files: tuple[Path, ...] = (project.prices_file, *track_files(project))
    return kept_answer(project, f"{states} regimes", files, RegimesView, lambda: _work_out(project, states))


def _work_out(project: Project, states: int) -> RegimesView:
    from tradewind.continual.regimes import market_observations

    panel = project.panel()
    try:
        track = track_of(project)
    except Problem as problem:
        if problem.shape.status != 404:
            raise
        track = None
    observed = project.derived("market observations", (project.prices_file,), lambda: market_observations(panel))
    return _view(project, observed, track, states)


def _view(project: Project, observed: MarketObservations, track: Track | None, states: int) -> RegimesView:
    from tradewind.continual.regimes import OBSERVED, RegimeModel, RegimeSettings

    if track is not None and len(track.outcomes):
        until = observed.time[observed.time < track.outcomes.time[0]]
    else:
        until = observed.time[: len(observed.time) // 2]
    if not len(until):
        raise Problem(
            422,
            "There is no session to fit regimes on",
            "Forecasts begin with the first bar.",
            fix="give bars that lie before the forecasts",
        )
    learned = observed.until(until[-1])
    settings = RegimeSettings(states=states, order_by=OBSERVED.index("log_volatility"))
    model = RegimeModel.fit(learned.values, settings, fitted_until=str(until[-1]))
    filtered = model.filter(observed.values)
    seen = np.isfinite(observed.values).all(axis=1)
    begun = np.maximum.accumulate(seen)
    likeliest = np.where(begun, filtered.argmax(axis=1), -1)
    market = np.nan_to_num(observed.values[:, OBSERVED.index("market_return")], nan=0.0)
    changed = np.flatnonzero(np.diff(likeliest) != 0)
    names = list(model.names)
    duration = 1.0 / np.maximum(1.0 - np.diag(model.parameters.transition), 1e-9)
    code = None if track is None else _codes(track, observed.time, likeliest)
    return RegimesView(
        project=project.name,
        states=states,
        names=names,
        time=np.datetime_as_string(observed.time, unit="D").tolist(),
        market=plain(100.0 * np.cumprod(1.0 + market)),
        probability=[plain(np.where(begun, column, np.nan), 4) for column in filtered.T],
        fitted_from=str(learned.time[0])[:10],
        fitted_until=str(until[-1])[:10],
        fitted_rows=model.rows,
        bic=float(model.bic),
        observed=list(OBSERVED),
        before_forecasts=track is not None,
        now=names[int(likeliest[-1])] if likeliest[-1] >= 0 else "unknown",
        since=len(likeliest) - 1 - (int(changed[-1]) if len(changed) else 0),
        regimes=[
            _summary(name, likeliest == k, market, track, None if code is None else code == k, float(duration[k]))
            for k, name in enumerate(names)
        ],
        overall=_summary("all", begun, market, track, None if code is None else code >= 0, None),
    )


def _codes(track: Track, time: AnyArray, likeliest: IntArray) -> IntArray:
    """(m,) likeliest regime of the session each forecast was made at."""
    codes: IntArray = likeliest[np.searchsorted(time, track.outcomes.time)]
    return codes


def _summary(
    name: str,
    sessions: BoolArray,
    market: FloatArray,
    track: Track | None,
    rows: BoolArray | None,
    duration: float | None,
) -> RegimeSummary:
    from tradewind.evaluation import BootstrapSettings, Interval
    from tradewind.evaluation.bootstrap import bootstrap_statistic
    from tradewind.evaluation.days import day_codes, day_sums, ratio

    inside = market[sessions]
    many = len(inside) > 1
    days, n, rises = 0, 0, None
    found = Interval(value=float("nan"), lower=float("nan"), upper=float("nan"))
    if track is not None and rows is not None:
        out = track.outcomes
        judged = rows & out.labelled & np.isfinite(out.probability)
        n = int(judged.sum())
        if n:
            right = (out.predicted_direction[judged] == out.direction[judged]).astype(np.float64)
            code, dates = day_codes(out.time[judged])
            sums = day_sums(np.column_stack([right, np.ones(n)]), code, len(dates))
            found = bootstrap_statistic(sums, lambda t: ratio(t[..., 0], t[..., 1]), BootstrapSettings())
            days, rises = len(dates), float(out.direction[judged].mean())
    return RegimeSummary(
        name=name,
        share=float(sessions.mean()),
        duration=duration,
        market_return=float(inside.mean()) if many else None,
        market_volatility=float(inside.std(ddof=1) * np.sqrt(_YEAR)) if many else None,
        days=days,
        forecasts=n,
        accuracy=_known(found.value),
        lower=_known(found.lower),
        upper=_known(found.upper),
        rises=rises,
    )


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
