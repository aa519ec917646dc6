"""What the pages of the audit log show."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from tradewind.governance.audit import Filter
from tradewind.governance.audit.query import at_of


class AuditConditions(BaseModel):
    """Which entries: all conditions that are given hold."""

    kind: str | None = None
    model: str | None = None
    symbol: str | None = None
    caller: str | None = Field(default=None, description="Who or what wrote it, as it is recorded.")
    since: str | None = Field(default=None, description="Written at or after (UTC).")
    until: str | None = Field(default=None, description="Written before (UTC).")
    text: str | None = Field(default=None, max_length=200, description="What the entry holds.")

    def filter(self) -> Filter:
        """Return the filter; an empty condition is none.

        Raises
        ------
        UsageError : a time cannot be read.
        """
        given: dict[str, Any] = {name: getattr(self, name) or None for name in AuditConditions.model_fields}
        for name in ("since", "until"):
            if given[name] is not None:
                at_of(given[name], name)
        return Filter(**given)


class AuditSearch(AuditConditions):
    """A search, page by page."""

    below: int | None = Field(default=None, description="Entries of lower numbers alone.")
    size: int = Field(default=100, ge=1, le=500)

    def filter(self) -> Filter:
        """Return the filter, with what the pages before have shown left out."""
        return replace(super().filter(), below=self.below)


class AuditExport(AuditConditions):
    """An export: conditions, and the format of the file."""

    form: Literal["jsonl", "csv", "parquet"] = "csv"


class AuditRow(BaseModel):
    """An entry in a list."""

    seq: int
    at: datetime
    kind: str
    model: str
    symbol: str
    by: str = Field(description="Who or what wrote it: the caller, or the person who decided.")
    words: str = Field(description="What it says, in a line.")
    hash: str


class AuditPage(BaseModel):
    """Entries that were found, the newest first."""

    rows: list[AuditRow]
    below: int | None = Field(description="Give it back for what follows; null: there is nothing more.")
    read: int = Field(description="Entries that were looked at for this page.")
    hurried: bool = Field(description="Time ran out before the page was full: go on to look further.")


class AuditStatus(BaseModel):
    """Size, ends and keys of the log; nothing of it is verified."""

    place: str
    entries: int
    first_at: datetime | None
    last: int | None
    last_at: datetime | None
    head: str | None
    kinds: dict[str, int]
    encrypted: bool
    anchor: str
    guards: str
    warnings: list[str] = Field(description="What weakens the proof.")
    checkpoint: AuditCheckpoint | None = Field(description="Where the last verification in order ended.")


class AuditCheckpoint(BaseModel):
    """The end of a verification in order: what it read is bound by this hash."""

    seq: int
    hash: str
    at: datetime
    by: str
    whole: bool = Field(description="Whether everything was read, or only what followed an earlier verification.")


class AuditEntryPage(BaseModel):
    """One entry."""

    seq: int
    at: datetime
    kind: str
    body: dict[str, Any]
    encrypted: bool
    hash: str
    before: str | None = Field(description="Hash of the entry before it, which its own hash binds.")
    last: int


class VerifyRequest(BaseModel):
    """What to verify."""

    whole: bool = Field(default=True, description="Everything; false: what follows the last verification in order.")
    deep: bool = Field(default=False, description="Also read the indexes, in which an entry could be hidden.")


AuditStatus.model_rebuild()
