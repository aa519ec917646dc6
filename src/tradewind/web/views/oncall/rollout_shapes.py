"""Shapes of a roll-out: arms, evidence, shadow, and what may be decided."""

from __future__ import annotations

from pydantic import BaseModel, Field


class RolloutGuard(BaseModel):
    """A guardrail of an arm; breached where its p-value, which holds whenever one looks, lies below the limit."""

    name: str
    says: str
    p_value: float
    breached: bool


class RolloutArm(BaseModel):
    """A version that answers part of the callers; the control is what the others are held against."""

    arm: str
    model: str
    control: bool
    share: float
    requests: int
    days: int | None
    mean_difference: float | None = Field(description="Mean score of a day less the control's; null without outcomes.")
    goal_p_value: float | None
    out: bool = Field(description="Whether it was taken back.")
    guards: list[RolloutGuard]


class RolloutDecision(BaseModel):
    """Something that the experiment did."""

    at: str
    kind: str
    model: str
    reason: str


class OncallRollout(BaseModel):
    """Where an experiment stands."""

    experiment: str
    experiments: list[str]
    kind: str
    status: str
    reason: str
    winner: str
    began: str
    changed: str
    as_of: str
    goal: str
    metric: str
    goal_alpha: float
    guard_alpha: float
    minimum_days: int
    promotes_itself: bool
    ramp: list[float]
    step: int
    step_needs: str
    arms: list[RolloutArm]
    decisions: list[RolloutDecision]


class ShadowCase(BaseModel):
    """A forecast that the student does not share."""

    prediction: str
    symbol: str
    bar: str
    model: str
    student: str
    champion_says: float
    student_says: float
    cause: str
    seen: str


class OncallShadow(BaseModel):
    """How the student that runs beside the champion agrees with it."""

    cases: list[ShadowCase] = Field(description="That wait for a person, the farthest apart first.")
    disagreed: int | None = Field(description="Since the server started; null: the server is not asked.")
    predictions: int | None
    agreement: float | None


class RegistryVersion(BaseModel):
    """A version and its stage."""

    version: int
    stage: str


class RegistryModel(BaseModel):
    """A model of the registry, and what of it is served."""

    name: str
    champion: int | None
    challenger: int | None
    versions: list[RegistryVersion]
    order: str | None = Field(description="An override or a fallback in force, in words.")


class OncallRegistry(BaseModel):
    """The models that may be promoted or taken back, and whether the person may sign."""

    models: list[RegistryModel]
    signs_as: str | None
    can_sign: bool
    how: str = Field(description="How a decision is signed, or what is missing for it.")


class StopExperiment(BaseModel):
    """An experiment ends."""

    experiment: str
    reason: str = Field(min_length=1, max_length=1000)


class StopLeft(BaseModel):
    """Word was left that the experiment ends; ``taken_up``: a server has ended it."""

    experiment: str
    taken_up: bool


class PromoteVersion(BaseModel):
    """An approved version becomes champion."""

    name: str
    version: int = Field(ge=1)
    reason: str = Field(min_length=1, max_length=1000)


class FallBack(BaseModel):
    """Something simpler is served: ``previous``, a version's number, a baseline, or ``none``."""

    name: str
    to: str = Field(min_length=1, max_length=80)
    reason: str = Field(min_length=1, max_length=1000)


class ResumeServing(BaseModel):
    """Override and fallback end."""

    name: str
    reason: str = Field(min_length=1, max_length=1000)


class RegistryDecision(BaseModel):
    """A decision that was signed."""

    words: str
    by: str
    role: str
    at: str
    reason: str


class CloseShadowCase(BaseModel):
    """What was found about a forecast that the student does not share."""

    note: str = Field(min_length=1, max_length=2000)
