"""The one settings file of a running monitor, and the jobs that run beside it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import Field

from tradewind.core import InputError, Settings
from tradewind.core.clock import Clock
from tradewind.core.files import write_text
from tradewind.features import LabelSettings
from tradewind.monitoring.alerts import AlertSettings
from tradewind.monitoring.composition import MonitorSettings
from tradewind.monitoring.drift import DriftReference, drift_report
from tradewind.monitoring.jobs import Job, JobRules, Recurrence, RunContext, Work, command
from tradewind.monitoring.journal import Journal
from tradewind.monitoring.retraining.rollback import GuardSettings


class LiveRules(Settings):
    """How the log is read: the table ``[live]``.

    Attributes
    ----------
    features : names the watchers see; where empty, those of the references.
    patience : seconds a slice waits for its forecasts. ``grace`` : for missing bars.
    label : how forecasts are judged; where absent, that of the references.
    news, fear : whether the log has them. ``keep_days`` : how long the journal keeps slices.
    fresh_hours : a slice closed longer ago orders no rollback: it tells of another time's versions.
    """

    features: tuple[str, ...] = ()
    patience: float = Field(default=5.0, ge=0.0)
    grace: float = Field(default=0.25, ge=0.0)
    label: LabelSettings | None = None
    news: bool = False
    fear: bool = False
    keep_days: int = Field(default=730, ge=1)
    fresh_hours: float = Field(default=36.0, gt=0.0)


class DriftJob(Settings):
    """A report that compares the newest sessions with the training data.

    ``when`` : it is due. ``sessions`` : how many it compares. ``out`` : its folder; a report a day.
    """

    when: Recurrence = Recurrence(every="daily")
    sessions: int = Field(default=20, ge=1)
    out: Path = Path(".tradewind/monitor/drift")


class RetrainJob(Settings):
    """A run of ``tradewind retrain``.

    ``when`` : it is due. ``act`` : ``check`` changes nothing. ``arguments`` : what follows on the command line, as
    ``["--model", "demo", "--prices", "prices.parquet"]``; ``--findings`` is given from the journal, ``days`` back.
    ``timeout`` : seconds it may take.
    """

    when: Recurrence = Recurrence(every="daily")
    act: Literal["check", "run"] = "check"
    arguments: tuple[str, ...]
    days: float = Field(default=60.0, gt=0)
    timeout: float = Field(default=6 * 3600.0, gt=0)


class JobsSettings(Settings):
    """Jobs beside the monitor: ``store`` keeps their runs; ``drift``, ``retrain`` run where their table is there."""

    store: Path = Path(".tradewind/monitor/jobs.db")
    drift: DriftJob | None = None
    retrain: RetrainJob | None = None


class MonitorFile(MonitorSettings):
    """All of ``monitor.toml``: tables of the watchers, and ``[live]``, ``[alerts]``, ``[rollback]``, ``[jobs]``."""

    live: LiveRules = LiveRules()
    alerts: AlertSettings = AlertSettings()
    rollback: GuardSettings = GuardSettings()
    jobs: JobsSettings = JobsSettings()

    @property
    def watchers(self) -> MonitorSettings:
        """The tables of the watchers alone: who is told changes nothing that is noticed."""
        return MonitorSettings(**{name: getattr(self, name) for name in MonitorSettings.model_fields})


@dataclass(frozen=True, kw_only=True)
class Around:
    """What jobs need: the journal, what the features are compared with, and the clock."""

    journal: Journal
    drift: DriftReference | None
    clock: Clock


def jobs_of(settings: JobsSettings, around: Around) -> list[Job]:
    """Return the jobs that are configured.

    Raises
    ------
    InputError : a drift report is wanted and there are no references.
    """
    jobs = []
    again = JobRules(repeatable=True)
    if (drift := settings.drift) is not None:
        if around.drift is None:
            raise InputError("a drift report needs references", field="jobs.drift", fix="give --references")
        jobs.append(Job(name="drift", work=_drift_work(drift, around), when=drift.when, rules=again))
    if (retrain := settings.retrain) is not None:
        rules = JobRules(repeatable=True, timeout=retrain.timeout)
        jobs.append(Job(name="retrain", work=_retrain_work(retrain, around), when=retrain.when, rules=rules))
    return jobs


def _drift_work(job: DriftJob, around: Around) -> Work:
    reference = around.drift
    assert reference is not None

    def work(context: RunContext) -> Mapping[str, Any]:
        since = context.due_at - timedelta(days=3 * job.sessions + 7)
        kept = [one for one in around.journal.slices(since, context.due_at) if len(one) and one.names]
        some = kept[-job.sessions :]
        if not some:
            return {"sessions": 0}
        report = drift_report(
            reference,
            np.concatenate([one.features for one in some]),
            np.concatenate([np.full(len(one), one.time) for one in some]),
            np.concatenate([one.sector for one in some]),
            names=some[-1].names,
        )
        place = job.out / f"{context.due_at:%Y-%m-%d}"
        report.write_json(place / "drift.json")
        report.write_html(place / "drift.html")
        return {"sessions": len(some), "drifted": len(report.drifted), "report": str(place / "drift.html")}

    return work


def _retrain_work(job: RetrainJob, around: Around) -> Work:
    def work(context: RunContext) -> Mapping[str, Any]:
        since = around.clock.now() - timedelta(days=job.days)
        lines = [json.dumps(one.to_dict(), default=str) for one in around.journal.findings(since)]
        path = around.journal.folder / "retrain-findings.jsonl"
        write_text(path, "".join(f"{line}\n" for line in lines))
        told = command(program(job.act, [*job.arguments, "--findings", str(path)]))(context)
        return {"findings": len(lines), **(told or {})}

    return work


def program(act: str, arguments: Sequence[str]) -> list[str]:
    """Return the command line of ``tradewind retrain ACT``, run by this interpreter."""
    return [sys.executable, "-m", "tradewind.cli.main", "retrain", act, *arguments]
