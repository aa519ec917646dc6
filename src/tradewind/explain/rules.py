"""The ensemble in a handful of rules: a shallow tree on its log odds, written in the features' own units."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from pydantic import Field
from scipy.special import expit

from tradewind.core import Dataset, InputError, Settings
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.evaluation import BootstrapSettings, Interval
from tradewind.evaluation.days import day_codes
from tradewind.explain.attribution import MISSING, feature_of
from tradewind.explain.distillation.importance import Odds
from tradewind.explain.quality.measures import mean_over_days

Raw: TypeAlias = Callable[[str, AnyArray], FloatArray]


LEAST_DAYS = 10


class RuleSettings(Settings):
    """``depth`` of the tree (rules have at most as many conditions); ``leaf_share`` : least share of the rows behind a
    rule; ``rules`` : most rules; ``gain`` : R2 a further split must add (cost-complexity pruning).
    ``draws`` : resamples of days behind an interval.
    """

    depth: int = Field(default=4, ge=1, le=8)
    leaf_share: float = Field(default=0.02, gt=0.0, lt=0.5)
    rules: int = Field(default=12, ge=2)
    gain: float = Field(default=0.002, ge=0.0)
    draws: int = Field(default=500, ge=100)
    seed: int = 7


@dataclass(frozen=True, kw_only=True)
class Condition:
    """``lower < column <= upper`` in raw units; an infinite bound is none."""

    column: str
    lower: float
    upper: float

    @property
    def words(self) -> str:
        """Return the condition in words."""
        if self.column.endswith(MISSING):
            return f"{feature_of(self.column)} is {'missing' if self.lower > -np.inf else 'known'}"
        if np.isinf(self.lower):
            return f"{self.column} <= {self.upper:.4g}"
        if np.isinf(self.upper):
            return f"{self.column} > {self.lower:.4g}"
        return f"{self.lower:.4g} < {self.column} <= {self.upper:.4g}"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule, with what it is worth on the rows it was learned from and on those out of sample.

    Attributes
    ----------
    conditions : all must hold; one per column. ``log_odds`` : mean of the ensemble where they do (training rows).
    support : share of training rows; ``test_support`` out of sample.
    agreement : share of the rule's rows out of sample where the ensemble stands on the rule's side of 0.5.
    precision : share of its labelled rows out of sample that moved to the rule's side, with an interval over days; NaN
        without such rows, bounds NaN on fewer than ``LEAST_DAYS`` days.
    test_days : days it rests on: a rule of few days has proved little, whatever its rows.
    """

    conditions: tuple[Condition, ...]
    log_odds: float
    support: float
    test_support: float
    agreement: float
    precision: Interval
    test_days: int

    @property
    def probability(self) -> float:
        """Probability of a rise that the rule gives."""
        return float(expit(self.log_odds))

    @property
    def words(self) -> str:
        """Return the rule as IF ... THEN ..."""
        condition = " AND ".join(one.words for one in self.conditions) or "always"
        side = "rise" if self.log_odds > 0 else "fall"
        return f"IF {condition} THEN {side} (probability of a rise {self.probability:.1%})"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "words": self.words,
            "conditions": [{"column": c.column, "lower": c.lower, "upper": c.upper} for c in self.conditions],
            "log_odds": self.log_odds,
            "probability": self.probability,
            "support": self.support,
            "test_support": self.test_support,
            "agreement": self.agreement,
            "precision": self.precision.to_dict(),
            "test_days": self.test_days,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class RuleSet:
    """Rules that together say something of every row, the lowest log odds first.

    ``train_r2``, ``test_r2`` : share of the variance of the ensemble's log odds that they give; ``agreement`` : share
    of rows out of sample on the same side of 0.5.
    """

    rules: tuple[Rule, ...]
    train_r2: float
    test_r2: float
    agreement: float
    train_rows: int
    test_rows: int

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        plain = ("train_r2", "test_r2", "agreement", "train_rows", "test_rows")
        return {**{name: getattr(self, name) for name in plain}, "rules": [rule.to_dict() for rule in self.rules]}


