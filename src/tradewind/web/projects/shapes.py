"""What the page is told of projects."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

JobState = Literal["waiting", "running", "done", "failed", "cancelled", "interrupted"]


class ProjectBars(BaseModel):
    """The bars of a project, in short."""

    symbols: int
    bars: int
    first: str = Field(description="First time, ISO; a date where bars are daily.")
    last: str
    daily: bool


class ProjectBrief(BaseModel):
    """One line of the list of projects."""

    name: str
    title: str
    created: str | None = Field(description="When it was made, ISO, UTC; null where that was not written down.")
    bars: ProjectBars | None = Field(description="Null where the project has no bars.")
    trained: bool = Field(description="There is a model.")
    evaluated: bool = Field(description="Forecasts out of sample were made and measured.")
    skill: bool | None = Field(description="The evaluation's verdict; null where there is none.")
    job: JobState | None = Field(description="State of the job that makes model and forecasts; null: none was started.")


class StepShape(BaseModel):
    """One command of a job."""

    name: str
    command: str = Field(description="As a person would type it.")
    state: Literal["waiting", "running", "done", "failed"]
    began: str | None
    ended: str | None
    output: list[str] = Field(description="The last lines it wrote.")


class JobProgress(BaseModel):
    """How far the present command is, in its own words."""

    stage: str
    done: int
    total: int


class JobShape(BaseModel):
    """The job that makes a project's model and forecasts."""

    state: JobState
    created: str
    ended: str | None
    by: str | None
    steps: list[StepShape]
    progress: JobProgress | None
    problem: str | None


class AskedShape(BaseModel):
    """What the job was asked for; days, ISO."""

    models: list[str]
    train_end: str
    test_start: str


class ProjectDetail(ProjectBrief):
    """A project with its job."""

    by: str | None = Field(description="Who made it; null where that was not written down.")
    source: str | None = Field(description="The file it was made of.")
    understood: list[str] = Field(description="How the file was read, a sentence each.")
    left_out: int = Field(description="Faulty rows that were left out; they are listed in left-out.csv.")
    extras: list[str] = Field(description="What else was given: news, universe, fear.")
    asked: AskedShape | None
    work: JobShape | None
    verdict: str | None = Field(description="The evaluation's own words.")
    may_change: bool


class FaultShape(BaseModel):
    """One faulty cell of a given table; rows count from 1 below the header."""

    row: int
    column: str
    why: str
    fix: str


class FileProblem(BaseModel):
    """What stands against a file."""

    detail: str
    fix: str | None


class GivenFile(BaseModel):
    """A file beside the prices."""

    name: str
    problem: FileProblem | None


class SpansShape(BaseModel):
    """What is learned from and what is tested on."""

    train_end: str
    test_start: str
    train_days: int
    test_days: int
    few: bool = Field(description="So few test days that skill is hard to show even where it is there.")


class ModelChoice(BaseModel):
    """A member that may be asked for."""

    name: str
    words: str
    quick: bool


class DraftShape(BaseModel):
    """A given table and what was understood of it."""

    id: str
    file: str
    header: list[str]
    first: list[list[str]] = Field(description="The first rows as they lie in the file.")
    understood: list[str]
    needs_symbol: bool
    symbol: str | None
    suggested: str | None = Field(description="A symbol, taken from the file's name.")
    leave_out: bool
    problem: FileProblem | None
    faults: list[FaultShape]
    bad_rows: int
    bars: ProjectBars | None = Field(description="Null while something stands against the table.")
    some: list[str] = Field(description="The first symbols.")
    short: list[str] = Field(description="Symbols with too few bars to be forecast.")
    extras: dict[str, GivenFile]
    spans: SpansShape | None
    spans_problem: FileProblem | None
    choices: list[ModelChoice]


class DraftChange(BaseModel):
    """What is settled about a given table; what is absent stays."""

    symbol: str | None = Field(default=None, max_length=40)
    leave_out: bool | None = None


class JobOrder(BaseModel):
    """What a job shall do; days, ISO."""

    models: list[str] = Field(min_length=1, max_length=12)
    test_start: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$", description="Null: the last quarter.")


class NewProject(JobOrder):
    """A project to make of a draft."""

    draft: str
    title: str = Field(min_length=1, max_length=80)
