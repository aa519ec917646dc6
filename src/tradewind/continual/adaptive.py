"""Factories of the learners that grow, route, adapt or never stop learning, by name; the registry holds them all."""

from __future__ import annotations

from collections.abc import Callable

from tradewind.continual.meta import MetaLearner, MetaSettings
from tradewind.continual.online import Online, OnlineSettings
from tradewind.continual.progressive import Progressive, ProgressiveSettings
from tradewind.continual.protocol import Learner
from tradewind.continual.temporal import TemporalEnsemble
from tradewind.continual.temporal.learner import net_member

ADAPTIVE: dict[str, Callable[[int], Learner]] = {
    "progressive": lambda seed: Progressive(ProgressiveSettings(seed=seed)),
    "progressive_gate": lambda seed: Progressive(ProgressiveSettings(seed=seed, gate="learned")),
    "maml": lambda seed: MetaLearner(MetaSettings(seed=seed)),
    "first_order_maml": lambda seed: MetaLearner(MetaSettings(seed=seed, method="first_order")),
    "reptile": lambda seed: MetaLearner(MetaSettings(seed=seed, method="reptile")),
    "temporal": lambda seed: TemporalEnsemble(member=net_member(seed)),
    "online_logistic": lambda seed: Online(OnlineSettings(seed=seed)),
    "online_tree": lambda seed: Online(OnlineSettings(kind="tree", seed=seed)),
    "online_forest": lambda seed: Online(OnlineSettings(kind="forest", members=3, seed=seed)),
    "online_bagging": lambda seed: Online(OnlineSettings(kind="bagging", seed=seed)),
}
"""Each takes the seed of everything random."""
