"""`tradewind retrain`: is a retraining called for, do it, try a challenger, and take a promotion back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import As, Audit, BudgetFile, Reason, Registry

if TYPE_CHECKING:
    from tradewind.monitoring.retraining import Progressed, RetrainingRun

CHECK = """[bold]Examples[/bold]

  tradewind retrain check --model equity-daily --prices prices.parquet --findings findings.jsonl

As it stood on a day of the past:

  tradewind retrain check --model equity-daily --prices prices.parquet --as-of 2015-06-30 --json
"""
RUN = """[bold]Examples[/bold]

Ask the triggers, and where they call for it, retrain up to the first step that a person must sign:

  tradewind retrain run --model equity-daily --prices prices.parquet --findings findings.jsonl --as robot-train

Because a person wants it; say what would be done:

  tradewind retrain run --model equity-daily --prices prices.parquet --as ada --reason "new settlement rule" --dry-run

With robots of their own keys for examining, approving and operating (settings must let them):

  tradewind retrain run --model equity-daily --prices prices.parquet --as robot-train --validator robot-check --approver robot-approve --operator robot-ops --settings retraining.toml
"""  # noqa: E501 - a command must stay on one line to be copied
TRIAL = """[bold]Examples[/bold]

  tradewind retrain trial --model equity-daily --challenger models/second --prices prices.parquet

  tradewind retrain trial --model equity-daily --challenger equity-daily/7 --prices prices.parquet --json
"""
STATUS = """[bold]Examples[/bold]

  tradewind retrain status --model equity-daily
"""
ROLLBACK = """[bold]Examples[/bold]

  tradewind retrain rollback --model equity-daily --as otto --reason "accuracy fell the day it was promoted"