def surrogate_rules(
    data: Dataset, train: IntArray, test: IntArray, odds: Odds, raw: Raw, settings: RuleSettings | None = None
) -> RuleSet:
    """Read a pruned regression tree on the log odds of ``train`` rows as rules, and judge them on ``test``.

    Conditions on one column along a path are merged into one interval, and neighbouring leaves that the pruning
    finds not worth parting are one rule. The tree sees the row's own bar only: what a sequence model reads in earlier
    bars is missing from the rules and from their R2.

    Parameters
    ----------
    data : prepared dataset. ``raw`` : turns prepared values into raw units (``Preprocessor.to_raw``).

    Raises
    ------
    InputError : too few rows to fit or to judge on.
    """
    from sklearn.tree import DecisionTreeRegressor

    s = settings or RuleSettings()
    if min(len(train), len(test)) < 20:
        raise InputError(
            f"{len(train)} training and {len(test)} test rows are too few for rules", fix="give at least 20 of each"
        )
    target, truth = odds(data, train), odds(data, test)
    variance = float(target.var())
    tree = DecisionTreeRegressor(
        max_depth=s.depth,
        max_leaf_nodes=s.rules,
        min_samples_leaf=max(5, int(s.leaf_share * len(train))),
        ccp_alpha=s.gain * variance,
        random_state=s.seed,
    ).fit(data.features[train], target)
    leaf, test_leaf = tree.apply(data.features[train]), tree.apply(data.features[test])
    rules = []
    for node, bounds in _leaves(tree.tree_):
        inside, held = leaf == node, test_leaf == node
        rules.append(
            Rule(
                conditions=_conditions(bounds, data.names, raw),
                log_odds=float(target[inside].mean()),
                support=float(inside.mean()),
                test_support=float(held.mean()),
                agreement=_share((truth[held] > 0) == (target[inside].mean() > 0)),
                **_came_true(data, test[held], bool(target[inside].mean() > 0), s),
            )
        )
    said, test_said = tree.predict(data.features[train]), tree.predict(data.features[test])
    return RuleSet(
        rules=tuple(sorted(rules, key=lambda rule: rule.log_odds)),
        train_r2=r_squared(target, said),
        test_r2=r_squared(truth, test_said),
        agreement=_share((truth > 0) == (test_said > 0)),
        train_rows=len(train),
        test_rows=len(test),
    )


def _came_true(data: Dataset, rows: IntArray, rise: bool, settings: RuleSettings) -> dict[str, Any]:
    known = data.labelled(rows)
    right = ((data.labels.direction[known] > 0.5) == rise).astype(np.float64)
    time = data.panel.time[known]
    days = len(day_codes(time)[1])
    found = mean_over_days(right, time, BootstrapSettings(draws=settings.draws, seed=settings.seed))
    if days < LEAST_DAYS:  # blocks of a handful of days are all the same days: their spread says nothing
        found = Interval(value=found.value, lower=float("nan"), upper=float("nan"))
    return {"precision": found, "test_days": days}


def r_squared(truth: FloatArray, said: FloatArray) -> float:
    """Return 1 less the share of variance left; NaN where the truth does not vary."""
    spread = float(((truth - truth.mean()) ** 2).sum())
    return 1.0 - float(((truth - said) ** 2).sum()) / spread if spread > 0 else float("nan")


def _share(mask: AnyArray) -> float:
    return float(mask.mean()) if len(mask) else float("nan")


Bounds: TypeAlias = dict[int, tuple[float, float]]


def _leaves(tree: Any) -> list[tuple[int, Bounds]]:
    """Return each leaf with the interval of every column on its way, conditions on one column merged."""
    found: list[tuple[int, Bounds]] = []
    stack: list[tuple[int, Bounds]] = [(0, {})]
    while stack:
        node, bounds = stack.pop()
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left < 0:
            found.append((node, bounds))
            continue
        column, cut = int(tree.feature[node]), float(tree.threshold[node])
        lower, upper = bounds.get(column, (-np.inf, np.inf))
        stack.append((right, {**bounds, column: (max(lower, cut), upper)}))
        stack.append((left, {**bounds, column: (lower, min(upper, cut))}))
    return found


def _conditions(bounds: Bounds, names: tuple[str, ...], raw: Raw) -> tuple[Condition, ...]:
    def own(column: int, value: float) -> float:
        return value if np.isinf(value) else float(raw(names[column], np.array([value]))[0])

    return tuple(
        Condition(column=names[column], lower=own(column, low), upper=own(column, high))
        for column, (low, high) in bounds.items()
    )
