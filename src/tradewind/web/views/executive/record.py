"""How the forecasts out of sample did: accuracy over time, calibration, and what following them would have earned."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import AnyArray
from tradewind.web.views.executive.forecasts import known
from tradewind.web.views.executive.shapes import (
    ExecutiveBin,
    ExecutiveMoney,
    ExecutivePeriod,
    ExecutivePoint,
    ExecutiveRecord,
)

_STRETCHES, _FEWEST_DAYS, _BINS, _POINTS = 12, 20, 8, 520
_Z = 1.959964


def record_of(metrics: Mapping[str, Any], outcomes: Outcomes) -> ExecutiveRecord:
    """Return the record in short, in the evaluation's own numbers."""
    main = metrics["models"][metrics["primary"]]
    bounds = main.get("accuracy_interval") or [None, None]
    level = metrics["settings"]["bootstrap"]["level"]
    alpha = _asked(metrics).get("ensemble", {}).get("alpha")
    return ExecutiveRecord(
        first=str(outcomes.time.min())[:10],
        last=str(outcomes.time.max())[:10],
        n=main["n"],
        accuracy=main["accuracy"],
        lower=bounds[0],
        upper=bounds[1],
        level=level,
        rises=main["up_share"],
        calibration_error=main["calibration_error"],
        coverage=main["coverage"],
        promised=1.0 - alpha if alpha is not None else None,
    )


def _asked(metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the training settings that the evaluation was made with."""
    context = metrics.get("context") or {}
    return context.get("settings") or {}


def periods_of(outcomes: Outcomes) -> list[ExecutivePeriod]:
    """Return the accuracy of up to twelve stretches of about as many days, each with a 95 % interval over its days."""
    from tradewind.evaluation.days import day_codes, day_sums, judged

    rows = judged(outcomes)
    if not rows.any():
        return []
    right = (outcomes.predicted_direction[rows] == outcomes.direction[rows]).astype(np.float64)
    code, days = day_codes(outcomes.time[rows])
    hits, count = day_sums(right, code, len(days)), np.bincount(code, minlength=len(days)).astype(np.float64)
    parts = max(1, min(_STRETCHES, len(days) // _FEWEST_DAYS))
    found = []
    for part in np.array_split(np.arange(len(days)), parts):
        n = count[part].sum()
        accuracy = hits[part].sum() / n
        spread = math.sqrt(float(((hits[part] - accuracy * count[part]) ** 2).sum())) / n
        found.append(
            ExecutivePeriod(
                first=str(days[part[0]]),
                last=str(days[part[-1]]),
                n=int(n),
                accuracy=float(accuracy),
                lower=max(0.0, float(accuracy - _Z * spread)),
                upper=min(1.0, float(accuracy + _Z * spread)),
            )
        )
    return found


def calibration_of(outcomes: Outcomes) -> list[ExecutiveBin]:
    """Return what was said and what happened, in up to eight groups of as many forecasts each."""
    from tradewind.evaluation.days import judged

    rows = judged(outcomes)
    said, rose = outcomes.probability[rows], outcomes.direction[rows] > 0
    order = np.argsort(said, kind="stable")
    groups = np.array_split(order, min(_BINS, max(1, len(order) // 50)))
    return [
        ExecutiveBin(said=float(said[group].mean()), happened=float(rose[group].mean()), n=len(group))
        for group in groups
        if len(group)
    ]


def money_of(metrics: Mapping[str, Any], outcomes: Outcomes) -> ExecutiveMoney | None:
    """Return the evaluation's main portfolio as a curve; None where nothing was traded."""
    from tradewind.evaluation import BacktestSettings, backtest

    settings = BacktestSettings.model_validate(metrics["settings"]["backtest"])
    found = backtest(outcomes, settings)
    if not len(found.days):
        return None
    kept = np.unique(np.linspace(0, len(found.days) - 1, min(_POINTS, len(found.days))).round().astype(np.int64))
    held = np.cumprod(1 + found.benchmark)
    equity = found.equity
    side = "long and short" if settings.side == "long_short" else "long only"
    return ExecutiveMoney(
        model=_points(found.days, equity, kept),
        held=_points(found.days, held, kept),
        total=float(equity[-1] - 1),
        held_total=float(held[-1] - 1),
        sharpe=known(found.stats.sharpe),
        held_sharpe=known(found.benchmark_stats.sharpe),
        drawdown=known(found.stats.max_drawdown),
        held_drawdown=known(found.benchmark_stats.max_drawdown),
        cost_bp=settings.cost_bp,
        words=(
            f"Equal shares, {side} by the forecast, traded one bar after it, "
            f"{settings.cost_bp:g} basis points for each unit traded. Held: every symbol bought once in equal shares."
        ),
    )


def _points(days: AnyArray, values: AnyArray, kept: AnyArray) -> list[ExecutivePoint]:
    return [ExecutivePoint(time=str(days[at])[:10], value=round(float(values[at]), 6)) for at in kept]
