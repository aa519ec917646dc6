"""What looks like a scheme and is none: the honest business that a model must learn to leave alone."""

from tradewind.surveillance.elsewhere.lively.honest.cast import start_honest

__all__ = ["start_honest"]
