"""What drift is measured with and how often it may be wrong."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tradewind.core import Settings


class DriftSettings(Settings):
    """How windows are compared with the reference.

    Attributes
    ----------
    window : days in a window that is watched; a report takes the days it is given instead.
    every : days from one look to the next.
    alarms_per_year : false alarms a year that are accepted in all, shared among the families of statistics.
    days_per_year : trading days of a year.
    alpha : level of the textbook tests, corrected. ``correction`` : Benjamini-Hochberg (``bh``) or Holm (``holm``).
    psi_warn, psi_retrain : PSI from which a feature is watched and from which retraining is asked for.
    keep : sorted values of a feature that a reference keeps; with more rows, evenly spaced order statistics of them.
    rows_kept : rows that a reference keeps whole, spread evenly over its days, for the domain classifier.
    min_rows : rows of a group in a window below which the group is not judged.
    explained : share of variance that the components of the PCA hold (0.65 is NannyML's default).
    top : findings of one look before the rest goes into one summary.
    threads : threads that share the features of a report.
    seed : seed of the domain classifier.
    """

    window: int = Field(20, ge=2)
    every: int = Field(5, ge=1)
    alarms_per_year: float = Field(1.0, gt=0)
    days_per_year: int = Field(252, ge=1)
    alpha: float = Field(0.05, gt=0, lt=1)
    correction: Literal["bh", "holm"] = "bh"
    psi_warn: float = Field(0.1, gt=0)
    psi_retrain: float = Field(0.2, gt=0)
    keep: int = Field(100_000, ge=1000)
    rows_kept: int = Field(20_000, ge=100)
    min_rows: int = Field(30, ge=5)
    explained: float = Field(0.65, gt=0, le=1)
    top: int = Field(5, ge=1)
    threads: int = Field(2, ge=1)
    seed: int = Field(7, ge=0)
