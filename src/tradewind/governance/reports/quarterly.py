"""The quarterly report: what each model did out of sample, against what its validation promised."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np

from tradewind.core import Outcomes
from tradewind.governance.cards.digest import digest
from tradewind.governance.cards.oversight import decisions
from tradewind.governance.pages import Block, Document, Figure, Mark, Notice, Section, Table, Text
from tradewind.governance.pages.numbers import (
    DASH,
    chance,
    count,
    counted,
    instant,
    known,
    moment,
    number,
    percent,
    percent_range,
    text,
)
from tradewind.governance.reports.entry import ModelEntry
from tradewind.governance.reports.incident_file import Incident
from tradewind.governance.reports.quarter import Quarter, within
from tradewind.governance.reports.report import Report

Z95 = 1.959963984540054
METRICS = ("mcc", "brier", "log_loss", "auc", "ic", "calibration_error", "coverage")
LEAST_DAYS = 20
"""Days with judged forecasts below which a quarter says too little to compare."""


@dataclass(frozen=True, kw_only=True)
class QuarterInput:
    """What is known of one model's quarter.

    Attributes
    ----------
    entry : the version that answered.
    outcomes : its forecasts beside what happened, of any days; None where none are given.
    events : audit rows about it (overrides, fallbacks) as mappings; None where no log is given.
    importance_drift : summary of how its importance moved, or None.
    remarks : what a reader must know of the forecasts, such as answers that could not be judged.
    """

    entry: ModelEntry
    outcomes: Outcomes | None = None
    events: Sequence[Mapping[str, Any]] | None = None
    importance_drift: Mapping[str, Any] | None = None
    remarks: Sequence[str] = field(default=())


def quarterly(
    inputs: Sequence[QuarterInput],
    quarter: Quarter,
    *,
    at: datetime,
    incidents: Sequence[Incident] | None = None,
) -> Report:
    """Return the report of ``quarter`` as of ``at``; a model without forecasts is shown as not assessed."""
    parts = [_model(one, quarter, incidents) for one in inputs]
    below = [part["model"] for part, _ in parts if part["judgement"] == "below expectation"]
    unknown = [part["model"] for part, _ in parts if part["judgement"] == "not assessed"]
    if below:
        status = Mark("Below expectation", "bad")
    elif unknown or not parts:
        status = Mark("Not assessed in full", "warn")
    else:
        status = Mark("As expected", "good")
    over = instant(at).date() > quarter.last
    lead = [
        f"{counted(len(parts), 'model')} in {quarter}: {count(len(below))} below expectation, "
        f"{count(len(unknown))} not assessed."
    ]
    if not over:
        lead.append(f"The quarter ends on {quarter.last}: this report is of a part of it.")
    return Report(
        name=f"quarterly-{quarter}",
        data={
            "kind": "quarterly",
            "quarter": str(quarter),
            "from": quarter.first.isoformat(),
            "to": quarter.last.isoformat(),
            "at": instant(at).isoformat(),
            "complete": over,
            "models": [part for part, _ in parts],
        },
        document=Document(
            kind="Quarterly performance",
            title=f"Models in {quarter}",
            status=status,
            lead=tuple(lead),
            facts=(("Days", f"{quarter.first} to {quarter.last}"), ("As of", moment(at))),
            sections=(_overview([part for part, _ in parts]), *(section for _, section in parts)),
            foot="A difference is called real where its 95 % interval leaves out zero; the two spans are taken as "
            "independent, and each interval redraws whole days. Of models that are as good as at validation, one in "
            "forty is called below expectation by chance each quarter.",
        ),
    )


def _overview(parts: Sequence[Mapping[str, Any]]) -> Section:
    if not parts:
        return Section("Overview", "overview", (Notice("No model was served in this quarter.", "warn"),))
    rows = tuple(
        (
            part["model"],
            part["stage"],
            percent(part["quarter"].get("accuracy")),
            percent(part["expected"].get("accuracy")),
            count(part["quarter"].get("n")),
            Mark(part["judgement"], _tone(part["judgement"])),
            DASH if part["incidents"] is None else count(len(part["incidents"])),
            count(part["overrides"]),
        )
        for part in parts
    )
    head = ("model", "stage", "accuracy", "at validation", "forecasts", "judgement", "incidents", "overrides")
    return Section("Overview", "overview", (Table(head, rows, left=2),))


def _tone(judgement: str) -> Any:
    return {"below expectation": "bad", "as expected": "good", "above expectation": "good"}.get(judgement, "warn")


def compare(now: Mapping[str, Any], then: Mapping[str, Any]) -> dict[str, Any]:
    """Return the difference of accuracy (now less then) with its 95 % interval, and the judgement.

    Both are mappings with ``accuracy`` and ``accuracy_interval`` (95 %); ``now`` also with ``n_days``. Standard errors
    are read off the intervals; the spans are taken as independent.
    """
    bounds: list[Sequence[Any]] = [one.get("accuracy_interval") or (None, None) for one in (now, then)]
    if not all(map(known, (now.get("accuracy"), then.get("accuracy"), *bounds[0], *bounds[1]))):
        return _uncompared("the record holds no interval to compare with", None)
    gap = float(now["accuracy"]) - float(then["accuracy"])
    if now.get("n_days", 0) < LEAST_DAYS:
        return _uncompared(f"fewer than {LEAST_DAYS} days", gap)
    half = Z95 * math.hypot(*((high - low) / (2 * Z95) for low, high in bounds))
    word = "below" if gap + half < 0 else "above" if gap - half > 0 else "as"
    judgement = "as expected" if word == "as" else f"{word} expectation"
    return {"difference": gap, "interval": [gap - half, gap + half], "judgement": judgement, "why": ""}


def _uncompared(why: str, gap: float | None) -> dict[str, Any]:
    return {"difference": gap, "interval": None, "judgement": "not assessed", "why": why}


def _of_validation(outcomes: Outcomes, record: Mapping[str, Any]) -> int:
    """Return on how many days of ``outcomes`` the record's own figures rest: those confirm nothing."""
    days = np.unique(outcomes.time.astype("datetime64[D]"))
    held = np.zeros(len(days), dtype=bool)
    for fold in record.get("folds") or ():
        first, last = (np.datetime64(str(fold.get(name) or "NaT")[:10], "D") for name in ("test_start", "test_end"))
        held |= (days >= first) & (days <= last)
    return int(held.sum())


