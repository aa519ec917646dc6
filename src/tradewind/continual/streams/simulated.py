"""A stream of simulated regimes whose rules conflict and whose ceilings are known.

Momentum and reversal give opposite forecasts for the same past return, so no forecaster keeps both unless it can tell
the regimes apart. Here it can: each regime has its own volatility (and news are told in the last alone). Where regimes
differ in nothing that is seen, forgetting the old rule is the only way to learn the new one.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

import numpy as np
from pydantic import Field

from tradewind.continual.regimes import RegimeModel, RegimeSettings, market_observations
from tradewind.continual.streams.task import TaskStream, experience_of, rows_of_days, split_task
from tradewind.core import Settings
from tradewind.data import MarketSettings, simulate
from tradewind.data.simulator import MarketKind, SimulatedMarket
from tradewind.training import build_dataset

FEATURES = ("return_1", "return_5", "return_10", "realised_volatility_20", "dispersion_1", "dispersion_20")
NEWS_FEATURES = ("sentiment_news", "sentiment_change_5_news")
EARLIER = 10_000  # added to the seed of the markets on which the regime model is fitted


class SimulatedStreamSettings(Settings):
    """What the stream shall look like.

    Attributes
    ----------
    n_symbols, n_days : of each regime's market. ``warm_up`` : first days, left out: features need them.
    train_share : share of the other days to learn from.
    ceiling : best possible accuracy where a rule speaks.
    lookback : bars whose return momentum follows and reversal opposes.
    volatility : yearly, of momentum, reversal and news.
    seed : of the markets.
    """

    n_symbols: Annotated[int, Field(ge=2)] = 30
    n_days: Annotated[int, Field(ge=60)] = 400
    warm_up: Annotated[int, Field(ge=0)] = 30
    train_share: Annotated[float, Field(gt=0.0, lt=1.0)] = 0.6
    ceiling: Annotated[float, Field(gt=0.5, le=1.0)] = 0.70
    lookback: Annotated[int, Field(ge=1, le=10)] = 5
    volatility: tuple[float, float, float] = (0.10, 0.25, 0.45)
    seed: Annotated[int, Field(ge=0)] = 0


def simulated_stream(settings: SimulatedStreamSettings | None = None) -> TaskStream:
    """Return momentum, then reversal, then news, each in its own market after the one before.

    Regime probabilities come from a hidden Markov model fitted on other, earlier markets of the same kinds and only
    filtered here.
    """
    wanted = settings or SimulatedStreamSettings()
    model = _regime_model(wanted)
    tasks, ceilings = [], []
    for place, market in enumerate(_markets(wanted, wanted.seed)):
        data = build_dataset(market.panel, market.news, names=FEATURES)
        told = _news_columns(market)
        data = data.with_features(
            np.column_stack([data.features, told]).astype(np.float32), (*FEATURES, *NEWS_FEATURES)
        )
        seen = market_observations(market.panel)
        regimes = rows_of_days(seen.time, model.filter(seen.values), market.panel.time)
        start = market.panel.times[wanted.warm_up]
        name = f"{place + 1} {market.settings.kind}"
        whole = experience_of(name, data, regimes)
        tasks.append(split_task(whole.select(whole.time >= start), wanted.train_share))
        ceilings.append(market.ceiling)
    return TaskStream(name="simulated", names=(*FEATURES, *NEWS_FEATURES), tasks=tuple(tasks), ceilings=tuple(ceilings))


def _markets(wanted: SimulatedStreamSettings, seed: int) -> list[SimulatedMarket]:
    """Return the markets of the regimes, one after another in time."""
    kinds = (MarketKind.MOMENTUM, MarketKind.REVERSAL, MarketKind.NEWS)
    start, markets = MarketSettings().start, []
    for place, kind in enumerate(kinds):
        market = simulate(
            MarketSettings(
                kind=kind,
                n_symbols=wanted.n_symbols,
                n_days=wanted.n_days,
                start=start,
                ceiling=wanted.ceiling,
                lookback=wanted.lookback,
                volatility=wanted.volatility[place],
                news_rate=1.0,
                seed=seed * len(kinds) + place,
            )
        )
        markets.append(market)
        start = market.panel.times[-1].astype("datetime64[D]").item() + timedelta(days=7)
    return markets


def _regime_model(wanted: SimulatedStreamSettings) -> RegimeModel:
    """Fit the regimes to markets drawn with other seeds."""
    parts = [market_observations(one.panel).values for one in _markets(wanted, wanted.seed + EARLIER)]
    return RegimeModel.fit(np.concatenate(parts), RegimeSettings(seed=wanted.seed))


def _news_columns(market: SimulatedMarket) -> np.ndarray:
    """(n, 2) sentiment of the news known at the row, NaN where no news decide."""
    if market.news is None:
        return np.full((len(market.panel), len(NEWS_FEATURES)), np.nan)
    return build_dataset(market.panel, market.news, names=NEWS_FEATURES).features
