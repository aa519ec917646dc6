"""Meta-learning: a start from which few days are enough."""

from tradewind.continual.meta.learner import MetaLearner, MetaSettings

__all__ = ["MetaLearner", "MetaSettings"]
