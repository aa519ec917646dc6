"""What looks like a scheme and is none, at least as often as the schemes themselves."""

from tradewind.surveillance.elsewhere.reactive.honest.cast import start_honest

__all__ = ["start_honest"]
