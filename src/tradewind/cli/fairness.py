"""`tradewind fairness`: balance of the data before training, fairness of forecasts among groups over time."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

  tradewind fairness balance --prices prices.parquet --universe universe.csv --train-end 2015-06-01 --out out/balance

  tradewind fairness measure --predictions out/predictions.parquet --prices prices.parquet --universe universe.csv --out out/fairness
"""  # noqa: E501 - a command line is not broken


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    group = typer.Typer(
        name="fairness", help="Are groups of symbols treated alike?", no_args_is_help=True, epilog=EPILOG,
        rich_markup_mode="rich",
    )  # fmt: skip
    group.command("balance")(balance)
    group.command("measure")(measure)
    app.add_typer(group)


def balance(
    prices: options.Prices,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write balance.json and balance.html.")
    ] = None,
    train_end: Annotated[
        str | None, typer.Option("--train-end", metavar="DATE", help="Use labels known by this day; all if absent.")
    ] = None,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    seed: options.Seed = None,
    quarantine: options.Quarantine = None,
    as_json: options.Json = False,
) -> None:
    """Report over-represented sectors, sizes, places and periods, and columns that give a group away.

    Run it before training: what the data hold too much of, a model learns too much of.
    """
    import numpy as np

    from tradewind.cli import show
    from tradewind.cli.inputs import InputFiles, dataset_of, read_market
    from tradewind.core.files import write_json_file
    from tradewind.governance.fairness import data_balance, write_balance
    from tradewind.training import TrainingSettings

    end = options.day(train_end, "--train-end") if train_end else None
    market = read_market(InputFiles(prices=prices, news=news, universe=universe, fear=fear, quarantine=quarantine))
    data = dataset_of(market, TrainingSettings())
    known = data.labels.known_by(str(end)) if end else ~np.isnat(data.labels.end)
    report = data_balance(data, np.flatnonzero(known), seed=7 if seed is None else seed)
    if out is not None:
        write_json_file(out / "balance.json", report.to_dict())
        write_balance(report, out / "balance.html")
    if as_json:
        show.print_json(report.to_dict())
        return
    for one in report.balances:
        rows = [
            {"group": g.group, "rows": g.rows, "symbols": g.symbols, "share": g.share, "expected": g.expected,
             "rises": g.rises.value, "finding": g.flag}
            for g in one.groups
        ]  # fmt: skip
        show.table(rows, title=f"By {one.by}: as concentrated as {one.effective:.1f} equal groups", as_json=False)
    for text in report.findings or ("No group is over- or under-represented, and no column gives a group away",):
        show.say(f"{text}.")
    if out is not None:
        show.say(f"Wrote {out / 'balance.json'} and {out / 'balance.html'}")


def measure(
    predictions: Annotated[Path, typer.Option("--predictions", metavar="FILE", help="What evaluate or predict wrote.")],
    prices: options.Prices,
    universe: options.Universe = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="Write fairness.json and fairness.html.")
    ] = None,
    every: Annotated[
        Literal["month", "quarter", "year"], typer.Option("--every", help="Length of a period.")
    ] = "quarter",
    quarantine: options.Quarantine = None,
    as_json: options.Json = False,
) -> None:
    """Measure disparate impact, statistical parity and equal opportunity by sector, size and place, over time.

    Exit code 1 where the four-fifths rule is broken beyond chance.
    """
    from tradewind.cli import show
    from tradewind.cli.inputs import InputFiles, read_market
    from tradewind.core.files import write_json_file
    from tradewind.governance.fairness import fairness_report, write_fairness
    from tradewind.training import read_forecasts

    market = read_market(InputFiles(prices=prices, universe=universe, quarantine=quarantine))
    report = fairness_report(read_forecasts(predictions, market.panel), every=every)
    if out is not None:
        write_json_file(out / "fairness.json", report.to_dict())
        write_fairness(report, out / "fairness.html")
    if as_json:
        show.print_json(report.to_dict())
    else:
        for kind in report.kinds:
            rows = [
                {"from": p.period, "rows": p.rows, "ratio": p.ratio.value, "gap": p.gap.value,
                 "opportunity gap": p.opportunity.value, "lowest": p.low, "highest": p.high}
                for p in kind.periods
            ]  # fmt: skip
            if rows:
                show.table(rows, title=f"By {kind.by} and {every}", as_json=False)
            show.say(f"{kind.words}.")
        if out is not None:
            show.say(f"Wrote {out / 'fairness.json'} and {out / 'fairness.html'}")
    if any(kind.broken for kind in report.kinds):
        raise typer.Exit(1)
