"""Shapes of explanations as the page reads them. Probabilities, returns and contributions are fractions of 1."""

from __future__ import annotations

from pydantic import BaseModel, Field


class WhySymbol(BaseModel):
    """A symbol, and the days of it that the model did not learn from."""

    symbol: str
    first: str
    last: str


class WhyBars(BaseModel):
    """What can be explained in a project."""

    project: str
    trained_until: str
    symbols: list[WhySymbol]
    members: list[str]


class WhyFeature(BaseModel):
    """What one feature gave, and how usual its value was."""

    name: str
    words: str = Field(description="What it measures.")
    gives: float = Field(description="Contribution to the probability of a rise.")
    value: str = Field(description="As it is printed; 'missing' where it is.")
    low: str | None = Field(description="Lower outer quantile of training, as it is printed.")
    high: str | None
    below: float | None = Field(description="Share of training rows strictly below.")
    missing: bool
    outside: bool = Field(description="Beyond the outer quantiles of training.")


class WhyGroup(BaseModel):
    """What a group of features gave; features the strongest first."""

    name: str
    gives: float
    features: list[WhyFeature]


class WhyMember(BaseModel):
    """One member's vote: what it says alone, calibrated, and what it gave to the joined log odds."""

    name: str
    weight: float
    given: float
    calibrated: float
    expected_return: float
    part: float | None = Field(description="Log odds it gave, its weight included, measured from the base.")
    method: str = Field(description="How its part was found.")


class WhySentence(BaseModel):
    """A sentence that is told, and what it is about."""

    text: str
    topic: str


class WhyTable(BaseModel):
    """A table that is told; cells as they are printed."""

    title: str
    columns: list[str]
    numeric: list[bool]
    rows: list[list[str]]


class WhyLayer(BaseModel):
    """One layer of the explanation: for one kind of reader, in their words."""

    name: str
    title: str
    sentences: list[WhySentence]
    tables: list[WhyTable]


class WhyDoubt(BaseModel):
    """A sign of low confidence: what was measured and the limit that it passed."""

    name: str
    text: str
    value: float
    limit: float


class WhyBarBack(BaseModel):
    """What one bar of the past gave through the sequence models, in log odds; 0 is the bar itself."""

    bars_back: int
    value: float


class WhyOutcome(BaseModel):
    """What came of the forecast."""

    day: str
    forward_return: float
    rose: bool | None = Field(description="Null where the move lies between the label's thresholds.")


class WhyExplanation(BaseModel):
    """One forecast explained: ``base`` plus what groups gave (and ``left``, nearly 0) is ``probability``."""

    id: str
    project: str
    symbol: str
    date: str
    known_at: str
    horizon: int
    trained_until: str
    probability: float
    expected_return: float
    lower: float | None
    upper: float | None
    level: float
    base: float
    left: float
    groups: list[WhyGroup]
    members: list[WhyMember]
    layers: list[WhyLayer]
    doubts: list[WhyDoubt]
    more: WhyLayer | None
    profile: list[WhyBarBack]
    outcome: WhyOutcome | None
    seconds: float = Field(description="What this answer took; nearly 0 where it was kept.")


class WhyChange(BaseModel):
    """One part of a counterfactual, as it is told."""

    name: str
    before: str
    after: str


class WhyTurn(BaseModel):
    """A search for what would have turned the forecast: among plausible bars, or among a few features."""

    kind: str
    found: bool
    words: str
    changes: list[WhyChange]
    probability: float | None = Field(description="What the model said when it was run on the change.")
    runs: int
    like: str | None = Field(default=None, description="The real bar that the changed row is nearest to.")


class WhyTurned(BaseModel):
    """What would have turned a forecast, found by running the model again."""

    probability: float
    searches: list[WhyTurn]
    seconds: float
