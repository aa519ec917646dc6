"""Labels: which way a symbol's adjusted close went, and when that was known."""

from __future__ import annotations

from typing import Self

import numpy as np
from pydantic import Field, model_validator

from tradewind.core import Labels, Panel, Settings, UsageError


class LabelSettings(Settings):
    """What counts as a rise and as a fall.

    Attributes
    ----------
    horizon : bars of the symbol from the forecast to the bar where the label is known; at least 1.
    up : a return of at least ``up`` (and above ``down``) is a rise.
    down : a return of at most ``down`` is a fall; what lies between has no direction.
    """

    horizon: int = Field(default=1, ge=1)
    up: float = Field(default=0.0, allow_inf_nan=False)
    down: float = Field(default=0.0, allow_inf_nan=False)

    @model_validator(mode="after")
    def _thresholds_in_order(self) -> Self:
        if self.up < self.down:
            raise UsageError(
                f"the rise threshold {self.up:g} lies below the fall threshold {self.down:g}",
                field="up",
                fix="give up >= down, for example up=0.0055 and down=-0.005",
            )
        return self


def make_labels(panel: Panel, settings: LabelSettings | None = None) -> Labels:
    """Label every row of ``panel`` with the move to the symbol's ``horizon``-th next bar.

    ``forward_return[r] = adj_close[r + h] / adj_close[r] - 1`` along the symbol's own bars. The last ``h`` rows of a
    symbol have no such bar: ``end`` is NaT there and return and direction are NaN. A missing or non-positive price at
    either end gives a NaN return and direction, while ``end`` still tells when the bar was.

    With the default thresholds of zero a fall includes the unchanged price. The move between two thresholds is left
    without a direction, as in Xu and Cohen, "Stock movement prediction from tweets and historical prices", ACL 2018
    (up 0.0055, down -0.005).

    Returns
    -------
    Labels : of the panel's n rows.
    """
    rule = settings or LabelSettings()
    n, h = len(panel), rule.horizon
    end = np.full(n, np.datetime64("NaT"), dtype="datetime64[us]")
    forward = np.full(n, np.nan)
    row = np.flatnonzero(np.arange(n) + h < panel.offsets[1:][panel.symbol_code])
    end[row] = panel.time[row + h]
    now, then = panel.adj_close[row], panel.adj_close[row + h]
    valid = (now > 0) & (then > 0) & np.isfinite(now) & np.isfinite(then)
    forward[row[valid]] = then[valid] / now[valid] - 1.0
    direction = np.full(n, np.nan)
    direction[(forward >= rule.up) & (forward > rule.down)] = 1.0
    direction[forward <= rule.down] = 0.0
    return Labels(start=panel.time, end=end, direction=direction, forward_return=forward, horizon=h)
