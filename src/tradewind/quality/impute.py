"""Imputation with training medians, and a flag for every value that was not there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from tradewind.core import NotFittedError
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Imputed:
    """A table without gaps.

    Attributes
    ----------
    values : (n, p) finite.
    missing : (n, p) True where the value was imputed; a column's flag is ``missing[:, j]``.
    """

    values: AnyArray
    missing: BoolArray


class Imputer:
    """Replace what is missing by the column's median over the training rows.

    NaN and infinite values count as missing. A column without a finite value in training becomes 0 everywhere and is
    flagged everywhere: a model that never saw it must not meet it later.
    """

    def __init__(self) -> None:
        self._median: FloatArray | None = None
        self._empty: BoolArray | None = None

    @property
    def medians(self) -> FloatArray:
        """(p,) fill values; 0 for a column that was empty in training."""
        if self._median is None:
            raise NotFittedError("the imputer is used before it is fitted")
        return self._median

    def fit(self, values: AnyArray, rows: AnyArray) -> Self:
        """Fit the medians of ``values`` (n, p) on ``rows``: indices (m,) or a boolean mask (n,)."""
        window = np.asarray(values)[rows]
        median = np.zeros(window.shape[1])
        empty = np.zeros(window.shape[1], dtype=bool)
        for column in range(window.shape[1]):
            seen = window[:, column]
            seen = seen[np.isfinite(seen)]
            if len(seen):
                median[column] = np.median(seen.astype(np.float64))
            else:
                empty[column] = True
        self._median, self._empty = median, empty
        return self

    def transform(self, values: AnyArray) -> Imputed:
        """Return ``values`` (n, p) with gaps filled, in their own float type, and the mask of what was filled.

        Raises
        ------
        NotFittedError : not fitted yet.
        ValueError : another number of columns than in training.
        """
        median = self.medians
        table = np.asarray(values)
        if table.ndim != 2 or table.shape[1] != len(median):
            raise ValueError(f"values have shape {table.shape}; the imputer was fitted on {len(median)} columns")
        missing: BoolArray = ~np.isfinite(table)
        if self._empty is not None and self._empty.any():
            missing[:, self._empty] = True
        kind = table.dtype if np.issubdtype(table.dtype, np.floating) else np.dtype(np.float64)
        return Imputed(values=np.where(missing, median.astype(kind), table.astype(kind, copy=False)), missing=missing)

    def to_dict(self) -> dict[str, Any]:
        """Return the fitted state, JSON-ready."""
        empty = np.zeros(len(self.medians), dtype=bool) if self._empty is None else self._empty
        return {"median": self.medians.tolist(), "empty": empty.tolist()}

    @classmethod
    def from_dict(cls, state: dict[str, Any]) -> Self:
        """Return the imputer that :meth:`to_dict` described."""
        one = cls()
        one._median = np.array(state["median"], dtype=np.float64)
        one._empty = np.array(state["empty"], dtype=bool)
        return one
