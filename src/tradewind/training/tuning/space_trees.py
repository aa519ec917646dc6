"""What is tried for forests."""

from __future__ import annotations

from types import MappingProxyType

from tradewind.training.tuning.space import Range, Space

FOREST_SPACE: Space = MappingProxyType(
    {
        "n_trees": Range(low=100, high=1000, log=True, step=1),
        "max_depth": Range(low=5, high=20, step=1),
        "min_samples_split": Range(low=2, high=400, log=True, step=1),
        "leaf_share": Range(low=0.001, high=0.05, log=True),
        "feature_share": Range(low=0.05, high=1.0, log=True),
    }
)
