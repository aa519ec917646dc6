"""Which features argue for an alert: exact Shapley values of its model against the typical candidate."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import factorial

import numpy as np

from tradewind.core.arrays import Float32Array, FloatArray
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.explain.glossary import label, reading
from tradewind.surveillance.learning import SurveillanceModel
from tradewind.surveillance.learning.forest import Forest
from tradewind.surveillance.learning.members import MEMBERS, rule_argument


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One feature.

    Attributes
    ----------
    feature, label : its name and in plain words. ``value``, ``usual`` : as read, here and of the typical candidate.
    log_odds : what it adds to the log odds, before calibration.
    """

    feature: str
    label: str
    value: str
    usual: str
    log_odds: float


def tree_shapley(forest: Forest, row: Float32Array, reference: Float32Array) -> FloatArray:
    """Return (p,) exact Shapley values of ``forest`` at ``row`` (p,) against one ``reference`` (p,).

    The game is interventional with a single reference (Lundberg et al. 2020, algorithm 3): a coalition's columns come
    from ``row``, all others from ``reference``. For each leaf let s columns be needed from the row and t from the
    reference; the leaf's value is shared among the s with weight (s-1)! t! / (s+t)!, and taken from the t with
    s! (t-1)! / (s+t)!. The values sum to the forest's output at ``row`` less that at ``reference``.
    """
    found = np.zeros(len(row))
    for leaf, needed, against in _leaves(forest, row, reference):
        s, t = len(needed), len(against)
        whole = factorial(s + t)
        for column in needed:
            found[column] += leaf * factorial(s - 1) * factorial(t) / whole
        for column in against:
            found[column] -= leaf * factorial(s) * factorial(t - 1) / whole
    return found


def _leaves(
    forest: Forest, row: Float32Array, reference: Float32Array
) -> Iterator[tuple[float, frozenset[int], frozenset[int]]]:
    """Yield each leaf that some mixture of both rows reaches, with the columns it needs from each."""
    for root in forest.roots[:-1].tolist():
        stack: list[tuple[int, frozenset[int], frozenset[int]]] = [(root, frozenset(), frozenset())]
        while stack:
            node, needed, against = stack.pop()
            column = int(forest.feature[node])
            if column < 0:
                if needed or against:
                    yield float(forest.value[node]), needed, against
                continue
            own, other = (_child(forest, node, float(one[column])) for one in (row, reference))
            if own == other:
                stack.append((own, needed, against))
                continue
            if column not in against:
                stack.append((own, needed | {column}, against))
            if column not in needed:
                stack.append((other, needed, against | {column}))


def _child(forest: Forest, node: int, value: float) -> int:
    left = bool(forest.missing_left[node]) if np.isnan(value) else value < forest.threshold[node]
    return int(forest.left[node] if left else forest.right[node])


def contributions(alert: Alert, model: SurveillanceModel, most: int = 8) -> tuple[Contribution, ...]:
    """Return the features that argue most for or against an alert, the strongest first.

    What the trees, the line and the rule make of the features, each with its weight in the model; calibration, and how
    unlike the usual a candidate is, are no features and left out. The reference is the row of medians of the training
    candidates. Empty where the alert carries no features, or others than the model reads (another version raised it).
    """
    one = model.models.get(alert.scheme)
    if one is None or not set(one.names) <= set(alert.features):
        return ()
    members = one.members
    knots = members.scaler.knots
    row = members.scaler.clipped(np.array([[alert.features[name] for name in one.names]], dtype=np.float32))[0]
    reference = knots[:, knots.shape[1] // 2].astype(np.float32)
    weight = dict(zip(MEMBERS, one.stack.weight.tolist(), strict=True))
    values = weight["trees"] * tree_shapley(members.trees, row, reference)
    ranks = members.scaler.ranks(np.stack([row, reference]))
    line = members.line
    values[line.columns] += weight["line"] * line.slope * (ranks[0] - ranks[1])[line.columns]
    if "rule" in one.names:
        place = one.names.index("rule")
        here, usual = rule_argument(np.array([row[place], reference[place]], dtype=np.float64))
        values[place] += weight["rule"] * (here - usual)
    order = [i for i in np.argsort(-np.abs(values), kind="stable")[:most] if values[i] != 0.0]
    return tuple(
        Contribution(
            feature=one.names[i],
            label=label(alert.scheme, one.names[i]),
            value=reading(alert.scheme, one.names[i], float(row[i])),
            usual=reading(alert.scheme, one.names[i], float(reference[i])),
            log_odds=float(values[i]),
        )
        for i in order
    )
