"""Random forest (Breiman 2001, *Machine Learning* 45): one forest gives the direction and the return."""

from __future__ import annotations

from pathlib import Path
from typing import Self

import numpy as np
from pydantic import Field

from tradewind.core import Dataset, Forecast, NotFittedError, Settings
from tradewind.core.arrays import IntArray
from tradewind.models.storage import pack_arrays, read_artefact, write_artefact
from tradewind.models.targets import targets
from tradewind.models.threads import thread_count
from tradewind.models.trees.compact import Forest
from tradewind.models.trees.readers import read_forest
from tradewind.models.trees.table import TreeTable


class RandomForestSettings(Settings):
    """Shallow trees with large leaves on small samples: daily returns are nearly all noise.

    ``rows_per_tree`` bounds a tree's bootstrap sample (less when there are fewer rows); it makes trees less alike and
    keeps the time of a fit from growing with the panel. ``leaf_share`` is the least share of that sample in a leaf;
    ``min_samples_split`` : rows below which a node is not split, whatever its leaves would hold.
    """

    n_trees: int = Field(default=150, ge=1)
    max_depth: int = Field(default=6, ge=1)
    leaf_share: float = Field(default=0.01, gt=0.0, le=0.5)
    min_samples_split: int = Field(default=2, ge=2)
    feature_share: float = Field(default=0.2, gt=0.0, le=1.0)
    sample_share: float = Field(default=0.6, gt=0.0, le=1.0)
    rows_per_tree: int = Field(default=4096, ge=1)
    seed: int = 7


class RandomForestForecaster:
    """A forest grown to tell rises from falls; the same leaves also give the mean return of the rows in them.

    One forest instead of a classifier and a regressor halves the time of a fit, and squared error of daily returns
    is ruled by a few crash days, which makes poor splits.
    """

    name = "random_forest"

    def __init__(self, settings: RandomForestSettings | None = None) -> None:
        self.settings = settings or RandomForestSettings()
        self._forest: Forest | None = None

    def fresh(self) -> Self:
        """Return a new, not fitted forest of the same settings."""
        return type(self)(self.settings)

    def fit(self, data: Dataset, rows: IntArray) -> Self:
        """Grow the forest on ``rows`` of ``data``; features must be finite."""
        from sklearn.ensemble import RandomForestClassifier

        s, known = self.settings, targets(data, rows)
        sample = max(1, min(s.rows_per_tree, round(s.sample_share * len(known.direction_rows))))
        grown = RandomForestClassifier(
            n_estimators=s.n_trees,
            max_depth=s.max_depth,
            min_samples_split=s.min_samples_split,
            min_samples_leaf=max(1, round(s.leaf_share * sample)),
            max_features=s.feature_share,
            max_samples=sample,
            random_state=s.seed,
            n_jobs=thread_count(),
        ).fit(data.features[known.direction_rows], known.direction, known.direction_weight)
        forest = Forest.from_sklearn([tree.tree_ for tree in grown.estimators_], grown.classes_)
        self._forest = forest.with_returns(data.features[known.return_rows], known.returns)
        return self

    def predict(self, data: Dataset, rows: IntArray) -> Forecast:
        """Forecast ``rows`` of ``data``; NotFittedError before :meth:`fit`."""
        probability, mean = self._fitted().predict(np.ascontiguousarray(data.features[rows]))
        return Forecast.point(rows, probability, mean)

    def direction_trees(self) -> TreeTable:
        """Return the trees of the direction, in probability; NotFittedError before :meth:`fit`."""
        return read_forest(self._fitted())

    def save(self, folder: Path) -> None:
        """Write the trees as arrays into ``folder``."""
        files = {"forest.npz": pack_arrays(self._fitted().to_arrays())}
        write_artefact(folder, self.name, {"settings": self.settings.model_dump(mode="json")}, files)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read a forest that :meth:`save` wrote."""
        artefact = read_artefact(folder, cls.name)
        one = cls(RandomForestSettings(**artefact.state["settings"]))
        one._forest = Forest(**artefact.arrays("forest.npz"))
        return one

    def _fitted(self) -> Forest:
        if self._forest is None:
            raise NotFittedError("the random forest is used before it is fitted")
        return self._forest
