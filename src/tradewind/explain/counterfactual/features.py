"""Which few features would have to differ for the forecast to turn, kept near rows that really occurred.

Unlike in :mod:`~tradewind.explain.counterfactual.bars`, features are set one by one here and need not follow from one
bar. Real rows guide the search so that what is found is not far from anything that ever was: it starts from the nearest
*unlike* neighbours (Nugent and Cunningham 2005; Keane and Smyth 2020), rows of earlier days of any symbol that the
model forecasts on the other side, and takes over as few of their values as turn the forecast (Brughmans et al. 2023,
NICE). Several are kept that differ in their features (Mothilal, Sharma and Tan 2020, DiCE).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from pydantic import Field

from tradewind.core import Settings
from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, IntArray
from tradewind.explain.counterfactual.result import FeatureCounterfactual, FeatureSearch, Neighbour, moved_features
from tradewind.explain.what_if.replay import SAME, Replay
from tradewind.features import REGISTRY, Group


class FeatureSettings(Settings):
    """``target`` : probability of a rise to be crossed. ``most`` : features that may change. ``wanted`` : how many
    counterfactuals. ``neighbours`` : unlike rows searched from. ``sample`` : earlier rows looked at. ``near`` : a
    result may lie no further from a real row than this share of real rows lie from the next (or than the row lies).
    """

    target: float = Field(default=0.5, gt=0.0, lt=1.0)
    most: int = Field(default=4, ge=1)
    wanted: int = Field(default=3, ge=1)
    neighbours: int = Field(default=10, ge=1)
    sample: int = Field(default=3000, ge=10)
    near: float = Field(default=0.95, gt=0.0, le=1.0)
    seed: int = 7


@dataclass(eq=False)
class _Search:
    """The row, the real rows around it, and what variants of it give."""

    replay: Replay
    settings: FeatureSettings
    runs: int = 0
    furthest: float = -np.inf

    def __post_init__(self) -> None:
        self.up = self.replay.probability <= self.settings.target

    def gain(self, values: AnyArray) -> FloatArray:
        """(V,) how far each variant lies beyond the target; positive: it turns the forecast."""
        self.runs += len(values)
        found = self.side(self.replay.probabilities(values))
        self.furthest = max(self.furthest, float(found.max(initial=-np.inf)))
        return found

    def side(self, probability: FloatArray) -> FloatArray:
        gap: FloatArray = probability - self.settings.target
        return gap if self.up else -gap

    @cached_property
    def real(self) -> IntArray:
        """(m,) rows of earlier days, at most ``sample`` of them, in order."""
        panel = self.replay.panel
        rows = np.flatnonzero(panel.time < self.replay.time)
        rng = np.random.default_rng(self.settings.seed)
        if len(rows) > self.settings.sample:
            rows = rng.choice(rows, size=self.settings.sample, replace=False)
        return np.sort(rows).astype(np.int64)

    @cached_property
    def table(self) -> Float32Array:
        """(m, q) prepared columns of the real rows."""
        model = self.replay.model
        self._whole = model.prepare(self.replay.data, self.replay.news)
        return np.asarray(self._whole.features[self.real], dtype=np.float32)

    @cached_property
    def unlike(self) -> tuple[IntArray, FloatArray, FloatArray]:
        """The nearest rows forecast on the other side: places in ``real``, distances, probabilities; nearest first."""
        distance = self.distances(self.replay.prepared(self.replay.features[None]))[0]
        model, rows = self.replay.model, self.real
        forecast = model.shifted(self.replay.data, model.ensemble.predict(self._whole, rows))
        other = np.flatnonzero(self.side(forecast.probability) > 0)
        order = other[np.argsort(distance[other], kind="stable")][: self.settings.neighbours]
        return order, distance[order], forecast.probability[order]

    def distances(self, prepared: AnyArray) -> FloatArray:
        """(V, m) Euclidean distances between prepared rows (V, q) and the real rows, in training deviations."""
        a, b = prepared.astype(np.float64), self.table.astype(np.float64)
        square = (a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1) - 2.0 * a @ b.T
        apart: FloatArray = np.sqrt(np.maximum(square, 0.0))
        return apart

    @cached_property
    def limit(self) -> float:
        """Distance to the nearest real row that still counts as near."""
        rng = np.random.default_rng(self.settings.seed)
        some = rng.choice(len(self.real), size=min(256, len(self.real)), replace=False)
        apart = self.distances(self.table[some])
        apart[np.arange(len(some)), some] = np.inf
        own = self.distances(self.replay.prepared(self.replay.features[None])).min()
        return float(max(np.quantile(apart.min(axis=1), self.settings.near), own))

    @cached_property
    def free(self) -> BoolArray:
        """(p,) True for features that may change: known, and not of the calendar."""
        groups = np.array([REGISTRY.get(name).group != Group.CALENDAR for name in self.replay.names])
        return groups & np.isfinite(self.replay.features)


def feature_counterfactuals(replay: Replay, settings: FeatureSettings | None = None) -> FeatureSearch:
    """Search for few features that, set to values seen in training, turn the forecast of ``replay``.

    Every probability given is what :meth:`TrainedModel.forecast` returned on the changed features; a candidate that did
    not turn it there, or lies far from every real row, is left out.
    """
    search = _Search(replay, settings or FeatureSettings())
    found: list[Float32Array] = []
    rejected = 0
    neighbours: tuple[Neighbour, ...] = ()
    if len(search.real):
        _ = search.table
        order, distance, probability = search.unlike
        neighbours = tuple(
            _neighbour(search, int(at), float(d), float(p))
            for at, d, p in zip(order, distance, probability, strict=True)
        )
        for values in _towards(search, order):
            small = _shrink(search, _prune(search, values))
            kept = next((one for one in (small, values) if _nearest(search, one)[1] <= search.limit), None)
            rejected += kept is None
            if kept is not None:
                found.append(kept)
    claims = [_claim(search, values) for values in _diverse(search, found)]
    return FeatureSearch(
        symbol=replay.symbol,
        date=str(replay.time)[:10],
        probability=replay.probability,
        target=search.settings.target,
        most=search.settings.most,
        found=tuple(one for one in claims if search.side(np.array([one.probability]))[0] > 0),
        neighbours=neighbours[: search.settings.wanted],
        rejected=rejected,
        furthest=search.settings.target + (search.furthest if search.up else -search.furthest),
        runs=search.runs,
    )


def _neighbour(search: _Search, at: int, distance: float, probability: float) -> Neighbour:
    panel, row = search.replay.panel, int(search.real[at])
    return Neighbour(
        symbol=panel.symbols[panel.symbol_code[row]],
        date=str(panel.time[row])[:10],
        distance=distance,
        probability=probability,
    )


def _towards(search: _Search, order: IntArray) -> list[Float32Array]:
    """Return variants that turn the forecast, each a step or a few from the row towards one unlike neighbour."""
    replay = search.replay
    low, high = replay.bounds
    own = replay.features
    # A neighbour's value beyond the outer training quantiles is taken only as far as the quantile.
    goals = np.clip(replay.data.features[search.real[order]], low, high).astype(np.float32)
    open_ = search.free & np.isfinite(goals) & (np.abs(goals - own) > 1e-9)
    now = np.tile(own, (len(order), 1))
    turned = []
    alive = np.arange(len(order))
    for _ in range(search.settings.most):
        pairs = [(i, j) for i in alive for j in np.flatnonzero(open_[i])]
        if not pairs:
            break
        which, column = np.array(pairs).T
        tries = now[which].copy()
        tries[np.arange(len(pairs)), column] = goals[which, column]
        gains = search.gain(tries)
        still = []
        for i in alive:
            mine = np.flatnonzero(which == i)
            if not len(mine):
                continue
            best = mine[int(gains[mine].argmax())]
            now[i] = tries[best]
            open_[i, column[best]] = False
            if gains[best] > 0:
                turned.append(now[i].copy())
            else:
                still.append(i)
        alive = np.array(still, dtype=np.int64)
    return turned


def _prune(search: _Search, values: Float32Array) -> Float32Array:
    """Return ``values`` without the changes that are not needed, the smallest first."""
    own = search.replay.features
    size = np.abs(values - own) / search.replay.deviations
    changed = [j for j in np.argsort(size) if values[j] != own[j] and np.isfinite(size[j])]
    for j in changed[: max(len(changed) - 1, 0)]:
        without = values.copy()
        without[j] = own[j]
        if search.gain(without[None])[0] > 0:
            values = without
    return values


def _shrink(search: _Search, values: Float32Array) -> Float32Array:
    """Return ``values`` with each change made as small as keeps the forecast turned, the largest first."""
    own = search.replay.features
    size = np.abs(np.nan_to_num(values - own)) / search.replay.deviations
    for j in np.argsort(-size):
        if size[j] == 0:
            break
        shares = np.linspace(0.0, 1.0, 17)[1:-1]
        tries = np.tile(values, (len(shares), 1))
        tries[:, j] = own[j] + shares * (values[j] - own[j])
        held = np.flatnonzero(search.gain(tries) > 0)
        if len(held):
            values = tries[held[0]]
    return values


def _nearest(search: _Search, values: Float32Array) -> tuple[int, float]:
    """Return the place of the real row nearest to ``values`` and its distance."""
    distance = search.distances(search.replay.prepared(values[None]))[0]
    return int(distance.argmin()), float(distance.min())


def _distance(search: _Search, values: Float32Array) -> float:
    return float(np.nansum(np.abs(values - search.replay.features) / search.replay.deviations))


def _diverse(search: _Search, found: Sequence[Float32Array]) -> list[Float32Array]:
    """Return the wanted number of ``found``: fewest and smallest changes first, then those that share fewest features.

    No two of them change the same set of features.
    """

    def features(values: Float32Array) -> frozenset[int]:
        return frozenset(np.flatnonzero(~np.isclose(values, search.replay.features, equal_nan=True)).tolist())

    left = sorted(found, key=lambda v: (len(features(v)), _distance(search, v)))
    chosen: list[Float32Array] = []
    while left and len(chosen) < search.settings.wanted:

        def shared(values: Float32Array) -> float:
            mine = features(values)
            return max((len(mine & features(c)) / len(mine | features(c)) for c in chosen), default=0.0)

        best = min(left, key=lambda v: (shared(v), len(features(v)), _distance(search, v)))
        if shared(best) >= 1.0:
            break
        chosen.append(best)
        left = [v for v in left if v is not best]
    return chosen


def _claim(search: _Search, values: Float32Array) -> FeatureCounterfactual:
    replay = search.replay
    probability = replay.whole(replay.with_features(values))
    claimed = float(replay.probabilities(values[None])[0])
    at, distance = _nearest(search, values)
    near = _neighbour(search, at, distance, float("nan"))
    return FeatureCounterfactual(
        changes=moved_features(replay, values, most=search.settings.most),
        probability=probability,
        distance=_distance(search, values),
        nearest=f"{near.symbol} on {near.date}",
        nearest_distance=distance,
        near_limit=search.limit,
        verified=abs(probability - claimed) < SAME,
    )
