"""The run-book, cut into its sections, so that what to do is read beside the alert."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from pydantic import BaseModel, Field

from tradewind.monitoring.alerts import runbook

FILE = Path(__file__).with_name("runbook.md")
UNLISTED = "a-kind-that-is-not-listed"


class RunbookEntry(BaseModel):
    """One labelled paragraph of a section, such as what the alert means."""

    label: str
    text: str


class RunbookSection(BaseModel):
    """What to do about one kind of alert."""

    anchor: str
    title: str
    page: str = Field(description="The page of the play-book it belongs to.")
    entries: list[RunbookEntry]
    text: str = Field(description="What stands there without a label.")


def anchor_of(kind: str) -> str:
    """Return the anchor of the section for ``kind``."""
    return runbook(kind).partition("#")[2]


@lru_cache(maxsize=1)
def sections() -> dict[str, RunbookSection]:
    """Return the sections of the run-book by anchor, in its order."""
    found: dict[str, RunbookSection] = {}
    page = ""
    for block in re.split(r"^(?=##)", FILE.read_text(encoding="utf-8"), flags=re.MULTILINE):
        head, _, body = block.partition("\n")
        title = head.lstrip("#").strip()
        if head.startswith("## "):
            page = title
        if head.startswith("##"):
            anchor = re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-")
            found[anchor] = _section(anchor, title, page, body)
    return found


def _section(anchor: str, title: str, page: str, body: str) -> RunbookSection:
    entries, rest = [], []
    for part in re.split(r"\n(?=- )|\n\n", body.strip()):
        text = " ".join(part.split())
        match = re.match(r"- \*\*(.+?)\.?\*\* (.*)", text)
        if match:
            entries.append(RunbookEntry(label=match[1], text=match[2]))
        elif text:
            rest.append(text)
    return RunbookSection(anchor=anchor, title=title, page=page, entries=entries, text="\n\n".join(rest))
