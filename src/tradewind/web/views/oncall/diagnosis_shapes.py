"""Shapes of a diagnosis: causes ranked, what speaks for each, where the error is."""

from __future__ import annotations

from pydantic import BaseModel, Field


class CauseEvidence(BaseModel):
    """One piece of evidence."""

    text: str
    finding: str | None = Field(description="Fingerprint of the finding that tells the same.")


class DiagnosisCause(BaseModel):
    """One candidate; the beliefs of one diagnosis sum to 1."""

    kind: str
    words: str
    about: str
    belief: float
    log_odds: float
    since: str | None
    until: str | None
    evidence: list[CauseEvidence]
    action: str
    command: str
    ruled_out: str
    explained_by: str | None


class PlaybookStep(BaseModel):
    """A step of the play-book and how it came out."""

    name: str
    verdict: str
    lines: list[str]


class DiagnosisSlice(BaseModel):
    """Forecasts among which the error is concentrated."""

    conditions: list[str]
    number: int
    days: int
    error: float
    rest: float
    usual: float | None
    p_value: float


class DiagnosisShift(BaseModel):
    """A feature that moved, in standard deviations of the reference."""

    feature: str
    shift: float
    contribution: float


class DatedValue(BaseModel):
    """A value of a day; null: not known."""

    day: str
    value: float | None


class OncallDiagnosis(BaseModel):
    """What is most probably wrong in a span, and why."""

    id: str
    headline: str
    begin: str
    end: str
    reference: int = Field(description="Slices before the span that tell what is usual.")
    first_day: str = Field(description="The first day of the journal that may begin a span.")
    last_day: str
    causes: list[DiagnosisCause]
    steps: list[PlaybookStep]
    slices: list[DiagnosisSlice]
    shifts: list[DiagnosisShift]
    findings: int
    accuracy_usual: float | None
    accuracy_now: float | None
    accuracy: list[DatedValue]
    changes: list[str]
    trace: list[DatedValue]
    trace_name: str
    seconds: float
