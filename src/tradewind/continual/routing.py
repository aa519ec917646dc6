"""Which of several experts a row is for: by filtered regime probabilities and by the likeness of its features.

Each expert has a :class:`Profile` of the period it learned from. A row is routed by what is known at the row alone: its
own features and its own filtered regime probabilities; so no later row can move an earlier forecast. The rule is the
one of a mixture of experts whose gate is a generative model of the inputs (Xu, Jordan and Hinton 1995): a multinomial
over regimes and a normal with diagonal covariance over features.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pydantic import Field

from tradewind.core import Settings
from tradewind.core.arrays import AnyArray, FloatArray

LEAST_SHARE = 1e-3  # of a regime that an expert never saw: it may still be asked when nobody else knows it


class RoutingSettings(Settings):
    """How rows find their expert.

    Attributes
    ----------
    regime : weight of the log likelihood of the regime probabilities; 0 leaves them out.
    features : weight of the log likelihood of the features; below 1, for features are not independent.
    """

    regime: float = Field(default=1.0, ge=0.0)
    features: float = Field(default=0.5, ge=0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Profile:
    """What the rows of a period looked like.

    Attributes
    ----------
    rows : number of rows.
    centre, spread : (p,) mean and variance of the features; the variance is positive.
    regimes : (K,) mean filtered probability of each regime; empty where none was told.
    """

    rows: int
    centre: FloatArray
    spread: FloatArray
    regimes: FloatArray

    @classmethod
    def of(cls, features: AnyArray, regimes: AnyArray | None) -> Profile:
        """Describe ``features`` (m, p), finite, with ``regimes`` (m, K) or None; needs a row."""
        table = np.asarray(features, dtype=np.float64)
        told = np.zeros(0) if regimes is None else np.asarray(regimes, dtype=np.float64).mean(axis=0)
        return cls(rows=len(table), centre=table.mean(axis=0), spread=table.var(axis=0) + 1e-4, regimes=told)

    def merged(self, other: Profile) -> Profile:
        """Return the profile of the rows of both."""
        share = other.rows / (self.rows + other.rows)
        centre = (1.0 - share) * self.centre + share * other.centre
        between = share * (1.0 - share) * (self.centre - other.centre) ** 2
        regimes = other.regimes
        if len(self.regimes) == len(other.regimes):
            regimes = (1.0 - share) * self.regimes + share * other.regimes
        return Profile(
            rows=self.rows + other.rows,
            centre=centre,
            spread=(1.0 - share) * self.spread + share * other.spread + between,
            regimes=regimes,
        )

    def distance(self, other: Profile) -> float:
        """Return how far two periods are apart: Bhattacharyya distance of the features plus that of the regimes."""
        pooled = (self.spread + other.spread) / 2.0
        normal = (self.centre - other.centre) ** 2 / pooled / 8.0
        normal = normal + 0.5 * np.log(pooled / np.sqrt(self.spread * other.spread))
        if len(self.regimes) == 0 or len(self.regimes) != len(other.regimes):
            return float(normal.sum())
        overlap = float(np.sqrt(self.regimes * other.regimes).sum())
        return float(normal.sum()) - float(np.log(max(overlap, LEAST_SHARE)))

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "rows": self.rows,
            "centre": self.centre.tolist(),
            "spread": self.spread.tolist(),
            "regimes": self.regimes.tolist(),
        }

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Profile:
        """Read what :meth:`to_dict` wrote."""
        arrays = {name: np.asarray(row[name], dtype=np.float64) for name in ("centre", "spread", "regimes")}
        return cls(rows=int(row["rows"]), **arrays)


def route(
    profiles: Sequence[Profile], features: AnyArray, regimes: AnyArray | None, settings: RoutingSettings
) -> FloatArray:
    """Return which expert each row is for.

    Parameters
    ----------
    profiles : of the n experts, at least one.
    features : (m, p) finite features of the rows.
    regimes : (m, K) filtered probabilities of the rows, or None where they are not told.

    Returns
    -------
    (n, m) weights of sum 1 in each column.
    """
    table = np.asarray(features, dtype=np.float64)
    evidence = np.zeros((len(profiles), len(table)))
    if settings.features > 0.0:
        for at, one in enumerate(profiles):
            terms = (table - one.centre) ** 2 / one.spread + np.log(one.spread)
            evidence[at] -= 0.5 * settings.features * terms.sum(axis=1)
    if settings.regime > 0.0 and regimes is not None:
        evidence += settings.regime * np.log(_by_regime(profiles, np.asarray(regimes, dtype=np.float64)))
    evidence -= evidence.max(axis=0)
    weights = np.exp(evidence)
    shares: FloatArray = weights / weights.sum(axis=0)
    return shares


def _by_regime(profiles: Sequence[Profile], regimes: FloatArray) -> FloatArray:
    """(n, m) probability of each expert given the regime probabilities (m, K); equal where no expert was told any."""
    seen = np.full((len(profiles), regimes.shape[1]), LEAST_SHARE)
    for at, one in enumerate(profiles):
        if len(one.regimes) == regimes.shape[1]:
            seen[at] += one.regimes
    expert_given_regime = seen / seen.sum(axis=0)
    known: FloatArray = expert_given_regime @ np.nan_to_num(regimes).T + 1e-12
    return known
