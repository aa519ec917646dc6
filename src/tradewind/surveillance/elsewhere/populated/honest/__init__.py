"""Purposes that last and are honest, many of which look like a scheme from afar."""

from tradewind.surveillance.elsewhere.populated.honest.cast import start_honest

__all__ = ["start_honest"]
