"""What an alert's evidence answers with: why it was raised, what happened in order, what speaks against it."""

from __future__ import annotations

from pydantic import BaseModel, Field


class EvidencePiece(BaseModel):
    """What one part of the model argues, in log odds."""

    name: str
    log_odds: float


class EvidenceFeature(BaseModel):
    """One number the score rests on, as read, beside the usual candidate's; what it adds in log odds."""

    name: str
    label: str
    value: str
    usual: str
    log_odds: float


class EvidenceAccount(BaseModel):
    """The part of one account within the alert's time; shares and dollars.

    `gain` : cash of its trades plus what is left at the last mid, before fees, from nothing held at the start.
    """

    name: str
    role: str | None
    orders: int
    cancels: int
    entered_buy: int
    entered_sell: int
    cancelled: int
    bought: int
    sold: int
    net: int
    taken: int
    inside: int
    gain: float


class EvidenceStep(BaseModel):
    """One link of the chain; `at` in nanoseconds from `base`."""

    at: int
    time: str
    seq: int | None
    who: str | None
    what: str
    why: str
    order: str | None
    named: bool = Field(description="Whether the detector named this event as evidence.")


class EvidenceOrder(BaseModel):
    """One order of the accounts, alive within the alert's time; times in nanoseconds from `base`."""

    order: str
    account: str
    side: str
    price: float | None = Field(description="Dollars; null: a market order.")
    size: int
    level: int = Field(description="Price levels better than its own at entry; -1: it crossed.")
    entered: int
    ended: int
    entered_time: str
    seconds: float
    executed: int
    cancelled: int
    executions: int
    entered_before: bool


class EvidenceGrid(BaseModel):
    """A small table of words."""

    title: str
    columns: list[str]
    rows: list[list[str]]
    note: str | None


class EvidenceArticle(BaseModel):
    """A rule that may be breached, and which facts speak to it."""

    place: str
    citation: str
    forbids: str
    facts: str


class EvidenceOutline(BaseModel):
    """The symbol's market over the span shown; `at` in nanoseconds from `base`, prices in dollars, null: no book."""

    at: list[int]
    mid: list[float | None]
    trade_at: list[int] = Field(description="Executions of the alert's accounts.")
    trade_price: list[float]
    trade_size: list[int]
    trade_side: list[int] = Field(description="+1 the account bought, -1 it sold.")
    trade_account: list[str]
    news_at: list[int]


class CaseEvidence(BaseModel):
    """One alert told from the events it was raised on; each number can be counted in them.

    `base` is the beginning of the span shown (nanoseconds since 1970, UTC, as text: it does not fit a double).
    """

    alert: str
    scheme: str
    symbol: str
    base: str
    base_time: str
    start: int
    end: int
    span: int
    summary: list[str]
    accounts: list[EvidenceAccount]
    profit: float
    confidence: list[str]
    bar: float | None
    pieces: list[EvidencePiece]
    features: list[EvidenceFeature]
    features_note: str
    steps: list[EvidenceStep]
    steps_left_out: int
    orders: list[EvidenceOrder]
    orders_total: int
    grids: list[EvidenceGrid]
    doubts: list[str]
    caveats: list[str]
    checks: list[str]
    articles: list[EvidenceArticle]
    duties: list[EvidenceArticle]
    outline: EvidenceOutline
    made_from: list[str] = Field(description="Files of events it was read from.")
