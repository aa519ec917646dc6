"""Which forecasts of the watched version were right, as their labels become known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np

from tradewind.core.arrays import as_time
from tradewind.monitoring.slices import Slice


class Hits:
    """Forecasts of one version that wait for their labels, ``days`` calendar days at most."""

    def __init__(self, version: str, days: int) -> None:
        self.version, self._span = version, np.timedelta64(days, "D")
        self._waiting: dict[np.datetime64, dict[str, float]] = {}

    def take(self, one: Slice) -> tuple[int, int]:
        """Take in a slice, and return (right, judged) forecasts whose label came with it; each counts once."""
        right = judged = 0
        if one.labels is not None:
            moments = one.labels.time.astype("datetime64[us]")
            columns = (one.labels.symbol.tolist(), moments, one.labels.direction.tolist())
            for symbol, moment, direction in zip(*columns, strict=True):
                if not np.isfinite(direction):
                    continue
                forecast = self._waiting.get(moment, {}).pop(symbol, None)
                if forecast is not None:
                    right += (forecast > 0.5) == (direction > 0.5)
                    judged += 1
        self._keep(one)
        return right, judged

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        waiting = {str(moment): dict(held) for moment, held in self._waiting.items() if held}
        return {"version": self.version, "forecasts": waiting}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any], days: int) -> Self:
        """Read what :meth:`to_dict` wrote."""
        made = cls(str(row["version"]), days)
        for moment, held in row["forecasts"].items():
            values = {str(symbol): float(value) for symbol, value in held.items()}
            made._waiting[np.datetime64(moment, "us")] = values
        return made

    def _keep(self, one: Slice) -> None:
        now = as_time(one.time)
        for served in one.served:
            if served.version != self.version:
                continue
            held = self._waiting.setdefault(now, {})
            for symbol, value in zip(served.symbol.tolist(), served.probability.tolist(), strict=True):
                if np.isfinite(value):
                    held.setdefault(symbol, value)
        for moment in [m for m in self._waiting if now - m > self._span]:
            del self._waiting[moment]
