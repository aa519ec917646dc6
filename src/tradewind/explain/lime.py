"""LIME: the ensemble near one row as a weighted straight line (Ribeiro, Singh and Guestrin 2016, KDD)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import Any, Literal, Self

import numpy as np
from numba import njit
from pydantic import Field

from tradewind.core import Dataset, InputError, Settings
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.explain.probe import Probe

GOOD_FIT, STEADY = 0.5, 0.8


class LimeSettings(Settings):
    """``samples`` drawn around the row; ``repeats`` : how often, each with its own draw. ``neighbours`` : columns drawn
    ``independent`` of each other, as in the paper and as Shapley values ask, or with the training rows' ``covariance``,
    which stays nearer to the data but leaves it open which of several correlated columns the line takes.
    ``spread`` : of the draws, in training standard deviations. ``kernel`` : width of the weights in the paper's unit,
    the root of the number of columns. ``features`` : most columns of the line, in the order the lasso takes them.
    ``ridge`` : penalty of the line's slopes. ``seed`` of everything.
    """

    samples: int = Field(default=800, ge=50)
    repeats: int = Field(default=5, ge=2)
    neighbours: Literal["covariance", "independent"] = "independent"
    spread: float = Field(default=1.0, gt=0.0)
    kernel: float = Field(default=0.75, gt=0.0)
    features: int = Field(default=10, ge=1)
    ridge: float = Field(default=1.0, ge=0.0)
    seed: int = 7


@dataclass(frozen=True, kw_only=True, eq=False)
class Neighbourhood:
    """What training rows look like.

    Attributes
    ----------
    mean, scale : (q,). ``root`` : (q, q), a root of their covariance.
    levels : (q, 2) the two values of a column that has no others, such as a missing flag, else NaN. ``high`` : (q,)
        share of rows at the upper one.
    """

    mean: FloatArray
    scale: FloatArray
    root: FloatArray
    levels: FloatArray
    high: FloatArray

    @classmethod
    def of(cls, data: Dataset, rows: IntArray) -> Self:
        """Learn it from training ``rows`` of prepared ``data``; InputError with fewer than 3 rows."""
        if len(rows) < 3:
            raise InputError(f"{len(rows)} training rows do not make a neighbourhood", fix="give at least 3")
        table = data.features[rows].astype(np.float64)
        value, vector = np.linalg.eigh(np.atleast_2d(np.cov(table, rowvar=False)))
        low, high = table.min(axis=0), table.max(axis=0)
        two = (low < high) & np.all((table == low) | (table == high), axis=0)
        return cls(
            mean=table.mean(axis=0),
            scale=table.std(axis=0),
            root=vector * np.sqrt(np.maximum(value, 0.0)),
            levels=np.where(two[:, None], np.stack([low, high], axis=1), np.nan),
            high=(table == high).mean(axis=0),
        )

    def draw(self, at: FloatArray, count: int, settings: LimeSettings, rng: np.random.Generator) -> FloatArray:
        """(count, q) steps away from a row whose values are ``at`` (q,).

        A column of two values goes to one of them, as often as training rows stand there: what lies between is no
        value, and a step too short to reach the other one would show a tree's flag as useless.
        """
        from scipy import stats  # takes a second to import

        normal = rng.standard_normal((count, len(self.mean)))
        steps = normal @ self.root.T if settings.neighbours == "covariance" else normal * self.scale
        two = np.flatnonzero(np.isfinite(self.levels[:, 0]))
        upper = steps[:, two] > stats.norm.isf(self.high[two]) * self.scale[two]
        steps = settings.spread * steps
        steps[:, two] = np.where(upper, self.levels[two, 1], self.levels[two, 0]) - at[two]
        return np.asarray(steps, dtype=np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class LimeExplanation:
    """The line near one row.

    Attributes
    ----------
    row : of the dataset. ``names`` : q prepared columns.
    slope : (q,) change of the log odds per prepared unit (a training standard deviation), mean over the repeats; 0 for
        a column that no line has taken. ``deviation`` : (q,) its standard deviation over the repeats.
    effect : (q,) slope times the row's distance from the training mean: comparable with a Shapley value.
    log_odds : of the model at the row. ``local`` : of the lines there, mean.
    r2 : weighted R2 of the lines near the row, mean over the repeats.
    overlap : mean Jaccard overlap of the columns that two repeats take.
    steadiness : mean cosine between the slopes of two repeats, in training standard deviations: 1 where every draw
        gives the same line.
    """

    row: int
    names: tuple[str, ...]
    slope: FloatArray
    deviation: FloatArray
    effect: FloatArray
    log_odds: float
    local: float
    r2: float
    overlap: float
    steadiness: float

    @property
    def verdict(self) -> str:
        """What may be read from it, in words."""
        if not self.r2 >= GOOD_FIT:
            return "a straight line does not describe the model here"
        return "steady" if self.steadiness >= STEADY else "the line fits, but another draw gives another one"

    def top(self, most: int = 10) -> list[tuple[str, float, float]]:
        """Return (name, slope, deviation) of the columns with the largest absolute effect."""
        order = np.argsort(-np.abs(self.effect), kind="stable")[:most]
        return [(self.names[i], float(self.slope[i]), float(self.deviation[i])) for i in order if self.slope[i] != 0.0]

    def agreement(self, values: FloatArray) -> float:
        """Return the Spearman correlation of the effects with Shapley ``values`` (q,) of the row, in log odds."""
        return rank_correlation_of(self.effect, values)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        columns = [
            {"name": name, "slope": float(s), "deviation": float(d), "effect": float(e)}
            for name, s, d, e in zip(self.names, self.slope, self.deviation, self.effect, strict=True)
            if s != 0.0
        ]
        plain = ("row", "log_odds", "local", "r2", "overlap", "steadiness", "verdict")
        found = {name: getattr(self, name) for name in plain}
        return {**found, "columns": sorted(columns, key=lambda one: -abs(float(str(one["effect"]))))}


def explain_by_lime(
    probe: Probe, place: int, neighbourhood: Neighbourhood, settings: LimeSettings | None = None
) -> LimeExplanation:
    """Explain row ``place`` (of the probe's rows) by lines fitted to the model's log odds at seeded steps around it.

    A step moves every bar of the window by the same amount (see :class:`Probe`); columns of two values, such as flags,
    are drawn from these. Weights fall with the Euclidean
    distance in training standard deviations, as ``exp(-(d / width)^2)``. Columns are taken along the lasso path, the
    line is a ridge on them. Values are not cut into quartiles as in the paper's tabular form: slopes then keep units.
    """
    s = settings or LimeSettings()
    q = len(probe.names)
    own = float(probe.odds_of(probe.values[place : place + 1], np.array([place]))[0])
    width = s.kernel * np.sqrt(q)
    scale = np.where(neighbourhood.scale > 1e-12, neighbourhood.scale, 1.0)
    at = probe.inputs[place].astype(np.float64)
    row_seed = int(probe.rows[place])
    steps = np.concatenate(
        [neighbourhood.draw(at, s.samples, s, np.random.default_rng((s.seed, row_seed, i))) for i in range(s.repeats)]
    )
    steps[:: s.samples] = 0.0  # each repeat holds the row itself, as in the paper's code
    of = np.full(len(steps), place, dtype=np.int64)
    odds = probe.odds_of(probe.shifted(of, steps), of)
    lines = []
    for i in range(s.repeats):
        part = slice(i * s.samples, (i + 1) * s.samples)
        distance = np.sqrt(((steps[part] / scale) ** 2).sum(axis=1))
        weight = np.exp(-((distance / width) ** 2))
        lines.append(_line(steps[part], odds[part], weight, s))
    slopes = np.stack([line[0] for line in lines])
    slope = slopes.mean(axis=0)
    pairs = list(combinations(slopes, 2))
    return LimeExplanation(
        row=int(probe.rows[place]),
        names=probe.names,
        slope=slope,
        deviation=slopes.std(axis=0, ddof=1),
        effect=slope * (at - neighbourhood.mean),
        log_odds=own,
        local=float(np.mean([line[1] for line in lines])),
        r2=float(np.mean([line[2] for line in lines])),
        overlap=float(np.mean([_jaccard(a != 0.0, b != 0.0) for a, b in pairs])),
        steadiness=float(np.mean([_cosine(a * scale, b * scale) for a, b in pairs])),
    )


def rank_correlation_of(first: AnyArray, second: AnyArray) -> float:
    """Return the Spearman correlation of two vectors; NaN where one does not vary."""
    from scipy import stats  # takes a second to import

    if len(first) < 2 or min(np.ptp(first), np.ptp(second)) <= 0:
        return float("nan")
    return float(stats.spearmanr(first, second).statistic)


def _line(
    steps: FloatArray, odds: FloatArray, weight: FloatArray, settings: LimeSettings
) -> tuple[FloatArray, float, float]:
    """Return ((q,) slopes, log odds at the row, weighted R2) of the line on the columns the lasso takes first."""
    root = np.sqrt(weight)[:, None]
    centre, level = np.average(steps, axis=0, weights=weight), float(np.average(odds, weights=weight))
    x, y = root * (steps - centre), root[:, 0] * (odds - level)
    slopes = np.zeros(steps.shape[1])
    total = float(y @ y)
    if total <= 1e-12:  # a flat model: no column moves it
        return slopes, level, 1.0
    taken = np.arange(steps.shape[1])
    if len(taken) > settings.features:
        taken = _lasso_first(x, y, settings.features)
    chosen = x[:, taken]
    gram = chosen.T @ chosen + settings.ridge * np.eye(len(taken))
    slopes[taken] = np.linalg.lstsq(gram, chosen.T @ y, rcond=None)[0]
    left = y - x @ slopes
    return slopes, level - float(centre @ slopes), 1.0 - float(left @ left) / total


def _cosine(first: FloatArray, second: FloatArray) -> float:
    size = float(np.linalg.norm(first) * np.linalg.norm(second))
    return float(first @ second) / size if size > 0 else 1.0


def _lasso_first(x: FloatArray, y: FloatArray, most: int) -> IntArray:
    """Return the columns of the lasso's last solution with at most ``most`` of them, its penalty falling step by step.

    Coordinate descent on the Gram matrix: columns may be copies of each other, which least angle regression cannot
    part. A column that does not vary is never taken.
    """
    return _path(x.T @ x, x.T @ y, most)


@njit(cache=True)
def _path(gram: FloatArray, reach: FloatArray, most: int) -> IntArray:
    columns = len(reach)
    top = int(np.argmax(np.abs(reach)))
    limit = abs(reach[top])
    beta = np.zeros(columns)
    taken = np.array([top])
    for step in range(40):
        penalty = limit * 0.9 * 0.85**step
        for _ in range(200):
            moved = 0.0
            for j in range(columns):
                size = gram[j, j]
                if size <= 1e-12:
                    continue
                left = reach[j] - np.dot(gram[j], beta) + size * beta[j]
                new = np.sign(left) * max(abs(left) - penalty, 0.0) / size
                moved = max(moved, abs(new - beta[j]))
                beta[j] = new
            if moved <= 1e-4 * np.abs(beta).max():
                break
        found = np.flatnonzero(beta)
        if len(found) > most:
            break
        if len(found):
            taken = found
    return taken


def _jaccard(first: AnyArray, second: AnyArray) -> float:
    union = int((first | second).sum())
    return float((first & second).sum()) / union if union else 1.0
