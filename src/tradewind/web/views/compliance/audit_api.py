"""Operations over the audit log: search, one entry, verification, export with its proof."""

from __future__ import annotations

import shutil
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from tradewind.core import Progress
from tradewind.core.clock import SystemClock
from tradewind.governance.audit import Entry, Receipt
from tradewind.governance.audit.export import manifest_of
from tradewind.governance.pages.numbers import instant
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.problems import Problem
from tradewind.web.views.compliance.audit_shapes import (
    AuditCheckpoint,
    AuditEntryPage,
    AuditExport,
    AuditPage,
    AuditRow,
    AuditSearch,
    AuditStatus,
    VerifyRequest,
)
from tradewind.web.views.compliance.checkpoint import read_checkpoint, write_checkpoint
from tradewind.web.views.compliance.places import open_log, tell_log
from tradewind.web.views.compliance.tasks_api import ComplianceTask, begin
from tradewind.web.workspace import Workspace

router = APIRouter(prefix="/audit")
PATIENCE = 1.0
"""Seconds that one page of a search may take; a search for rare words goes on page by page."""

_SAYS = ("reason", "title", "what", "summary", "explanation", "status")
_WROTE = ("by", "caller", "author")


@router.get("/status")
def audit_status(place: Place) -> AuditStatus:
    """Size, ends and keys of the log, and when it was last verified."""
    with open_log(place) as log:
        told = log.status()
        beside = log.place.key_beside
    return AuditStatus(
        **{name: told[name] for name in ("place", "entries", "first_at", "last", "last_at", "head", "kinds")},
        encrypted=told["encrypted"],
        anchor=told["anchor"],
        guards=told["guards"] if isinstance(told["guards"], str) else "; ".join(told["guards"]),
        warnings=[_BESIDE] if beside else [],
        checkpoint=read_checkpoint(place, told["log"]),
    )


_BESIDE = (
    "The key that signs lies beside the log: whoever can write there can forge all of it. Move it and its public half "
    "to a folder of their own and set TRADEWIND_AUDIT_KEY."
)


@router.get("/entries")
def audit_entries(place: Place, asked: Annotated[AuditSearch, Query()]) -> AuditPage:
    """Entries that meet every condition, the newest first; a page takes a second at most."""
    with open_log(place) as log:
        page = log.page(asked.filter(), size=asked.size, seconds=PATIENCE)
    return AuditPage(
        rows=[_row(entry) for entry in page.entries], below=page.below, read=page.read, hurried=page.hurried
    )


@router.get("/entries/{seq}")
def audit_entry(place: Place, seq: int) -> AuditEntryPage:
    """One entry, with the hash before it."""
    with open_log(place) as log:
        entry = log.entry(seq)
        before = log.entry(seq - 1) if seq > 0 else None
        last = log.page(size=1).entries[0].seq
    if entry is None:
        raise Problem(404, "There is no such entry", f"The log has no entry {seq}.", fix=f"its last is {last}")
    return AuditEntryPage(
        seq=entry.seq,
        at=instant(entry.at),
        kind=entry.kind,
        body=entry.body,
        encrypted=bool(entry.key_id),
        hash=entry.hash,
        before=None if before is None else before.hash,
        last=last,
    )


@router.post("/verify", status_code=202)
def verify_audit(request: Request, place: Place, user: CurrentUser, body: VerifyRequest) -> ComplianceTask:
    """Compute the chain anew and hold it against signatures, anchor and the last verification, in the background."""
    with open_log(place):
        pass  # refused at once where there is none
    about = "whole" if body.whole else "since"
    return begin(request, user, "audit verification", about, lambda progress: verify(place, user.name, body, progress))


def verify(place: Workspace, by: str, asked: VerifyRequest, progress: Progress) -> dict[str, Any]:
    """Return the outcome as ``tradewind audit verify --json`` tells it; one in order becomes the checkpoint.

    A whole verification is held against the last checkpoint too: whoever holds the key that signs, and wrote all of
    the log anew, is found out by the hash that was kept here.
    """
    with open_log(place) as log:
        held = read_checkpoint(place, log.status()["log"])
        receipt = None if held is None else Receipt(held.seq, held.hash)
        since = None if asked.whole else receipt
        receipts = (receipt,) if asked.whole and receipt is not None else ()
        found = log.verify(since=since, receipts=receipts, deep=asked.deep, progress=progress)
    whole = since is None
    if found.ok and found.head is not None:
        checkpoint = AuditCheckpoint(seq=found.head[0], hash=found.head[1], at=SystemClock().now(), by=by, whole=whole)
        write_checkpoint(place, found.log, checkpoint)
    return {
        **found.to_dict(),
        "whole": whole,
        "since": None if since is None else since.seq,
        "held_against": held.seq if held is not None and whole else None,
    }


@router.get("/export", response_class=FileResponse)
def export_audit(
    place: Place,
    user: CurrentUser,
    asked: Annotated[AuditExport, Query()],
) -> FileResponse:
    """The entries that meet every condition, and the manifest that proves them, in one zip file.

    ``tradewind audit verify --file FILE`` checks them without the log. The log tells of the export.
    """
    with open_log(place) as log:
        folder = Path(tempfile.mkdtemp(prefix="tradewind-export-"))
        try:
            target, packed = folder / f"audit.{asked.form}", folder / "audit-export.zip"
            manifest = log.export(target, asked.filter())
            with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as pack:
                for file in (target, manifest_of(target)):
                    pack.write(file, file.name)
            told = {name: manifest[name] for name in ("rows", "sha256", "filter")}
            tell_log(place, "export", {"by": user.name, **told})
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return FileResponse(
        packed,
        filename="audit-export.zip",
        media_type="application/zip",
        background=BackgroundTask(shutil.rmtree, folder, ignore_errors=True),
    )


def _row(entry: Entry) -> AuditRow:
    body = entry.body
    return AuditRow(
        seq=entry.seq,
        at=instant(entry.at),
        kind=entry.kind,
        model=_model(body),
        symbol=str(body.get("symbol") or ""),
        by=_first(body, _WROTE),
        words=_words(entry.kind, body),
        hash=entry.hash,
    )


def _model(body: Mapping[str, Any]) -> str:
    model, version = body.get("model"), body.get("model_version", body.get("version"))
    if not model:
        return ""
    return f"{model}/{version}" if version and "/" not in str(model) else str(model)


def _first(body: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        found = body.get(name)
        if found:
            if isinstance(found, Mapping):
                return str(found.get("name", found))
            return " ".join(map(str, found)) if isinstance(found, list) else str(found)
    return ""


def _words(kind: str, body: Mapping[str, Any]) -> str:
    """Return what an entry says in a line; what it does not hold is not made up."""
    output = body.get("output")
    if kind == "prediction" and isinstance(output, Mapping):
        chance = output.get("probability")
        rise = f"chance of a rise {float(chance):.1%}" if isinstance(chance, int | float) else "no probability"
        return f"{rise}, for the bar of {str(body.get('as_of', '-'))[:10]}"
    moved = body.get("to_stage")
    step = f"{body.get('from_stage') or 'new'} to {moved}: " if moved else ""
    said = _first(body, _SAYS)
    rest = said or ", ".join(f"{name} {value}" for name, value in body.items() if isinstance(value, str | int | float))
    return f"{step}{rest}"[:240]
