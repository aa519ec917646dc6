"""Registry, audit log and notes that cards and reports are made from, and the reports made from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from tradewind.core import NoProgress, Progress, UsageError
from tradewind.core.files import read_json
from tradewind.data import read_prices, read_universe
from tradewind.governance.audit import AuditLog, KeyRing, place_of
from tradewind.governance.cards import check_card
from tradewind.governance.files import read_toml
from tradewind.governance.reports.checks import ComplianceFacts
from tradewind.governance.reports.compliance import compliance
from tradewind.governance.reports.entry import SERVED, ModelEntry
from tradewind.governance.reports.incident_file import Incident, read_incidents
from tradewind.governance.reports.inventory import inventory
from tradewind.governance.reports.joining import card_sources, entries_of, log_facts
from tradewind.governance.reports.policy import Policy
from tradewind.governance.reports.quarter import Quarter, logged_forecasts
from tradewind.governance.reports.quarterly import QuarterInput, quarterly
from tradewind.governance.reports.report import Report
from tradewind.registry.reader import RegistryReader


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Where reports are made from; what is None is not assessed."""

    registry: str | None = None
    audit: str | None = None
    notes: Path | None = None
    incidents: Path | None = None
    policy: Path | None = None
    prices: Path | None = None
    universe: Path | None = None

    @property
    def reader(self) -> RegistryReader:
        """The registry, for reading."""
        return RegistryReader(self.registry)

    def entries(self) -> tuple[ModelEntry, ...]:
        """Every registered version."""
        return entries_of(self.reader, notes=self.notes)

    def incident_files(self) -> tuple[Incident, ...] | None:
        """The incidents, None where no folder is named."""
        return None if self.incidents is None else read_incidents(self.incidents)

    def rules(self) -> Policy:
        """The house rules."""
        return Policy() if self.policy is None else read_toml(self.policy, Policy, what="a policy")

    @contextmanager
    def log(self) -> Iterator[AuditLog | None]:
        """Yield the audit log for reading, None where it is off or, unnamed, not at the usual place."""
        place = place_of(self.audit)
        if place is None or (self.audit is None and not place.remote and not Path(place.database).exists()):
            yield None
            return
        with AuditLog.open(place, key=KeyRing.of_environment(), readonly=True) as log:
            yield log


@dataclass(frozen=True, kw_only=True)
class QuarterRequest:
    """What is asked of a quarterly report.

    ``models`` : references; empty for every version that may answer. ``predictions``, ``drifts`` : files by reference.
    """

    quarter: Quarter
    models: Sequence[str] = ()
    predictions: Mapping[str, Path] = field(default_factory=dict)
    drifts: Mapping[str, Path] = field(default_factory=dict)


def inventory_of(sources: Sources, at: datetime) -> Report:
    """Return the inventory of the registry."""
    return inventory(sources.entries(), at=at, incidents=sources.incident_files(), policy=sources.rules())


def compliance_of(sources: Sources, at: datetime, progress: Progress | None = None) -> Report:
    """Return the compliance status; ``progress`` hears of the log's entries as they are verified."""
    entries = sources.entries()
    with sources.log() as log:
        facts = None if log is None else log_facts(log, progress or NoProgress())
    cards = {entry.reference: check_card(card_sources(entry)) for entry in entries if entry.stage in SERVED}
    return compliance(ComplianceFacts(entries=entries, log=facts, cards=cards, policy=sources.rules()), at=at)


def quarterly_of(sources: Sources, request: QuarterRequest, at: datetime) -> Report:
    """Return the performance of a quarter.

    Raises
    ------
    UsageError : a model is not registered, or forecasts are to be judged and there are no prices.
    """
    entries = _chosen(sources.entries(), request)
    with sources.log() as log:
        rows = None if log is None else _rows_of(log, request.quarter)
    needs = bool(request.predictions) or any(row["kind"] == "prediction" for row in rows or ())
    if needs and entries and sources.prices is None:
        raise UsageError(
            "forecasts cannot be judged without prices", fix="give --prices with bars that reach past the quarter"
        )
    universe = read_universe(sources.universe) if sources.universe else None
    panel = read_prices(sources.prices, universe=universe) if needs and sources.prices else None
    inputs = [_input(entry, request, rows, panel) for entry in entries]
    return quarterly(inputs, request.quarter, at=at, incidents=sources.incident_files())


def _rows_of(log: AuditLog, quarter: Quarter) -> list[dict[str, Any]]:
    """Return answers about bars of ``quarter``, without their inputs, and what else the report counts."""
    kept = []
    for entry in log.entries():
        if entry.kind == "prediction" and not quarter.holds(entry.body.get("as_of") or entry.at):
            continue
        if entry.kind in {"prediction", "override", "fallback"}:
            row = entry.to_dict()
            kept.append({**row, "body": {key: value for key, value in row["body"].items() if key != "inputs"}})
    return kept


def _chosen(entries: Sequence[ModelEntry], request: QuarterRequest) -> list[ModelEntry]:
    known = {entry.reference for entry in entries} | {entry.name for entry in entries}
    for reference in (*request.models, *request.predictions, *request.drifts):
        if reference not in known:
            raise UsageError(
                f"{reference!r} is not registered", fix=f"choose from {', '.join(sorted(known)) or 'nothing: none is'}"
            )
    if request.models:
        return [entry for entry in entries if {entry.reference, entry.name} & set(request.models)]
    named = {*request.predictions, *request.drifts}
    return [entry for entry in entries if entry.stage in SERVED or {entry.reference, entry.name} & named]


def _input(
    entry: ModelEntry, request: QuarterRequest, rows: Sequence[Mapping[str, Any]] | None, panel: Any
) -> QuarterInput:
    from tradewind.features import LabelSettings
    from tradewind.training import read_forecasts

    own = None if rows is None else [row for row in rows if _about(row, entry)]
    label = LabelSettings(**((entry.record.get("settings") or {}).get("label") or {}))
    outcomes, remarks = None, []
    file = request.predictions.get(entry.reference) or request.predictions.get(entry.name)
    if file is not None:
        outcomes = read_forecasts(file, panel, label)
        remarks.append(f"Forecasts: {file.name}.")
    elif own is not None and panel is not None:
        told = [row for row in own if row["kind"] == "prediction"]
        found = logged_forecasts(told, panel, model=entry.reference, label=label)
        outcomes = found.outcomes
        remarks.append(
            f"Forecasts: {len(told):,} answers in the audit log about bars of the quarter, {found.repeated:,} of them "
            f"repeated (the first counts), {found.unmatched:,} about bars that the prices do not hold."
        )
        if found.late:
            remarks.append(
                f"{found.late:,} of them were written when the outcome was known already: no real forecasts."
            )
    drift = request.drifts.get(entry.reference) or request.drifts.get(entry.name)
    return QuarterInput(
        entry=entry,
        outcomes=outcomes,
        events=own,
        importance_drift=None if drift is None else _drift(drift),
        remarks=remarks,
    )


def _drift(path: Path) -> Mapping[str, Any]:
    """Return how importance drifted: the part of `tradewind importance`'s file, or a file of that alone."""
    found = read_json(path, what="importance.json of `tradewind importance`")
    told: Mapping[str, Any] = found.get("drift") or found
    return told


def _about(row: Mapping[str, Any], entry: ModelEntry) -> bool:
    """Return whether an audit row is about this version; a row that names no version is about all of a name."""
    body = row["body"]
    version = body.get("model_version", body.get("version"))
    return body.get("model") == entry.name and (version in (None, 0) or str(version).split("/")[-1] == entry.version)
