"""Operations of the case file: the page for the second pair of eyes and the authority, made from the events anew."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from fastapi.responses import Response

from tradewind.surveillance.cases.words import decisions
from tradewind.surveillance.events import EventTable, Problems
from tradewind.surveillance.explain import CaseAbout, build_case_file
from tradewind.surveillance.live.sources import EventFiles, event_files
from tradewind.web.views.surveillance.chains import bundled, market_of, scored_by
from tradewind.web.views.surveillance.desk import AtDesk

router = APIRouter()
KINDS = {"html": "text/html; charset=utf-8", "pdf": "application/pdf", "json": "application/json"}
CLOSED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox"
"""Of the file itself: it runs nothing and fetches nothing."""


@router.get("/cases/{case}/file", response_class=Response)
def download_case_file(
    desk: AtDesk,
    case: str,
    kind: Annotated[Literal["html", "pdf", "json"], Query(alias="format")] = "html",
    timezone: str = "UTC",
) -> Response:
    """Return the file of a case: evidence, pictures, regulation, doubts, decisions; the same case makes the same file.

    A PDF takes the extra `pdf`.
    """
    market_of(desk)  # says what is absent in the same words as the page does
    with desk.reading() as store:
        found = store.get(case)
        alerts, acts = store.alerts(found.id), store.history(found.id)
    model, record = bundled()
    about = CaseAbout(
        id=found.id,
        title=found.title,
        respond_by=f"{found.respond_by[:16].replace('T', ' ')} UTC",
        timezone=timezone,
    )
    if all(scored_by(alert, model) for alert in alerts):
        about = replace(about, model=model, record=record)
    with tempfile.TemporaryDirectory(prefix="tradewind-case-") as folder:
        written = build_case_file(
            alerts,
            _source(desk.workspace.events),
            Path(folder),
            decisions=decisions(acts),
            pdf=kind == "pdf",
            about=about,
        )
        chosen = next(path for path in written if path.suffix == f".{kind}")
        content = chosen.read_bytes()
    headers = {
        "content-disposition": f'attachment; filename="{chosen.name}"',
        "content-security-policy": CLOSED,
    }
    return Response(content, media_type=KINDS[kind], headers=headers)


def _source(events: Path) -> Path | Callable[[], Iterable[EventTable]]:
    """Return what the file is made from: one file by its path, so that its hash is in it; several one after another."""
    files = event_files(events)
    return files[0] if len(files) == 1 else lambda: EventFiles.of(events).chunks(Problems())
