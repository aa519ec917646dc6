"""What online features are fed and what they give: one slice of the market at a time.

A slice holds the bars of one ``time``, at most one a symbol, and the news that belongs to them. Slices come in order of
time. Fed with every slice of a panel, the values equal those of the batch definitions to 1e-9.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceNews:
    """Items of a slice: ``row`` (m,) the row of the slice each belongs to, ``kind`` (m,) place in ``NEWS_KINDS``,
    ``published_at`` (m,) int64 microseconds, ``text`` m texts; in order of publication."""

    row: IntArray
    kind: IntArray
    published_at: IntArray
    text: Sequence[str]


@dataclass(frozen=True, kw_only=True, eq=False)
class Slice:
    """Bars of one time.

    Attributes
    ----------
    time : microseconds since 1970 UTC, as ``Panel.time``.
    code : (k,) int64 places of the symbols in the universe, ascending.
    known_at : (k,) int64 microseconds UTC.
    open, high, low, close, adj_close, volume : (k,) float64; NaN where a field is missing.
    fear : (k,) float64, NaN where not known; None where the stream has no fear index.
    news : items that became known after the symbol's bar before and by this one; None where the stream has no news.
    """

    time: int
    code: IntArray
    known_at: IntArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    adj_close: FloatArray
    volume: FloatArray
    fear: FloatArray | None = None
    news: SliceNews | None = None

    def __len__(self) -> int:
        """Return the number of bars."""
        return len(self.code)


@dataclass(frozen=True, kw_only=True, eq=False)
class SliceFeatures:
    """Features of the rows of a slice.

    Attributes
    ----------
    time : of the slice.
    code : (k,) places of the symbols in the universe.
    values : (k, p) float64, columns as ``OnlineFeatures.names``; NaN where not defined, never infinite.
    scale : (k,) float64 volatility by which return intervals are scaled (``models.past.return_scale``), else NaN.
    occasion : (k,) bool, True on rows with a burst of news (``quality.mark_occasions``).
    """

    time: int
    code: IntArray
    values: FloatArray
    scale: FloatArray
    occasion: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


State = Mapping[str, AnyArray]
"""Named arrays that hold all of an engine's memory; what :meth:`SliceEngine.restore` takes."""


class SliceEngine(Protocol):
    """Anything that turns slices into features, remembering what it must."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        ...

    def advance(self, part: Slice) -> SliceFeatures:
        """Take in the next slice and return its features; ValueError where it does not come after the one before."""
        ...

    def snapshot(self) -> State:
        """Return a copy of the memory."""
        ...

    def restore(self, state: State) -> None:
        """Go back to a memory that :meth:`snapshot` gave; ValueError where it is of other symbols or features."""
        ...
