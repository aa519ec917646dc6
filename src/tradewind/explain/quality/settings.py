"""How the quality of explanations is measured, and from where on it is called good."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings
from tradewind.evaluation import BootstrapSettings
from tradewind.explain.lime import LimeSettings


class ExplanationQualitySettings(Settings):
    """Settings of every check.

    ``rows`` : explained rows a check reads. ``background`` : rows that stand in for removed columns; ``steps`` : points
    of a deletion or insertion curve; ``orders`` : random orders it is compared with; ``subsets`` : random sets of
    columns per row whose summed contributions are compared with what their removal does.

    ``noise`` : standard deviation of the small noise, in training standard deviations; ``draws_of_noise`` : per row.
    ``top`` : columns whose overlap is counted. ``trace`` : share of all contributions below which a column's place does
    not count when two explanations are compared row by row.

    ``lime`` : of the lines that Shapley values are compared with, on ``lime_rows`` rows.

    Limits of the verdicts: ``steady`` : rank correlation of explanations before and after noise; ``agree`` : of two
    explanations that are said to agree; ``apart`` : of explanations of the model and of one fitted on shuffled labels.
    ``draws``, ``block``, ``level``, ``seed`` : of the intervals over days.
    """

    rows: int = Field(default=60, ge=5)
    background: int = Field(default=8, ge=1)
    steps: int = Field(default=10, ge=2)
    orders: int = Field(default=3, ge=1)
    subsets: int = Field(default=16, ge=2)
    noise: float = Field(default=0.02, gt=0.0)
    draws_of_noise: int = Field(default=4, ge=1)
    top: int = Field(default=5, ge=1)
    trace: float = Field(default=0.01, ge=0.0, lt=1.0)
    lime_rows: int = Field(default=20, ge=2)
    lime: LimeSettings = LimeSettings()
    steady: float = Field(default=0.8, gt=0.0, le=1.0)
    agree: float = Field(default=0.6, gt=0.0, le=1.0)
    apart: float = Field(default=0.4, gt=0.0, le=1.0)
    draws: int = Field(default=1000, ge=100)
    block: int = Field(default=5, ge=1)
    level: float = Field(default=0.95, gt=0.5, lt=1.0)
    seed: int = 7

    @property
    def bootstrap(self) -> BootstrapSettings:
        """How intervals over days are drawn."""
        return BootstrapSettings(draws=self.draws, block=self.block, level=self.level, seed=self.seed)
