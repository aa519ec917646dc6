"""What is tried for nets: sequence nets and the graph net."""

from __future__ import annotations

from types import MappingProxyType

from tradewind.training.tuning.space import Range, Space

NET_SPACE: Space = MappingProxyType(
    {
        "learning_rate": Range(low=0.001, high=0.1, log=True),
        "hidden": Range(low=50, high=200, step=10),
        "dropout": Range(low=0.1, high=0.5),
        "weight_decay": Range(low=1e-4, high=0.1, log=True),
    }
)

ATTENTION_SPACE: Space = MappingProxyType({**NET_SPACE, "hidden": Range(low=48, high=200, step=8)})
"""Nets with attention: their heads share the hidden units evenly."""
