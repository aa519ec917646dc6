"""The slices of a diagnosis as dense arrays: days down, symbols across, NaN where there is nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, IntArray, TimeArray
from tradewind.core.panel import PRICE_FIELDS
from tradewind.monitoring.diagnosis.evidence import Evidence
from tradewind.monitoring.moment import aware
from tradewind.monitoring.slices import Slice

ONE_FEED = "bars"
"""Name of the feed where bars do not say which they came from."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Frame:
    """T slices of S symbols: the reference is rows ``:first``, the period rows ``first:``.

    Attributes
    ----------
    slices : the slices, reference first.
    first : number of reference slices.
    times : (T,) ``datetime64[us]``. ``symbols`` : (S,) every symbol that was expected or arrived, sorted.
    sectors, feeds : (S,) str; the last sector of each symbol, and the feed it mostly came from in the reference.
    expected, arrived : (T, S) bool.
    fields : (T, S) float64 of each of the six fields of a bar, by name.
    """

    slices: tuple[Slice, ...]
    first: int
    times: TimeArray
    symbols: AnyArray
    sectors: AnyArray
    feeds: AnyArray
    expected: BoolArray
    arrived: BoolArray
    fields: dict[str, FloatArray]

    @classmethod
    def of(cls, evidence: Evidence) -> Frame:
        """Lay out the slices of ``evidence``."""
        slices = (*evidence.reference, *evidence.period)
        symbols = np.array(sorted({s for one in slices for s in (*one.expected, *one.symbol.tolist())}), dtype=str)
        shape = len(slices), len(symbols)
        expected, arrived = np.zeros(shape, dtype=bool), np.zeros(shape, dtype=bool)
        fields = {name: np.full(shape, np.nan) for name in PRICE_FIELDS}
        sectors = np.full(len(symbols), "unknown", dtype=object)
        for t, one in enumerate(slices):
            at = np.searchsorted(symbols, one.symbol)
            expected[t, np.searchsorted(symbols, np.array(one.expected, dtype=str))] = True
            arrived[t, at] = True
            sectors[at] = one.sector
            for name in PRICE_FIELDS:
                fields[name][t, at] = getattr(one.bars, name)
        return cls(
            slices=slices,
            first=len(evidence.reference),
            times=np.array([one.time for one in slices], dtype="datetime64[us]"),
            symbols=symbols,
            sectors=sectors.astype(str),
            feeds=_usual_feeds(slices, symbols),
            expected=expected | arrived,
            arrived=arrived,
            fields=fields,
        )

    def __len__(self) -> int:
        """Return the number of slices."""
        return len(self.slices)

    @property
    def period(self) -> slice:
        """Rows of the period."""
        return slice(self.first, len(self))

    @property
    def usual(self) -> slice:
        """Rows of the reference."""
        return slice(0, self.first)

    def moment(self, row: int) -> datetime:
        """Return the time of slice ``row``, aware, UTC."""
        return aware(self.times[row])

    def level_before(self, name: str) -> FloatArray:
        """(T, S) last finite positive value of field ``name`` before each slice, NaN before a symbol's first."""
        values = self.fields[name]
        good = np.isfinite(values) & (values > 0.0)
        row = np.where(good, np.arange(len(self))[:, None], -1)
        last = np.maximum.accumulate(row, axis=0)
        before = np.vstack([np.full((1, values.shape[1]), -1), last[:-1]])
        picked = np.take_along_axis(values, np.maximum(before, 0), axis=0)
        return np.where(before >= 0, picked, np.nan)

    @cached_property
    def jumps(self) -> FloatArray:
        """(T, S) log of the adjusted close over the last one known before, however long ago."""
        return log_ratio(self.fields["adj_close"], self.level_before("adj_close"))

    @cached_property
    def returns(self) -> FloatArray:
        """(T, S) log returns from the slice before; NaN where one of both bars is missing."""
        before = np.vstack([np.zeros((1, len(self.symbols)), dtype=bool), self.arrived[:-1]])
        return np.where(before & self.arrived, self.jumps, np.nan)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Features of the newest slice that has rows; a slice with other features counts as one without."""
        return next((one.names for one in reversed(self.slices) if len(one)), self.slices[-1].names)

    @cached_property
    def features(self) -> Float32Array:
        """(T, S, p) float32."""
        out = np.full((len(self), len(self.symbols), len(self.names)), np.nan, dtype=np.float32)
        for t, one in enumerate(self.slices):
            if one.names == self.names:
                out[t, np.searchsorted(self.symbols, one.symbol)] = one.features
        return out

    @cached_property
    def served(self) -> tuple[str | None, ...]:
        """(T,) version whose answers callers got, None where nothing was served."""
        return tuple(one.served[0].version if one.served else None for one in self.slices)

    @cached_property
    def probability(self) -> FloatArray:
        """(T, S) probability that callers got, NaN where none."""
        out = np.full((len(self), len(self.symbols)), np.nan)
        for t, one in enumerate(self.slices):
            if one.served:
                out[t, place(self.symbols, one.served[0].symbol)[0]] = one.served[0].probability[
                    place(self.symbols, one.served[0].symbol)[1]
                ]
        return out

    @cached_property
    def labels(self) -> tuple[FloatArray, FloatArray, IntArray]:
        """(T, S) direction and forward return of each forecast, and the slice in which it came first (-1: never)."""
        shape = len(self), len(self.symbols)
        direction, forward = np.full(shape, np.nan), np.full(shape, np.nan)
        came = np.full(shape, -1, dtype=np.int64)
        for t, one in enumerate(self.slices):
            if one.labels is None:
                continue
            at, known = place(self.symbols, one.labels.symbol)
            times = one.labels.time[known].astype("datetime64[us]")
            row = np.minimum(np.searchsorted(self.times, times), len(self) - 1)
            hit = self.times[row] == times
            row, at = row[hit], at[hit]
            direction[row, at] = one.labels.direction[known][hit]
            forward[row, at] = one.labels.forward_return[known][hit]
            came[row, at] = np.where(came[row, at] < 0, t, came[row, at])
        return direction, forward, came

    @cached_property
    def wrong(self) -> FloatArray:
        """(T, S) 1 where the direction served was wrong, 0 where right, NaN where there is no forecast or label."""
        direction, p = self.labels[0], self.probability
        return np.where(np.isfinite(direction) & np.isfinite(p), (p > 0.5) != (direction > 0.5), np.nan).astype(
            np.float64
        )


def place(symbols: AnyArray, wanted: AnyArray) -> tuple[IntArray, BoolArray]:
    """Return where each of ``wanted`` stands among sorted ``symbols``, for those that do, and which of them do."""
    if not len(symbols) or not len(wanted):
        return np.zeros(0, dtype=np.int64), np.zeros(len(wanted), dtype=bool)
    at = np.minimum(np.searchsorted(symbols, wanted), len(symbols) - 1)
    known = symbols[at] == wanted
    return at[known].astype(np.int64), known


def log_ratio(above: FloatArray, below: FloatArray) -> FloatArray:
    """Log of ``above`` over ``below``, NaN where either is not positive."""
    good = (above > 0.0) & (below > 0.0)
    return np.log(np.where(good, above, np.nan) / np.where(good, below, 1.0))


def day_mean(values: FloatArray, axis: int = 1) -> FloatArray:
    """Mean along ``axis`` of the finite values, NaN where there is none."""
    known = np.isfinite(values)
    n = known.sum(axis=axis)
    total = np.where(known, values, 0.0).sum(axis=axis)
    return np.asarray(np.where(n > 0, total / np.maximum(n, 1), np.nan), dtype=np.float64)


def _usual_feeds(slices: Sequence[Slice], symbols: AnyArray) -> AnyArray:
    seen: dict[str, dict[str, int]] = {}
    for one in slices:
        for symbol, feed in zip(one.symbol.tolist(), one.feed.tolist(), strict=True):
            counts = seen.setdefault(symbol, {})
            counts[feed] = counts.get(feed, 0) + 1
    most = {symbol: max(counts, key=lambda feed: (counts[feed], feed)) for symbol, counts in seen.items()}
    return np.array([most.get(str(symbol)) or ONE_FEED for symbol in symbols], dtype=str)
