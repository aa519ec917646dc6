"""One run over files: events in; alerts, problems, a summary and a report out."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from tradewind import __version__
from tradewind.core.errors import InputError, OutputError
from tradewind.core.files import atomic_path, write_json_file
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.alerting import ALERTS_FILE, write_alerts
from tradewind.surveillance.book.detect import PREFIX
from tradewind.surveillance.evaluation import Judged, SurveillanceEvaluation, evaluate_alerts, write_evaluation
from tradewind.surveillance.evaluation.report import CURVES_FILE, EVALUATION_FILE
from tradewind.surveillance.events import EventTable, Problem, Problems, join_tables, write_problems
from tradewind.surveillance.events.table import CHUNK
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.live.report import REPORT_FILE, write_report
from tradewind.surveillance.live.sources import EventFiles
from tradewind.surveillance.pipeline import Surveillance, SurveillanceSettings
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted

SUMMARY_FILE = "summary.json"
PROBLEM_FILES = ("problems.json", "problems.parquet")
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
    InputError : a file is not there or damaged, or none of its rows could be used; ``problems.json`` says why then.
    OutputError : the folder cannot be written; said before the events are read.
    """
    problems = Problems()
    found, total = plan.files.look()
    _clear(out)
    surveillance = Surveillance(plan.model, plan.sessions or found, settings=plan.settings, problems=problems)
    first = last = rows = symbols = accounts = 0
    began = time.perf_counter()
    for table in _begun(plan.files.chunks(problems, plan.chunk)):
        surveillance.update(table)
        first = first or int(table.time[0])
        last, rows = int(table.time[-1]), rows + len(table)
        symbols, accounts = len(table.symbols), len(table.accounts)
        if on_rows is not None:
            on_rows(rows, max(total, rows), rows / (time.perf_counter() - began))
    surveillance.finish()
    seconds = time.perf_counter() - began
    if not rows and not total and not problems:
        problems.add(Problem(code="no_events", message="there is a header but no row"))
    write_problems(problems, out)
    if not rows and not problems.count("no_events"):
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


def _clear(out: Path) -> None:
    """Take the results of an earlier run away: beside those of a run that ends early they would pass for its own."""
    with atomic_path(out / SUMMARY_FILE) as draft:  # nobody should wait for a run that cannot be written
        draft.write_text("{}\n", encoding="utf-8")
    for name in (SUMMARY_FILE, ALERTS_FILE, REPORT_FILE, EVALUATION_FILE, CURVES_FILE, *PROBLEM_FILES):
        try:
            (out / name).unlink(missing_ok=True)
        except OSError as error:
            raise OutputError(
                f"cannot be replaced ({error.strerror or error})", file=out / name, fix="choose another folder"
            ) from error


def _begun(tables: Iterator[EventTable]) -> Iterator[EventTable]:
    """Yield the tables that hold rows, the first ones as one: however they are cut, the style of trades shows in it."""
    filled = (table for table in tables if len(table))
    first: list[EventTable] = []
    for table in filled:
        first.append(table)
        if sum(map(len, first)) >= PREFIX:
            break
    if first:
        yield join_tables(first)
    yield from filled


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
