"""Shapes of the page that says how the service does."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

Tone = Literal["bad", "warn", "ok", "unknown"]


class HealthCheck(BaseModel):
    """One thing that is looked at, and how it stands."""

    name: str
    tone: Tone
    value: str
    says: str = Field(description="What the value means, or what is wrong.")
    source: str
    runbook: str | None = Field(description="Anchor of the run-book's section.")


class HealthPoint(BaseModel):
    """How the service did in a stretch of time; what is not known is null."""

    at: str
    forecasts: float | None = Field(description="Forecasts computed a second.")
    requests: float | None = Field(description="Answers a second.")
    errors: float | None = Field(description="Share of answers with a status of 5xx.")
    p50: float | None = Field(description="Median seconds of an answer.")
    p99: float | None
    cache: float | None = Field(description="Share of look-ups that the cache answered.")
    memory: float | None = Field(description="Resident bytes.")


class ServedRole(BaseModel):
    """A version and what it is served as."""

    role: str
    ref: str
    words: str


class OncallHealth(BaseModel):
    """Whether the service is well, the worst first."""

    as_of: str
    server: str | None = Field(description="Address that was asked; null: none is named.")
    up: bool | None
    ready: bool | None
    reasons: list[str]
    checks: list[HealthCheck]
    live: list[HealthPoint] = Field(description="From the server's metrics, as often as a page asked.")
    kept: list[HealthPoint] = Field(description="From the monitor's journal, one a slice.")
    versions: list[ServedRole]
    newest_bar: str | None
    newest_forecast: str | None
    newest_feature: str | None
