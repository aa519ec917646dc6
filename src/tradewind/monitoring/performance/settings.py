"""How closely a served model's forecasts are held against what was promised of them."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings


class SettlingSettings(Settings):
    """When a day's labels are there, and when they should be.

    Attributes
    ----------
    memory : calendar days of forecasts kept.
    complete : share of a day's forecasts whose labels must be known before the day is judged.
    patience : slices after the usual delay that a day may wait to be complete; then it is judged as it is, or left
        out where no label came.
    label_delay : slices from forecast to label; None: the longest of the first ``learn`` days labelled.
    learn : days whose delay is learned from.
    overdue_share : share of the newest due labels that have not come, from which on it is told.
    """

    memory: int = Field(120, ge=30)
    complete: float = Field(0.9, gt=0, le=1)
    patience: int = Field(10, ge=0)
    label_delay: int | None = Field(None, ge=0)
    learn: int = Field(5, ge=1)
    overdue_share: float = Field(0.3, gt=0, le=1)


class PerformanceSettings(Settings):
    """When forecasts count as worse than expected.

    Attributes
    ----------
    false_alarms_per_year : chance that a year in which nothing is wrong has any finding of :class:`PerformanceWatcher`;
        shared evenly by all statistics that are watched.
    slices_share : part of it that is kept for sectors and regimes, together.
    shifts : sizes of a change, in daily standard deviations, each watched for by a CUSUM of its own.
    least_days : labelled days before anything is told.
    window : days of the rolling figures that a finding gives.
    settling : when a day is judged.
    least_symbols : a day with fewer labelled forecasts gives no daily figure.
    tolerance : changes that do not matter, in the unit of the statistic: accuracy, Brier score, IC, calibration in
        the large, mean probability. Dispersion and the slope's score are relative to their usual value.
    psi : PSI of the window's probabilities against the reference that is told of, at least; ``psi_factor`` times the
        largest PSI of a window of the reference against the rest of it, where that is more; widened by twice the error
        of that largest.
    calibration_bins : bins of the calibration error, as at evaluation.
    """

    false_alarms_per_year: float = Field(0.05, gt=0, lt=1)
    slices_share: float = Field(0.4, ge=0, lt=1)
    shifts: tuple[float, ...] = (0.3, 0.8, 2.0)
    least_days: int = Field(3, ge=1)
    window: int = Field(20, ge=5)
    settling: SettlingSettings = SettlingSettings()
    least_symbols: int = Field(5, ge=2)
    tolerance_accuracy: float = Field(0.005, ge=0)
    tolerance_brier: float = Field(0.001, ge=0)
    tolerance_ic: float = Field(0.005, ge=0)
    tolerance_large: float = Field(0.03, ge=0)
    tolerance_mean: float = Field(0.02, ge=0)
    tolerance_relative: float = Field(0.1, ge=0)
    psi: float = Field(0.25, gt=0)
    psi_factor: float = Field(3.0, ge=1)
    calibration_bins: int = Field(10, ge=2)


class EstimateSettings(Settings):
    """How performance is estimated before labels are known.

    Attributes
    ----------
    false_alarms_per_year : chance that a year in which nothing is wrong has an ``expected_accuracy_drop``.
    shift : size of a change watched for, in standard deviations of a day's estimated accuracy.
    tolerance : fall of estimated accuracy that does not matter.
    window : days of the rolling estimate. ``level`` : of its interval.
    least_symbols : a day with fewer forecasts is not looked at. ``least_days`` : days before anything is told.
    """

    false_alarms_per_year: float = Field(0.02, gt=0, lt=1)
    shift: float = Field(0.5, gt=0)
    tolerance: float = Field(0.005, ge=0)
    window: int = Field(20, ge=5)
    level: float = Field(0.95, gt=0.5, lt=1)
    least_symbols: int = Field(5, ge=2)
    least_days: int = Field(3, ge=1)


class BusinessSettings(Settings):
    """When a portfolio of the forecasts counts as earning less than expected.

    Attributes
    ----------
    false_alarms_per_year : chance that a year in which nothing is wrong has any finding of :class:`BusinessWatcher`.
    shifts : sizes of a change of the mean daily return, in daily standard deviations, that are watched for.
    window : days of the rolling figures. ``settling`` : when a day is counted.
    least_days : days before anything is told.
    drawdown_level : chance that a year's largest fall, by the expectation, exceeds the limit of ``drawdown`` before
        ``drawdown_margin`` times is allowed: one reference says little of the depth of rare falls.
    errors : standard errors of the expectation that count as no change: a year of returns says little of their mean.
    draws, block, seed : of the block bootstrap that finds this limit.
    cost_bp : basis points per unit of turnover.
    """

    false_alarms_per_year: float = Field(0.05, gt=0, lt=1)
    shifts: tuple[float, ...] = (0.2, 0.8)
    window: int = Field(60, ge=10)
    settling: SettlingSettings = SettlingSettings()
    least_days: int = Field(5, ge=1)
    drawdown_level: float = Field(0.01, gt=0, lt=0.5)
    drawdown_margin: float = Field(1.25, ge=1)
    errors: float = Field(2.0, ge=0)
    draws: int = Field(2000, ge=200)
    block: int = Field(10, ge=1)
    seed: int = 0
    cost_bp: float = Field(5.0, ge=0)
