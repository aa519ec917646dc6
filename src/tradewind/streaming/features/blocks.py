"""What leaves the feature service: the features of one time, and what is read back of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np

from tradewind.core.arrays import BoolArray, Float32Array, FloatArray, Int32Array, IntArray
from tradewind.core.ids import content_id

Cause = Literal["live", "late", "restored", "backfill"]


@dataclass(frozen=True, kw_only=True, eq=False)
class FeatureBlock:
    """Features of some rows of one time, as they are stored and served.

    Attributes
    ----------
    time : microseconds since 1970 UTC.
    code : (k,) int64 places in the universe, ascending.
    known_at : (k,) int64 microseconds UTC; when the row could be known.
    values : (k, p) float32, what models read; NaN where a feature is not defined.
    scale : (k,) float64 volatility by which intervals are scaled.
    occasion : (k,) True on bars with a burst of news.
    revision : (k,) int32, how often late data changed the row after it was first given.
    """

    time: int
    code: IntArray
    known_at: IntArray
    values: Float32Array
    scale: FloatArray
    occasion: BoolArray
    revision: Int32Array

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.code)

    def rows(self, which: IntArray | BoolArray) -> FeatureBlock:
        """Return the block of the rows ``which`` (places, or a mask)."""
        parts: dict[str, Any] = {name: getattr(self, name)[which] for name in _COLUMNS}
        return replace(self, **parts)

    def merged(self, newer: FeatureBlock) -> FeatureBlock:
        """Return this block with the rows of ``newer`` added to it or put in the place of its own."""
        if len(newer.code) == len(self.code) and np.array_equal(newer.code, self.code):
            return newer
        stays = self.rows(~np.isin(self.code, newer.code))
        if not len(stays):
            return newer
        order = np.argsort(np.concatenate([stays.code, newer.code]), kind="stable")
        parts: dict[str, Any] = {
            name: np.concatenate([getattr(stays, name), getattr(newer, name)])[order] for name in _COLUMNS
        }
        return replace(newer, **parts)

    def differs(self, other: FeatureBlock) -> BoolArray:
        """(k,) rows whose contents differ from those of ``other``, which holds the same codes; NaN equals NaN."""
        same = self.known_at == other.known_at
        same &= self.occasion == other.occasion
        same &= (self.scale == other.scale) | (np.isnan(self.scale) & np.isnan(other.scale))
        same &= ((self.values == other.values) | (np.isnan(self.values) & np.isnan(other.values))).all(axis=1)
        result: BoolArray = ~same
        return result

    def after(self, earlier: FeatureBlock) -> tuple[FeatureBlock, BoolArray]:
        """Return this block with the revisions that follow from ``earlier`` of the same time, and which rows changed.

        A row that ``earlier`` lacks has changed; one that it holds keeps its revision, plus 1 where it changed.
        """
        place = np.minimum(np.searchsorted(earlier.code, self.code), max(len(earlier) - 1, 0))
        held = earlier.code[place] == self.code if len(earlier) else np.zeros(len(self), dtype=bool)
        changed = np.ones(len(self), dtype=bool)
        revision = self.revision.copy()
        before = earlier.rows(place[held])
        changed[held] = self.rows(held).differs(before)
        revision[held] = before.revision + changed[held]
        return replace(self, revision=revision), changed


_COLUMNS = ("code", "known_at", "values", "scale", "occasion", "revision")


class FeatureRow(NamedTuple):
    """One stored row: ``values`` (p,) float32."""

    symbol: str
    time: int
    known_at: int
    values: Float32Array
    scale: float
    occasion: bool
    revision: int


@dataclass(frozen=True, kw_only=True, eq=False)
class WindowRows:
    """The last w bars of m symbols.

    ``history`` (m, w, p) float32, oldest bar first, NaN in front where a symbol has fewer; ``count`` (m,) how many it
    has; ``scale`` (m,) of the newest bar, NaN without one; ``occasion`` (m, w).
    """

    history: Float32Array
    count: IntArray
    scale: FloatArray
    occasion: BoolArray


@dataclass(frozen=True, kw_only=True, eq=False)
class ClosedSlice:
    """What listeners are told: rows of one time that are new or changed.

    Attributes
    ----------
    block : the features.
    cause : ``live`` (the slice closed), ``late`` (late data changed these rows or added them), ``restored`` (given
        again after a restart), ``backfill``.
    written_at : (k,) microseconds at which the log took the bar of the row; 0 where that is not known any more.
    read_at, done_at : microseconds at which its last bar was read from the log, and its features were there.
    """

    block: FeatureBlock
    cause: Cause
    written_at: IntArray
    read_at: int
    done_at: int

    @property
    def revised(self) -> bool:
        """Whether late data brought it."""
        return self.cause == "late"


def schema_id(names: Sequence[str]) -> str:
    """Return the id of a set of feature columns: rows of other sets are kept apart by it."""
    return content_id("features", list(names))
