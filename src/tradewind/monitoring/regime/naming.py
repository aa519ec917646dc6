"""The market's volatility regime of a slice, by the names under which performance was measured."""

from __future__ import annotations

import numpy as np

from tradewind.continual.regimes import VolatilityRegime
from tradewind.monitoring.slices import Slice

FEATURE = "market_volatility_20"
"""The market's 20-day volatility, as slices carry it; the regimes of :func:`tradewind.features.row_slices` are its
thirds."""


class SliceRegime:
    """Names the regime of each slice, ``calm``, ``normal`` or ``stressed``; None where it is not known.

    Several watchers may ask of one slice: it counts once. Without the feature, or before its first 20 values, no slice
    has a regime.
    """

    def __init__(self) -> None:
        self._thirds = VolatilityRegime()
        self._time: np.datetime64 = np.datetime64("NaT", "us")
        self._name: str | None = None

    def __call__(self, one: Slice) -> str | None:
        """Return the regime of ``one``; slices come in the order of time."""
        if one.time != self._time:
            self._time, self._name = one.time, self._of(one)
        return self._name

    def _of(self, one: Slice) -> str | None:
        if FEATURE not in one.names:
            return None
        values = one.features[:, one.names.index(FEATURE)]
        known = values[np.isfinite(values)]
        if not len(known):
            return None
        name = self._thirds.update(float(known[0]))
        return None if name == "unknown" else name
