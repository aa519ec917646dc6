"""Progressive nets: a column for each experience, earlier ones frozen."""

from tradewind.continual.progressive.learner import Progressive, ProgressiveSettings

__all__ = ["Progressive", "ProgressiveSettings"]
