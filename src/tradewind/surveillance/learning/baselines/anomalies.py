"""Outlier detectors of PyOD over activity windows, chosen as kindly as can be."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.core.errors import MissingExtraError
from tradewind.surveillance.evaluation.curves import PrecisionRecall, precision_recall
from tradewind.surveillance.evaluation.matching import TOLERANCE, match
from tradewind.surveillance.events.table import Names
from tradewind.surveillance.learning.baselines.activity import Windows
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

MOST_FIT = 20_000
"""Windows a detector is fitted on, drawn at random; LOF and KNN compare all with all."""

NEIGHBOUR_MOST = 5_000

SPREAD = 0.99
"""Share of the variance whose components PCA keeps: it divides by theirs, and the least are rounding alone."""


def _makers(seed: int) -> Mapping[str, tuple[int, Callable[[], Any]]]:
    """Return PyOD's detectors by name, each with the most windows it is fitted on.

    Raises
    ------
    MissingExtraError : PyOD is not installed.
    """
    try:
        from pyod.models.copod import COPOD
        from pyod.models.ecod import ECOD
        from pyod.models.hbos import HBOS
        from pyod.models.iforest import IForest
        from pyod.models.knn import KNN
        from pyod.models.lof import LOF
        from pyod.models.pca import PCA
    except ImportError as error:
        raise MissingExtraError("pyod", "surveil") from error
    return {
        "IForest": (MOST_FIT, lambda: IForest(random_state=seed)),
        "ECOD": (MOST_FIT, ECOD),
        "COPOD": (MOST_FIT, COPOD),
        "HBOS": (MOST_FIT, HBOS),
        "PCA": (MOST_FIT, lambda: PCA(n_components=SPREAD, random_state=seed)),
        "KNN": (NEIGHBOUR_MOST, KNN),
        "LOF": (NEIGHBOUR_MOST, LOF),
    }


DETECTORS = ("IForest", "ECOD", "COPOD", "HBOS", "PCA", "KNN", "LOF")


@dataclass(frozen=True, kw_only=True)
class WindowedMarket:
    """A market as anomaly detectors see it. ``windows`` : one table a length, in the same order for every market."""

    windows: tuple[Windows, ...]
    truth: tuple[Planted, ...]
    symbols: Names
    accounts: Names


@dataclass(frozen=True, kw_only=True, eq=False)
class AnomalyResult:
    """One detector at one length of windows.

    Attributes
    ----------
    name : detector, length of its windows in seconds and what it was fitted on.
    overall : precision of windows against recall of all episodes, whatever their scheme.
    best : (episodes,) the highest score of a window that meets each episode, -inf where none does; ``scheme`` of each.
    score, true : of every window.
    """

    name: str
    overall: PrecisionRecall
    best: FloatArray
    scheme: tuple[Scheme, ...]
    score: FloatArray
    true: BoolArray

    def recall(self, scheme: Scheme | None, p: float = 0.95) -> float:
        """Return the recall of a scheme's episodes (None: all) at the bar where windows are at least ``p`` precise."""
        if scheme is None:
            return self.overall.recall_at_precision(p)
        mine = np.array([one is scheme for one in self.scheme], dtype=bool)
        if not mine.any():
            return float("nan")
        return precision_recall(self.score, self.true, self.best[mine]).recall_at_precision(p)


def run_anomalies(
    fitted_on: Sequence[WindowedMarket],
    markets: Sequence[WindowedMarket],
    *,
    detectors: Sequence[str] = DETECTORS,
    seed: int = 7,
) -> list[AnomalyResult]:
    """Score windows of ``markets`` with every detector at every length, and hold them against the truth.

    Each detector is fitted twice: on the windows of ``fitted_on`` pooled, and on each market's own (scores then in
    deviations from that market's mean). Kindness: a window is true where it meets an episode of *any* scheme by its
    account, symbol and time, and repeated windows of one episode all count as true.

    Raises
    ------
    MissingExtraError : PyOD is not installed.
    """
    makers = _makers(seed)
    results = []
    lengths = range(len(markets[0].windows)) if markets else range(0)
    for length in lengths:
        tables = [market.windows[length] for market in markets]
        hits = [_hits(market, length) for market in markets]
        pooled = np.concatenate([market.windows[length].values for market in fitted_on])
        centre, scale = pooled.mean(axis=0), np.where(pooled.std(axis=0) > 0, pooled.std(axis=0), 1.0)
        scaled = [(table.values - centre) / scale for table in tables]
        for name in detectors:
            most, make = makers[name]
            shared = _fitted(make, (pooled - centre) / scale, most, seed)
            seconds = _seconds(tables)
            apart = [_scores(shared, values) for values in scaled]
            results.append(_result(f"{name} {seconds:g} s, fitted on other markets", apart, hits, markets))
            own = [_own(make, values, most, seed) for values in scaled]
            results.append(_result(f"{name} {seconds:g} s, fitted on each market", own, hits, markets))
    return results


