"""The durable record of a retraining: one file a run, written whole after each step, so that a killed run goes on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from tradewind.core import InputError, UsageError
from tradewind.core.files import read_json, write_json_file
from tradewind.core.ids import content_id
from tradewind.core.plain import finite
from tradewind.monitoring.retraining.triggers import PastRun, TriggerFired

FORMAT = 1
QUARTER = timedelta(days=91)


class Stand(StrEnum):
    """What a run has done, in this order; ``refused`` and ``rejected`` end it early."""

    planned = "planned"
    checked = "data_checked"
    trained = "trained"
    registered = "registered"
    trialled = "trialled"
    validated = "validated"
    approved = "approved"
    canary = "canary"
    champion = "champion"
    rejected = "rejected"
    refused = "refused"


ORDER = (Stand.planned, Stand.checked, Stand.trained, Stand.registered, Stand.trialled, Stand.validated,
         Stand.approved, Stand.canary, Stand.champion)  # fmt: skip
ENDS = frozenset({Stand.champion, Stand.rejected, Stand.refused})


@dataclass(frozen=True, kw_only=True)
class Step:
    """A finished step: when, by whom, in words, and the figures of it (JSON-ready)."""

    stand: Stand
    at: str
    by: str
    words: str
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class RetrainingRun:
    """One retraining.

    Attributes
    ----------
    id : 16 hex digits. ``model`` : name in the registry. ``champion`` : version that was champion when it began.
    started : wall time (UTC). ``as_of`` : moment of the market up to which labels are used (ISO).
    fired : what called for it.
    steps : what is done, oldest first; at least the plan.
    """

    id: str
    model: str
    champion: int
    started: str
    as_of: str
    fired: tuple[TriggerFired, ...]
    steps: tuple[Step, ...]

    @property
    def stand(self) -> Stand:
        """The last finished step."""
        return self.steps[-1].stand

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do."""
        return self.stand in ENDS

    @property
    def won(self) -> bool | None:
        """Whether the challenger became champion; None where that is open or never came to a trial."""
        return {Stand.champion: True, Stand.rejected: False}.get(self.stand)

    @property
    def version(self) -> int | None:
        """The challenger's version, None before it is registered."""
        found = self.facts(Stand.registered).get("version")
        return None if found is None else int(found)

    def facts(self, stand: Stand) -> Mapping[str, Any]:
        """Return the figures of a step; empty where it has not been made."""
        return next((step.facts for step in self.steps if step.stand == stand), {})

    def moment(self, stand: Stand) -> datetime | None:
        """Return when a step was made, None where it was not."""
        return next((datetime.fromisoformat(step.at) for step in self.steps if step.stand == stand), None)

    def with_step(self, step: Step) -> RetrainingRun:
        """Return the run with one more step."""
        return replace(self, steps=(*self.steps, step))

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        fired = [one.to_dict() for one in self.fired]
        plain: dict[str, Any] = finite({**asdict(self), "fired": fired})
        return {"format": FORMAT, **plain}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> RetrainingRun:
        """Read what :meth:`to_dict` wrote; KeyError, TypeError or ValueError where it is not such a row."""
        if row["format"] != FORMAT:
            raise ValueError(f"format {row['format']}, this version reads {FORMAT}")
        values = {key: value for key, value in row.items() if key != "format"}
        steps = tuple(Step(**{**step, "stand": Stand(step["stand"])}) for step in values["steps"])
        if not steps:
            raise ValueError("it has no step")
        return cls(**{**values, "fired": tuple(map(TriggerFired.from_dict, values["fired"])), "steps": steps})

    @classmethod
    def id_of(cls, model: str, started: datetime, fired: tuple[TriggerFired, ...]) -> str:
        """Return the id of a run."""
        return content_id(model, started.isoformat(), [one.to_dict() for one in fired])


class RunStore:
    """Runs below ``folder``, one folder each: ``run.json``, and the challenger until it is in the registry."""

    def __init__(self, folder: Path, *, patience_days: float = 30.0) -> None:
        """``patience_days`` : a run that has waited so long since its last step holds no other back any more."""
        self.root, self.patience = folder, timedelta(days=patience_days)

    def folder(self, run: RetrainingRun) -> Path:
        """Return the folder of a run."""
        return self.root / run.model / run.id

    def save(self, run: RetrainingRun) -> None:
        """Write the run, whole or not at all."""
        write_json_file(self.folder(run) / "run.json", run.to_dict())

    def load(self, model: str, run: str) -> RetrainingRun:
        """Read a run.

        Raises
        ------
        InputError : there is none, or its file is damaged.
        """
        path = self.root / model / run / "run.json"
        row = read_json(path, what="a run that `tradewind retrain status` lists")
        try:
            return RetrainingRun.from_dict(row)
        except (KeyError, TypeError, ValueError) as error:
            raise InputError(f"is no retraining run ({error})", file=path, fix="restore it from a copy") from error

    def runs(self, model: str) -> list[RetrainingRun]:
        """Return all runs of a model, oldest first."""
        found = sorted(path.parent.name for path in (self.root / model).glob("*/run.json"))
        return sorted((self.load(model, one) for one in found), key=lambda run: (run.started, run.id))

    def open_run(self, model: str, now: datetime) -> RetrainingRun | None:
        """Return the run that goes on, None where there is none."""
        return next((run for run in reversed(self.runs(model)) if not self._over(run, now)), None)

    def past(self, model: str, now: datetime) -> tuple[PastRun, ...]:
        """Return what the policy must know of the runs of a model."""
        return tuple(
            PastRun(
                run=run.id,
                started=datetime.fromisoformat(run.started),
                finished=self._over(run, now),
                won=run.won,
                trigger=run.fired[0].trigger if run.fired else "",
                kind=str(run.facts(Stand.planned).get("plan", {}).get("kind", "full")),
            )
            for run in self.runs(model)
        )

    def tried(self, model: str, now: datetime) -> int:
        """Return how many challengers were tried in the 91 days up to ``now``."""
        moments = (run.moment(Stand.trialled) for run in self.runs(model))
        return sum(one is not None and now - QUARTER < one <= now for one in moments)

    def _over(self, run: RetrainingRun, now: datetime) -> bool:
        return run.finished or now - datetime.fromisoformat(run.steps[-1].at) > self.patience

    @contextmanager
    def alone(self, model: str) -> Iterator[None]:
        """Let no other process retrain ``model`` meanwhile.

        Raises
        ------
        UsageError : another does.
        """
        (self.root / model).mkdir(parents=True, exist_ok=True)
        lock = FileLock(self.root / model / "retraining.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            raise UsageError(f"another process is retraining {model}", fix="wait until it has finished") from None
        try:
            yield
        finally:
            lock.release()
