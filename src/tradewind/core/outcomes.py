"""Forecasts beside what happened: the one table that evaluation reads."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, TimeArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Outcomes:
    """Out-of-sample forecasts of one model with their realised values; rows sorted by time, then symbol.

    Attributes
    ----------
    model : name of the model or baseline.
    symbol : (m,) str.
    time : (m,) ``datetime64[us]``; the bar at which the forecast was made.
    probability : (m,) probability of a rise, in [0, 1].
    expected_return : (m,) expected adjusted return from ``time`` to the symbol's next bar.
    lower, upper : (m,) bounds of the return interval; NaN where the model gives none.
    direction : (m,) 1 rise, 0 fall, NaN where the move lies between the label's thresholds or is not known.
    forward_return : (m,) realised adjusted return; NaN where not known.
    close : (m,) adjusted close at ``time``.
    sector, size_bucket, volatility_regime : (m,) str; the slices a row belongs to, as known at ``time``.
    """

    model: str
    symbol: AnyArray
    time: TimeArray
    probability: FloatArray
    expected_return: FloatArray
    lower: FloatArray
    upper: FloatArray
    direction: FloatArray
    forward_return: FloatArray
    close: FloatArray
    sector: AnyArray
    size_bucket: AnyArray
    volatility_regime: AnyArray

    def __post_init__(self) -> None:
        """Refuse columns of unequal length."""
        for item in fields(self):
            value = getattr(self, item.name)
            if item.name != "model" and len(value) != len(self.time):
                raise ValueError(f"{item.name} has {len(value)} rows where time has {len(self.time)}")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.time)

    @property
    def labelled(self) -> BoolArray:
        """(m,) True where the direction is known and not between the thresholds."""
        return ~np.isnan(self.direction)

    @property
    def predicted_direction(self) -> FloatArray:
        """(m,) 1 where a rise is more probable than not, else 0."""
        return (self.probability > 0.5).astype(np.float64)

    def select(self, mask: AnyArray) -> Outcomes:
        """Return the rows where boolean ``mask`` (m,) holds, or the rows whose indices it lists."""
        columns = {f.name: getattr(self, f.name)[mask] for f in fields(self) if f.name != "model"}
        return Outcomes(model=self.model, **columns)
