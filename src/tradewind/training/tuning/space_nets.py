"""What is tried for nets: sequence nets and the graph net."""

from __future__ import annotations

from types import MappingProxyType

from tradewind.training.tuning.space import Range, Space

NET_SPACE: Space = MappingProxyType(
    {
        "learning_rate": Range(low=0.001, high=0.1, log=True),
        "hidden": Range(low=52, high=200, step=4),
        "dropout": Range(low=0.1, high=0.5),
        "weight_decay": Range(low=1e-4, high=0.1, log=True),
    }
)
"""``hidden`` goes in steps of 4 so that attention heads can share it."""
