"""What is tried for gradient-boosted trees."""

from __future__ import annotations

from types import MappingProxyType

from tradewind.training.tuning.space import Range, Space

BOOSTING_SPACE: Space = MappingProxyType(
    {
        "rounds": Range(low=30, high=500, log=True, step=1),
        "learning_rate": Range(low=0.005, high=0.3, log=True),
        "max_depth": Range(low=2, high=8, step=1),
        "leaves": Range(low=4, high=64, log=True, step=1),
        "leaf_share": Range(low=0.003, high=0.1, log=True),
        "row_share": Range(low=0.3, high=1.0),
        "feature_share": Range(low=0.1, high=1.0),
        "l1": Range(low=1e-3, high=100.0, log=True),
        "l2": Range(low=0.1, high=100.0, log=True),
    }
)
