"""The answer of a model of one member, which nothing was joined or calibrated with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tradewind.core.arrays import FloatArray


@dataclass(frozen=True, kw_only=True)
class Sole:
    """Leaves the probability as it is; the expected return is ``(2 p - 1)`` times ``tilt``."""

    tilt: float

    def combine(self, found: Mapping[str, tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
        """Return (probability, expected return), (m,) each, of the one member of ``found``."""
        ((probability, _),) = found.values()
        return probability, (2.0 * probability - 1.0) * self.tilt
