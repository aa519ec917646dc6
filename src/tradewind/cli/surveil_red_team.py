"""`tradewind surveil red-team`: search for manipulation that escapes a model, and harden the model against it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli import options
from tradewind.cli.surveil_run import Model, Schemes

if TYPE_CHECKING:
    from tradewind.surveillance.adversary import Hardened
    from tradewind.surveillance.learning import CandidateTable

EPILOG = """[bold]Examples[/bold]

How far two schemes can be played without an alert; the page is out/red/robustness.html:

  tradewind surveil red-team --schemes spoofing,layering --budget 40 --out out/red

Harden a model that `surveil train` wrote; stopped, it goes on where it was:

  tradewind surveil red-team --model out/model --harden 2 --base out/model --out out/red --jobs 8
"""


def register(group: typer.Typer) -> None:
    """Add the command to ``group``."""
    group.command("red-team", epilog=EPILOG)(red_team)


def red_team(
    out: Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the report and the hardened model.")],
    budget: Annotated[int, typer.Option("--budget", metavar="N", min=1, help="Ways tried for each scheme.")] = 40,
    schemes: Schemes = None,
    model: Model = None,
    harden: Annotated[
        int, typer.Option("--harden", metavar="ROUNDS", min=0, help="Rounds of learning from what is found.")
    ] = 0,
    base: Annotated[
        Path | None,
        typer.Option(
            "--base", metavar="DIR", help="With --harden: the folder of `surveil train` that holds what it learnt from."
        ),
    ] = None,
    size: Annotated[int, typer.Option("--size", metavar="N", min=5_000, help="Events of a market, about.")] = 40_000,
    lessons: Annotated[
        int, typer.Option("--lessons", metavar="N", min=1, help="With --harden: markets learnt from, each scheme.")
    ] = 16,
    validation: Annotated[
        int, typer.Option("--validation", metavar="N", min=1, help="Markets of strangers that judge, of each kind.")
    ] = 12,
    least_effect: Annotated[
        float,
        typer.Option(
            "--least-effect",
            metavar="SHARE",
            min=0.0,
            help="What a way must achieve of what ordinary play does, to be worth doing.",
        ),
    ] = 0.2,
    seed: options.Seed = None,
    jobs: options.Jobs = 1,
    as_json: options.Json = False,
) -> None:
    """Search for ways of playing each scheme that escape the model and still pay; report how robust it is.

    What is found is judged on markets the search never saw. With --harden the model learns from it, round by round;
    a new model is kept only where a fresh attack on it finds less and ordinary play is judged no worse.
    """
    from tradewind.cli import show
    from tradewind.cli.surveilling import chosen_model, chosen_schemes
    from tradewind.core import UsageError
    from tradewind.surveillance.adversary import RedTeamSettings, SearchSettings, VenueField
    from tradewind.surveillance.adversary import red_team as visit

    if harden and base is None:
        raise UsageError("--harden takes --base", fix="give the folder that `surveil train` wrote")
    learnt = _learnt(base) if harden and base is not None else None
    present = chosen_model(model)
    wanted = chosen_schemes(schemes) or tuple(present.models)
    search = SearchSettings(least_effect=least_effect)
    rules = RedTeamSettings(budget=budget, seed=7 if seed is None else seed, search=search, variants=validation)
    with show.LiveProgress() as bars:
        report = visit(present, wanted, rules, on=VenueField(events=size), jobs=jobs, progress=bars)
        page = report.write(out)
        hardened = None
        if learnt is not None:
            from tradewind.surveillance.adversary import HardeningSettings
            from tradewind.surveillance.adversary import harden as hardening
            from tradewind.surveillance.learning import LearningSettings

            how = HardeningSettings(
                rounds=harden,
                budget=budget,
                search=search,
                lessons=lessons,
                validation=validation,
                learning=LearningSettings.model_validate(present.about.get("settings", {})),
                seed=rules.seed,
            )
            field = (VenueField(events=size), wanted, jobs)
            hardened = hardening(present, learnt, out / "hardening", how, on=field, progress=bars)
    if as_json:
        show.print_json(report.to_dict() | ({} if hardened is None else {"hardening": hardened.to_dict()}))
        return
    show.table(report.rows(), title="Robustness", as_json=False)
    if hardened is not None:
        _tell(hardened, out)
    show.say(f"Wrote {page}")


def _learnt(folder: Path) -> CandidateTable:
    """Return all candidates that `surveil train` kept in ``folder``."""
    from tradewind.core import InputError
    from tradewind.surveillance.learning import CandidateTable, joined
    from tradewind.surveillance.live.training import CANDIDATES

    paths = sorted((folder / CANDIDATES).glob("*.npz"), key=lambda path: (len(path.stem), path.stem))
    if not paths:
        raise InputError(
            "holds no candidates of `surveil train`", file=folder / CANDIDATES, fix="give its --out folder"
        )
    return joined([CandidateTable.load(path) for path in paths])


def _tell(hardened: Hardened, out: Path) -> None:
    from tradewind.cli import show
    from tradewind.surveillance.adversary.report import words

    rows: list[dict[str, Any]] = []
    for one in hardened.rounds:
        for name, measure, attack in (
            ("before", one.before, one.attack_before),
            ("after", one.after, one.attack_after),
        ):
            pooled = sum((recall for recall in attack.values()), type(measure.variants)(found=(), deeds=()))
            rows.append(
                {
                    "round": one.number,
                    "model": name,
                    "precision": measure.precision.value,
                    "recall": measure.recall.value,
                    "sly variants": words(measure.variants),
                    "under attack": words(pooled),
                }
            )
    show.table(rows, title="Hardening", as_json=False)
    for one in hardened.rounds:
        show.say(f"Round {one.number} {'accepted' if one.accepted else 'refused'}: {one.why}")
    show.say(f"Wrote {out / 'hardening' / 'model'}; use it with --model")
