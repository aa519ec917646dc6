"""A stream of periods of a real market."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from tradewind.continual.regimes import RegimeModel, RegimeSettings, market_observations
from tradewind.continual.streams.task import TaskStream, experience_of, rows_of_days, split_task
from tradewind.core import Dataset, InputError, Panel
from tradewind.training import build_dataset

FEATURES = (
    "return_1", "return_5", "return_20", "rsi_14", "sma_ratio_5", "stochastic_k_14", "volume_ratio_20",
    "realised_volatility_20", "market_return_1", "market_return_5", "market_volatility_20", "dispersion_20",
)  # fmt: skip
TRAIN_SHARE = 0.7


@dataclass(frozen=True, kw_only=True)
class Period:
    """Days from ``first`` to ``last``, both included."""

    name: str
    first: date
    last: date


KDD17_PERIODS = (
    Period(name="2007 calm", first=date(2007, 6, 1), last=date(2008, 6, 30)),
    Period(name="2008 crisis", first=date(2008, 7, 1), last=date(2009, 6, 30)),
    Period(name="2010 calm", first=date(2009, 9, 1), last=date(2011, 4, 30)),
    Period(name="2011 debt", first=date(2011, 5, 1), last=date(2012, 6, 30)),
    Period(name="2013 calm", first=date(2012, 7, 1), last=date(2015, 4, 30)),
    Period(name="2015 china", first=date(2015, 5, 1), last=date(2016, 6, 30)),
)
"""Crises of the years 2007 to 2016 and the calm between them; chosen by dates of the events, not by results."""


def period_stream(panel: Panel, periods: Sequence[Period], *, name: str, share: float = TRAIN_SHARE) -> TaskStream:
    """Return a stream of ``periods`` of ``panel``, the first ``share`` of each to learn from.

    The regime model is fitted on the sessions before the test part of the first period and only filtered later.

    Raises
    ------
    InputError : periods that overlap or are too short, or too few sessions before them.
    """
    for before, after in itertools.pairwise(periods):
        if after.first <= before.last:
            raise InputError(
                f"period {after.name!r} begins on {after.first}, before {before.name!r} ends",
                fix="give periods in the order of time",
            )
    data = build_dataset(panel, names=FEATURES)
    cut = [_cut(data, one) for one in periods]
    seen = market_observations(panel)
    next_one = np.datetime64(periods[1].first) if len(periods) > 1 else None
    first = split_task(experience_of(periods[0].name, data.select(cut[0])), share, until=next_one)
    history = seen.until(first.train.time[-1])
    model = RegimeModel.fit(history.values, RegimeSettings(), fitted_until=str(history.time[-1]))
    regimes = rows_of_days(seen.time, model.filter(seen.values), panel.time)
    tasks = []
    for place, (one, mask) in enumerate(zip(periods, cut, strict=True)):
        until = np.datetime64(periods[place + 1].first) if place + 1 < len(periods) else None
        whole = experience_of(one.name, data.select(mask), regimes[mask])
        tasks.append(split_task(whole, share, until=until))
    return TaskStream(name=name, names=data.names, tasks=tuple(tasks))


def _cut(data: Dataset, period: Period) -> np.ndarray:
    inside = (data.panel.time >= np.datetime64(period.first)) & (data.panel.time <= np.datetime64(period.last))
    if not inside.any():
        raise InputError(
            f"there are no bars from {period.first} to {period.last}", fix="give periods that the prices cover"
        )
    return inside


def equal_periods(panel: Panel, count: int) -> tuple[Period, ...]:
    """Return ``count`` periods of about as many sessions each, after the first 60, which features need."""
    sessions = panel.times[60:].astype("datetime64[D]")
    if len(sessions) < 40 * count:
        raise InputError(
            f"{len(sessions)} sessions after the first 60 are too few for {count} periods of 40",
            fix="give more history or fewer periods",
        )
    parts = np.array_split(sessions, count)
    return tuple(Period(name=f"{part[0]} on", first=part[0].item(), last=part[-1].item()) for part in parts)
