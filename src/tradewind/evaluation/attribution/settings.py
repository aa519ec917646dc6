"""How a portfolio's performance is split."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tradewind.core import Settings


class PerformanceSettings(Settings):
    """``period`` : span of a row of the Brinson table. ``link`` : see :mod:`~tradewind.evaluation.attribution.linking`.
    ``lags`` : of the HAC errors, None for the rule of thumb. ``momentum``, ``skip``, ``reversal``, ``volatility`` :
    bars of the factors' characteristics. ``named`` : symbols listed on each end.
    """

    period: Literal["month", "quarter", "year"] = "quarter"
    link: Literal["carino", "grap"] = "carino"
    lags: int | None = Field(default=None, ge=0)
    momentum: int = Field(default=126, ge=5)
    skip: int = Field(default=21, ge=0)
    reversal: int = Field(default=5, ge=1)
    volatility: int = Field(default=60, ge=5)
    named: int = Field(default=5, ge=1)
