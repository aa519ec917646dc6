"""The boosters that not every installation has, imported at their first use, and what both of them share."""

from __future__ import annotations

from typing import Any

import numpy as np

from tradewind.core import MissingExtraError
from tradewind.core.arrays import FloatArray


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


def spread(returns: FloatArray) -> float:
    """Return the standard deviation of ``returns`` (n,), by which a return's booster is scaled; 1 where it is 0."""
    scale = float(np.std(returns)) if len(returns) > 1 else 0.0
    return scale if scale > 0.0 else 1.0
