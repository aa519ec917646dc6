"""What the inventory of models and the page of one version show."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field

from tradewind.web.views.compliance.document import DocumentShape


class InventoryRow(BaseModel):
    """One version in the inventory."""

    reference: str = Field(description="NAME/VERSION.")
    name: str
    version: int
    stage: str
    aliases: list[str] = Field(description="champion, challenger.")
    owner: str = Field(description="From its notes; empty: nobody wrote one down.")
    tier: str = Field(description="Risk: high, medium, low; empty: not rated.")
    use_case: str
    purpose: str
    author: str
    created: datetime
    data: str = Field(description="Content hash of the bars it learned from.")
    symbols: int | None
    bars: int | None
    trained_until: str
    accuracy: float | None = Field(description="Out of sample; null: not measured.")
    verdict: str
    members: int | None
    parameters: int | None
    budget_kept: bool
    budget_failures: list[str]
    card_complete: bool
    card_gaps: int
    validated: datetime | None
    incidents: int = Field(description="Open incidents that concern it.")


class UnsoundModel(BaseModel):
    """A model whose registry entries are not what was signed for."""

    name: str
    problem: str
    fix: str


class Inventory(BaseModel):
    """The inventory of models."""

    place: str
    rows: list[InventoryRow]
    unsound: list[UnsoundModel]
    serving: dict[str, str] = Field(description="By name, what is served at present, or why nothing is.")


class SignedDecision(BaseModel):
    """One decision. The registry verified its signature, chain and order when it was read."""

    seq: int
    version: int
    at: datetime
    by: str
    role: str
    act: str
    words: str
    reason: str
    hash: str
    signature: str
    key: str = Field(description="Public key that the signature was verified with.")


class LineageStep(BaseModel):
    """One step from data to decisions."""

    kind: str
    id: str
    says: list[str]


class BudgetRow(BaseModel):
    """One line of the complexity budget."""

    name: str
    measured: float | None
    limit: float
    passed: bool
    words: str


class CardGap(BaseModel):
    """A field that the model's card lacks."""

    field: str
    section: str
    why: str
    give: str
    required: bool


class ModelPage(BaseModel):
    """Everything about one version."""

    row: InventoryRow
    serving: str
    limitations: list[str]
    missing: list[str] = Field(description="Fields that its record lacks.")
    budget: list[BudgetRow]
    lineage: list[LineageStep]
    decisions: list[SignedDecision]
    card: DocumentShape
    checked: int
    gaps: list[CardGap]
    hashes: dict[str, str]
    record: dict[str, Any]


class RegistryCheck(BaseModel):
    """What a check of signatures, order, index, records and files found; empty lists where all is sound."""

    sound: bool
    beside_log: bool = Field(description="Whether the audit log was there to compare with.")
    findings: dict[str, list[str]]