def _measured(outcomes: Outcomes | None) -> dict[str, Any]:
    """Return the quarter's metrics with their intervals and verdict; empty where nothing can be judged."""
    from tradewind.evaluation import MetricsSettings, accuracy_interval, forecast_metrics, skill_verdict
    from tradewind.evaluation.days import judged
    from tradewind.evaluation.forecast_metrics import calibration_table

    if outcomes is None or not judged(outcomes).any():
        return {}
    metrics, interval = forecast_metrics(outcomes), accuracy_interval(outcomes)
    rows = judged(outcomes)
    table = calibration_table(outcomes.direction[rows], outcomes.probability[rows], MetricsSettings().calibration_bins)
    content = metrics.to_dict()
    content.pop("coverage_over_time")
    return {
        **content,
        "n_days": len(np.unique(outcomes.time[rows])),
        "accuracy_interval": [interval.lower, interval.upper],
        "verdict": skill_verdict(outcomes).to_dict(),
        "calibration": [
            {"forecasts": int(n), "said": float(said), "came": float(came)} for n, said, came in table if n > 0
        ],
    }


def _model(one: QuarterInput, quarter: Quarter, incidents: Sequence[Incident] | None) -> tuple[dict[str, Any], Section]:
    from tradewind.evaluation.days import judged

    entry = one.entry
    metrics = entry.record.get("metrics") or {}
    expected = (metrics.get("models") or {}).get(metrics.get("primary") or "ensemble") or {}
    outcomes = None if one.outcomes is None else within(one.outcomes, quarter)
    measured = _measured(outcomes)
    compared = compare(measured, expected)
    shared = 0 if outcomes is None else _of_validation(outcomes, entry.record)
    if measured and shared:
        compared = _uncompared(f"{counted(shared, 'day')} of it belong to the validation itself", None)
    unjudged = 0 if outcomes is None else int((~judged(outcomes)).sum())
    remarks = list(one.remarks)
    if unjudged:
        remarks.append(
            f"{counted(unjudged, 'forecast')} of the quarter not judged: the outcome lies past the prices, or the "
            "price moved too little to count."
        )
    events = None if one.events is None else [row for row in one.events if quarter.holds(row["at"])]
    approvals = tuple(row for row in entry.history if quarter.holds(row["at"]))
    about = None if incidents is None else [i for i in incidents if _about(i, entry, quarter)]
    data = {
        "model": entry.reference,
        "stage": entry.stage,
        "judgement": compared["judgement"],
        "difference": compared["difference"],
        "difference_interval": compared["interval"],
        "quarter": measured,
        "expected": {name: expected.get(name) for name in ("accuracy", "accuracy_interval", "n", *METRICS)},
        "overrides": _number_of(events, "override"),
        "fallbacks": _number_of(events, "fallback"),
        "incidents": None if about is None else [i.reference for i in about],
        "approvals": [dict(row) for row in approvals],
        "importance_drift": one.importance_drift,
        "not_compared": compared["why"],
        "unjudged": unjudged,
        "remarks": remarks,
    }
    blocks: list[Block] = [*_judged(data), *_calibration(measured, outcomes)]
    if one.importance_drift:
        blocks += [Text("Drift of importance:"), digest(one.importance_drift)]
    else:
        blocks.append(Text("Drift of importance: not assessed.", "soft"))
    blocks += [Text(remark, "soft") for remark in remarks]
    blocks += _events(events, about)
    blocks.append(decisions(approvals) if approvals else Text("No decision about it in the quarter.", "soft"))
    return data, Section(f"Model {entry.reference}", f"model-{entry.name}-{entry.version}", tuple(blocks))


