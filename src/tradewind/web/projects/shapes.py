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
