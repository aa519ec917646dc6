"""The whole exported model: prepare once, run every member, join, calibrate, put an interval around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from scipy.special import expit, logit

from tradewind.core import Forecast, UsageError
from tradewind.core.arrays import BoolArray, Float32Array, FloatArray, IntArray
from tradewind.models.combine import Combiner
from tradewind.models.conformal import ConformalInterval
from tradewind.models.engines.join import Join
from tradewind.models.engines.member import Member, Prepared
from tradewind.models.engines.preparation import Preparation, places
from tradewind.models.engines.sole import Sole

SHIFT_EDGE = 1e-6
SIZE_RANK = "size_rank_20"
SIZES = ("small", "mid", "large", "unknown")


class WindowRows(Protocol):
    """What a model reads to forecast m rows; the fields are those of ``serving.contracts.ModelRows``."""

    @property
    def history(self) -> Float32Array:
        """(m, w, p) float32 raw features, oldest bar first, the row itself last."""
        ...

    @property
    def count(self) -> IntArray:
        """(m,) how many of the w bars there are."""
        ...

    @property
    def scale(self) -> FloatArray:
        """(m,) volatility by which intervals are scaled, NaN where not known."""
        ...

    @property
    def occasion(self) -> BoolArray:
        """(m, w) True on bars that are not winsorised."""
        ...

    @property
    def group(self) -> Sequence[str] | None:
        """Names of the groups (sector) of the rows, or None."""
        ...

    def __len__(self) -> int:
        """Return the number of rows."""
        ...


@dataclass(frozen=True, kw_only=True, eq=False)
class Joined:
    """Forecasts of m rows, (m,) float64 each; ``members`` : the probability of each member alone."""

    probability: FloatArray
    expected_return: FloatArray
    lower: FloatArray
    upper: FloatArray
    members: Mapping[str, FloatArray]


@dataclass(frozen=True, kw_only=True)
class Shift:
    """Log odds to add to each group's probability; ``by`` : sector, size_bucket or both, as in training."""

    by: str
    shifts: Mapping[str, float]

    def apply(self, probability: FloatArray, group: Sequence[str]) -> FloatArray:
        """Return (m,) shifted probabilities; groups without a shift are left alone, bit for bit."""
        added = np.array([self.shifts.get(name, 0.0) for name in group])
        inside = np.clip(probability, SHIFT_EDGE, 1.0 - SHIFT_EDGE)
        moved: FloatArray = np.where(added == 0.0, probability, expit(logit(inside) + added))
        return moved


