"""`tradewind surveil simulate` and `train`: markets whose truth is known, and a model that learns from them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli import options
from tradewind.cli.surveil_run import Schemes

if TYPE_CHECKING:
    from tradewind.surveillance.live.simulated import Kind

SIMULATE = """[bold]Examples[/bold]

  tradewind surveil simulate --out out/market --seed 3

Two schemes alone, played so as to escape detection:

  tradewind surveil simulate --out out/sly --schemes spoofing,layering --evasive 1 --episodes 6

As LOBSTER writes it (one symbol, one day, no accounts):

  tradewind surveil simulate --out out/market --lobster
"""
TRAIN = """[bold]Examples[/bold]

A small model in some minutes, a better one overnight; collecting goes on where it stopped:

  tradewind surveil train --out out/model --markets 60

  tradewind surveil train --out out/model --markets 2000 --jobs 8 --evasive 0.3
"""


def _others(kind: str, what: str) -> Any:
    """Return the option that says how many markets of another venue are learned from."""
    return typer.Option(
        f"--{kind}", metavar="N", min=0, help=f"Markets of the {kind} venue besides ({what}); seeds from 100 on."
    )


def register(group: typer.Typer) -> None:
    """Add the commands to ``group``."""
    group.command("simulate", epilog=SIMULATE)(simulate)
    group.command("train", epilog=TRAIN)(train)


def simulate(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of events.parquet and truth.parquet.")],
    seed: options.Seed = None,
    events: Annotated[
        int | None, typer.Option("--size", metavar="N", min=1_000, help="Events, about (40,000 to 150,000).")
    ] = None,
    episodes: Annotated[
        int | None, typer.Option("--episodes", metavar="N", min=0, help="Episodes planted; 0 for a calm market.")
    ] = None,
    schemes: Schemes = None,
    evasive: Annotated[
        float, typer.Option("--evasive", metavar="SHARE", min=0.0, max=1.0, help="Share of episodes played to escape.")
    ] = 0.0,
    lobster: Annotated[bool, typer.Option("--lobster", help="Write every symbol's first day as LOBSTER too.")] = False,
    as_json: options.Json = False,
) -> None:
    """Simulate a market with manipulation planted in it: events.parquet, and truth.parquet says what and where."""
    from tradewind.cli import show
    from tradewind.cli.surveilling import chosen_schemes, lobster_files
    from tradewind.surveillance.events import write_events
    from tradewind.surveillance.planting import sample_market
    from tradewind.surveillance.truth_files import write_truth

    chosen = 7 if seed is None else seed
    show.note("Simulating")
    market = sample_market(chosen, schemes=chosen_schemes(schemes), evasive=evasive, episodes=episodes, events=events)
    write_events(market.events, out / "events.parquet")
    write_truth(market.truth, out / "truth.parquet")
    written = lobster_files(market, out) if lobster else []
    planted = {p.scheme.value: sum(q.scheme is p.scheme for q in market.truth) for p in market.truth}
    facts = {
        "seed": chosen,
        "events": len(market.events),
        "symbols": len(market.settings.symbols),
        "accounts": len(market.events.accounts),
        "sessions": len(market.sessions.opens),
        "episodes": len(market.truth),
        "out": str(out),
    }
    if as_json:
        show.print_json(facts | {"planted": planted, "lobster": [str(path) for path in written]})
        return
    show.table([facts], title="Simulated market", as_json=False)
    show.say(", ".join(f"{name} {count}" for name, count in sorted(planted.items())) or "Nothing is planted")


def train(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the model and its report.")],
    markets: Annotated[
        int, typer.Option("--markets", metavar="N", min=3, help="Simulated markets to learn from.")
    ] = 60,
    busy: Annotated[
        int,
        typer.Option(
            "--busy",
            metavar="N",
            min=0,
            help="Markets full of what hides best besides; seeds from 500000 on.",
        ),
    ] = 10,
    plain: Annotated[int, _others("plain", "textbook schemes in random flow")] = 10,
    lively: Annotated[int, _others("lively", "orders that excite one another")] = 10,
    populated: Annotated[int, _others("populated", "people and algorithms with purposes that last")] = 10,
    reactive: Annotated[int, _others("reactive", "queues that decide what comes next")] = 10,
    brokered: Annotated[int, _others("brokered", "owners and managers with several accounts each")] = 10,
    sketched: Annotated[int, _others("sketched", "agents of every make, every dial drawn widely")] = 10,
    prosecuted: Annotated[int, _others("prosecuted", "deeds as regulators' cases tell them")] = 10,
    appraised: Annotated[int, _others("appraised", "investors with a price in mind, and fast day traders")] = 10,
    examined: Annotated[int, _others("examined", "deeds and look-alikes as an examiner would plant them")] = 10,
    retail: Annotated[int, _others("retail", "private clients in small shares")] = 10,
    automated: Annotated[int, _others("automated", "liquid shares in the hands of machines")] = 10,
    boardlots: Annotated[int, _others("boardlots", "board lots, daily limits, brokers whose clients herd")] = 10,
    midcaps: Annotated[int, _others("midcaps", "thin shares with makers under obligation")] = 10,
    largecaps: Annotated[int, _others("largecaps", "large shares with long queues and fast makers")] = 10,
    frontier: Annotated[int, _others("frontier", "a young exchange where shares trade seldom")] = 10,
    pennies: Annotated[int, _others("pennies", "penny shares and the crowd that follows them")] = 10,
    acceptance: Annotated[int, _others("acceptance", "mid-sized shares, as a bank would examine a product")] = 10,
    trackers: Annotated[int, _others("trackers", "index funds and the shares in them")] = 10,
    benchset: Annotated[int, _others("benchset", "order data written to compare detectors on")] = 10,
    first_seed: Annotated[int, typer.Option("--first-seed", metavar="N", min=0, help="Seed of the first one.")] = 1_000,
    events: Annotated[
        int | None, typer.Option("--size", metavar="N", min=1_000, help="Events of a market, about.")
    ] = None,
    evasive: Annotated[
        float, typer.Option("--evasive", metavar="SHARE", min=0.0, max=1.0, help="Share of episodes played to escape.")
    ] = 0.2,
    schemes: Schemes = None,
    jobs: options.Jobs = 1,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="TOML", help="Settings of learning; see docs/surveillance.md.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Learn to tell manipulation from look-alikes on simulated markets; report what it earned out of fold.

    Candidates of each market are kept under DIR/candidates: a run that was stopped goes on where it was.
    """
    from tradewind.cli import show
    from tradewind.cli.surveilling import chosen_schemes
    from tradewind.surveillance.learning import LearningSettings
    from tradewind.surveillance.live.training import MarketsPlan, train_on_markets

    others: Mapping[Kind, int] = {
        "plain": plain,
        "lively": lively,
        "populated": populated,
        "reactive": reactive,
        "brokered": brokered,
        "sketched": sketched,
        "prosecuted": prosecuted,
        "appraised": appraised,
        "examined": examined,
        "retail": retail,
        "automated": automated,
        "boardlots": boardlots,
        "midcaps": midcaps,
        "largecaps": largecaps,
        "frontier": frontier,
        "pennies": pennies,
        "acceptance": acceptance,
        "trackers": trackers,
        "benchset": benchset,
    }
    plan = MarketsPlan(
        seeds=tuple(range(first_seed, first_seed + markets)),
        events=events,
        evasive=evasive,
        schemes=chosen_schemes(schemes),
        busy=tuple(range(500_000, 500_000 + busy)),
        others={kind: tuple(range(100, 100 + count)) for kind, count in others.items()},
    )
    how = LearningSettings() if settings is None else LearningSettings.from_toml(settings)
    with show.LiveProgress() as progress:
        trained = train_on_markets(plan, out, how, jobs=jobs, progress=progress)
    if as_json:
        show.print_json(trained.to_dict() | {"out": str(out), "evaluation": trained.evaluation.to_dict()})
        return
    show.say(trained.words())
    for scheme, why in trained.left_out.items():
        show.warn(f"no model of {scheme.value}: {why}")
    show.say(f"Wrote {out}; use it with --model {out}")
