"""A first look at candidates by what is cheap to know, so that what is dear to know is asked of few.

A cascade (Viola and Jones 2001): most candidates are plainly nothing, and few trees say so without the last views.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.special import expit

from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, IntArray
from tradewind.surveillance.learning.forest import Forest
from tradewind.surveillance.learning.imbalance import Balancing, balanced
from tradewind.surveillance.learning.members import fit_trees
from tradewind.surveillance.learning.negatives import thinned
from tradewind.surveillance.learning.settings import SchemeModelSettings
from tradewind.surveillance.learning.table import highest_of

ALL = -1e9
"""A bar that everything passes."""


@dataclass(frozen=True, eq=False)
class Sieve:
    """Few boosted trees on the columns known before the last views are asked, and the log odds that must be reached.

    ``columns`` : (k,) which they are.
    """

    columns: IntArray
    trees: Forest
    bar: float = ALL

    @classmethod
    def fit(
        cls,
        values: Float32Array,
        label: BoolArray,
        weight: FloatArray,
        columns: IntArray,
        settings: SchemeModelSettings,
    ) -> Sieve:
        """Fit on ``values`` (n, p), ``label`` and ``weight`` (n,): training rows alone; everything passes yet."""
        values, label, weight = thinned(values[:, columns], label, weight, settings)
        rows, classes, weights = balanced(values, label, weight, Balancing.COST, settings.seed)
        quick = settings.model_copy(
            update={
                "rounds": settings.sieve.rounds,
                "depth": settings.sieve.depth,
                "rate": settings.sieve.rate,
                "feature_share": 1.0,
            }
        )
        return cls(columns, fit_trees(rows, classes, weights, (0,) * len(columns), quick))

    def log_odds(self, values: Float32Array) -> FloatArray:
        """Return (n,) how likely each of ``values`` (n, p) is more than nothing, by the columns that are cheap."""
        return self.trees.output(values[:, self.columns])

    def chance(self, values: Float32Array) -> FloatArray:
        """Return (n,) the same as a probability, too high where positives were given more voice."""
        return np.asarray(expit(self.log_odds(values)), dtype=np.float64)

    def passes(self, values: Float32Array) -> BoolArray:
        """Return (n,) which of ``values`` (n, p) deserve to be asked more."""
        return np.asarray(self.log_odds(values) >= self.bar, dtype=bool)

    def with_bar(self, bar: float) -> Sieve:
        """Return the sieve with another bar."""
        return replace(self, bar=bar)

    def to_arrays(self) -> dict[str, AnyArray]:
        """Return the fitted state as arrays by name."""
        return {
            "sieve.columns": self.columns,
            "sieve.bar": np.array([self.bar]),
            **{f"sieve.trees.{name}": array for name, array in self.trees.to_arrays().items()},
        }

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, AnyArray]) -> Sieve:
        """Return the sieve that :meth:`to_arrays` described."""
        prefix = "sieve.trees."
        trees = {name.removeprefix(prefix): one for name, one in arrays.items() if name.startswith(prefix)}
        return cls(arrays["sieve.columns"], Forest.from_arrays(trees), float(arrays["sieve.bar"][0]))


def cheap_columns(names: Sequence[str], dear: str) -> IntArray:
    """Return the positions of ``names`` that do not start with ``dear``."""
    return np.flatnonzero([not name.startswith(dear) for name in names]).astype(np.int64)


def least_odds(odds: FloatArray, deed: IntArray, lost: float) -> float:
    """Return the log odds that all but a share ``lost`` of the deeds reach with one row at least.

    ``odds`` (n,) of rows that models were not fitted on, of deeds that are found; ``deed`` (n,) which each tells of.
    """
    if not len(odds):
        return ALL
    return float(np.quantile(highest_of(deed, odds), lost, method="lower"))
