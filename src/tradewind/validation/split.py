"""One fold: which rows may be fitted on and which are forecast."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Split:
    """A purged fold of a panel.

    Attributes
    ----------
    train : row indices whose label is known by ``train_end`` (and, for k-fold, does not overlap the test span).
    test : row indices to forecast.
    train_end : the last moment whose information fitting may use; walk-forward: no test row lies at or before it.
    test_start, test_end : first and last time of the test rows.
    """

    train: IntArray
    test: IntArray
    train_end: np.datetime64
    test_start: np.datetime64
    test_end: np.datetime64
