"""What every forecaster does; members, ensembles and baselines alike."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, Self, runtime_checkable

from tradewind.core import Dataset, Forecast
from tradewind.core.arrays import IntArray


@runtime_checkable
class Forecaster(Protocol):
    """A model of direction and return.

    A forecaster is given the whole dataset and the rows it may learn from. It may look *back* along a symbol's rows
    from a row it was given (sequences), never at labels of other rows, and a forecast of a row depends on no later
    row: contract tests change the future and demand equal forecasts.
    """

    name: str

    def fresh(self) -> Self:
        """Return a new, not fitted forecaster of the same settings."""
        ...

    def fit(self, data: Dataset, rows: IntArray) -> Self:
        """Learn from ``rows`` (their ``labels.direction`` may be NaN: such rows teach the return only)."""
        ...

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data``, in their order; NotFittedError before :meth:`fit`."""
        ...

    def save(self, folder: Path) -> None:
        """Write the fitted model into ``folder`` (no pickled code)."""
        ...

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a model that :meth:`save` wrote; it gives equal forecasts."""
        ...
