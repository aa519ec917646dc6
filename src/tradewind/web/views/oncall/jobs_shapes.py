"""Shapes of jobs and retraining: what ran, what is due, what was decided."""

from __future__ import annotations

from pydantic import BaseModel, Field


class OncallJobRun(BaseModel):
    """A run of a job."""

    job: str
    key: str
    state: str
    due_at: str
    started_at: str | None
    ended_at: str | None
    seconds: float | None
    attempts: int
    result: str = Field(description="What the run left behind, in words.")
    error: str


class DueJob(BaseModel):
    """A job that is due by itself."""

    job: str
    every: str
    next_due: str


class OncallJobs(BaseModel):
    """Runs, the newest first, and what comes next."""

    runs: list[OncallJobRun]
    waiting: int = Field(description="Runs that wait for a person.")
    due: list[DueJob]
    settings: str = Field(description="Where the jobs are configured.")


class SettleJob(BaseModel):
    """What becomes of a run that was cut or failed: it is made again, or counts as done."""

    job: str
    key: str
    again: bool


class RetrainingStep(BaseModel):
    """A finished step of a retraining."""

    stand: str
    at: str
    by: str
    words: str


class OncallRetraining(BaseModel):
    """One retraining."""

    id: str
    model: str
    champion: int
    version: int | None
    started: str
    stand: str
    finished: bool
    won: bool | None
    fired: list[str]
    steps: list[RetrainingStep]


class RetrainingBudget(BaseModel):
    """What triggers may still begin; a person's request waits for none of it."""

    model: str
    month_used: int
    month_most: int
    quarter_used: int
    quarter_most: int
    gap_days: float
    earliest: str | None = Field(description="When the gap and the budget let the next begin; null: now.")
    open_run: str | None


class JournalAction(BaseModel):
    """Something the monitor or a person did."""

    kind: str
    at: str
    words: str


class RetrainingDecision(BaseModel):
    """What the policy says of a model: whether to retrain, what calls for it, and what holds it back."""

    at: str
    go: bool
    fired: list[str]
    held_back: list[str]


class OncallRetrainings(BaseModel):
    """Retrainings of every model, the newest first, budgets, and what was done lately."""

    runs: list[OncallRetraining]
    budgets: list[RetrainingBudget]
    decision: RetrainingDecision | None = Field(
        description="By the newest slice of the journal, without accuracy by week; null: there is no journal."
    )
    actions: list[JournalAction]
