"""The one function: from evidence to causes, ranked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from tradewind.core.files import write_json_file, write_text
from tradewind.monitoring.diagnosis.actions import action_for
from tradewind.monitoring.diagnosis.attribution import feature_shifts
from tradewind.monitoring.diagnosis.case import Case, Trace
from tradewind.monitoring.diagnosis.causes import Cause, CauseKind, ErrorSlice, FeatureShift, Item, Step, plain
from tradewind.monitoring.diagnosis.error_slices import find_error_slices
from tradewind.monitoring.diagnosis.evidence import Evidence
from tradewind.monitoring.diagnosis.findings import known_findings, telling
from tradewind.monitoring.diagnosis.frame import Frame
from tradewind.monitoring.diagnosis.hypotheses import HYPOTHESES
from tradewind.monitoring.diagnosis.performance import Performance, performance_of
from tradewind.monitoring.diagnosis.playbook import steps_of
from tradewind.monitoring.diagnosis.ranking import Ranked, rank
from tradewind.monitoring.diagnosis.settings import DiagnosisSettings
from tradewind.monitoring.finding import Finding


@dataclass(frozen=True, kw_only=True, eq=False)
class Diagnosis:
    """What was found.

    Attributes
    ----------
    causes : every candidate, the most probable first; scores sum to 1.
    steps : the play-book with what was found fine and what not.
    error_slices : rows in which the error is concentrated, the most telling first.
    shifts : features by how much their move bears on the forecast, largest first.
    findings : the watchers' findings that were known, in the order of time.
    performance : accuracy by day and when it changed.
    trace : the series that shows the first cause's evidence, None where it has none.
    begin, end : times of the first and the last slice of the period; ``reference`` : slices before it.
    settings_id : id of the settings used.
    """

    causes: tuple[Cause, ...]
    steps: tuple[Step, ...]
    error_slices: tuple[ErrorSlice, ...]
    shifts: tuple[FeatureShift, ...]
    findings: tuple[Finding, ...]
    performance: Performance
    trace: Trace | None
    begin: datetime
    end: datetime
    reference: int
    settings_id: str

    @property
    def top(self) -> Cause:
        """The most probable cause."""
        return self.causes[0]

    @property
    def headline(self) -> str:
        """One line for somebody woken at night: cause, subject, since when, how sure, what to do."""
        top = self.top
        if top.kind is CauseKind.NO_FAULT:
            return f"No fault found ({sure(top.score)} sure). {top.action.text}"
        since = f", since {top.since:%Y-%m-%d %H:%M} UTC" if top.since is not None else ""
        kind = top.kind.words[0].upper() + top.kind.words[1:]
        return f"{kind}: {top.about}{since} ({sure(top.score)} sure). {top.action.text}"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping of everything but the series behind the plots."""
        return {
            "headline": self.headline,
            "begin": self.begin.isoformat(),
            "end": self.end.isoformat(),
            "reference_slices": self.reference,
            "causes": plain(self.causes),
            "steps": plain(self.steps),
            "error_slices": plain(self.error_slices),
            "feature_shifts": plain(self.shifts),
            "performance": self.performance.to_dict(),
            "findings": [one.to_dict() for one in self.findings],
            "settings_id": self.settings_id,
        }

    def write(self, folder: str | Path) -> tuple[Path, Path]:
        """Write ``diagnosis.json`` and ``diagnosis.html`` into ``folder`` and return both paths.

        Raises
        ------
        OutputError : the folder cannot be written.
        """
        from tradewind.monitoring.diagnosis.page import render

        place = Path(folder)
        return (
            write_json_file(place / "diagnosis.json", self.to_dict()),
            write_text(place / "diagnosis.html", render(self)),
        )


def sure(score: float) -> str:
    """Return a share of belief in words; never certainty, which no evidence gives."""
    return "over 99%" if score > 0.99 else f"{score:.0%}"


def diagnose(evidence: Evidence, settings: DiagnosisSettings | None = None) -> Diagnosis:
    """Say what is most probably wrong in the period of ``evidence``, and why.

    Every cause is weighed on the slices themselves by a likelihood ratio against chance; what a cause found earlier
    blames is kept from those after it, and what it explains is taken off theirs. Equal evidence gives an equal
    diagnosis; nothing after the period's last slice is looked at.

    Raises
    ------
    InputError : the evidence cannot be compared (see :class:`Evidence`).
    """
    chosen = settings or DiagnosisSettings()
    frame, found = Frame.of(evidence), known_findings(evidence)
    case, said, told = Case.of(frame, chosen), [], {}
    for weigh in HYPOTHESES:
        weighed = weigh(case)
        items = telling(weighed, found, frame)
        told[weighed.kind] = chosen.finding_odds if items else 0.0
        said.append(replace(weighed, items=(*weighed.items, *items)))
        case = case.after(weighed)
    ranked = rank(said, told, chosen)
    causes = tuple(_cause(one, frame) for one in ranked)
    return Diagnosis(
        causes=causes,
        steps=steps_of(ranked, causes[0]),
        error_slices=find_error_slices(frame, chosen, evidence.importances),
        shifts=feature_shifts(case, evidence.importances),
        findings=found,
        performance=performance_of(frame),
        trace=ranked[0].weighed.trace,
        begin=frame.moment(frame.first),
        end=frame.moment(len(frame) - 1),
        reference=frame.first,
        settings_id=chosen.id,
    )


def _cause(one: Ranked, frame: Frame) -> Cause:
    weighed, odds = one.weighed, one.log_odds
    seen = weighed.first is not None and weighed.log_odds > 0.0
    first, last = (weighed.first, weighed.last) if seen else (None, None)
    subject: Mapping[str, str] = weighed.subject if seen else {}
    items: tuple[Item, ...] = weighed.items if seen else ()
    return Cause(
        kind=weighed.kind,
        score=one.score,
        log_odds=odds,
        action=action_for(weighed.kind, weighed.subject),
        subject=subject,
        since=None if first is None else frame.moment(first),
        until=None if last is None else frame.moment(last),
        known_at=None if first is None else frame.slices[first].known_at,
        items=items,
        ruled_out="" if weighed.log_odds > 0.0 else weighed.looked,
        explained_by=one.explained_by,
    )