def best_anomaly(results: Sequence[AnomalyResult], scheme: Scheme | None, p: float = 0.95) -> tuple[str, float]:
    """Return the name and recall of the detector that does best for a scheme (None: all), chosen knowing the truth."""
    found = [(result.recall(scheme, p), result.name) for result in results]
    recall, name = max(found, key=lambda one: -1.0 if np.isnan(one[0]) else one[0], default=(float("nan"), ""))
    return name, recall


@dataclass(frozen=True)
class _Cell:
    scheme: Scheme
    symbol: str
    accounts: tuple[str, ...]
    start: int
    end: int


def _hits(market: WindowedMarket, length: int) -> tuple[BoolArray, list[tuple[int, int]]]:
    """Return which windows are true and the pairs (window, episode)."""
    table = market.windows[length]
    guilty = {(p.symbol, account) for p in market.truth for account in p.accounts}
    cells, places = [], []
    for i in range(len(table)):
        symbol, account = market.symbols[int(table.symbol[i])], market.accounts[int(table.account[i])]
        if (symbol, account) in guilty:
            cells.append(_Cell(Scheme.SPOOFING, symbol, (account,), int(table.start[i]), int(table.end[i])))
            places.append(i)
    met = match(cells, market.truth, tolerance_ns=TOLERANCE, any_scheme=True)
    true = np.zeros(len(table), dtype=bool)
    true[[places[i] for i in met.alert]] = True
    return true, [(places[i], int(j)) for i, j in zip(met.alert.tolist(), met.planted.tolist(), strict=True)]


def _seconds(tables: Sequence[Windows]) -> float:
    return next((float(t.end[0] - t.start[0]) / 1e9 for t in tables if len(t)), float("nan"))


def _fitted(make: Callable[[], Any], values: FloatArray, most: int, seed: int) -> Any:
    if len(values) > most:
        values = values[np.random.default_rng(seed).choice(len(values), most, replace=False)]
    return make().fit(values)


def _scores(detector: Any, values: FloatArray) -> FloatArray:
    if not len(values):
        return np.empty(0)
    score = np.asarray(detector.decision_function(values), dtype=np.float64)
    known = score[np.isfinite(score)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    return np.nan_to_num(score, nan=low, posinf=high, neginf=low)


def _own(make: Callable[[], Any], values: FloatArray, most: int, seed: int) -> FloatArray:
    if len(values) < 50:  # too few to say what is usual
        return np.zeros(len(values))
    values = values[:, values.std(axis=0) > 1e-9]  # what never varies here says nothing, and PCA divides by it
    score = _scores(_fitted(make, values, most, seed), values)
    return np.asarray((score - score.mean()) / max(float(score.std()), 1e-12))


def _result(
    name: str,
    scores: Sequence[FloatArray],
    hits: Sequence[tuple[BoolArray, list[tuple[int, int]]]],
    markets: Sequence[WindowedMarket],
) -> AnomalyResult:
    score = np.concatenate(scores)
    true = np.concatenate([one for one, _ in hits])
    best: list[FloatArray] = []
    for market, mine, (_, pairs) in zip(markets, scores, hits, strict=True):
        highest = np.full(len(market.truth), -np.inf)
        for window, episode in pairs:
            highest[episode] = max(highest[episode], mine[window])
        best.append(highest)
    reached = np.concatenate(best)
    return AnomalyResult(
        name=name,
        overall=precision_recall(score, true, reached),
        best=reached,
        scheme=tuple(p.scheme for market in markets for p in market.truth),
        score=score,
        true=true,
    )
