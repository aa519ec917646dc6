"""The operation that diagnoses a span of the journal."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Iterator
from datetime import date
from itertools import count
from pathlib import Path
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Request
from starlette.datastructures import State

from tradewind.core import Progress
from tradewind.core.arrays import FloatArray, TimeArray
from tradewind.core.ids import content_id
from tradewind.monitoring.diagnosis import LEAST_REFERENCE, Diagnosis, Evidence, diagnose
from tradewind.monitoring.diagnosis.causes import Cause
from tradewind.monitoring.journal import Journal
from tradewind.monitoring.slices import Slice
from tradewind.web.guard import Place
from tradewind.web.problems import Problem
from tradewind.web.projects.kept import kept_on_disk
from tradewind.web.views.oncall.at_work import AtWork
from tradewind.web.views.oncall.diagnosis_shapes import (
    CauseEvidence,
    DatedValue,
    DiagnosisCause,
    DiagnosisShift,
    DiagnosisSlice,
    OncallDiagnosis,
    PlaybookStep,
)
from tradewind.web.views.oncall.held import held_by
from tradewind.web.views.oncall.places import journal_of, number
from tradewind.web.workspace import Workspace

router = APIRouter()
USUAL = 30
"""Sessions of the span where none is given."""
KEPT = 32
REFERENCE = 150
"""Slices before the span that tell what is usual, where nothing is asked."""
DAY = np.timedelta64(1, "D")


class Diagnoses:
    """Diagnoses that were made, so that a link opens at once; a new slice in the journal makes them anew.

    The usual one, of the newest sessions, is kept in ``folder`` too.
    """

    def __init__(self, folder: Path, progress: Progress) -> None:
        self._folder, self._told = folder, progress
        self._held: OrderedDict[tuple[object, ...], OncallDiagnosis] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, journal: Journal, begin: date | None, end: date | None, reference: int) -> OncallDiagnosis:
        """Return the diagnosis of the days from ``begin`` to ``end``; of the newest sessions where none are given.

        Raises
        ------
        Problem : the journal is too short (404). InputError : it holds too little of those days.
        """
        times = journal.times()
        if len(times) <= LEAST_REFERENCE:
            raise Problem(
                404,
                "The journal is too short for a diagnosis",
                f"It holds {len(times)} slices; more than {LEAST_REFERENCE} before the span are needed.",
                fix="let the monitor run on",
            )
        usual = times[max(len(times) - USUAL, LEAST_REFERENCE)]
        first = np.datetime64(begin, "us") if begin else usual.astype("datetime64[D]").astype("datetime64[us]")
        last = (np.datetime64(end, "us") if end else times[-1].astype("datetime64[D]")) + DAY - np.timedelta64(1, "us")
        key = (journal.folder, first, last, reference, len(times), times[-1])
        with self._lock:  # the machine is not asked for the same thing twice
            if key not in self._held:
                self._held[key] = self._made(journal, times, (first, last), reference, usual=not (begin or end))
                while len(self._held) > KEPT:
                    self._held.popitem(last=False)
            return self._held[key]

    def _made(
        self,
        journal: Journal,
        times: list[np.datetime64],
        span: tuple[np.datetime64, np.datetime64],
        reference: int,
        *,
        usual: bool,
    ) -> OncallDiagnosis:
        def make() -> OncallDiagnosis:
            return _made(journal, times, span, reference, self._told)

        try:
            if not usual:
                return make()
            content = [str(journal.folder), str(span), reference, len(times), str(times[-1])]
            return kept_on_disk(self._folder, "diagnosis", content, OncallDiagnosis, make)
        finally:
            self._told.update("diagnosis", 1, 1)


def diagnoses_of(state: State, place: Workspace) -> Diagnoses:
    """Return the diagnoses that the application of ``state`` made."""
    return held_by(state, Diagnoses, lambda: Diagnoses(place.home / "cache" / "oncall", held_by(state, AtWork, AtWork)))


@router.get("/diagnosis")
def oncall_diagnosis(
    request: Request,
    place: Place,
    begin: date | None = None,
    end: date | None = None,
    reference: Annotated[int, Query(ge=LEAST_REFERENCE, le=500)] = REFERENCE,
) -> OncallDiagnosis:
    """What is most probably wrong in a span of the journal, the most probable first, and what to do."""
    return diagnoses_of(request.app.state, place).of(journal_of(place), begin, end, reference)


def _made(
    journal: Journal,
    times: list[np.datetime64],
    span: tuple[np.datetime64, np.datetime64],
    reference: int,
    told: Progress,
) -> OncallDiagnosis:
    began = time.perf_counter()
    first, last = span
    before = [one for one in times if one < first][-reference:]
    steps = sum(1 for one in times if first <= one <= last) + len(before) + 1  # the last: to think about it
    read = count()

    def slices(begin: np.datetime64, end: np.datetime64) -> Iterator[Slice]:
        for one in journal.slices(begin, end):
            told.update("diagnosis", min(next(read), steps - 1), steps)
            yield one

    period = list(slices(first, last))
    usual = list(slices(before[0], before[-1])) if before else []
    found = diagnose(Evidence(period=period, reference=usual, findings=tuple(journal.findings(first, last))))
    return _shape(found, times, time.perf_counter() - began)


def _shape(found: Diagnosis, times: list[np.datetime64], seconds: float) -> OncallDiagnosis:
    performance, trace = found.performance, found.trace
    return OncallDiagnosis(
        id=content_id(found.begin.isoformat(), found.end.isoformat(), found.settings_id, found.headline),
        headline=found.headline,
        begin=found.begin.isoformat(),
        end=found.end.isoformat(),
        reference=found.reference,
        first_day=str(times[LEAST_REFERENCE].astype("datetime64[D]")),
        last_day=str(times[-1].astype("datetime64[D]")),
        causes=[_cause(one) for one in found.causes],
        steps=[PlaybookStep(name=one.name, verdict=one.verdict.value, lines=list(one.lines)) for one in found.steps],
        slices=[
            DiagnosisSlice(
                conditions=list(one.conditions),
                number=one.n,
                days=one.days,
                error=one.error,
                rest=one.rest,
                usual=number(one.usual),
                p_value=one.p_value,
            )
            for one in found.error_slices
        ],
        shifts=[
            DiagnosisShift(feature=one.feature, shift=one.shift, contribution=one.contribution)
            for one in found.shifts[:20]
        ],
        findings=len(found.findings),
        accuracy_usual=number(performance.usual),
        accuracy_now=number(performance.now),
        accuracy=_dated(performance.times, performance.accuracy),
        changes=[one.isoformat() for one in performance.changes],
        trace=_dated(performance.times, trace.values) if trace else [],
        trace_name=f"{trace.name} ({trace.unit})" if trace else "",
        seconds=round(seconds, 3),
    )


def _cause(one: Cause) -> DiagnosisCause:
    return DiagnosisCause(
        kind=one.kind.value,
        words=one.kind.words,
        about=one.about if one.since else "",
        belief=one.score,
        log_odds=one.log_odds,
        since=one.since.isoformat() if one.since else None,
        until=one.until.isoformat() if one.until else None,
        evidence=[CauseEvidence(text=item.text, finding=item.finding) for item in one.items],
        action=one.action.text,
        command=one.action.command,
        ruled_out=one.ruled_out,
        explained_by=one.explained_by.words if one.explained_by else None,
    )


def _dated(times: TimeArray, values: FloatArray) -> list[DatedValue]:
    return [
        DatedValue(day=str(at.astype("datetime64[D]")), value=number(float(value)))
        for at, value in zip(times, values, strict=False)
    ]
