"""The steps after a trial: validated, approved, beside the champion, champion; each waits for whoever may sign it."""

from __future__ import annotations

from datetime import timedelta

from tradewind.monitoring.retraining.runs import Stand, Step
from tradewind.monitoring.retraining.steps import examine
from tradewind.monitoring.retraining.work import Work
from tradewind.registry import Act, Stage

LONGEST = 1000
"""Characters of a reason that a robot gives."""
BEYOND = {
    Stand.validated: frozenset({Stage.validated, Stage.approved, Stage.champion}),
    Stand.approved: frozenset({Stage.approved, Stage.champion}),
    Stand.champion: frozenset({Stage.champion}),
}
"""Stages of the registry that show that a step has been made, by whomever."""


def rejection(work: Work) -> Step | None:
    """Return the end of a run whose challenger lost, was sent back by a person, or has another champion before it."""
    office, run = work.office, work.run
    lost = run.stand is Stand.trialled and not run.facts(Stand.trialled)["trial"]["passed"]
    if lost:
        words = str(run.facts(Stand.trialled)["trial"]["words"])
        if office.staff.operator is not None and work.stage is Stage.draft:
            reason = f"lost its trial in retraining {run.id}: {words}"[:LONGEST]
            office.registry.move(run.model, work.version, Stage.retired, office.staff.operator, reason)
        return work.step(Stand.rejected, "retrainer", f"lost its trial: {words}")
    back = work.stage is Stage.retired or (run.stand is not Stand.trialled and work.stage is Stage.draft)
    if back:
        last = office.registry.history(run.model, work.version)[-1]
        return work.step(Stand.rejected, last.by, f"sent back: {last.reason}")
    now = office.registry.champion(run.model)
    if now not in {run.champion, work.version}:
        beaten = "nobody" if now is None else f"version {now}"
        words = f"it was tried against version {run.champion}, and {beaten} is champion now: try it anew"
        return work.step(Stand.rejected, "retrainer", words)
    return None


def seen(work: Work, stand: Stand) -> Step | None:
    """Return the step ``stand`` where the registry shows that somebody has made it."""
    if stand not in BEYOND or work.stage not in BEYOND[stand]:
        return None
    wanted = str(stand)
    made = [d for d in work.office.registry.history(work.run.model, work.version) if d.to_stage == wanted]
    by, why = (made[-1].by, made[-1].reason) if made else ("registry", "")
    return work.step(stand, by, why)


def validate(work: Work) -> Step | str:
    """Let the validator hold the trial again and sign; a sentence where a person must."""
    run, who = work.run, work.office.staff.validator
    if who is None:
        return f"a validator other than {work.office.staff.author.name}: `tradewind models validate {_ref(work)}`"
    words = examine(work)[:LONGEST]
    work.office.registry.move(run.model, work.version, Stage.validated, who, words)
    return work.step(Stand.validated, who.name, words)


def approve(work: Work) -> Step | str:
    """Let the approver robot sign where the house lets it; a sentence where a person must."""
    office, run, who = work.office, work.run, work.office.staff.approver
    if who is None or not office.settings.approve_alone:
        return f"an approver: `tradewind models approve {_ref(work)}`"
    words = f"by policy, as retraining {run.id} won its trial: {run.facts(Stand.trialled)['trial']['words']}"[:LONGEST]
    office.registry.move(run.model, work.version, Stage.approved, who, words)
    return work.step(Stand.approved, who.name, words)


def canary(work: Work) -> Step | str:
    """Put the challenger beside the champion, unless somebody has done so."""
    office, run, who = work.office, work.run, work.office.staff.operator
    words = f"runs beside the champion for {office.settings.canary_days:g} days at least"
    if office.registry.challenger(run.model) == work.version:
        made = [one for one in office.registry.history(run.model, work.version) if one.act == Act.challenge]
        return work.step(Stand.canary, made[-1].by, words)
    if who is None:
        return f"an operator: `tradewind models challenge {_ref(work)}`, or `tradewind models promote {_ref(work)}`"
    office.registry.challenge(run.model, work.version, who, f"retraining {run.id}: beside the champion first")
    return work.step(Stand.canary, who.name, words)


def promote(work: Work) -> Step | str:
    """Make it champion once it ran beside the champion long enough; a sentence while it may not be."""
    office, run, who = work.office, work.run, work.office.staff.operator
    if who is None or not office.settings.promote_alone:
        return f"an operator: `tradewind models promote {_ref(work)}`"
    begun = run.moment(Stand.canary)
    end = None if begun is None else begun + timedelta(days=office.settings.canary_days)
    if end is not None and office.clock.now() < end:
        return f"the end of its time beside the champion, {end:%Y-%m-%d %H:%M} UTC"
    if office.registry.orders(run.model)["fallback"] is not None:
        return "the end of the fallback that is in force: `tradewind models resume`"
    words = f"retraining {run.id} won its trial and ran beside the champion for {office.settings.canary_days:g} days"
    office.registry.move(run.model, work.version, Stage.champion, who, words)
    return work.step(Stand.champion, who.name, words)


def _ref(work: Work) -> str:
    return f"{work.run.model}/{work.version}"
