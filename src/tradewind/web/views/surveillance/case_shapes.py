"""What one case answers with: who and what, its alerts, what may be done, and what was done."""

from __future__ import annotations

from pydantic import BaseModel, Field

from tradewind.web.views.surveillance.desk_shapes import CaseRow, DeskPerson


class CaseAlert(BaseModel):
    """One alert that was merged into the case."""

    id: str
    scheme: str
    variant: str | None
    symbol: str
    accounts: list[str]
    start: str
    end: str
    known_at: str
    seconds: float
    score: float
    tier: str
    revision: int


class CaseNote(BaseModel):
    """What somebody wrote down."""

    by: str
    at: str
    text: str


class CaseAttachment(BaseModel):
    """A file that belongs to the case; it stays where it was."""

    name: str
    sha256: str
    size: int
    by: str
    at: str


class CaseProposal(BaseModel):
    """A decision that waits for a second person, or was confirmed."""

    outcome: str
    by: str
    at: str
    reason: str
    exceptions: list[str]


class CaseAct(BaseModel):
    """One thing that was done."""

    n: int
    at: str
    by: str
    role: str | None
    doing: str
    what: str
    why: str | None
    signed: bool
    hash: str


class CaseMay(BaseModel):
    """Whether something may be done now by who is logged in, and why not."""

    doing: str
    allowed: bool
    why: str | None
    rule: str


class CaseOutcome(BaseModel):
    """What a case can come to."""

    value: str
    meaning: str


class SurveilCase(BaseModel):
    """A case whole."""

    now: str
    row: CaseRow
    accounts: list[str]
    alerts: list[CaseAlert]
    notes: list[CaseNote]
    attachments: list[CaseAttachment]
    proposal: CaseProposal | None
    proposers: list[str]
    confirmed_by: str | None
    follows: list[str]
    related: list[str]
    runs: list[str]
    acts: list[CaseAct]
    may: list[CaseMay]
    outcomes: list[CaseOutcome]
    people: list[DeskPerson]
    acting_as: str | None
    acting_problem: str | None


class CaseOrder(BaseModel):
    """Something to be done to a case; which fields count depends on `doing`."""

    doing: str = Field(description="take, assign, note, propose, confirm or reject.")
    text: str = Field(default="", max_length=10_000)
    reason: str = Field(default="", max_length=10_000)
    outcome: str = ""
    analyst: str = ""
    exceptions: list[str] = Field(default_factory=list, max_length=1000)


class CaseFault(BaseModel):
    """A sign that something is not as it was done."""

    case: str | None
    act: int | None
    what: str


class CaseVerification(BaseModel):
    """What verifying the whole store found."""

    at: str
    sound: bool
    acts: int
    audit_log: bool = Field(description="Whether an audit log was there to compare with.")
    faults: list[CaseFault]
