"""The boosters that not every installation has, imported at their first use."""

from __future__ import annotations

from typing import Any

from tradewind.core import MissingExtraError


def lightgbm() -> Any:
    """Return the package LightGBM; MissingExtraError names the extra where it is not installed."""
    try:
        import lightgbm as package
    except ImportError as error:
        raise MissingExtraError(error.name or "lightgbm", "lightgbm") from error
    return package


def catboost() -> Any:
    """Return the package CatBoost; MissingExtraError names the extra where it is not installed."""
    try:
        import catboost as package
    except ImportError as error:
        raise MissingExtraError(error.name or "catboost", "catboost") from error
    return package
