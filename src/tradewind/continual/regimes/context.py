"""The regime as it stands: what learners and monitors read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.continual.regimes.model import RegimeModel
from tradewind.core import UsageError
from tradewind.core.arrays import FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class RegimeContext:
    """The regime at one time, from what was known by then.

    Attributes
    ----------
    names : K regimes, the calmest first. ``probability`` : (K,) filtered, adding up to 1.
    entropy : of the probabilities, in shares of the largest possible: 0 certain, 1 anything.
    regime : the likeliest. ``days_since_change`` : rows since it became so; counts from 0.
    """

    names: tuple[str, ...]
    probability: FloatArray
    entropy: float
    regime: str
    days_since_change: int

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "regime": self.regime,
            "probability": dict(zip(self.names, self.probability.tolist(), strict=True)),
            "entropy": self.entropy,
            "days_since_change": self.days_since_change,
        }


def entropy(probability: FloatArray) -> FloatArray:
    """Return the entropy of the last axis (K) in shares of log K; 0 where K is 1."""
    k = probability.shape[-1]
    if k == 1:
        return np.zeros(probability.shape[:-1])
    logs = np.log(np.where(probability > 0.0, probability, 1.0))
    result: FloatArray = -(probability * logs).sum(axis=-1) / np.log(k)
    return np.clip(result, 0.0, 1.0)


class RegimeFilter:
    """The filter of a model, one row after the other: equal, bit for bit, to :meth:`RegimeModel.filter`."""

    def __init__(self, model: RegimeModel) -> None:
        self.model = model
        self._ahead = model.parameters.prior.copy()
        self._now = self._ahead
        self._likeliest = int(np.argmax(self._now))
        self._since = self.rows = 0
        self.surprise = float("nan")

    def update(self, row: FloatArray) -> FloatArray:
        """Take in the next row (d,) and return the (K,) probabilities; a row with NaN moves them by transition alone.

        Raises
        ------
        UsageError : the row has another number of columns.
        """
        rows = np.ascontiguousarray(row, dtype=np.float64)[None]
        if rows.shape != (1, self.model.parameters.mean.shape[1]):
            raise UsageError(
                f"a row has the shape {rows.shape[1:]}", fix=f"give {self.model.parameters.mean.shape[1]} values"
            )
        filtered, gained, self._ahead = self.model.advance(rows, self._ahead)
        self._now, self.surprise = filtered[0], -float(gained[0])
        likeliest = int(np.argmax(self._now))
        self._since = self._since + 1 if likeliest == self._likeliest and self.rows else 0
        self._likeliest = likeliest
        self.rows += 1
        return self._now.copy()

    @property
    def context(self) -> RegimeContext:
        """The regime after the newest row; before the first, the model's prior."""
        return RegimeContext(
            names=self.model.names,
            probability=self._now.copy(),
            entropy=float(entropy(self._now)),
            regime=self.model.names[self._likeliest],
            days_since_change=self._since,
        )

    def memory(self) -> Mapping[str, Any]:
        """Return all it knows, JSON-ready; :meth:`restore` takes it back."""
        return {
            "ahead": self._ahead.tolist(),
            "now": self._now.tolist(),
            "likeliest": self._likeliest,
            "since": self._since,
            "rows": self.rows,
        }

    def restore(self, memory: Mapping[str, Any]) -> None:
        """Go on from what :meth:`memory` returned."""
        self._ahead, self._now = np.array(memory["ahead"]), np.array(memory["now"])
        self._likeliest, self._since = int(memory["likeliest"]), int(memory["since"])
        self.rows = int(memory["rows"])
