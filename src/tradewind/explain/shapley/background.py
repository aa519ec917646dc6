"""The rows that explanations compare with: what a forecast would be where a column is not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from tradewind.core import Dataset, UsageError
from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, IntArray

MANY = 4096
"""Rows whose windows the mean window is of."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Background:
    """A sample of prepared rows, the reference of every Shapley value.

    Attributes
    ----------
    values : (b, q) float32 prepared columns of the rows, oldest first.
    windows : (k, w, q) float32 prepared bars that end at k of those rows, oldest first; the last bar is the row. Where
        a symbol has fewer than w bars, its first one is repeated in front.
    names : q prepared columns.
    centre : (w, q) mean window of many more rows than ``windows`` holds; the mean of ``windows`` when None.
    """

    values: Float32Array
    windows: Float32Array
    names: tuple[str, ...]
    centre: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse parts that do not fit together."""
        q = len(self.names)
        if self.values.ndim != 2 or self.values.shape[1] != q or len(self.values) == 0:
            raise ValueError(f"values have shape {self.values.shape}, expected (b, {q}) with b of 1 or more")
        if self.windows.ndim != 3 or self.windows.shape[2] != q or len(self.windows) > len(self.values):
            raise ValueError(f"windows have shape {self.windows.shape}, expected (k, w, {q}) with k <= {len(self)}")
        if self.centre is not None and self.centre.shape != self.windows.shape[1:]:
            raise ValueError(f"centre has shape {self.centre.shape}, the windows {self.windows.shape[1:]}")

    def __len__(self) -> int:
        """Return the number of rows b."""
        return len(self.values)

    @classmethod
    def draw(
        cls, prepared: Dataset, rows: IntArray, *, size: int = 256, windows: int = 16, window: int, seed: int
    ) -> Self:
        """Draw from ``rows`` of ``prepared``: one row from each of ``size`` equal stretches of time.

        Every part of the history counts the same, however many rows a fixed seed would have drawn from it by chance.
        Windows end at ``windows`` of the rows drawn, as evenly spread in time, with a full history where there are any.

        Parameters
        ----------
        prepared : dataset with the columns the members see; features must be finite.
        rows : where to draw from; all of them are taken where they are ``size`` or fewer.
        window : bars of a window, w.
        seed : of the draw; equal seeds give equal backgrounds.

        Raises
        ------
        UsageError : no rows, or a size, window or number of windows that cannot be drawn.
        """
        if len(rows) == 0:
            raise UsageError("there is no row to draw the background from", field="rows", fix="give a longer history")
        if size < 1 or window < 1 or windows < 0:
            raise UsageError(
                f"a background of {size} rows with {windows} windows of {window} bars cannot be drawn",
                field="background",
                fix="give at least 1 row, 0 windows and 1 bar",
            )
        rng = np.random.default_rng(seed)
        order = rows[np.lexsort((rows, prepared.panel.time[rows]))]
        chosen = _one_of_each(order, size, rng)
        bars = prepared.bar_index[chosen]
        full = chosen[bars >= window - 1]
        ends = _one_of_each(full if len(full) >= windows else chosen, windows, rng)
        whole = order[prepared.bar_index[order] >= window - 1]
        many = _one_of_each(whole, MANY, rng) if len(full) >= windows > 0 else ends
        ago = range(window - 1, -1, -1)
        return cls(
            values=prepared.features[chosen],
            windows=np.stack([_bars(prepared, ends, back) for back in ago], axis=1),
            names=prepared.names,
            centre=np.stack([_bars(prepared, many, back).mean(axis=0, dtype=np.float64) for back in ago])
            if len(many)
            else None,
        )

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return the arrays by name, ready for ``np.savez``."""
        arrays = {"values": self.values, "windows": self.windows, "names": np.array(self.names)}
        return arrays if self.centre is None else {**arrays, "centre": self.centre}

    @classmethod
    def from_arrays(cls, arrays: dict[str, AnyArray]) -> Self:
        """Return the background that :meth:`to_arrays` described."""
        names = tuple(str(name) for name in arrays["names"])
        return cls(values=arrays["values"], windows=arrays["windows"], names=names, centre=arrays.get("centre"))


def _bars(prepared: Dataset, rows: IntArray, back: int) -> Float32Array:
    """Return the columns (m, q) of the bar ``back`` bars before each of ``rows``, or of its symbol's first."""
    bars: Float32Array = prepared.features[rows - np.minimum(prepared.bar_index[rows], back)]
    return bars


def _one_of_each(rows: IntArray, count: int, rng: np.random.Generator) -> IntArray:
    """Return one of each of ``count`` equal stretches of ``rows``, in their order; all where they are fewer."""
    if len(rows) <= count:
        return rows
    bounds = np.linspace(0, len(rows), count + 1).astype(np.int64)
    return rows[rng.integers(bounds[:-1], bounds[1:])]
