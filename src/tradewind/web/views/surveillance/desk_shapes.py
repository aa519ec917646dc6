"""What the queue and the figures of the desk answer with."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CaseRow(BaseModel):
    """A case as the queue lists it; times are UTC, ISO."""

    id: str
    title: str
    tier: str
    state: str
    score: float = Field(description="Calibrated probability of its surest alert, 0 to 1.")
    schemes: list[str]
    symbols: list[str]
    accounts: list[str] = Field(description="The first few; `account_count` says how many there are.")
    account_count: int
    alert_count: int
    first: str = Field(description="First event of the evidence.")
    last: str
    opened_at: str
    respond_by: str = Field(description="Somebody must have taken it up by then.")
    taken_at: str | None
    assignee: str | None
    overdue: bool = Field(description="Nobody took it up in time, and it is open.")
    proposed_by: str | None
    proposed: str | None = Field(description="Outcome that waits for a second person.")
    outcome: str | None
    closed_at: str | None


class DeskPerson(BaseModel):
    """Somebody who is enrolled to work on cases."""

    name: str
    roles: list[str]


class CaseQueue(BaseModel):
    """Cases in the order in which they should be taken: tier, then overdue, then score."""

    now: str
    cases: list[CaseRow]
    total: int = Field(description="Cases there are, of which `cases` are the first.")
    people: list[DeskPerson]
    acting_as: str | None = Field(description="Whose key signs what you do; null: you can look only.")
    acting_roles: list[str]
    acting_problem: str | None = Field(description="Why you cannot act, where you cannot.")


class CaseNames(BaseModel):
    """Cases that something is to be done to."""

    cases: list[str] = Field(min_length=1, max_length=200)


class CaseAssignment(CaseNames):
    """Cases and who gets them."""

    analyst: str


class CaseRefusal(BaseModel):
    """A case that something was not done to, and why."""

    case: str
    why: str
    fix: str | None


class CaseBulk(BaseModel):
    """What was done to several cases."""

    done: list[str]
    refused: list[CaseRefusal]


class DeskFigures(BaseModel):
    """How a group of cases fared; times in minutes; null where there are none to count.

    `precision` : share of the cases closed as escalated or false alarm that were escalated, with a Wilson interval of
    95 %; `judged` : how many these are.
    """

    name: str
    cases: int
    open: int
    closed: int
    overdue: int
    late_share: float | None
    to_take_up: float | None
    to_take_up_p90: float | None
    to_close: float | None
    to_close_p90: float | None
    judged: int
    precision: float | None
    precision_low: float | None
    precision_high: float | None
    false_alarm_share: float | None
    escalated_share: float | None


class DeskLoad(BaseModel):
    """What one person has and did; `to_propose` in minutes."""

    name: str
    roles: list[str]
    open: int
    by_tier: dict[str, int] = Field(description="Open cases they have, by tier.")
    taken: int
    proposed: int
    confirmed: int
    rejected: int
    agreement: float | None
    judged: int
    to_propose: float | None


class DeskStatistics(BaseModel):
    """Figures of the desk from all cases there are."""

    all: DeskFigures | None
    tiers: list[DeskFigures]
    schemes: list[DeskFigures]
    people: list[DeskLoad]
    response_minutes: dict[str, int]
