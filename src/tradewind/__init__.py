"""Tradewind: point-in-time equity direction forecasts, measured honestly out of sample."""

from importlib.metadata import version

__version__ = version("tradewind")
__all__ = ["__version__"]