@dataclass(frozen=True, kw_only=True, eq=False)
class Pipeline:
    """A model from raw windows to answers; threads may share it.

    ``features`` : raw features it reads. ``window`` : bars it looks back on. ``baselines`` : fallbacks that need no
    other input. ``conformal`` : None gives no interval. ``usual_scale`` : volatility of rows without one. ``about`` :
    what the manifest says of it.
    """

    features: tuple[str, ...]
    window: int
    preparation: Preparation
    members: Mapping[str, Member]
    baselines: Mapping[str, Member]
    combiner: Combiner | Sole
    conformal: ConformalInterval | None
    usual_scale: float
    shift: Shift | None = None
    about: Mapping[str, Any] = field(default_factory=dict)

    def prepare(self, rows: WindowRows, lengths: Sequence[int]) -> Prepared:
        """Return what members that look back on ``lengths`` bars read.

        Raises
        ------
        UsageError : the rows do not have the shapes they must have.
        """
        self.check(rows)
        bars = rows.history.shape[1]
        windows = {
            length: self.preparation.windows(rows.history, rows.count, rows.occasion, length) for length in lengths
        }
        at = {length: places(rows.count, bars, length) for length in lengths}
        if windows:
            longest = max(windows)
            last = windows[longest][np.arange(len(rows)), at[longest]]
        else:
            last = self.preparation.windows(rows.history, rows.count, rows.occasion, 1)[:, 0]
        return Prepared(windows=windows, places=at, last=np.ascontiguousarray(last), raw=rows.history[:, -1])

    def check(self, rows: WindowRows) -> None:
        """Refuse rows of other shapes than the model reads; UsageError."""
        history, m = rows.history, len(rows)
        if history.ndim != 3 or history.shape[0] != m or history.shape[2] != len(self.features) or not history.shape[1]:
            raise UsageError(
                f"rows have shape {history.shape}, the model reads ({m}, bars, {len(self.features)})",
                field="history",
                fix="give the columns that the model names as its features",
            )
        if rows.occasion.shape != history.shape[:2] or rows.scale.shape != (m,) or history.dtype != np.float32:
            raise UsageError("rows do not fit together", field="history", fix="give float32 rows as ModelRows says")
        if m and int(rows.count.min()) < 1:
            raise UsageError("a row has no bar", field="count", fix="count the row itself: at least 1")
        if self.shift is not None and self.shift.by != "size_bucket" and rows.group is None:
            raise UsageError("the model moves each group's forecasts", field="group", fix="give each row's sector")

    def predict(self, rows: WindowRows) -> Joined:
        """Forecast; UsageError where the rows do not have the shapes they must have."""
        lengths = sorted({member.window for member in self.members.values() if member.kind == "net"})
        prepared = self.prepare(rows, lengths)
        found = {name: member.forecast(prepared) for name, member in self.members.items()}
        probability, expected = self._combine(found)
        lower, upper = self._interval(rows, expected)
        if self.shift is not None:
            probability = self.shift.apply(probability, self._groups(rows, self.shift.by))
        return Joined(
            probability=probability,
            expected_return=expected,
            lower=lower,
            upper=upper,
            members={name: forecast[0] for name, forecast in found.items()},
        )

    def fallback(self, name: str, rows: WindowRows) -> Joined:
        """Return the forecast of the baseline ``name`` in the model's place, without an interval; KeyError without."""
        baseline = self.baselines[name]
        probability, expected = baseline.forecast(self.prepare(rows, ()))
        nothing = np.full(len(rows), np.nan)
        return Joined(
            probability=probability,
            expected_return=expected,
            lower=nothing,
            upper=nothing,
            members={name: probability},
        )

    def with_members(self, members: Mapping[str, Member]) -> Pipeline:
        """Return the pipeline with other ``members`` of the same names."""
        return replace(self, members=members)

    @cached_property
    def _join(self) -> Join | None:
        return Join.of(self.combiner) if isinstance(self.combiner, Combiner) else None

    def _combine(self, found: Mapping[str, tuple[FloatArray, FloatArray]]) -> tuple[FloatArray, FloatArray]:
        if isinstance(self.combiner, Sole):
            return self.combiner.combine(found)
        if self._join is not None:
            return self._join.combine(*(np.stack([found[name][k] for name in self.combiner.names]) for k in (0, 1)))
        every = np.arange(len(next(iter(found.values()))[0]))
        return self.combiner.combine({name: Forecast.point(every, *forecast) for name, forecast in found.items()})

    def _interval(self, rows: WindowRows, expected: FloatArray) -> tuple[FloatArray, FloatArray]:
        if self.conformal is None:
            nothing = np.full(len(rows), np.nan)
            return nothing, nothing
        scale = np.where(np.isfinite(rows.scale), rows.scale, self.usual_scale)
        return self.conformal.interval(expected, scale)

    def _groups(self, rows: WindowRows, by: str) -> Sequence[str]:
        """Return the m names of groups as training knows them."""
        sectors = [] if rows.group is None else list(rows.group)
        if by == "sector":
            return sectors
        rank = rows.history[:, -1, self.features.index(SIZE_RANK)].astype(np.float64)
        third = np.where(np.isnan(rank), 3, np.clip(np.floor(np.nan_to_num(rank) * 3.0), 0, 2)).astype(np.int64)
        sizes = [SIZES[place] for place in third]
        if by == "size_bucket":
            return sizes
        unknown = SIZES[-1]
        return [unknown if unknown in pair else ", ".join(pair) for pair in zip(sectors, sizes, strict=True)]
