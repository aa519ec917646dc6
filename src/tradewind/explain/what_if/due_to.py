"""What the change of a forecast is due to: exact shares of the feature groups that moved."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from math import factorial

import numpy as np

from tradewind.core.arrays import AnyArray
from tradewind.explain.what_if.replay import SAME, Replay
from tradewind.features import REGISTRY

REST = "earlier bars and other symbols"
MOST_PARTS = 10


def due_to_groups(replay: Replay, values: AnyArray, after: float) -> dict[str, float]:
    """Split the change from the forecast to ``after`` among the groups of the features that ``values`` (p,) moves.

    Exact Shapley values of the groups, with the row as it is for baseline (Sundararajan and Najmi 2020, baseline
    Shapley): every set of groups is moved and the model run. What the row's own features do not explain, because
    earlier bars or other symbols changed as well, has a line of its own. Parts sum to the change, the largest first.
    """
    before = replay.features
    moved = np.flatnonzero(~np.isclose(values, before, rtol=1e-6, atol=1e-9, equal_nan=True))
    groups: dict[str, list[int]] = {}
    for i in moved:
        groups.setdefault(str(REGISTRY.get(replay.names[i]).group), []).append(int(i))
    names = list(groups)[:MOST_PARTS]
    sets = [frozenset(s) for size in range(len(names) + 1) for s in combinations(range(len(names)), size)]
    variants = np.tile(before, (len(sets), 1))
    for k, chosen in enumerate(sets):
        for g in chosen:
            variants[k, groups[names[g]]] = values[groups[names[g]]]
    worth = dict(zip(sets, replay.probabilities(variants), strict=True))
    out = {name: _shapley(worth, g, len(names)) for g, name in enumerate(names)}
    rest = after - replay.probability - sum(out.values())
    if abs(rest) > SAME:
        out[REST] = rest
    elif out:
        largest = max(out, key=lambda name: abs(out[name]))
        out[largest] += rest  # single precision of the members; so that parts sum to the change
    return dict(sorted(out.items(), key=lambda item: -abs(item[1])))


def _shapley(worth: Mapping[frozenset[int], float], player: int, players: int) -> float:
    total = 0.0
    for chosen, value in worth.items():
        if player not in chosen:
            weight = factorial(len(chosen)) * factorial(players - len(chosen) - 1) / factorial(players)
            total += weight * float(worth[chosen | {player}] - value)
    return total
