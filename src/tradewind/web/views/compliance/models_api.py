"""Operations over the inventory of models."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tradewind.core import Progress
from tradewind.governance.audit import AuditLog
from tradewind.governance.cards import check_card, make_card
from tradewind.governance.pages import to_html, to_markdown
from tradewind.governance.pages.numbers import instant
from tradewind.governance.reports import Incident, ModelEntry, card_sources
from tradewind.registry import Decision, ModelRecord, lineage_of
from tradewind.registry.people import People
from tradewind.registry.reader import RegistryReader
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.problems import Problem
from tradewind.web.views.compliance.document import document_shape
from tradewind.web.views.compliance.incident_store import sound_incidents
from tradewind.web.views.compliance.models_shapes import (
    BudgetRow,
    CardGap,
    Inventory,
    InventoryRow,
    LineageStep,
    ModelPage,
    SignedDecision,
    UnsoundModel,
)
from tradewind.web.views.compliance.places import has_log, open_log, reading
from tradewind.web.views.compliance.registered import registered
from tradewind.web.views.compliance.tasks_api import ComplianceTask, begin
from tradewind.web.workspace import Workspace

router = APIRouter()


@router.get("/models")
def inventory_of_models(place: Place) -> Inventory:
    """Every registered version: who answers for it, what it learned from, what it may cost, where it stands."""
    found, incidents = registered(place), sound_incidents(place)
    return Inventory(
        place=str(found.folder),
        rows=[inventory_row(entry, incidents) for entry in found.entries],
        unsound=[UnsoundModel(**vars(one)) for one in found.unsound],
        serving=dict(found.serving),
    )


@router.get("/models/{name}/{version}")
def model_page(place: Place, name: str, version: int) -> ModelPage:
    """Everything about one version: lineage, signed decisions, card, checklist, budget."""
    found, entry = registered(place), entry_in(place, name, version)
    card = make_card(card_sources(entry))
    record = ModelRecord.from_dict(entry.record)
    decisions = [one for one in found.history[name] if one.version in {0, version}]
    people = RegistryReader(place.registry).people()
    return ModelPage(
        row=inventory_row(entry, sound_incidents(place)),
        serving=found.serving[name],
        limitations=list(record.limitations),
        missing=record.missing(),
        budget=[BudgetRow(**line) for line in record.budget.get("lines", [])],
        lineage=[LineageStep(**step.to_dict()) for step in lineage_of(record, decisions).steps],
        decisions=[signed(one, people) for one in reversed(decisions)],
        card=document_shape(card.document),
        checked=card.checklist.checked,
        gaps=[CardGap(**gap.to_dict()) for gap in card.checklist.gaps],
        hashes={
            "model": record.model_sha256,
            "settings": record.settings_id,
            "rows": record.rows_id,
            "forecasts": record.forecasts_sha256,
            "source": str(record.code.get("source", "")),
            "environment": str(record.environment.get("lock_sha256", "")),
        },
        record={key: value for key, value in entry.record.items() if key not in {"forecasts", "files"}},
    )


@router.get("/models/{name}/{version}/card.{suffix}", response_class=Response)
def model_card_file(place: Place, name: str, version: int, suffix: str) -> Response:
    """The model's card as a file: html, or md (Markdown)."""
    forms = {"html": (to_html, "text/html"), "md": (to_markdown, "text/markdown")}
    if suffix not in forms:
        raise Problem(404, "There is no such form", f"A card has no form {suffix!r}.", fix="ask for html or md")
    draw, kind = forms[suffix]
    text = draw(make_card(card_sources(entry_in(place, name, version))).document)
    headers = {"content-disposition": f'attachment; filename="card-{name}-{version}.{suffix}"'}
    return Response(text, media_type=f"{kind}; charset=utf-8", headers=headers)


