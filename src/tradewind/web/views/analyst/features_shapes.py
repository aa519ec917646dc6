"""What the features page is told."""

from __future__ import annotations

from pydantic import BaseModel, Field


class FeatureBrief(BaseModel):
    """One feature of the registry, and whether this project has and uses it."""

    name: str
    group: str
    words: str = Field(description="What it measures.")
    source: str = Field(description="Formula or convention, and where it is from.")
    window: int = Field(description="Bars it needs before its value is defined.")
    reads: str = Field(description="own bars; bars (of all symbols); news; fear.")
    there: bool = Field(description="Whether the project has what it reads.")
    used: bool = Field(description="Whether the model that was trained sees it.")
    flagged: bool = Field(description="Whether the model also sees that it is missing.")
    folds: int = Field(description="Folds of the evaluation whose model saw it.")


class FeatureCatalogue(BaseModel):
    """Every feature, in the order of the registry."""

    project: str
    features: list[FeatureBrief]
    folds: int = Field(description="Folds of the evaluation.")
    trained_until: str | None
    first_forecast: str | None
    last_forecast: str | None


class FeatureImportance(BaseModel):
    """Mean absolute Shapley value of one feature, in probability, with its interval over days."""

    feature: str
    value: float
    lower: float | None
    upper: float | None
    share: float


class FeatureImportances(BaseModel):
    """What the model leaned on in a sample of forecasts out of sample, the most first."""

    project: str
    rows: int
    days: int
    first: str
    last: str
    features: list[FeatureImportance]


class FeatureValues(BaseModel):
    """Values of a feature for one symbol, at the bar after whose close each was known."""

    feature: str
    symbol: str
    time: list[str] | list[int]
    values: list[float | None]


class FeatureSpan(BaseModel):
    """The values of a feature over a span of days, all symbols together."""

    name: str
    first: str
    last: str
    rows: int
    missing: float = Field(description="Share of rows without a value.")
    shares: list[float] = Field(description="Share of the values in each bin.")
    mean: float | None
    median: float | None
    deviation: float | None


class FeatureDriftShape(BaseModel):
    """How far a span lies from training."""

    span: str
    psi: float | None
    ks: float | None
    wasserstein: float | None = Field(description="In standard deviations of training.")
    advice: str = Field(description="none, watch or retrain, by the size of the PSI.")
    drift: bool | None = Field(description="Calibrated verdict; null where training was too short for one.")
    excess: float | None = Field(description="Largest calibrated statistic as a share of its limit.")
    days: int


class FeatureDistribution(BaseModel):
    """A feature in training, in all forecasts out of sample and in the latest sessions."""

    feature: str
    edges: list[float] = Field(description="Edges of the bins; values beyond the outer ones count in the outer bins.")
    spans: list[FeatureSpan]
    drift: list[FeatureDriftShape]
