"""What a search for counterfactuals found, as records and in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradewind.core.arrays import AnyArray
from tradewind.explain.what_if.bar import Bar
from tradewind.explain.what_if.replay import Replay

MOST_FEATURES = 6


@dataclass(frozen=True, kw_only=True)
class FeatureShift:
    """A feature before and after, raw, and the change in training standard deviations (NaN where either is missing)."""

    name: str
    before: float
    after: float
    deviations: float


def moved_features(replay: Replay, after: AnyArray, most: int = MOST_FEATURES) -> tuple[FeatureShift, ...]:
    """Return the features that ``after`` (p,) changes, the largest changes first, at most ``most``."""
    before = replay.features
    change = (after.astype(np.float64) - before) / replay.deviations
    size = np.where(np.isnan(after) != np.isnan(before), np.inf, np.abs(np.nan_to_num(change)))
    order = [i for i in np.argsort(-size, kind="stable") if size[i] > 1e-9]
    return tuple(
        FeatureShift(name=replay.names[i], before=float(before[i]), after=float(after[i]), deviations=float(change[i]))
        for i in order[:most]
    )


def chance(probability: float, target: float) -> str:
    """Return ``probability`` with three decimals, or as many as show on which side of ``target`` it lies."""
    digits = 3
    while digits < 7 and probability != target and float(f"{probability:.{digits}f}") == target:
        digits += 1
    return f"{probability:.{digits}f}"


def signed(fraction: float) -> str:
    """Return a fraction as per cent with its sign; zero has none of minus."""
    return f"{round(100 * fraction, 2) + 0.0:+.2f} %"


@dataclass(frozen=True, kw_only=True)
class InputChange:
    """One part of the bar that is changed.

    ``before``, ``after`` : the value itself (price, shares). ``move_before``, ``move_after`` : the same as a fraction
    of what it is measured against (see :mod:`~tradewind.explain.counterfactual.moves`). ``deviations`` : the change
    in standard deviations of past moves. ``percentile`` : where the new move stands among past moves, 0 to 100.
    """

    name: str
    before: float
    after: float
    move_before: float
    move_after: float
    deviations: float
    percentile: float

    @property
    def words(self) -> str:
        """Return the change as a phrase."""
        after, before = signed(self.move_after), signed(self.move_before)
        against = {
            "close": f"a day's return of {after} in place of {before}",
            "open": f"an opening gap of {after} in place of {before}",
            "high": f"a high {100 * self.move_after:.2f} % above open and close in place of "
            f"{100 * self.move_before:.2f} %",
            "low": f"a low {100 * self.move_after:.2f} % below open and close in place of "
            f"{100 * self.move_before:.2f} %",
            "volume": f"{1 + self.move_after:.2f} times its usual volume in place of {1 + self.move_before:.2f}",
        }[self.name]
        return f"{self.name} {self.after:,.6g} in place of {self.before:,.6g} ({against})"


@dataclass(frozen=True, kw_only=True)
class BarCounterfactual:
    """Another bar, and the forecast it would have led to.

    Attributes
    ----------
    changes : the inputs changed. bar : the whole bar, its range widened where a price needs it.
    probability : what :meth:`TrainedModel.forecast` gave on the changed bars.
    features : the features that moved most. distance : sum of ``changes`` in standard deviations of past moves.
    plausibility : share of past days, in per cent, at least as unusual as the least usual change.
    verified : the forecast on the changed bars gave what the search claimed.
    """

    changes: tuple[InputChange, ...]
    bar: Bar
    probability: float
    features: tuple[FeatureShift, ...]
    distance: float
    plausibility: float
    verified: bool


@dataclass(frozen=True, kw_only=True)
class BarSearch:
    """The result of a search among plausible bars.

    Attributes
    ----------
    probability : the forecast as it is. target : the probability to be crossed.
    found : counterfactuals of different inputs, fewest inputs and smallest change first; empty where there is none.
    nearest : where none was found, the plausible bar that came furthest.
    runs : variants run. bounds : plausible moves of each input, as fractions.
    """

    symbol: str
    date: str
    probability: float
    target: float
    found: tuple[BarCounterfactual, ...]
    nearest: BarCounterfactual | None
    runs: int
    bounds: Mapping[str, tuple[float, float]]

    @property
    def words(self) -> str:
        """Return the result as sentences."""
        way = "above" if self.probability <= self.target else "below"
        head = (
            f"{self.symbol} on {self.date}: the probability of a rise is "
            f"{chance(self.probability, self.target)}. To bring it {way} {self.target:g}"
        )
        if self.found:
            first = self.found[0]
            parts = " and ".join(change.words for change in first.changes)
            return (
                f"{head} it would have taken: {parts}. The forecast would then be "
                f"{chance(first.probability, self.target)}. "
                f"{first.plausibility:.1f} % of past days were at least as unusual."
            )
        if self.nearest is None:
            return f"{head}: no part of the bar could be varied."
        parts = " and ".join(change.words for change in self.nearest.changes)
        return (
            f"{head}: none found within plausible moves ({self.runs} bars tried). "
            f"The furthest was {chance(self.nearest.probability, self.target)}, with {parts}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values."""
        return {**asdict(self), "words": self.words}


@dataclass(frozen=True, kw_only=True)
class Neighbour:
    """A real bar of an earlier day that the model forecasts on the other side.

    ``distance`` : Euclidean, over prepared columns, in training standard deviations.
    """

    symbol: str
    date: str
    distance: float
    probability: float


@dataclass(frozen=True, kw_only=True)
class FeatureCounterfactual:
    """Few features set to other values, and the forecast they lead to.

    Attributes
    ----------
    changes : the features changed, the largest change first.
    probability : what :meth:`TrainedModel.forecast` gave. distance : sum of the changes in training deviations.
    nearest, nearest_distance : the real bar nearest to the changed row; it may lie ``near_limit`` away at most.
    verified : that forecast equals what the search claimed.
    """

    changes: tuple[FeatureShift, ...]
    probability: float
    distance: float
    nearest: str
    nearest_distance: float
    near_limit: float
    verified: bool

    def words(self, target: float) -> str:
        """Return the changes as a sentence; ``target`` : the probability that was to be crossed."""
        parts = ", ".join(f"{one.name} {one.after:.4g} in place of {one.before:.4g}" for one in self.changes)
        return f"With {parts} the forecast would be {chance(self.probability, target)}."


@dataclass(frozen=True, kw_only=True)
class FeatureSearch:
    """The result of a search among features.

    Attributes
    ----------
    found : counterfactuals that differ in their features; empty where there is none with at most ``most`` changes.
    neighbours : nearest real bars forecast on the other side. rejected : candidates that lay far from every real bar.
    furthest : the probability that came furthest towards the other side. runs : variants run.
    """

    symbol: str
    date: str
    probability: float
    target: float
    most: int
    found: tuple[FeatureCounterfactual, ...]
    neighbours: tuple[Neighbour, ...]
    rejected: int
    furthest: float
    runs: int

    @property
    def words(self) -> str:
        """Return the result as sentences."""
        if self.found:
            return self.found[0].words(self.target)
        if not self.neighbours:
            return "No earlier bar was forecast on the other side, so there is nothing to move towards."
        many = "1 feature" if self.most == 1 else f"{self.most} features"
        return (
            f"None found with at most {many} changed within training values ({self.runs} variants; the "
            f"furthest was {chance(self.furthest, self.target)}; {self.rejected} left out as far from every real bar)."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values."""
        return {**asdict(self), "words": self.words}
