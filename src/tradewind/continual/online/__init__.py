"""Online learners: every row is learned once its outcome is known."""

from tradewind.continual.online.learner import Online, OnlineSettings

__all__ = ["Online", "OnlineSettings"]
