"""`tradewind replay`: would the monitor have noticed, and known why?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options

EPILOG = """[bold]Examples[/bold]

Every kind of incident once, in one simulated market (a minute or two):

  tradewind replay --out out/replay

Two kinds, in ten markets:

  tradewind replay --kind feed_stops --kind gradual_drift --worlds 10 --out out/replay

With other limits of the watchers, and the result for a program:

  tradewind replay --settings monitor.toml --worlds 5 --out out/strict --json
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("replay", epilog=EPILOG)(replay)


def replay(
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder of the results; a run that was cut goes on there.")
    ] = Path("out/replay"),
    kind: Annotated[
        list[str] | None,
        typer.Option("--kind", metavar="KIND", help="A kind of incident to plant; every kind if absent. Repeatable."),
    ] = None,
    worlds: Annotated[int, typer.Option("--worlds", min=1, help="Simulated markets; each kind once in each.")] = 1,
    years: Annotated[float, typer.Option("--years", min=0.5, max=10, help="Length of each replay.")] = 1.0,
    symbols: Annotated[int, typer.Option("--symbols", min=10, help="Symbols of each market.")] = 40,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Settings of the watchers, as `monitor` takes.")
    ] = None,
    seed: options.Seed = None,
    as_json: options.Json = False,
) -> None:
    """Replay simulated years with planted incidents: what is noticed, how soon, how often in vain, and what is blamed.

    Twelve kinds: feed_stops, unit_change, unadjusted_split, stale_symbol, sector_rotation, volatility_shock,
    correlation_break, label_delay, wrong_model_version, slow_dependency, gradual_drift, adversarial_news. Each market
    is replayed without an incident too, which counts the false alarms. Writes replays.jsonl, scores.json and
    replay.html into --out.
    """
    from tradewind.cli import show
    from tradewind.cli.watching import incident, monitor_settings, world_monitor
    from tradewind.core.files import write_json_file, write_text
    from tradewind.monitoring.replay import SuiteSettings, WorldSettings, render, run_suite, score

    chosen = monitor_settings(settings)
    suite = SuiteSettings(
        world=WorldSettings(symbols=symbols, replay_days=round(years * 252)),
        worlds=worlds,
        first_seed=seed or 0,
        **({"kinds": tuple(incident(name) for name in kind)} if kind else {}),
    )
    with show.LiveProgress() as progress:
        runs = run_suite(suite, world_monitor(chosen), kept=out / "replays.jsonl", version=chosen.id, progress=progress)
    found = score(runs)
    write_json_file(out / "scores.json", found.to_dict())
    write_text(out / "replay.html", render(runs, found, suite.replay))
    if as_json:
        show.print_json(found.to_dict())
        return
    rows = [
        {
            "incident": row.kind,
            "noticed": row.detected.words,
            "sessions": row.delay,
            "right cause first": row.right.words,
            "right subject": row.subject.words,
            "mistaken for": ", ".join(f"{name} {n}" for name, n in row.mistaken_for.items()) or "-",
        }
        for row in found.kinds
    ]
    show.table(rows, title="Planted incidents (90 % intervals)", as_json=False)
    rate, low, high = found.false_alarms_a_year
    right, of = (sum(column) for column in zip(*found.per_world.values(), strict=True))
    show.say(f"{right} of {of} diagnoses put the right cause first")
    show.say(f"False alarms in {found.clean_years:.1f} clean years: {rate:.1f} a year ({low:.1f} to {high:.1f})")
    show.say(f"Monitoring a year took {found.seconds_a_year:.1f} s. Wrote {out / 'replay.html'}")
