"""Shapes of the page of drift."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

Measure = Literal["excess", "psi", "ks"]
DriftEvery = Literal["day", "week"]


class DriftRow(BaseModel):
    """One feature, or the largest of a group, through time."""

    feature: str
    group: str
    latest: float | None
    largest: float | None
    values: list[float | None] = Field(description="As the columns; null where it cannot be judged.")


class DriftMap(BaseModel):
    """How far each feature lies from the reference, window by window."""

    measure: Measure
    window: int = Field(description="Sessions of the window that ends with each column.")
    columns: list[str] = Field(description="Last day of each window (ISO).")
    rows: list[DriftRow] = Field(description="The most drifted at the newest window first.")
    warn: float
    alarm: float
    meaning: str
    floor: float | None = Field(
        description="What chance alone gives on average with so few rows; null: in the measure."
    )
    calibrated: bool
    sessions: int = Field(description="Sessions in the journal.")
    reference_rows: int
    model: str


class DriftBin(BaseModel):
    """A bin of values and the shares that lie in it; the outer bins reach to infinity."""

    low: float | None
    high: float | None
    reference: float
    current: float


class DriftCell(BaseModel):
    """One feature in one window, beside the reference."""

    feature: str
    group: str
    start: str
    end: str
    bins: list[DriftBin]
    rows: int
    missing: float
    missing_reference: float
    psi: float | None
    ks: float | None
    ks_limit: float | None = Field(description="What the reference's own windows allow; null: not calibrated.")
    psi_limit: float | None
    excess: float | None
    by: str = Field(description="The statistic behind the excess.")
    median: float | None
    median_reference: float | None


class DriftReportEntry(BaseModel):
    """A report of the drift job."""

    day: str
    start: str
    end: str
    drift: bool
    drifted: list[str]
    textbook: int = Field(description="Features that textbook tests reject; most of these are no drift.")
    features: int
