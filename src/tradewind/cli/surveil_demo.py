"""`tradewind surveil demo`: every scheme planted in a simulated market, and what is found of them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.surveil_run import Model, NoEnsemble

EPILOG = """[bold]Examples[/bold]

  tradewind surveil demo

  tradewind surveil demo --out out/surveillance --seed 2031
"""


def register(group: typer.Typer) -> None:
    """Add the command to ``group``."""
    group.command("demo", epilog=EPILOG)(demo)


def demo(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the market and the results.")] = Path(
        "out/surveil-demo"
    ),
    seed: options.Seed = None,
    model: Model = None,
    no_ensemble: NoEnsemble = False,
    as_json: options.Json = False,
) -> None:
    """Simulate a market in which every scheme is planted, look for them, and write the report and a case file."""
    from tradewind.cli import show
    from tradewind.cli.surveilling import RowProgress, chosen_model
    from tradewind.surveillance.events import write_events
    from tradewind.surveillance.explain import CaseAbout, build_case_file
    from tradewind.surveillance.live.demo import DEMO_SEED, confront, demo_market
    from tradewind.surveillance.live.report import by_gravity, clock
    from tradewind.surveillance.live.run import RunPlan, run
    from tradewind.surveillance.live.sources import EventFiles
    from tradewind.surveillance.truth_files import write_truth

    chosen = chosen_model(model, no_ensemble=no_ensemble)
    show.note("Simulating a market with one episode of every scheme")
    market = demo_market(DEMO_SEED if seed is None else seed)
    events = write_events(market.events, out / "market" / "events.parquet")
    write_truth(market.truth, out / "market" / "truth.parquet")
    plan = RunPlan(files=EventFiles.of(events), model=chosen, sessions=market.sessions, truth=market.truth)
    with RowProgress() as progress:
        result = run(plan, out, progress.rows)
    pairs, false = confront(result.alerts, market.truth)
    rows = [
        {
            "planted": one.planted.scheme.value,
            "symbol": one.planted.symbol,
            "accounts": ", ".join(one.planted.accounts[:2]) + (" ..." if len(one.planted.accounts) > 2 else ""),
            "from (UTC)": clock(one.planted.start),
            "found": "-" if one.alert is None else f"{one.alert.score:.3f} {one.alert.tier.value}",
            "alert": "" if one.alert is None else one.alert.id,
        }
        for one in pairs
    ]
    case: tuple[Path, ...] = ()
    gravest = [alert for alert in by_gravity(result.alerts) if any(one.alert is alert for one in pairs)]
    if gravest:
        case = build_case_file(
            [gravest[0]], events, out / "case", about=CaseAbout(model=None if no_ensemble else chosen)
        )
    if as_json:
        show.print_json({"rows": rows, "false": len(false), "out": str(out), "case": [str(path) for path in case]})
        return
    found = sum(one.alert is not None for one in pairs)
    show.table(rows, title=f"{found} of {len(pairs)} planted episodes found, {len(false)} other alerts", as_json=False)
    for alert in false:
        show.say(f"not planted: {alert.scheme.value} in {alert.symbol}, {', '.join(alert.accounts[:3])}")
    show.say(f"{result.events:,} events at {result.events_per_second:,.0f} a second. Wrote {out / 'report.html'}")
    for path in case:
        show.say(f"Case file: {path}")
