"""The backtest explorer: a project's forecasts traded in any way, in milliseconds, and what looking at many costs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.web.problems import Problem
from tradewind.web.projects import Project
from tradewind.web.views.analyst.backtest_always_up import always_up
from tradewind.web.views.analyst.backtest_shapes import (
    BacktestControls,
    BacktestFigures,
    BacktestLuck,
    BacktestSymbol,
    BacktestView,
    BacktestYear,
)
from tradewind.web.views.analyst.market_track import plain, tables_of

if TYPE_CHECKING:
    from tradewind.evaluation import Backtest, TradingStats


def explore(project: Project, controls: BacktestControls, tried: int) -> BacktestView:
    """Return the backtest of ``controls``; ``tried`` variants were looked at, this one included.

    Raises
    ------
    Problem : there are no forecasts, or no day to trade lies in the span.
    """
    from tradewind.evaluation import trade, trading_stats
    from tradewind.evaluation.trading_metrics import equity_curve

    tables = tables_of(project)
    models = _models_tried(project)
    trials = tried + models - 1
    first, last = controls.first, controls.last
    result = trade(tables, controls.settings(trials), first=first, last=last, least=controls.least)
    if not len(result.days):
        raise Problem(
            422,
            "There is no day to trade",
            f"The forecasts run from {tables.days[0]} to {tables.days[-1]}.",
            fix="choose a longer span",
        )
    up = always_up(project, tables).returns(controls)
    shift = 1 if controls.execution == "next_bar" else 0
    came = tables.days[shift:][np.flatnonzero(tables.came[shift:])]
    return BacktestView(
        project=project.name,
        controls=controls,
        first=str(came[0]),
        last=str(came[-1]),
        days=np.datetime_as_string(result.days, unit="D").tolist(),
        equity=plain(result.equity),
        drawdown=plain(result.drawdown, 4),
        turnover=plain(result.turnover, 4),
        buy_and_hold=plain(equity_curve(result.benchmark)),
        always_up=plain(equity_curve(up)),
        figures={
            "forecasts": _figures(result.stats),
            "buy_and_hold": _figures(result.benchmark_stats),
            "always_up": _figures(trading_stats(up)),
        },
        annual_turnover=_number(float(result.turnover.mean()) * result.periods_per_year),
        cost=float(result.symbol_cost.sum()),
        exposure=_number(float(result.exposure.mean())),
        net_exposure=_number(float(result.net_exposure.mean())),
        years=_years(result, up),
        symbols=_symbols(result),
        luck=_luck(result, tried=tried, models=models),
    )


def _models_tried(project: Project) -> int:
    path = project.evaluation_folder / "metrics.json"
    said = project.metrics().get("deflation", {}).get("trials", 1) if path.exists() else 1
    return max(int(said), 1)


def _number(value: float) -> float | None:
    return value if np.isfinite(value) else None


def _figures(stats: TradingStats) -> BacktestFigures:
    values = stats.to_dict()
    return BacktestFigures(**{name: _number(values[name]) for name in BacktestFigures.model_fields})


def _years(result: Backtest, up: FloatArray) -> list[BacktestYear]:
    from tradewind.evaluation.trading_metrics import drawdown_curve, equity_curve, over

    year = result.days.astype("datetime64[Y]").astype(np.int64) + 1970
    scale = float(np.sqrt(result.periods_per_year))
    rows = []
    for one in np.unique(year):
        inside = year == one
        returns = result.returns[inside]
        spread = float(returns.std(ddof=1)) if len(returns) > 1 else 0.0
        rows.append(
            BacktestYear(
                year=int(one),
                days=len(returns),
                net=_compounded(returns),
                sharpe=_number(over(float(returns.mean()), spread) * scale),
                max_drawdown=_number(float(drawdown_curve(equity_curve(returns)).max())),
                turnover=float(result.turnover[inside].sum()),
                buy_and_hold=_compounded(result.benchmark[inside]),
                always_up=_compounded(up[inside]),
            )
        )
    return rows


def _compounded(returns: FloatArray) -> float | None:
    from tradewind.evaluation.trading_metrics import equity_curve

    return _number(float(equity_curve(returns)[-1]) - 1.0)


def _symbols(result: Backtest) -> list[BacktestSymbol]:
    net = result.symbol_gross - result.symbol_cost
    return [
        BacktestSymbol(
            symbol=str(result.symbols[s]),
            gross=round(float(result.symbol_gross[s]), 6),
            cost=round(float(result.symbol_cost[s]), 6),
            net=round(float(net[s]), 6),
        )
        for s in np.argsort(-net, kind="stable")
    ]


def _luck(result: Backtest, *, tried: int, models: int) -> BacktestLuck:
    from tradewind.evaluation.sharpe_inference import expected_best_sharpe

    trials = tried + models - 1
    n = len(result.returns)
    best = expected_best_sharpe(trials, 1 / (n - 1)) * float(np.sqrt(result.periods_per_year)) if n > 2 else None
    stats = result.stats
    return BacktestLuck(
        tried=tried,
        models=models,
        trials=trials,
        probabilistic=_number(stats.probabilistic_sharpe),
        deflated=_number(stats.deflated_sharpe),
        expected_best=best,
        words=_words(stats, tried, models, best),
    )


def _words(stats: TradingStats, tried: int, models: int, best: float | None) -> str:
    if best is None or not np.isfinite(stats.deflated_sharpe):
        return "There are too few days, or too little was traded, to say anything of luck."
    looked = f"{tried:,} variants were looked at here" if tried > 1 else "This is the first variant looked at here"
    before = f", and {models:,} models were tried before" if models > 1 else ""
    start = f"{looked}{before}. Every further variant that is looked at counts."
    if stats.sharpe <= 0:
        return f"{start} This one lost after costs: there is no gain to ask luck about."
    if tried + models - 1 == 1:
        chance = f"{stats.probabilistic_sharpe * 100:.1f} %"
        return f"{start} Taken alone, the probability that its true Sharpe ratio lies above 0 is {chance}."
    return (
        f"{start} The best of as many worthless ones would show a Sharpe ratio of about {best:.2f}; the probability "
        f"that the true one lies above that is {stats.deflated_sharpe * 100:.1f} %"
        + (": luck can give as much." if stats.deflated_sharpe < 0.95 else ".")
    )