def _about(incident: Incident, entry: ModelEntry, quarter: Quarter) -> bool:
    return incident.concerns(entry.name, entry.version) and quarter.holds(incident.started)


def _number_of(events: Sequence[Mapping[str, Any]] | None, kind: str) -> int | None:
    return None if events is None else sum(row["kind"] == kind for row in events)


def _judged(data: Mapping[str, Any]) -> list[Block]:
    measured, expected = data["quarter"], data["expected"]
    if not measured:
        return [Notice("Not assessed: no forecast of the quarter has a known outcome.", "warn")]
    words = measured["verdict"]["words"]
    judgement, gap = data["judgement"], data["difference"]
    if judgement == "not assessed":
        line = f"Not compared with validation: {data['not_compared']}."
    else:
        low, high = data["difference_interval"]
        line = (
            f"Accuracy {100 * gap:+.1f} points against validation "
            f"(95 % interval {100 * low:+.1f} to {100 * high:+.1f}): {judgement}."
        )
    rows: list[tuple[str, ...]] = [
        (
            "accuracy",
            f"{percent(measured['accuracy'])} ({percent_range(measured['accuracy_interval'])})",
            f"{percent(expected['accuracy'])} ({percent_range(expected['accuracy_interval'])})",
        )
    ]
    rows += [(name.replace("_", " "), number(measured.get(name), 4), number(expected.get(name), 4)) for name in METRICS]
    rows.append(("forecasts judged", count(measured["n"]), count(expected["n"])))
    rows.append(("skill: p", chance(measured["verdict"]["p_value"]), ""))
    return [
        Notice(line, _tone(judgement)),
        Text(f"{words[0].upper()}{words[1:]}."),
        Table(("metric", "this quarter", "at validation"), tuple(rows), note="95 % intervals in brackets."),
    ]


def _calibration(measured: Mapping[str, Any], outcomes: Outcomes | None) -> list[Block]:
    from tradewind.evaluation import MetricsSettings
    from tradewind.evaluation.report.plots import calibration_plot

    if not measured or outcomes is None:
        return []
    bins = tuple(
        (percent(one["said"]), percent(one["came"]), count(one["forecasts"])) for one in measured["calibration"]
    )
    alt, note = "probability of a rise said against share that rose", "Dots on the dotted line mean what they say."
    return [
        Figure(calibration_plot(outcomes, MetricsSettings()), alt, note),
        Table(("said", "came true", "forecasts"), bins, left=0),
    ]


def _events(events: Sequence[Mapping[str, Any]] | None, incidents: Sequence[Incident] | None) -> list[Block]:
    blocks: list[Block] = []
    if incidents is None:
        blocks.append(Text("Incidents: not assessed, no incident files were given.", "soft"))
    elif incidents:
        found: list[tuple[str, ...]] = [
            (i.reference, i.title, i.severity, i.status, moment(i.started)) for i in incidents
        ]
        blocks.append(Table(("incident", "what", "severity", "status", "started"), tuple(found), left=5))
    else:
        blocks.append(Text("No incident is on file for it in the quarter.", "soft"))
    shown = [row for row in events or () if row["kind"] in {"override", "fallback"}]
    if events is None:
        blocks.append(Text("Overrides and fallbacks: not assessed, no audit log was given.", "soft"))
    elif shown:
        reasons = [text((row.get("body") or {}).get("reason")) for row in shown]
        rows = tuple(
            (moment(row["at"]), str(row["kind"]), reason, f"#{row['seq']}")
            for row, reason in zip(shown, reasons, strict=True)
        )
        blocks.append(Table(("when", "kind", "reason", "audit row"), rows, left=4))
    else:
        blocks.append(Text("No override and no fallback in the quarter.", "soft"))
    return blocks
