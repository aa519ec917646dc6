"""A model in a handful of rules: a shallow tree that imitates its scores, judged on markets it did not see."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.special import logit

from tradewind.core.arrays import BoolArray, Float32Array, FloatArray
from tradewind.core.errors import InputError, UsageError
from tradewind.core.files import read_json, write_json_file
from tradewind.surveillance.explain.glossary import label, reading
from tradewind.surveillance.learning import CandidateTable, SchemeTable, SurveillanceModel
from tradewind.surveillance.schemes import Scheme

RULES_FILE = "rules.json"
UNHEARD = 1e-3
"""A score below this is as good as none: rules are not to tell what a sieve holds back from what else is nothing."""
LEAST_ROWS = 40
"""Candidates that rules can be learnt from and judged on, at least."""


@dataclass(frozen=True, kw_only=True)
class Condition:
    """``lower < feature <= upper`` in the feature's own units; an infinite bound is none."""

    feature: str
    lower: float
    upper: float

    def holds(self, value: float) -> bool:
        """Say whether a number fulfils it."""
        return self.lower < value <= self.upper

    @property
    def text(self) -> str:
        """Return it as a short formula."""
        if math.isinf(self.lower):
            return f"{self.feature} <= {self.upper:.4g}"
        if math.isinf(self.upper):
            return f"{self.feature} > {self.lower:.4g}"
        return f"{self.lower:.4g} < {self.feature} <= {self.upper:.4g}"

    def words(self, scheme: Scheme) -> str:
        """Return it in plain words with units."""
        name = label(scheme, self.feature)
        if math.isinf(self.lower):
            return f"{name} at most {reading(scheme, self.feature, self.upper)}"
        if math.isinf(self.upper):
            return f"{name} above {reading(scheme, self.feature, self.lower)}"
        low, high = (reading(scheme, self.feature, bound) for bound in (self.lower, self.upper))
        return f"{name} above {low} and at most {high}"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule and what it was worth on markets it was not learnt from.

    Attributes
    ----------
    conditions : all must hold. ``score`` : mean score (of log odds) the model gives where they do, rows learnt from.
    coverage : share of the unseen candidates. ``precision`` : share of those that were true; NaN where it covers none.
    rows : unseen candidates it covers.
    """

    conditions: tuple[Condition, ...]
    score: float
    coverage: float
    precision: float
    rows: int

    @property
    def text(self) -> str:
        """Return the rule as a formula: ``cancel_share > 0.93 and levels_most >= 3``."""
        return " and ".join(one.text for one in self.conditions) or "always"

    def covers(self, features: Mapping[str, float], filled: Mapping[str, float]) -> bool:
        """Say whether it covers these features; what is not known is taken from ``filled``."""

        def value(name: str) -> float:
            found = features.get(name, math.nan)
            return filled.get(name, 0.0) if math.isnan(found) else found

        return all(one.holds(value(one.feature)) for one in self.conditions)


@dataclass(frozen=True, kw_only=True)
class RuleList:
    """Rules that together say something of every candidate of a scheme, the highest score first.

    Attributes
    ----------
    fidelity : share of the variance of the model's log odds they give on unseen markets (R squared).
    agreement : share of unseen candidates on the same side of the model's bar.
    learnt, judged : candidates learnt from and judged on.
    filled : what stands for a number that is not known, by feature.
    """

    scheme: Scheme
    rules: tuple[Rule, ...]
    fidelity: float
    agreement: float
    learnt: int
    judged: int
    filled: Mapping[str, float]

    def covering(self, features: Mapping[str, float]) -> Rule | None:
        """Return the rule that covers these features."""
        return next((rule for rule in self.rules if rule.covers(features, self.filled)), None)


def enough_for_rules(table: SchemeTable, *, seed: int = 7) -> bool:
    """Say whether there are candidates enough to learn rules from and to judge them on others."""
    if len(np.unique(table.market)) < 2:
        return False
    seen = _half(table, seed)
    return min(int(seen.sum()), int((~seen).sum())) >= LEAST_ROWS


def imitate(
    table: SchemeTable,
    model: SurveillanceModel,
    *,
    scores: FloatArray | None = None,
    depth: int = 4,
    seed: int = 7,
) -> RuleList:
    """Fit rules to the model's log odds, :data:`UNHEARD` at least, on half of the markets and judge them on the other.

    Parameters
    ----------
    table : labelled candidates. scores : (n,) what is imitated, such as scores out of fold where the model was fitted
        on these markets; without, what the model says, which is honest on other markets alone.
    depth : most conditions of a rule.

    Raises
    ------
    UsageError : no model of the scheme, fewer than two markets or too few candidates.
    """
    from sklearn.tree import DecisionTreeRegressor

    one = model.models.get(table.scheme)
    if one is None or one.names != table.names:
        raise UsageError(
            f"the model has no model of {table.scheme} that reads these columns", fix="collect them with this version"
        )
    if not enough_for_rules(table, seed=seed):
        raise UsageError(
            f"{len(table)} candidates of {table.scheme} are too few to learn rules from and judge them on others",
            fix=f"give two markets or more, with {LEAST_ROWS} candidates in each half of them",
        )
    seen = _half(table, seed)
    chance = one.score(table.values, table.rule)[0] if scores is None else np.nan_to_num(scores)
    odds = logit(np.clip(chance, UNHEARD, 1 - 1e-6))
    filled, values = _filled(one.members.scaler.clipped(table.values), seen)
    tree = DecisionTreeRegressor(max_depth=depth, min_samples_leaf=max(5, int(seen.sum() * 0.01)), random_state=seed)
    tree.fit(values[seen], odds[seen])
    leaf, said = tree.apply(values), tree.predict(values)
    bar = float(logit(np.clip(model.thresholds.get(table.scheme, 0.5), UNHEARD, 1 - 1e-6)))
    rules = [
        _rule(
            table, conditions, float(said[leaf == node][0]) if (leaf == node).any() else math.nan, leaf == node, ~seen
        )
        for node, conditions in _paths(tree.tree_, table.names)
    ]
    spread = float(((odds[~seen] - odds[~seen].mean()) ** 2).sum())
    return RuleList(
        scheme=table.scheme,
        rules=tuple(sorted(rules, key=lambda rule: -rule.score)),
        fidelity=1.0 - float(((odds - said)[~seen] ** 2).sum()) / spread if spread else math.nan,
        agreement=float(((odds >= bar) == (said >= bar))[~seen].mean()),
        learnt=int(seen.sum()),
        judged=int((~seen).sum()),
        filled=dict(zip(table.names, filled.tolist(), strict=True)),
    )


def imitate_all(
    table: CandidateTable, model: SurveillanceModel, scores: Mapping[Scheme, FloatArray] | None = None
) -> dict[Scheme, RuleList]:
    """Return the rules of each scheme that the model knows and that has candidates enough; ``scores`` by scheme."""
    return {
        scheme: imitate(part, model, scores=None if scores is None else scores[scheme])
        for scheme, part in table.schemes.items()
        if scheme in model.models and enough_for_rules(part)
    }


def _half(table: SchemeTable, seed: int) -> BoolArray:
    """Return which rows lie in the half of the markets that rules are learnt from."""
    markets = np.unique(table.market)
    order = np.random.default_rng(seed).permutation(markets)
    return np.asarray(np.isin(table.market, order[: (len(order) + 1) // 2]))


def _filled(values: Float32Array, seen: BoolArray) -> tuple[FloatArray, FloatArray]:
    """Return (p,) the medians of the rows learnt from, and the values with what is not known filled by them."""
    middle = np.zeros(values.shape[1])
    for column in range(values.shape[1]):
        known = values[seen, column]
        known = known[np.isfinite(known)]
        middle[column] = float(np.median(known)) if len(known) else 0.0
    return middle, np.where(np.isfinite(values), values, middle).astype(np.float64)


def _paths(tree: Any, names: Sequence[str]) -> list[tuple[int, tuple[Condition, ...]]]:
    """Return each leaf with the conditions that lead to it, one a feature."""
    found: list[tuple[int, tuple[Condition, ...]]] = []

    def walk(node: int, bounds: dict[str, tuple[float, float]]) -> None:
        if tree.children_left[node] < 0:
            found.append((node, tuple(Condition(feature=n, lower=a, upper=b) for n, (a, b) in bounds.items())))
            return
        name, cut = names[int(tree.feature[node])], float(tree.threshold[node])
        low, high = bounds.get(name, (-math.inf, math.inf))
        walk(int(tree.children_left[node]), {**bounds, name: (low, min(high, cut))})
        walk(int(tree.children_right[node]), {**bounds, name: (max(low, cut), high)})

    walk(0, {})
    return found


def _rule(
    table: SchemeTable, conditions: tuple[Condition, ...], odds: float, covered: BoolArray, unseen: BoolArray
) -> Rule:
    hit = covered & unseen
    rows = int(hit.sum())
    return Rule(
        conditions=conditions,
        score=1.0 / (1.0 + math.exp(-odds)),
        coverage=rows / int(unseen.sum()),
        precision=float(table.label[hit].mean()) if rows else math.nan,
        rows=rows,
    )


def write_rules(rules: Mapping[Scheme, RuleList], folder: Path) -> Path:
    """Write rules beside a model; return the file.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    plain = {}
    for scheme, one in rules.items():
        plain[scheme.value] = asdict(one)
        for rule in plain[scheme.value]["rules"]:
            for condition in rule["conditions"]:
                for bound in ("lower", "upper"):
                    condition[bound] = None if math.isinf(condition[bound]) else condition[bound]
    return write_json_file(folder / RULES_FILE, plain)


def read_rules(folder: Path) -> dict[Scheme, RuleList]:
    """Read what :func:`write_rules` wrote.

    Raises
    ------
    InputError : there is none, or it holds something else.
    """
    file = folder / RULES_FILE
    plain = read_json(file, what="rules.json of a model")
    try:
        return {Scheme(name): _list(Scheme(name), one) for name, one in plain.items()}
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"holds no rules ({error})", file=file, fix="extract them again") from error


def _list(scheme: Scheme, plain: Mapping[str, Any]) -> RuleList:
    rules = tuple(
        Rule(
            conditions=tuple(
                Condition(
                    feature=c["feature"],
                    lower=-math.inf if c["lower"] is None else c["lower"],
                    upper=math.inf if c["upper"] is None else c["upper"],
                )
                for c in rule["conditions"]
            ),
            score=rule["score"],
            coverage=rule["coverage"],
            precision=math.nan if rule["precision"] is None else rule["precision"],
            rows=rule["rows"],
        )
        for rule in plain["rules"]
    )
    return RuleList(**{**plain, "scheme": scheme, "rules": rules})
