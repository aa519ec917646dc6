"""`tradewind continual`: which way of learning on keeps what it knew?"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tradewind.cli import options

if TYPE_CHECKING:
    from tradewind.continual.streams import TaskStream

EPILOG = """[bold]Examples[/bold]

  tradewind continual --simulated

  tradewind continual --prices prices.parquet --periods 4 --learners rehearsal,ewc

  tradewind continual --prices prices.parquet --html out/continual.html --json | jq .learners
"""
USUAL = "fine_tuning,ewc,rehearsal,episodic,joint"


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("continual", epilog=EPILOG)(continual)


def continual(
    prices: Annotated[
        Path | None,
        typer.Option("--prices", metavar="FILE", help="Bars of your market, cut into --periods (Parquet or CSV)."),
    ] = None,
    simulated: Annotated[
        bool, typer.Option("--simulated", help="Simulated regimes whose rules conflict and whose ceilings are known.")
    ] = False,
    learners: Annotated[
        str, typer.Option("--learners", metavar="NAMES", help="Learners to compare; 'all' for every one.")
    ] = USUAL,
    periods: Annotated[int, typer.Option("--periods", min=2, help="Periods of equal length to cut --prices into.")] = 4,
    seeds: Annotated[int, typer.Option("--seeds", min=1, help="Seeds to run, from 0.")] = 3,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Write the report as a web page.")] = None,
    as_json: options.Json = False,
) -> None:
    """Compare learners that learn one regime after another: what they keep of the old and take up of the new."""
    from tradewind.cli import show
    from tradewind.continual.comparison import compare

    stream_of = _stream_of(prices, simulated, periods)
    with show.LiveProgress() as progress:
        found = compare(stream_of, _names(learners), range(seeds), progress=progress)
    if html:
        found.write_html(html)
    if as_json:
        show.print_json(found.to_dict())
        return
    title = f"{found.stream}: {len(found.tasks)} periods, {seeds} seeds; value [95 % interval]"
    show.table(found.rows(), title=title, as_json=False)
    if html:
        show.say(f"Wrote {html}")


def _names(text: str) -> tuple[str, ...]:
    """Return the learners that --learners names; UsageError where one is not known."""
    from tradewind.continual.registry import LEARNERS
    from tradewind.core import UsageError

    if text.strip() == "all":
        return tuple(LEARNERS)
    names = tuple(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))
    unknown = [name for name in names if name not in LEARNERS]
    if unknown or not names:
        said = f"no learner is called {unknown[0]!r}" if unknown else "--learners names none"
        raise UsageError(said, fix=f"choose among {', '.join(LEARNERS)}, or all")
    return names


def _stream_of(prices: Path | None, simulated: bool, periods: int) -> Callable[[int], TaskStream]:
    """Return the stream of each seed."""
    from tradewind.continual.streams import SimulatedStreamSettings, equal_periods, period_stream, simulated_stream
    from tradewind.core import UsageError
    from tradewind.data import read_prices

    if simulated and prices is None:
        return lambda seed: simulated_stream(SimulatedStreamSettings(seed=seed))
    if prices is None or simulated:
        raise UsageError("either --prices or --simulated must be given", fix="give one of them")
    panel = read_prices(prices)
    stream = period_stream(panel, equal_periods(panel, periods), name=prices.name)
    return lambda _: stream
