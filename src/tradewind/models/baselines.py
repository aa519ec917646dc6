"""Forecasts that need no learning: what a model must beat."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field

from tradewind.core import Dataset, Forecast, NotFittedError, Panel, Settings
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.models.past import past_return, past_volatility
from tradewind.models.storage import read_artefact, write_artefact
from tradewind.models.targets import targets

WEEK, MONTH, QUARTER, YEAR = 5, 21, 63, 252
MOMENTUM_BARS = 20


class BaselineSettings(Settings):
    """``edge`` : how far the surest forecast of a rule lies from a coin flip."""

    edge: float = Field(default=0.02, gt=0.0, le=0.5)


class Rule:
    """A fixed rule on adjusted prices: probability ``0.5 + edge * signal``, with the signal in [-1, 1].

    The expected return is ``(2 p - 1)`` times the mean absolute return of the training rows, the only number fitted.
    """

    name = "rule"

    def __init__(self, settings: BaselineSettings | None = None) -> None:
        self.settings = settings or BaselineSettings()
        self._move: float | None = None

    def fresh(self) -> Self:
        """Return a new, not fitted rule of the same settings."""
        return type(self)(self.settings)

    def signal(self, panel: Panel) -> FloatArray:
        """(n,) the rule's signal of every row in [-1, 1]; 0 or NaN where it has no opinion."""
        raise NotImplementedError

    def fit(self, data: Dataset, rows: IntArray) -> Self:
        """Measure the mean absolute return of ``rows``."""
        known = targets(data, rows)
        self._move = float(np.abs(known.returns).mean()) if len(known.returns) else 0.0
        return self

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data``; NotFittedError before :meth:`fit`."""
        move = self._fitted()
        tilt = self.settings.edge * np.nan_to_num(self.signal(data.panel)[rows])
        return Forecast.point(rows, 0.5 + tilt, 2.0 * tilt * move)

    def save(self, folder: Path) -> None:
        """Write the rule's settings and its one number into ``folder``."""
        write_artefact(folder, self.name, {"settings": self.settings.model_dump(mode="json"), "move": self._fitted()})

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a rule that :meth:`save` wrote."""
        state = read_artefact(folder, cls.name).state
        one = cls(BaselineSettings(**state["settings"]))
        one._move = float(state["move"])
        return one

    def _fitted(self) -> float:
        if self._move is None:
            raise NotFittedError(f"the baseline {self.name} is used before it is fitted")
        return self._move


class AlwaysUp(Rule):
    """Every bar rises: shares have drifted up for a century, so this beats a coin flip more often than not."""

    name = "always_up"

    def signal(self, panel: Panel) -> FloatArray:
        """(n,) ones."""
        return np.ones(len(panel))


class LastDirection(Rule):
    """The next bar moves as the last one did."""

    name = "last_direction"

    def signal(self, panel: Panel) -> FloatArray:
        """(n,) sign of the last adjusted return; NaN on a symbol's first bar."""
        return np.sign(past_return(panel, 1))


class Momentum(Rule):
    """Winners go on winning (Jegadeesh and Titman 1993; per symbol: Moskowitz, Ooi and Pedersen 2012).

    The return from 252 to 21 bars ago ("12-1") where the history allows, before that of the last 20 bars, over its
    volatility.
    """

    name = "momentum"

    def signal(self, panel: Panel) -> FloatArray:
        """(n,) volatility-scaled past return, squashed to [-1, 1]; NaN with fewer than 20 past bars."""
        volatility = past_volatility(panel, QUARTER)
        recent = past_return(panel, MOMENTUM_BARS) / (volatility * np.sqrt(MOMENTUM_BARS))
        long = past_return(panel, YEAR - MONTH, skip=MONTH) / (volatility * np.sqrt(YEAR - MONTH))
        squashed: FloatArray = np.tanh(np.where(np.isnan(long), recent, long))
        return squashed


class Reversal(Rule):
    """Last week's losers recover (Lehmann 1990; Jegadeesh 1990)."""

    name = "reversal"

    def signal(self, panel: Panel) -> FloatArray:
        """(n,) minus the volatility-scaled return of the last 5 bars, squashed; NaN with fewer past bars."""
        scale = past_volatility(panel, QUARTER) * np.sqrt(WEEK)
        squashed: FloatArray = np.tanh(-past_return(panel, WEEK) / scale)
        return squashed