@router.post("/models/check", status_code=202)
def check_registry(request: Request, place: Place, user: CurrentUser) -> ComplianceTask:
    """Verify signatures, order, index, records and every file, beside the audit log where there is one."""
    reading(place)
    return begin(request, user, "registry check", "registry", lambda progress: check(place, progress))


def check(place: Workspace, progress: Progress) -> dict[str, Any]:
    """Return what is wrong with the registry, by model; as ``tradewind models check`` finds it."""
    reader = reading(place)
    logged: dict[str, set[str]] = {}
    beside = has_log(place)
    if beside:
        with open_log(place) as log:
            logged = _logged(log)
    names = sorted({*reader.names(), *reader.indexed_names(), *logged} - {""})
    findings: dict[str, list[str]] = {}
    for number, name in enumerate(names, 1):
        findings[name] = reader.findings(name, logged.get(name, ()))
        progress.update("verify models", number, len(names))
    if people := reader.people_findings(logged.get("", ())):
        findings["people"] = people
    return {"sound": not any(findings.values()), "beside_log": beside, "findings": findings}


def _logged(log: AuditLog) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for kind in ("decision", "override", "fallback", "enrolment"):
        for body in (entry.body for entry in log.query(kind=kind)):
            if "hash" in body and "signature" in body:
                found.setdefault(str(body.get("model", "")), set()).add(str(body["hash"]))
    return found


def entry_in(place: Workspace, name: str, version: int) -> ModelEntry:
    """Return one registered version.

    Raises
    ------
    Problem : there is none (404), or its model is not sound (409).
    """
    found = registered(place)
    broken = next((one for one in found.unsound if one.name == name), None)
    if broken is not None:
        raise Problem(409, f"{name} is not sound", f"{broken.problem}.", fix=broken.fix or None)
    entry = found.find(name, version)
    if entry is None:
        raise Problem(404, "There is no such version", f"{name}/{version} is not registered.", fix="see the inventory")
    return entry


def inventory_row(entry: ModelEntry, incidents: tuple[Incident, ...]) -> InventoryRow:
    """Return one version as the inventory shows it."""
    record, checklist = entry.record, check_card(card_sources(entry))
    budget, complexity, data = record.get("budget") or {}, record.get("complexity") or {}, record.get("data") or {}
    return InventoryRow(
        reference=entry.reference,
        name=entry.name,
        version=int(entry.version),
        stage=entry.stage,
        aliases=list(entry.aliases),
        owner=entry.notes.owner,
        tier=entry.notes.tier,
        use_case=str(record.get("use_case", "")),
        purpose=str(record.get("purpose", "")),
        author=entry.author,
        created=instant(record["created"]),
        data=str(data.get("panel", "")),
        symbols=_count(data.get("symbols")),
        bars=data.get("bars"),
        trained_until=str(record.get("trained_until", ""))[:10],
        accuracy=(record.get("metrics") or {}).get("accuracy"),
        verdict=str(entry.verdict.get("words", "It was not measured out of sample")),
        members=complexity.get("members"),
        parameters=complexity.get("parameters"),
        budget_kept=bool(budget.get("passed")),
        budget_failures=[line["words"] for line in budget.get("lines", []) if not line["passed"]],
        card_complete=checklist.complete,
        card_gaps=len(checklist.failing),
        validated=entry.reached("validated"),
        incidents=sum(one.open and one.concerns(entry.name, entry.version) for one in incidents),
    )


def _count(value: Any) -> int | None:
    return len(value) if isinstance(value, list | tuple) else value


def signed(decision: Decision, people: People) -> SignedDecision:
    """Return a decision with the public key that its signature was verified with."""
    holder = people.of(decision.by, known=people.heads.get(decision.people))
    return SignedDecision(
        seq=decision.seq,
        version=decision.version,
        at=decision.moment,
        by=decision.by,
        role=decision.role,
        act=decision.act,
        words=decision.words(),
        reason=decision.reason,
        hash=decision.hash,
        signature=decision.signature,
        key="" if holder is None else holder.key,
    )
