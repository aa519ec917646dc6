"""Settings of the audit."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tradewind.core import Settings


class AuditColumns(Settings):
    """Which columns of the table mean what; every other numeric column is a feature.

    Attributes
    ----------
    symbol, date : keys of a row.
    label : direction (two values) or forward return; made from the prices when None.
    label_end : when the label of the row is known; the symbol's ``horizon``-th next row when None.
    split : holds ``train`` in training rows and ``test`` in test rows; other values are in neither.
    ignore : columns that are neither keys nor features.
    """

    symbol: str = "symbol"
    date: str = "date"
    label: str | None = None
    label_end: str | None = None
    split: str | None = None
    ignore: tuple[str, ...] = ()


class AuditSettings(Settings):
    """Thresholds of the audit; the defaults raise no error on honest features of real markets.

    Attributes
    ----------
    horizon : bars from the row to the bar where its label is known.
    alpha : family-wise error (Bonferroni) or false discovery rate (BH) over all features, lags and transforms.
    correction : how p-values are corrected for the number of tests.
    lags : bars ahead (and back) at which a feature is compared with one-bar returns.
    implausible : rank correlation with a future one-bar return from which on a feature is an error. Honest
        daily signals lie below 0.1.
    suspicious : rank correlation from which on it is a warning, when it is also larger than with the past.
    copy_correlation : rank correlation from which on a feature is a copy, or a monotone transform, of the future.
    auc : area under the ROC curve (or its mirror) from which on a feature contains the label.
    information : share of the label's entropy a feature explains from which on it contains the label.
    min_rows : fewer rows than these with both feature and label are not judged.
    """

    horizon: int = Field(default=1, ge=1)
    alpha: float = Field(default=0.01, gt=0.0, lt=1.0)
    correction: Literal["bonferroni", "bh"] = "bonferroni"
    lags: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 20, 21, 22, 40, 42, 60, 63)
    implausible: float = Field(default=0.2, gt=0.0, lt=1.0)
    suspicious: float = Field(default=0.1, gt=0.0, lt=1.0)
    copy_correlation: float = Field(default=0.99, gt=0.0, le=1.0)
    auc: float = Field(default=0.9, gt=0.5, le=1.0)
    information: float = Field(default=0.5, gt=0.0, le=1.0)
    min_rows: int = Field(default=100, ge=20)
