"""The monitor of one model: what is expected of it, from its own past, and every watcher held against that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from tradewind.continual.regimes import RegimeModel, market_observations
from tradewind.core import Dataset, InputError, Outcomes, Settings
from tradewind.core.arrays import IntArray
from tradewind.monitoring.drift import DriftReference, DriftSettings, DriftWatcher
from tradewind.monitoring.monitor import Monitor
from tradewind.monitoring.performance import (
    BusinessExpectation,
    BusinessSettings,
    BusinessWatcher,
    EstimateReference,
    EstimateSettings,
    Expectation,
    ExpectedAccuracyWatcher,
    PerformanceSettings,
    PerformanceWatcher,
)
from tradewind.monitoring.quality import BarWatcher, FeedSettings, FeedWatcher, NewsSettings, NewsWatcher
from tradewind.monitoring.references import References
from tradewind.monitoring.regime import RegimeWatcher, RegimeWatcherSettings, SliceRegime
from tradewind.monitoring.regime.watcher import MODELLED
from tradewind.monitoring.service import Recompute, ServiceSettings, ServiceWatcher, VersionSettings, VersionWatcher
from tradewind.monitoring.watcher import Watcher
from tradewind.quality.settings import QualitySettings

__all__ = ["MonitorSettings", "References", "make_monitor", "references_of"]

LEAST_OBSERVATIONS = 100
"""Sessions from which on a model of the market's regimes is fitted; with fewer, shifts are told of and no regimes."""


class MonitorSettings(Settings):
    """Settings of every watcher, a table each in TOML: ``[drift]``, ``[performance]`` ..."""

    bars: QualitySettings = QualitySettings()
    feeds: FeedSettings = FeedSettings()
    news: NewsSettings = NewsSettings()
    drift: DriftSettings = DriftSettings()
    performance: PerformanceSettings = PerformanceSettings()
    estimate: EstimateSettings = EstimateSettings()
    business: BusinessSettings = BusinessSettings()
    service: ServiceSettings = ServiceSettings()
    version: VersionSettings = VersionSettings()
    regime: RegimeWatcherSettings = RegimeWatcherSettings()


def references_of(
    data: Dataset,
    rows: IntArray,
    outcomes: Outcomes | None,
    settings: MonitorSettings | None = None,
    *,
    names: tuple[str, ...] | None = None,
    about: Mapping[str, Any] | None = None,
) -> References:
    """Return the references of a model trained on ``rows`` of ``data`` (raw features).

    Parameters
    ----------
    outcomes : its forecasts of later rows beside what happened: what is expected of it. None where there are none.
    names : features the model reads; all of ``data`` when None. ``about`` : what is kept beside them.

    Raises
    ------
    InputError : ``outcomes`` do not come after the training rows, or are too few days to expect anything from.
    """
    chosen = settings or MonitorSettings()
    last = data.panel.time[rows].max()
    if outcomes is not None and len(outcomes) and outcomes.time.min() <= last:
        raise InputError(
            f"the outcomes begin on {outcomes.time.min().astype('datetime64[D]')} and the model was trained on bars up "
            f"to {last.astype('datetime64[D]')}: forecasts of what it learned from say nothing of how it will do",
            field="outcomes",
            fix="give out-of-sample outcomes",
        )
    read = data if names is None else data.columns(names)
    sector = np.array(data.panel.sectors, dtype=str)[data.panel.symbol_code]
    return References(
        drift=DriftReference.of(
            read.features[rows], read.names, data.panel.time[rows], sector[rows], settings=chosen.drift
        ),
        expectation=None if outcomes is None else Expectation.from_outcomes(outcomes),
        business=None if outcomes is None else BusinessExpectation.from_outcomes(outcomes, chosen.business),
        estimate=None if outcomes is None else EstimateReference.from_outcomes(outcomes),
        regimes=_regimes(data, last),
        about=about or {},
    )


def make_monitor(
    references: References | None, settings: MonitorSettings | None = None, *, recompute: Recompute | None = None
) -> Monitor:
    """Return the monitor that holds slices against ``references``; without any, drift and performance are not watched.

    ``recompute`` : the champion's own answers to a slice, where they can be had: what was served is compared with them.
    """
    chosen = settings or MonitorSettings()
    watchers: list[Watcher] = [
        BarWatcher(chosen.bars),
        FeedWatcher(chosen.feeds),
        NewsWatcher(chosen.news),
        RegimeWatcher(chosen.regime, None if references is None else references.regimes),
        ServiceWatcher(chosen.service),
        VersionWatcher(chosen.version, recompute=recompute),
    ]
    if references is None:
        return Monitor(watchers)
    watchers.insert(4, DriftWatcher(references.drift, chosen.drift))
    regime = SliceRegime()
    if references.expectation is not None:
        watchers.append(PerformanceWatcher(references.expectation, chosen.performance, regime=regime))
    if references.estimate is not None:
        watchers.append(ExpectedAccuracyWatcher(references.estimate, chosen.estimate))
    if references.business is not None:
        watchers.append(BusinessWatcher(references.business, chosen.business, regime=regime))
    return Monitor(watchers)


def _regimes(data: Dataset, last: np.datetime64) -> RegimeModel | None:
    seen = market_observations(data.panel.until(last))
    values = seen.values[:, list(MODELLED)]
    known = values[np.isfinite(values).all(axis=1)]
    return RegimeModel.fit(known) if len(known) >= LEAST_OBSERVATIONS else None
