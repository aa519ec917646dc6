"""The members of a scheme's model: boosted trees, a line through few columns, an anomaly score, the rule."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, IntArray
from tradewind.surveillance.learning.forest import Forest, read_booster, read_isolation
from tradewind.surveillance.learning.imbalance import Balancing, balanced
from tradewind.surveillance.learning.negatives import usual
from tradewind.surveillance.learning.scaling import Scaler, weighted_sum
from tradewind.surveillance.learning.settings import SchemeModelSettings

MEMBERS = ("rule", "trees", "line", "anomaly")
"""What argues for a candidate, in the order of :meth:`Members.arguments`."""


def fit_trees(
    values: Float32Array, label: BoolArray, weight: FloatArray, monotone: tuple[int, ...], settings: SchemeModelSettings
) -> Forest:
    """Boost trees on log loss (Chen and Guestrin 2016), never turning round a column that ``monotone`` directs.

    ``values`` : (n, p), NaN where unknown. The trees are kept as arrays: scoring needs no XGBoost.
    """
    import xgboost

    data = xgboost.DMatrix(values, label=label.astype(np.float32), weight=weight.astype(np.float32), nthread=1)
    base = float(np.clip(np.average(label, weights=weight), 1e-4, 1 - 1e-4))
    parameters = {
        "objective": "binary:logistic",
        "base_score": base,
        "tree_method": "hist",
        "max_bin": settings.bins,
        "max_depth": settings.depth,
        "learning_rate": settings.rate,
        "min_child_weight": settings.leaf,
        "subsample": settings.row_share,
        "colsample_bytree": settings.feature_share,
        "lambda": settings.l2,
        "monotone_constraints": monotone,
        "seed": settings.seed,
        "nthread": settings.threads,
        "verbosity": 0,
    }
    return read_booster(xgboost.train(parameters, data, settings.rounds).save_raw("json"))


@dataclass(frozen=True, eq=False)
class Line:
    """Logistic regression on the ranks of few columns: what is left standing when a market looks like no other.

    ``columns`` : (k,) which; ``slope`` : (k,); ``intercept``.
    """

    columns: IntArray
    slope: FloatArray
    intercept: float

    @classmethod
    def fit(
        cls,
        ranks: FloatArray,
        label: BoolArray,
        weight: FloatArray,
        monotone: tuple[int, ...],
        settings: SchemeModelSettings,
    ) -> Line:
        """Fit on ``ranks`` (n, p); a column whose direction is declared has no slope against it."""
        strength = _separation(ranks, label)
        order = np.argsort(-np.abs(strength), kind="stable")[: settings.line_features]
        chosen = np.sort(order[np.abs(strength[order]) > 0.02]).astype(np.int64)
        direction = np.array(monotone, dtype=np.int64)[chosen]
        slope, intercept = _logistic(ranks[:, chosen], label, weight, direction, settings.line_l2)
        return cls(chosen, slope, intercept)

    def output(self, ranks: FloatArray) -> FloatArray:
        """Return log odds (n,)."""
        return weighted_sum(ranks[:, self.columns], self.slope) + self.intercept


def _separation(ranks: FloatArray, label: BoolArray) -> FloatArray:
    """Return (p,) area under the ROC curve less a half, of each column alone."""
    from scipy.stats import rankdata  # takes a second to import

    positives, negatives = int(label.sum()), int((~label).sum())
    placed = rankdata(ranks, axis=0)
    area = (placed[label].sum(axis=0) - positives * (positives + 1) / 2) / (positives * negatives)
    return np.asarray(area - 0.5, dtype=np.float64)


def _logistic(
    columns: FloatArray, label: BoolArray, weight: FloatArray, direction: AnyArray, l2: float
) -> tuple[FloatArray, float]:
    """Return slopes and intercept of least weighted log loss plus ``l2`` times half the slopes squared."""
    from scipy.optimize import minimize
    from scipy.special import expit

    signed = np.where(label, 1.0, -1.0)
    table = np.hstack([columns, np.ones((len(columns), 1))])
    penalty = np.append(np.full(columns.shape[1], l2), 1e-6)

    def loss(parameters: FloatArray) -> tuple[float, FloatArray]:
        margin = signed * (table @ parameters)
        value = float(weight @ np.logaddexp(0.0, -margin)) + 0.5 * float(penalty @ parameters**2)
        gradient = table.T @ (-weight * signed * expit(-margin)) + penalty * parameters
        return value, gradient

    limits = [(0.0 if d > 0 else None, 0.0 if d < 0 else None) for d in direction] + [(None, None)]
    found = minimize(loss, np.zeros(table.shape[1]), jac=True, bounds=limits, method="L-BFGS-B")
    return np.asarray(found.x[:-1], dtype=np.float64), float(found.x[-1])


@dataclass(frozen=True, eq=False)
class Anomaly:
    """Isolation forest on the ranks of candidates that were nothing (Liu, Ting and Zhou 2008).

    ``centre``, ``scale`` : mean and deviation of the mean path among them; the argument is how many deviations shorter
    a row's path is.
    """

    forest: Forest
    centre: float
    scale: float

    @classmethod
    def fit(cls, ranks: FloatArray, settings: SchemeModelSettings) -> Anomaly:
        """Fit on ``ranks`` (n, p) of negatives."""
        from sklearn.ensemble import IsolationForest

        maker = IsolationForest(
            n_estimators=settings.isolation_trees,
            max_samples=min(settings.isolation_rows, len(ranks)),
            random_state=settings.seed,
        )
        forest = read_isolation(maker.fit(ranks.astype(np.float32)))
        path = forest.output(ranks.astype(np.float32))
        return cls(forest, float(path.mean()), max(float(path.std()), 1e-6))

    def output(self, ranks: FloatArray) -> FloatArray:
        """Return (n,) deviations by which each row is easier to set apart than the usual candidate, within 6."""
        far = (self.centre - self.forest.output(ranks.astype(np.float32))) / self.scale
        return np.clip(far, -6.0, 6.0)


@dataclass(frozen=True, eq=False)
class Members:
    """All members fitted on the same rows."""

    scaler: Scaler
    trees: Forest
    line: Line
    anomaly: Anomaly

    @classmethod
    def fit(
        cls,
        values: Float32Array,
        label: BoolArray,
        weight: FloatArray,
        monotone: tuple[int, ...],
        settings: SchemeModelSettings,
        balancing: Balancing = Balancing.NONE,
    ) -> Members:
        """Fit on ``values`` (n, p), ``label`` and ``weight`` (n,): training rows alone, both classes among them.

        ``balancing`` is done here, so that it never meets a row that is scored.
        """
        scaler = Scaler.fit(values)
        kept = scaler.clipped(values)
        ranks = scaler.ranks(kept)
        rows, classes, weights = balanced(kept, label, weight, balancing, settings.seed)
        return cls(
            scaler,
            fit_trees(rows, classes, weights, monotone, settings),
            Line.fit(ranks, label, weight, monotone, settings),
            Anomaly.fit(ranks[usual(label, weight, settings.seed)], settings),
        )

    def arguments(self, values: Float32Array, rule: FloatArray) -> FloatArray:
        """Return (n, 4): what each of :data:`MEMBERS` says of rows ``values`` (n, p), larger for more suspicious."""
        kept = self.scaler.clipped(values)
        ranks = self.scaler.ranks(kept)
        return np.stack(
            [rule_argument(rule), self.trees.output(kept), self.line.output(ranks), self.anomaly.output(ranks)], axis=1
        )

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return the fitted state as arrays by name."""
        return {
            "knots": self.scaler.knots,
            "line.columns": self.line.columns,
            "line.slope": self.line.slope,
            "line.intercept": np.array([self.line.intercept]),
            "anomaly.scale": np.array([self.anomaly.centre, self.anomaly.scale]),
            **{f"trees.{name}": array for name, array in self.trees.to_arrays().items()},
            **{f"isolation.{name}": array for name, array in self.anomaly.forest.to_arrays().items()},
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Members:
        """Return the members that :meth:`to_arrays` described."""

        def part(prefix: str) -> dict[str, AnyArray]:
            return {name.removeprefix(prefix): one for name, one in arrays.items() if name.startswith(prefix)}

        centre, scale = arrays["anomaly.scale"].tolist()
        return cls(
            Scaler(arrays["knots"]),
            Forest.from_arrays(part("trees.")),
            Line(arrays["line.columns"], arrays["line.slope"], float(arrays["line.intercept"][0])),
            Anomaly(Forest.from_arrays(part("isolation.")), centre, scale),
        )


def rule_argument(rule: FloatArray) -> FloatArray:
    """Return the log odds of the rule's score, kept within 4."""
    edge = 1.0 / (1.0 + math.exp(4.0))
    p = np.clip(np.nan_to_num(rule, nan=0.0), edge, 1.0 - edge)
    return np.asarray(np.log(p / (1.0 - p)))
