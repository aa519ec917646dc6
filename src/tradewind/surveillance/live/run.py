"""One run over files: events in; alerts, problems, a summary and a report out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tradewind import __version__
from tradewind.core.errors import InputError
from tradewind.core.files import write_json_file
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.alerting import write_alerts
from tradewind.surveillance.evaluation import Judged, SurveillanceEvaluation, evaluate_alerts, write_evaluation
from tradewind.surveillance.events import Problems, write_problems
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.live.report import write_report
from tradewind.surveillance.live.sources import EventFiles
from tradewind.surveillance.pipeline import Surveillance, SurveillanceSettings
from tradewind.surveillance.reading import CHUNK
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted

SUMMARY_FILE = "summary.json"
OnRows = Callable[[int, int, float], None]
"""Told rows read, rows there are, and events a second so far."""


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What a run found.

    Attributes
    ----------
    alerts : the last revision of each, by first event.
    events, candidates : rows on the tape, and finds the model judged.
    seconds : from the first event read to the last alert.
    first, last : times of the first and last event, nanoseconds.
    problems : what was wrong with the events, by code.
    symbols, accounts : how many there were.
    model : id of the model.
    files : what was read.
    evaluation : the alerts against the truth, where it was given.
    """

    alerts: tuple[Alert, ...]
    events: int
    candidates: int
    seconds: float
    first: int
    last: int
    problems: Mapping[str, int]
    symbols: int
    accounts: int
    model: str
    files: tuple[str, ...]
    evaluation: SurveillanceEvaluation | None = None

    @property
    def events_per_second(self) -> float:
        """Events read in a second."""
        return self.events / self.seconds if self.seconds > 0 else float("nan")

    def counts(self) -> dict[str, dict[str, int]]:
        """Return alerts by scheme and tier."""
        found = {scheme.value: dict.fromkeys((tier.value for tier in Tier), 0) for scheme in Scheme}
        for alert in self.alerts:
            found[alert.scheme.value][alert.tier.value] += 1
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return plain values for ``summary.json``."""
        plain = asdict(self) | {
            "version": __version__,
            "alerts": len(self.alerts),
            "alerts_by_scheme": self.counts(),
            "events_per_second": self.events_per_second,
            "files": {name: _hash(Path(name)) for name in self.files},
        }
        del plain["evaluation"]
        return plain


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """How a run is made.

    Attributes
    ----------
    files : what is read.
    model : what judges.
    sessions : when the market was open; None: from the gaps in the events.
    settings : how alerts are raised.
    truth : what was planted, where it is known.
    chunk : rows read at once.
    """

    files: EventFiles
    model: SurveillanceModel
    sessions: Sessions | None = None
    settings: SurveillanceSettings = field(default_factory=SurveillanceSettings)
    truth: tuple[Planted, ...] | None = None
    chunk: int = CHUNK


def run(plan: RunPlan, out: Path, on_rows: OnRows | None = None) -> RunResult:
    """Read the files, and write ``alerts.parquet``, ``problems.json``, ``summary.json`` and ``report.html``.

    With a truth also ``evaluation.json`` and its curves. Each file is written whole or not at all.

    Raises
    ------
    InputError : a file is not there or damaged, or not one of its rows could be used; ``problems.json`` says why then.
    OutputError : the folder cannot be written.
    """
    problems = Problems()
    found, total = plan.files.look()
    surveillance = Surveillance(plan.model, plan.sessions or found, settings=plan.settings, problems=problems)
    first = last = rows = symbols = accounts = 0
    began = time.perf_counter()
    for table in plan.files.chunks(problems, plan.chunk):
        if not len(table):
            continue
        surveillance.update(table)
        first = first or int(table.time[0])
        last, rows = int(table.time[-1]), rows + len(table)
        symbols, accounts = len(table.symbols), len(table.accounts)
        if on_rows is not None:
            on_rows(rows, max(total, rows), rows / (time.perf_counter() - began))
    surveillance.finish()
    seconds = time.perf_counter() - began
    write_problems(problems, out)
    if not rows:
        raise InputError(
            "not one row could be used",
            file=", ".join(plan.files.names),
            fix=f"see {out / 'problems.json'} for what is wrong with them",
        )
    alerts = surveillance.alerts
    evaluation = None
    if plan.truth is not None:
        judged = Judged(market=plan.files.names[0], alerts=alerts, truth=plan.truth, events=rows)
        evaluation = evaluate_alerts([judged])
        write_evaluation(evaluation, out)
    result = RunResult(
        alerts=alerts,
        events=rows,
        candidates=surveillance.candidates,
        seconds=seconds,
        first=first,
        last=last,
        problems=problems.counts(),
        symbols=symbols,
        accounts=accounts,
        model=plan.model.id,
        files=plan.files.names,
        evaluation=evaluation,
    )
    write_alerts(alerts, out)
    write_json_file(out / SUMMARY_FILE, result.to_dict())
    write_report(result, out)
    return result


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
