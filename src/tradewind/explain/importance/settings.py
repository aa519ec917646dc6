"""How importance over many rows is measured."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tradewind.core import Settings
from tradewind.evaluation import BootstrapSettings

Shuffle = Literal["auto", "day", "blocks"]
Period = Literal["month", "quarter"]


class ImportanceSettings(Settings):
    """Settings of every measure of importance.

    ``rows`` : most rows that permutation importance forecasts. ``correlation`` : columns whose absolute Spearman
    correlation lies above it (average linkage) are moved together. ``repeats`` : shuffles of each group. ``shuffle`` :
    ``day`` gives every symbol another one's values of the same day, ``blocks`` gives a day the values of another time,
    ``auto`` takes ``day`` where the columns differ between symbols. ``shuffle_block`` : sessions moved together.

    ``period`` : of the history of importance. ``top`` : features whose overlap is followed. ``permutations`` : of the
    test of drift, over blocks of ``drift_block`` sessions. ``drift_size`` : share of importance that must have changed
    hands before drift is called more than small. ``alpha`` : level of the test.

    ``draws``, ``block``, ``level`` : of the intervals (:class:`~tradewind.evaluation.BootstrapSettings`).
    """

    rows: int = Field(default=4000, ge=50)
    correlation: float = Field(default=0.7, gt=0.0, lt=1.0)
    repeats: int = Field(default=5, ge=1)
    shuffle: Shuffle = "auto"
    shuffle_block: int = Field(default=20, ge=1)
    period: Period = "month"
    top: int = Field(default=10, ge=1)
    permutations: int = Field(default=999, ge=99)
    drift_block: int = Field(default=20, ge=1)
    drift_size: float = Field(default=0.1, ge=0.0, lt=1.0)
    alpha: float = Field(default=0.05, gt=0.0, lt=0.5)
    draws: int = Field(default=1000, ge=100)
    block: int = Field(default=5, ge=1)
    level: float = Field(default=0.95, gt=0.5, lt=1.0)
    seed: int = 7

    @property
    def bootstrap(self) -> BootstrapSettings:
        """How intervals over days are drawn."""
        return BootstrapSettings(draws=self.draws, block=self.block, level=self.level, seed=self.seed)
