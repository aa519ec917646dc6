"""`tradewind backtest`: what a portfolio made from forecasts would have earned."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

  tradewind backtest --predictions out/q4/predictions.parquet --prices prices.parquet

  tradewind backtest --predictions forecasts.parquet --prices prices.parquet --weights decile --cost-bp 5 --json
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("backtest", epilog=EPILOG)(backtest)


def backtest(
    predictions: Annotated[
        Path, typer.Option("--predictions", metavar="FILE", help="Forecasts that evaluate or predict wrote.")
    ],
    prices: options.Prices,
    weights: Annotated[str, typer.Option("--weights", help="sign, rank or decile.")] = "sign",
    side: Annotated[str, typer.Option("--side", help="long_short or long_only.")] = "long_short",
    signal: Annotated[str, typer.Option("--signal", help="probability or expected_return.")] = "probability",
    execution: Annotated[
        str, typer.Option("--execution", help="next_bar: traded one bar later; close: at the close just seen.")
    ] = "next_bar",
    cost_bp: Annotated[float, typer.Option("--cost-bp", help="Cost per unit of turnover, basis points.")] = 5.0,
    slippage_bp: Annotated[float, typer.Option("--slippage-bp", help="Slippage per unit of turnover, bp.")] = 0.0,
    trials: Annotated[int, typer.Option("--trials", help="Variants tried; deflates the Sharpe ratio.")] = 1,
    equity: Annotated[
        Path | None, typer.Option("--equity", metavar="FILE", help="Write the daily curve (Parquet or CSV).")
    ] = None,
    quarantine: options.Quarantine = None,
    as_json: options.Json = False,
) -> None:
    """Trade forecasts day by day after costs, beside buying and holding the same symbols."""
    import polars as pl
    from pydantic import ValidationError

    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.data import read_prices
    from tradewind.data.tables import save_table
    from tradewind.evaluation import BacktestSettings
    from tradewind.evaluation import backtest as trade
    from tradewind.training import read_forecasts

    flags = {
        "weights": weights,
        "side": side,
        "signal": signal,
        "execution": execution,
        "cost_bp": cost_bp,
        "slippage_bp": slippage_bp,
        "n_trials": trials,
    }
    try:
        settings = BacktestSettings.model_validate(flags)
    except ValidationError as error:
        first = error.errors()[0]
        flag = {"n_trials": "trials"}.get(str(first["loc"][0]), str(first["loc"][0])).replace("_", "-")
        raise UsageError(f"--{flag}: {first['msg']}", fix="see `tradewind backtest --help`") from error
    panel = read_prices(prices, quarantine=quarantine)
    result = trade(read_forecasts(predictions, panel), settings)
    if equity is not None:
        curve = {"date": result.days, "return": result.returns, "equity": result.equity, "drawdown": result.drawdown}
        save_table(pl.DataFrame(curve), equity)
    figures = result.to_dict()
    if as_json:
        show.print_json(figures)
        return
    held = figures.pop("buy_and_hold")
    rows = [
        {"figure": name, "forecasts": value, "buy and hold": held.get(name)}
        for name, value in figures.items()
        if not isinstance(value, dict | list)
    ]
    show.table(rows, title=f"{len(result.days)} days, {weights} weights, {execution}", as_json=False)
