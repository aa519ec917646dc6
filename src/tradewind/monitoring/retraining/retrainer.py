"""The retrainer: asks the policy, begins a run, and takes it from step to step as far as it may go by itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

import numpy as np

from tradewind.core import NoProgress, Progress, UsageError
from tradewind.core.arrays import as_time
from tradewind.core.clock import Clock, SystemClock
from tradewind.monitoring.retraining import approval, steps
from tradewind.monitoring.retraining.plan import Occasion, Plan, make_plan
from tradewind.monitoring.retraining.policy import Decision, RetrainingPolicy
from tradewind.monitoring.retraining.runs import ORDER, RetrainingRun, RunStore, Stand, Step
from tradewind.monitoring.retraining.settings import RetrainingSettings
from tradewind.monitoring.retraining.staff import Staff
from tradewind.monitoring.retraining.trial import Materials
from tradewind.monitoring.retraining.triggers import TriggerState
from tradewind.monitoring.retraining.work import Office, Tell, Work
from tradewind.registry import ModelRegistry
from tradewind.training import TrainedModel

ALONE: Mapping[Stand, Callable[[Work], Step]] = MappingProxyType(
    {
        Stand.checked: steps.check_data,
        Stand.trained: steps.train,
        Stand.registered: steps.register,
        Stand.trialled: steps.try_out,
    }
)
SIGNED: Mapping[Stand, Callable[[Work], Step | str]] = MappingProxyType(
    {
        Stand.validated: approval.validate,
        Stand.approved: approval.approve,
        Stand.canary: approval.canary,
        Stand.champion: approval.promote,
    }
)


@dataclass(frozen=True, kw_only=True)
class Progressed:
    """A run as far as it has come; ``waits_for`` says whom or what the next step needs, empty where it is finished."""

    run: RetrainingRun
    waits_for: str = ""


def _nobody(_: str, __: Mapping[str, Any]) -> None:
    """Tell nobody."""


class Retrainer:
    """Retrains registered models.

    Parameters
    ----------
    registry : with real keys; what it decides is signed there.
    store : where runs are kept.
    staff : the keys at hand; where one is absent the step waits for a person.
    tell : told ("retraining", facts) of each step before it counts, such as the audit log; what it raises stops it.

    One run of a model at a time, in all processes. A run that was killed goes on with :meth:`advance` from its last
    finished step; no step has an effect twice.
    """

    def __init__(
        self,
        registry: ModelRegistry,
        store: RunStore,
        staff: Staff,
        settings: RetrainingSettings | None = None,
        *,
        clock: Clock | None = None,
        tell: Tell | None = None,
    ) -> None:
        self.settings = settings or RetrainingSettings()
        self.policy = RetrainingPolicy(self.settings.policy)
        self._office = Office(
            registry=registry,
            store=store,
            staff=staff,
            settings=self.settings,
            clock=clock or SystemClock(),
            tell=tell or _nobody,
        )

    def check(self, name: str, state: TriggerState) -> Decision:
        """Return what the policy says of ``state``, whose ``runs`` are taken from the store."""
        return self.policy.decide(replace(state, runs=self._office.store.past(name, state.now)))

    def plan(self, name: str, decision: Decision, state: TriggerState) -> Plan:
        """Return how the champion of ``name`` would be retrained."""
        registry = self._office.registry
        champion = TrainedModel.load(registry.model_folder(name, "champion"))
        runs = self._office.store.past(name, state.now)
        occasion = Occasion(fired=decision.fired, at=state.now, findings=state.findings, runs=runs)
        return make_plan(champion, occasion, self.settings.plan)

    def begin(self, name: str, decision: Decision, state: TriggerState, *, as_of: np.datetime64 | str) -> RetrainingRun:
        """Write down the plan of a new run and return it; :meth:`advance` does the work.

        ``as_of`` : moment of the market; labels known later are not used.

        Raises
        ------
        UsageError : the decision does not say to retrain, another run goes on, or there is no champion.
        """
        office = self._office
        if not decision.go:
            raise UsageError(f"{name} is not retrained: {decision.words}", fix="see `tradewind retrain check`")
        champion = office.registry.champion(name)
        if champion is None:
            raise UsageError(f"{name} has no champion to challenge", fix="train, register and promote a first version")
        now = office.clock.now()
        with office.store.alone(name):
            going = office.store.open_run(name, now)
            if going is not None:
                raise UsageError(f"run {going.id} of {name} goes on", fix="let it finish with `tradewind retrain run`")
            plan = self.plan(name, decision, state)
            run = RetrainingRun(
                id=RetrainingRun.id_of(name, now, decision.fired),
                model=name,
                champion=champion,
                started=now.isoformat(),
                as_of=str(as_time(as_of)),
                fired=decision.fired,
                steps=(
                    Step(stand=Stand.planned, at=now.isoformat(), by=office.staff.author.name, words=plan.reason,
                         facts={"plan": plan.to_dict(), "settings": self.settings.id}),
                ),
            )  # fmt: skip
            self._keep(run)
        return run

    def advance(self, run: RetrainingRun, on: Materials, progress: Progress | None = None) -> Progressed:
        """Take ``run`` as far as it may go; each finished step is on the disk before the next begins.

        Raises
        ------
        UsageError : another process retrains this model.
        InputError, LeakageError : a step failed; the run stays where it is.
        """
        office, watcher = self._office, progress or NoProgress()
        with office.store.alone(run.model):
            run = office.store.load(run.model, run.id)
            while not run.finished:
                watcher.update("retraining", ORDER.index(run.stand), len(ORDER) - 1)
                made = self._next(Work(office=office, run=run, on=on, progress=watcher))
                if isinstance(made, str):
                    return Progressed(run=run, waits_for=made)
                run = run.with_step(made)
                self._keep(run)
        watcher.update("retraining", len(ORDER) - 1, len(ORDER) - 1)
        return Progressed(run=run)

    def _next(self, work: Work) -> Step | str:
        """Make the next step; a sentence says what it waits for."""
        following = ORDER[ORDER.index(work.run.stand) + 1]
        if following in ALONE:
            return ALONE[following](work)
        ended = approval.rejection(work)
        if ended is not None:
            return ended
        promoted = approval.seen(work, Stand.champion)  # a person may have gone the whole way meanwhile
        if promoted is not None and following in {Stand.canary, Stand.champion}:
            return promoted
        return approval.seen(work, following) or SIGNED[following](work)

    def _keep(self, run: RetrainingRun) -> None:
        """Tell of the last step, and write the run."""
        step = run.steps[-1]
        body = {"run": run.id, "model": run.model, "champion": run.champion, "version": run.version,
                "step": str(step.stand), "by": step.by, "words": step.words}  # fmt: skip
        self._office.tell("retraining", body)
        self._office.store.save(run)
