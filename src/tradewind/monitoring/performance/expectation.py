"""What was measured out of sample when a model was approved: the yardstick of its later life."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tradewind.core import InputError, Outcomes
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.evaluation.hac import hac_mean
from tradewind.monitoring.drift.psi import psi
from tradewind.monitoring.performance.daily import SAID, STATISTICS, daily_figures

LEAST_DAYS = 30
HALF_YEAR = 126
LAGS = 20
"""Of what forecasts say from day to day: they rest on slow features, so that days resemble the ones before for long."""


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One statistic's expectation over days.

    Attributes
    ----------
    value : mean of the daily figures. ``deviation`` : of one day. ``error`` : of ``value`` (Newey and West).
    days : days it rests on.
    inflation : ``error`` over that of independent days, 1 at least: how much slower the mean settles as days resemble
        the ones before.
    """

    value: float
    deviation: float
    error: float
    days: int
    inflation: float = 1.0

    @property
    def allowance(self) -> float:
        """What of ``value`` may have been luck: one ``error`` of half a year or more, up to two of fewer days.

        The slack of the smallest change watched for covers the rest: with these, simulated years of normal days have no
        more false alarms than are promised, whether the expectation rests on 40 days or on 252.
        """
        return self.error * min(max(HALF_YEAR / self.days, 1.0), 2.0)

    @classmethod
    def of(cls, series: FloatArray, *, lags: int | None = None) -> Promise | None:
        """Return the promise of daily figures (D,), NaN left out; None with fewer than 30 or where all are equal."""
        known = series[np.isfinite(series)]
        if len(known) < LEAST_DAYS or float(known.std()) <= 1e-12:
            return None
        deviation, mean = float(known.std(ddof=1)), hac_mean(known, lags=lags, floor=True)
        plain = deviation / np.sqrt(len(known))
        return cls(
            value=mean.mean,
            deviation=deviation,
            error=mean.error,
            days=len(known),
            inflation=max(float(mean.error / plain), 1.0),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Expectation:
    """What a version is held to.

    Attributes
    ----------
    overall : statistic of :data:`STATISTICS` -> promise; statistics that cannot be promised are absent.
    groups : ``sector`` or ``regime`` -> its value -> promise of accuracy.
    edges : (B - 1,) inner edges of the probabilities' bins (deciles). ``counts`` : (B,) rows of each.
    largest_psi : largest PSI of any window of ``window`` days of the reference against the rest of it; infinite where
        it has fewer than two windows: then nothing can be said of the distribution.
    psi_error : relative error of ``largest_psi``. A PSI is a sum of squares: its size is known from m windows to about
        ``sqrt(2 / m)``.
    """

    overall: Mapping[str, Promise]
    groups: Mapping[str, Mapping[str, Promise]] = field(default_factory=dict)
    edges: FloatArray
    counts: FloatArray
    largest_psi: float
    psi_error: float = 0.0
    window: int

    @classmethod
    def from_outcomes(cls, outcomes: Outcomes, *, least_symbols: int = 5, window: int = 20) -> Expectation:
        """Measure ``outcomes``, out of sample, of at least 30 days.

        Raises
        ------
        InputError : there are too few days with ``least_symbols`` labelled forecasts.
        """
        daily = daily_figures(outcomes, least_symbols)
        found = {name: Promise.of(daily.values[name], lags=LAGS if name in SAID else None) for name in STATISTICS}
        overall = {name: promise for name, promise in found.items() if promise is not None}
        if "accuracy" not in overall:
            raise InputError(
                f"an expectation needs {LEAST_DAYS} days with {least_symbols} labelled forecasts each, of which some "
                f"are right; there are {int(np.isfinite(daily.values['accuracy']).sum())} such days",
                field="outcomes",
                fix="give the out-of-sample outcomes of a longer span",
            )
        known = outcomes.probability[np.isfinite(outcomes.probability)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, 11)[1:-1]))
        by_day = _histograms(outcomes, edges)
        total = by_day.sum(axis=0)
        rolled = np.cumsum(np.vstack([np.zeros((1, by_day.shape[1])), by_day]), axis=0)
        span = min(window, len(by_day))
        windows = rolled[span:] - rolled[:-span]
        others = total - windows  # against the days outside it: a window that is part of its reference seems to fit
        groups = {"sector": outcomes.sector, "regime": outcomes.volatility_regime}
        return cls(
            overall=overall,
            groups={name: _of_groups(outcomes, values, least_symbols) for name, values in groups.items()},
            edges=edges,
            counts=total,
            largest_psi=float(np.nanmax(psi(others, windows))) if len(by_day) >= 2 * window else float("inf"),
            psi_error=float(np.sqrt(2 * window / len(by_day))),
            window=window,
        )

    def histogram(self, probability: FloatArray) -> FloatArray:
        """(B,) rows of ``probability`` (n,) in each bin; NaN counts nowhere."""
        return histogram(probability, self.edges)

    def to_dict(self) -> dict[str, Any]:
        """Return the promises, JSON-ready."""
        return {
            "overall": {name: vars(one) for name, one in self.overall.items()},
            "groups": {kind: {n: vars(one) for n, one in some.items()} for kind, some in self.groups.items()},
        }


def histogram(probability: FloatArray, edges: FloatArray) -> FloatArray:
    """(B,) rows of ``probability`` (n,) in each of the bins between ``edges`` (B - 1,); NaN counts nowhere."""
    known = probability[np.isfinite(probability)]
    return np.bincount(np.searchsorted(edges, known, side="right"), minlength=len(edges) + 1).astype(np.float64)


def _histograms(outcomes: Outcomes, edges: FloatArray) -> FloatArray:
    days, code = np.unique(outcomes.time, return_inverse=True)
    return np.stack([histogram(outcomes.probability[code == day], edges) for day in range(len(days))])


def _of_groups(outcomes: Outcomes, values: AnyArray, least: int) -> dict[str, Promise]:
    found = {}
    for value in np.unique(values).tolist():
        if value:
            daily = daily_figures(outcomes.select(values == value), min(least, 2))
            promise = Promise.of(daily.values["accuracy"])
            if promise is not None:
                found[value] = promise
    return found
