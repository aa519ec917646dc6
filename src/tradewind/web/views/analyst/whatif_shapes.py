"""Shapes of what-if: what can be moved, and what the model says of a changed day."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field

MOST_SCENARIOS = 8
Finite = Annotated[float, Field(allow_inf_nan=False)]


class WhatIfForm(BaseModel):
    """How a value is printed: times ``scale``, with ``digits`` decimals (null: three significant figures)."""

    scale: float
    digits: int | None
    signed: bool
    suffix: str


class WhatIfFeature(BaseModel):
    """A feature that can be moved, in raw units."""

    name: str
    words: str
    group: str
    form: WhatIfForm
    value: float | None = Field(description="As it is; null where it is missing.")
    gives: float = Field(description="Contribution to the probability of a rise, as it is.")
    low: float = Field(description="Lower outer quantile of training: beyond, the model reads the quantile itself.")
    high: float
    marks: list[float] = Field(description="Quantiles 5, 25, 50, 75 and 95 % of training rows.")


class WhatIfMember(BaseModel):
    """A member's calibrated probability as things are, and after the change (null where it was not run alone)."""

    name: str
    weight: float
    before: float
    after: float | None


class WhatIfStart(BaseModel):
    """A forecast as it is, and what can be moved; the features it leans on most come first."""

    project: str
    symbol: str
    date: str
    trained_until: str
    probability: float
    has_fear: bool = Field(description="The bars come with a fear index, so that `vix +10` can be asked.")
    members: list[WhatIfMember]
    features: list[WhatIfFeature]


class WhatIfMove(BaseModel):
    """A change to a forecast: scenarios in words first, then features set to values."""

    project: str
    symbol: str
    date: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    values: dict[str, Finite] = Field(default_factory=dict, max_length=200)
    scenarios: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list, max_length=MOST_SCENARIOS
    )
    due: bool = Field(default=False, description="Also say what the change is due to (some more runs of the model).")


class WhatIfShift(BaseModel):
    """A feature before and after; ``deviations`` is the change in training standard deviations, null where unknown."""

    name: str
    before: float | None
    after: float | None
    deviations: float | None


class WhatIfDue(BaseModel):
    """What a group of features gave of the change; the parts sum to it."""

    name: str
    gives: float


class WhatIfAnswer(BaseModel):
    """What the model says of the changed day; it was run, nothing is interpolated."""

    before: float
    after: float
    flips: bool
    lower: float | None = Field(description="Interval of the return after the change; null where it was not run.")
    upper: float | None
    members: list[WhatIfMember]
    moved: list[WhatIfShift]
    due_to: list[WhatIfDue] | None = Field(description="Null where it was not asked for.")
    outside: list[str] = Field(description="Moved features that end beyond the outer quantiles of training.")
    milliseconds: float


class WhatIfCurveAsked(BaseModel):
    """Along which feature the model is run, the others as ``values`` and ``scenarios`` have them."""

    project: str
    symbol: str
    date: str | None = Field(default=None, pattern=r"^\d{4}-\d{2}-\d{2}$")
    feature: str
    values: dict[str, Finite] = Field(default_factory=dict, max_length=200)
    scenarios: list[Annotated[str, Field(min_length=1, max_length=100)]] = Field(
        default_factory=list, max_length=MOST_SCENARIOS
    )


class WhatIfCurve(BaseModel):
    """The probability along a feature between its outer training quantiles, and where it changes side."""

    feature: str
    at: list[float]
    probability: list[float]
    turns: list[float]
