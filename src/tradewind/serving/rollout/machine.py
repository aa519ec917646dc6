"""The rollout of a version: up the ramp while all holds, back at once where it does not, forward when it has earned it.

    running ──goal shown, decision taken──▶ promoted
       │ ├──a guardrail is breached──▶ rolled_back
       └─┴──somebody stops it──▶ stopped

Whatever ends it, the answer to "who is served by what" changes in memory first, then the state is written, then events
and records are given out. Taking back asks nobody: the control has served all along. Promotion asks, because a version
may only be made champion by a signed decision.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from threading import RLock
from typing import Any

from tradewind.core import Event, InputError, OutputError, Severity, TradewindError, UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.serving.contracts import Assignment
from tradewind.serving.rollout.challenger import Challenger
from tradewind.serving.rollout.days import PairedDay, paired_day
from tradewind.serving.rollout.hooks import Hooks
from tradewind.serving.rollout.keeping import put_down, take_up
from tradewind.serving.rollout.router import Router
from tradewind.serving.rollout.settings import Arm, Experiment
from tradewind.serving.rollout.state import RolloutState, Status
from tradewind.serving.rollout.traffic import Counts, Meter
from tradewind.streaming.records import Prediction

SAVE = 10.0
"""Seconds after which gathered evidence is written, where nothing was wrong."""


class Rollout:
    """One experiment in one process. :meth:`choose` and :meth:`observe` belong to the request, the rest to a timer.

    Parameters
    ----------
    experiment : what runs.
    folder : where its state is kept, one file an experiment.
    hooks : whom it tells and asks. A decision is asked for in the thread that looks, outside the lock: requests go on,
        the next look waits. Where it takes long, answer False, take it elsewhere, and answer when asked again.
    clock, monotonic : the time of day, and a clock that does not jump, by which the ramp's seconds are counted.

    A damaged state file stops the experiment: everybody is served by the control, and an event says so.

    Raises
    ------
    UsageError : an experiment of this name ran with other settings.
    OutputError : the state cannot be written.
    """

    def __init__(
        self,
        experiment: Experiment,
        folder: str | Path,
        hooks: Hooks | None = None,
        *,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.experiment = experiment
        self._path = Path(folder) / f"{experiment.name}.rollout"
        hooks = hooks or Hooks()
        self._decide, self._emit, self._record = hooks.decide, hooks.emit, hooks.record
        self._clock, self._monotonic, self._lock = clock or SystemClock(), monotonic, RLock()
        names = [arm.name for arm in experiment.arms]
        self._meter = Meter(names, experiment.guardrails.latency)
        self._challengers = {arm.name: Challenger(experiment, arm) for arm in experiment.arms[1:]}
        self._looked = self._saved = monotonic()
        self._unsaved = False
        self.looks = self.save_failures = 0
        self._state, self.router = self._restored()
        self.choose: Callable[[str, str], Assignment] = self.router.choose
        self.observe: Callable[[str, float, bool], None] = self._meter.observe

    # -- memory ------------------------------------------------------------------------------------------------------

    def _restored(self) -> tuple[RolloutState, Router]:
        fresh = RolloutState(experiment=self.experiment.id, began=self._now(), changed=self._now())
        router = Router(self.experiment.control.model, self.experiment)
        try:
            found = take_up(self._path, self.experiment, self._challengers)
        except UsageError:
            raise
        except InputError as error:
            aside = self._path.with_suffix(".unreadable")
            with suppress(OSError):  # what cannot even be moved is written over, or stops the start below
                self._path.replace(aside)
            router.share(self._all_to(self.experiment.control.name))
            fresh.status, fresh.reason = "stopped", str(error)
            text = f"everybody is served by the control: {error}"
            self._tell(Severity.CRITICAL, "rollout_state_unreadable", text, kept_as=str(aside))
        else:
            if found is not None:
                return found
            self._record("rollout_begun", {"experiment": self.experiment.name, "settings": self.experiment.id})
        put_down(self._path, fresh, router, self._challengers)
        return fresh, router

    def _save(self) -> None:
        try:
            put_down(self._path, self._state, self.router, self._challengers)
            self._unsaved, self._saved = False, self._monotonic()
        except OutputError as error:
            self.save_failures += 1
            if not self._unsaved:
                text = f"{error} What is served has changed all the same; writing is tried again."
                self._tell(Severity.ERROR, "rollout_state_not_written", text)
            self._unsaved = True

    def _now(self) -> int:
        return int(self._clock.now().timestamp() * 1e6)

    # -- looking -----------------------------------------------------------------------------------------------------

    def look(self, others: Mapping[str, Counts] | None = None) -> Status:
        """Take in the traffic since the last look and act on it; to be called every ``experiment.window`` seconds.

        Parameters
        ----------
        others : counts of other processes that serve the experiment, by arm.
        """
        with self._lock:
            counts = dict(self._meter.cut())
            for name, more in (others or {}).items():
                counts[name] = counts.get(name, Counts()) + more
            now = self._monotonic()
            passed, self._looked = now - self._looked, now
            self.looks += 1
            if self._state.status == "running":
                self._take_in(counts, min(passed, 2 * self.experiment.window))
            if self._unsaved:
                self._save()
        self._promote_if_due()
        return self._state.status

    def _take_in(self, counts: Mapping[str, Counts], passed: float) -> None:
        state, control = self._state, counts[self.experiment.control.name]
        for name, found in counts.items():
            state.requests[name] = state.requests.get(name, 0) + found.requests
        for name in self._running():
            self._challengers[name].requests += counts[name].requests
            self._challengers[name].guards.window(counts[name], control)
            state.step_requests += counts[name].requests
        state.step_seconds += passed
        self._take_back_breached()
        if state.status == "running":
            self._climb()
        bad = any(counts[name].failed or counts[name].slow for name in self._challengers)
        if state.status == "running" and (bad or self._monotonic() - self._saved > SAVE):
            self._save()

    def day(self, day: PairedDay) -> Status:
        """Take in the outcomes of a day, in order of time; one that was taken in, or has few pairs, changes nothing."""
        found = next((one for one in self._challengers.values() if one.arm.model == day.model), None)
        if found is None:
            raise UsageError(f"{day.model} is no challenger of the experiment {self.experiment.name!r}", field="model")
        with self._lock:
            state = self._state
            if state.status != "running" or day.pairs < self.experiment.minimum_pairs or not self._new_day(day, found):
                return state.status
            if found.arm.name not in state.out:
                found.day(day)
                self._take_back_breached()
            if self._state.status == "running":
                self._save()
        self._promote_if_due()
        return self._state.status

    def know(
        self,
        time: int,
        moves: Mapping[str, float],
        predictions: Callable[[int, str], Iterable[Prediction]],
        *,
        known_at: int | None = None,
    ) -> Status:
        """Take in what followed the bar ``time``, for every challenger.

        Parameters
        ----------
        moves : symbol -> the return that was forecast, of the whole day at once: a day counts once.
        predictions : (time, model) -> the predictions made for it (``PredictionStore.at``).
        known_at : when the moves became known, microseconds UTC; predictions made from then on, of late data, are left
            out. None takes all, for a replay.
        """
        control = list(predictions(time, self.experiment.control.model))
        for challenger in self._challengers.values():
            pairs = (
                [made for made in side if known_at is None or made.made_at < known_at]
                for side in (control, predictions(time, challenger.arm.model))
            )
            found = paired_day(time, moves, *pairs, metric=self.experiment.metric)
            if found is not None:
                self.day(found)
        return self._state.status

    def _new_day(self, day: PairedDay, challenger: Challenger) -> bool:
        """Return whether the day counts: it comes in order, and this arm's part of it for the first time."""
        state, name = self._state, challenger.arm.name
        if state.last_day is None or day.time > state.last_day:
            state.last_day, state.day_arms, state.step_days = day.time, [], state.step_days + 1
        elif day.time < state.last_day or name in state.day_arms:
            return False
        state.day_arms.append(name)
        return True

    def _running(self) -> list[str]:
        return [name for name in self._challengers if name not in self._state.out]

    # -- back --------------------------------------------------------------------------------------------------------

    def _take_back_breached(self) -> None:
        for name in self._running():
            breached = self._challengers[name].guards.breached
            if breached:
                self._take_back(name, breached)

    def _take_back(self, name: str, breached: tuple[str, ...]) -> None:
        state, control = self._state, self.experiment.control.name
        shares = self.router.shares
        shares[control] += shares[name]
        shares[name] = 0.0
        self.router.share(tuple(shares.values()))
        state.out.append(name)
        if not self._running():
            self._end("rolled_back", f"{name}: {', '.join(breached)}")
        else:
            self._save()
        facts = self.evidence(name) | {"breached": list(breached)}
        model = self._challengers[name].arm.model
        self._tell(Severity.CRITICAL, "rollback", f"{model} was taken back ({', '.join(breached)})", **facts)
        self._record("rollback", facts)

    def _end(self, status: Status, reason: str) -> None:
        self._state.status, self._state.reason, self._state.changed = status, reason, self._now()
        self._save()

    def stop(self, reason: str) -> None:
        """End the experiment; everybody is served by the control."""
        with self._lock:
            if self._state.status != "running":
                return
            self.router.share(self._all_to(self.experiment.control.name))
            self._end("stopped", reason)
        self._tell(Severity.INFO, "rollout_stopped", reason)
        self._record("rollout_stopped", {"experiment": self.experiment.name, "reason": reason})

    def _all_to(self, name: str) -> tuple[float, ...]:
        return tuple(float(arm.name == name) for arm in self.experiment.arms)

    # -- forward -----------------------------------------------------------------------------------------------------

    def _climb(self) -> None:
        ramp, state = self.experiment.ramp, self._state
        if self.experiment.kind != "canary" or state.step >= len(ramp.shares) - 1:
            return
        seen = (
            state.step_seconds >= ramp.seconds and state.step_requests >= ramp.requests and state.step_days >= ramp.days
        )
        (name,) = self._running()
        if not seen or not self._challengers[name].calm:
            return
        state.step += 1
        state.step_seconds, state.step_requests, state.step_days = 0.0, 0, 0
        share = ramp.shares[state.step]
        self.router.share((1.0 - share, share))
        state.changed = self._now()
        self._save()
        facts = self.evidence(name) | {"share": share}
        self._tell(
            Severity.INFO, "canary_share", f"{self._challengers[name].arm.model} now answers {share:.0%}", **facts
        )
        self._record("canary_share", facts)

    def _promote_if_due(self) -> None:
        with self._lock:
            arm = self._winner()
            if arm is None:
                return
            facts = self.evidence(arm.name)
            first = arm.name not in self._state.told
            if first:
                self._state.told.append(arm.name)
            asks = self.experiment.promote == "ask" and self.experiment.kind != "shadow"
            due = asks and self._now() - self._state.asked >= self.experiment.ask_again * 1e6
            if due:
                self._state.asked = self._now()
            if first or due:
                self._save()
        if first:
            self._tell(Severity.INFO, "goal_reached", f"{arm.model} has reached the goal of the experiment", **facts)
            self._record("goal_reached", facts)
        if due:
            self._ask(arm, facts)

    def _winner(self) -> Arm | None:
        """Return the arm with the strongest evidence of those that have reached the goal and may be promoted."""
        state = self._state
        top = self.experiment.kind != "canary" or state.step == len(self.experiment.ramp.shares) - 1
        if state.status != "running" or not top:
            return None
        ready = [self._challengers[name] for name in self._running() if self._challengers[name].ready]
        best = max(ready, key=lambda one: one.goal.bets.peak, default=None)
        return None if best is None else best.arm

    def _ask(self, arm: Arm, facts: Mapping[str, Any]) -> None:
        try:
            done = self._decide("promote", arm.model, facts)
        except TradewindError as error:
            text = f"{arm.model} has reached its goal and could not be promoted: {error}"
            self._tell(Severity.ERROR, "promotion_failed", text, **facts)
            return
        if not done:
            self._tell(Severity.INFO, "promotion_refused", f"{arm.model} was not promoted", **facts)
            return
        with self._lock:
            if self._state.status == "promoted" and self._state.winner == arm.name:
                return  # the traffic and the day asked at once, and the other was answered first
            if self._state.status != "running" or arm.name in self._state.out:
                text = f"{arm.model} was promoted while it was taken back; it is not served"
                self._tell(Severity.CRITICAL, "promotion_too_late", text, **facts)
                return
            self.router.share(self._all_to(arm.name))
            self._state.winner = arm.name
            self._end("promoted", f"{arm.model} reached the goal {self.experiment.goal!r}")
        self._tell(Severity.INFO, "promotion", f"{arm.model} was promoted", **facts)
        self._record("promotion", facts)

    # -- telling -----------------------------------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """What the rollout is."""
        return self._state.status

    @property
    def reason(self) -> str:
        """Why it ended."""
        return self._state.reason

    def evidence(self, name: str) -> dict[str, Any]:
        """Return the facts about an arm, JSON-ready: its p-values hold whenever one looks."""
        return self._challengers[name].evidence() | {"share": self.router.shares[name]}

    def stats(self) -> dict[str, Any]:
        """Return where the rollout stands, JSON-ready."""
        state = self._state
        return {
            "experiment": self.experiment.name,
            "kind": self.experiment.kind,
            "status": state.status,
            "reason": state.reason,
            "step": state.step,
            "shares": self.router.shares,
            "requests": dict(state.requests),
            "out": list(state.out),
            "looks": self.looks,
            "save_failures": self.save_failures,
            "arms": {name: self.evidence(name) for name in self._challengers},
        }

    def _tell(self, severity: Severity, kind: str, message: str, **evidence: Any) -> None:
        finite = {name: None if isinstance(v, float) and not math.isfinite(v) else v for name, v in evidence.items()}
        self._emit(Event(kind=kind, severity=severity, message=message, evidence=finite))