"""

Name = Annotated[str, typer.Option("--model", metavar="NAME", help="Name of the model in the registry.")]
State = Annotated[
    Path, typer.Option("--state", metavar="DIR", help="Folder of the runs (default: .tradewind/retraining here).")
]
Rules = Annotated[
    Path | None, typer.Option("--settings", metavar="TOML", help="When, how and on what proof to retrain.")
]
Findings = Annotated[
    Path | None, typer.Option("--findings", metavar="FILE", help="What monitors have found, one JSON object a line.")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="As it stood at the end of this day; today if absent.")
]
USUAL = Path(".tradewind/retraining")


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    group = typer.Typer(
        help="Retrain when it is called for, prove it, and take it back where it fails.",
        no_args_is_help=True,
        rich_markup_mode="rich",
    )
    for name, command, epilog in (
        ("check", check, CHECK), ("run", run, RUN), ("status", status, STATUS), ("trial", trial, TRIAL),
        ("rollback", rollback, ROLLBACK),
    ):  # fmt: skip
        group.command(name, epilog=epilog)(command)
    app.add_typer(group, name="retrain")


def check(
    model: Name,
    prices: options.Prices,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    findings: Findings = None,
    as_of: AsOf = None,
    settings: Rules = None,
    state: State = USUAL,
    registry: Registry = None,
    as_json: options.Json = False,
) -> None:
    """Say whether a retraining is called for, by what, and what holds it back. Changes nothing; exit code 0."""
    from tradewind.cli import show
    from tradewind.cli.inputs import InputFiles
    from tradewind.cli.retraining import Asked, champion_of, materials_of, read_findings, state_of
    from tradewind.monitoring.retraining import RetrainingPolicy

    asked = Asked(model=model, state=state, registry=registry, audit="off", settings=settings, as_of=_day(as_of))
    store = asked.open()
    on = materials_of(
        InputFiles(prices=prices, news=news, universe=universe, fear=fear), champion_of(store, asked.model)
    )
    decision = RetrainingPolicy(asked.rules.policy).decide(state_of(asked, store, on, read_findings(findings)))
    if as_json:
        show.print_json(decision.to_dict())
        return
    show.say(f"{model}: {decision.words}")


def run(
    model: Name,
    prices: options.Prices,
    person: As,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    findings: Findings = None,
    reason: Annotated[
        str | None, typer.Option("--reason", metavar="TEXT", help="Retrain because you ask for it, and why.")
    ] = None,
    kind: Annotated[
        Literal["full", "incremental"] | None, typer.Option("--kind", help="With --reason: how; the plan decides.")
    ] = None,
    validator: Annotated[
        str | None, typer.Option("--validator", metavar="PERSON", help="Whose key examines the challenger.")
    ] = None,
    approver: Annotated[
        str | None, typer.Option("--approver", metavar="PERSON", help="Whose key approves, where settings let it.")
    ] = None,
    operator: Annotated[
        str | None, typer.Option("--operator", metavar="PERSON", help="Whose key puts it into service.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    as_of: AsOf = None,
    settings: Rules = None,
    state: State = USUAL,
    registry: Registry = None,
    audit: Audit = None,
    budgets: BudgetFile = None,
    as_json: options.Json = False,
) -> None:
    """Go on with the run that is open, or begin one where it is called for; stops where a person must sign.

    A run that was killed goes on from its last finished step.
    """
    import numpy as np

    from tradewind.cli import show
    from tradewind.cli.inputs import InputFiles
    from tradewind.cli.retraining import Asked, champion_of, materials_of, read_findings, state_of
    from tradewind.core import UsageError
    from tradewind.monitoring.retraining import Request

    if kind is not None and reason is None:
        raise UsageError("--kind has no meaning without --reason", fix="add --reason, or set the kind in --settings")
    offices = {"validator": validator, "approver": approver, "operator": operator}
    asked = Asked(
        model=model, state=state, registry=registry, audit=audit, budgets=budgets, settings=settings,
        as_of=_day(as_of), person=person, offices=offices,
    )  # fmt: skip
    store, now = asked.open(), asked.clock.now()
    retrainer = asked.retrainer(store)
    files = InputFiles(prices=prices, news=news, universe=universe, fear=fear)
    on = materials_of(files, champion_of(store, model))
    going = asked.store.open_run(model, now)
    if going is None:
        request = None if reason is None else Request(person=person, reason=reason, at=now, kind=kind)
        known = state_of(asked, store, on, read_findings(findings), request)
        decision = retrainer.check(model, known)
        if not decision.go or dry_run:
            plan = retrainer.plan(model, decision, known).to_dict() if decision.go else None
            _told({**decision.to_dict(), "plan": plan}, f"{model}: {decision.words}", plan, as_json=as_json)
            return
        last = on.data.panel.times[-1]  # bars that reach the file later must not move the trial of a run that waits
        moment = min(np.datetime64(now.replace(tzinfo=None), "us"), last)
        going = retrainer.begin(model, decision, known, as_of=moment)
    elif dry_run:
        _run_told(going, "", as_json=as_json)
        return
    with show.LiveProgress() as progress:
        reached: Progressed = retrainer.advance(going, on, progress)
    _run_told(reached.run, reached.waits_for, as_json=as_json)


def status(model: Name, state: State = USUAL, as_json: options.Json = False) -> None:
    """List the retrainings of a model, oldest first, with what each has shown."""
    from tradewind.cli import show
    from tradewind.monitoring.retraining import RunStore

    runs = RunStore(state).runs(model)
    if as_json:
        show.print_json([one.to_dict() for one in runs])
        return
    if not runs:
        show.say(f"{model} has not been retrained")
        return
    rows = [
        {
            "run": one.id,
            "began": one.started[:16],
            "asked by": ", ".join(f.trigger for f in one.fired),
            "version": one.version,
            "stands at": str(one.stand),
            "says": one.steps[-1].words,
        }
        for one in runs
    ]
    show.table(rows, title=f"Retrainings of {model}", as_json=False)


def trial(
    model: Name,
    challenger: Annotated[
        str, typer.Option("--challenger", metavar="MODEL", help="Folder of `train`, or NAME/VERSION of the registry.")
    ],
    prices: options.Prices,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    tried: Annotated[int, typer.Option("--tried", min=1, help="Challengers tried in the quarter, this one too.")] = 1,
    as_of: AsOf = None,
    settings: Rules = None,
    registry: Registry = None,
    as_json: options.Json = False,
) -> None:
    """Judge a challenger against the champion on months that neither has learned from. Changes nothing; exit code 0."""
    import numpy as np

    from tradewind.cli import show
    from tradewind.cli.inputs import InputFiles
    from tradewind.cli.resolve import reference_of
    from tradewind.cli.retraining import Asked, champion_of, materials_of
    from tradewind.monitoring.retraining import TrialWindow
    from tradewind.monitoring.retraining import trial as hold
    from tradewind.training import TrainedModel

    asked = Asked(model=model, state=USUAL, registry=registry, audit="off", settings=settings, as_of=_day(as_of))
    store, rules = asked.open(), asked.rules.trial
    champion, named = champion_of(store, model), reference_of(challenger)
    folder = Path(challenger) if named is None else store.model_folder(named.name, named.version)
    other = TrainedModel.load(folder)
    on = materials_of(InputFiles(prices=prices, news=news, universe=universe, fear=fear), champion)
    learned = max(np.datetime64(one.record["trained_until"], "us") for one in (champion, other))
    moment = np.datetime64(asked.clock.now().replace(tzinfo=None), "us")
    with show.LiveProgress() as progress:
        progress.update("trial", 0, 1)
        window = TrialWindow.of(on.data.labels, learned, rules, moment)
        result = hold(champion, other, on, window, rules, tried=tried)
        progress.update("trial", 1, 1)
    if as_json:
        show.print_json(result.to_dict())
        return
    show.say(f"{'passed' if result.passed else 'not passed'}: {result.words}")


def rollback(
    model: Name,
    person: As,
    reason: Reason,
    to: Annotated[
        str, typer.Option("--to", metavar="WHAT", help="previous, a version's number, a baseline it carries, or none.")
    ] = "previous",
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Let the champion before this one be served until `tradewind models resume`; a server follows by itself."""
    from tradewind.cli.registry_access import decided, open_registry, signer

    store = open_registry(registry, audit=audit)
    made = store.fallback(model, None if to == "none" else to, signer(person), reason)
    decided(made, f"{model} is rolled back to {made.details['target'] or 'nothing'}", as_json=as_json)


def _told(content: dict[str, Any], words: str, plan: dict[str, Any] | None, *, as_json: bool) -> None:
    from tradewind.cli import show

    if as_json:
        show.print_json(content)
        return
    show.say(words)
    if plan is not None:
        show.say(f"It would be {plan['kind']}: {plan['reason']}. Nothing was done (--dry-run).")


def _run_told(run: RetrainingRun, waits_for: str, *, as_json: bool) -> None:
    from tradewind.cli import show

    if as_json:
        show.print_json({**run.to_dict(), "waits_for": waits_for})
        return
    for step in run.steps:
        show.say(f"{step.stand}: {step.words} ({step.by})")
    show.say(f"It waits for {waits_for}" if waits_for else f"Run {run.id} stands at {run.stand}")


def _day(text: str | None) -> Any:
    return None if text is None else options.day(text, "--as-of")
