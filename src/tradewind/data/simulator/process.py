"""The day-by-day process of prices: the sign of each move has an exact probability, its size does not depend on it.

A move is ``sign x size``. A shock ``z`` of unit variance with market, sector and own parts gives a fair sign and a
size ``|z|``, which are independent of each other. Where a rule speaks with probability ``p``, the move takes the
rule's sign with probability ``|2p - 1|`` and keeps the fair sign otherwise: it rises with probability ``p`` exactly,
whatever its size. Sizes cluster as in a GARCH(1,1) (Bollerslev 1986) and shrink when the price has gone far from 100,
up or down alike, so that a market which trends for ever stays within 1 and 10,000.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.data.simulator.actions import draw_actions
from tradewind.data.simulator.regimes import Regime
from tradewind.data.simulator.settings import MarketKind, MarketSettings
from tradewind.data.simulator.shocks import moves_scaled, ruled, shared_variance, volume_scaled
from tradewind.data.simulator.streams import Stream, stream
from tradewind.data.simulator.traits import Traits

CENTRE = 100.0
LOG_BOUND = float(np.log(100.0))  # quotes stay within CENTRE / 100 and CENTRE * 100
LEVEL_WIDTH = 2.0
SHOCK_BOUNDS = (0.02, 4.0)
GARCH = (0.05, 0.07, 0.88)
VARIANCE_BOUNDS = (0.3, 4.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class Paths:
    """Everything of every session and symbol, (T, S) each, listed or not.

    ``probability`` is of a rise of the next session's total return; ``by_regime`` (3, T, S) the same in each regime,
    or None where the regime does not change; ``ratio`` and ``cash`` are the corporate actions of the session.
    """

    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    volume: FloatArray
    ratio: FloatArray
    cash: FloatArray
    probability: FloatArray
    by_regime: FloatArray | None


class Process:
    """One run of the process; :meth:`run` fills the paths in the order of time, so nothing can look ahead."""

    def __init__(self, settings: MarketSettings, traits: Traits, sentiment: IntArray | None, regimes: IntArray) -> None:
        shape = (settings.n_days, settings.n_symbols)
        self.settings, self.traits, self.sentiment, self.regimes = settings, traits, sentiment, regimes
        self.level = np.empty(shape)  # log of the total-return level
        self.sign = np.zeros(shape)
        self.bars = {name: np.empty(shape) for name in ("open", "high", "low", "close", "volume", "ratio", "cash")}
        self.probability = np.empty(shape)
        hidden = settings.kind is MarketKind.REGIMES
        self.by_regime = np.empty((3, *shape)) if hidden else None
        self.variance = np.ones(settings.n_symbols)
        self.shares = np.ones(settings.n_symbols)

    def run(self) -> Paths:
        """Run every session."""
        for day in range(self.settings.n_days):
            self._trade(day)
            self._know(day)
        return Paths(**self.bars, probability=self.probability, by_regime=self.by_regime)

    def _trade(self, day: int) -> None:
        """Draw the bars of one session from what was known at the one before."""
        traits, bars, n = self.traits, self.bars, self.settings.n_symbols
        rng = stream(self.settings.seed, Stream.PRICES, day)
        common, own = rng.standard_normal(1 + self.settings.n_sectors), rng.standard_normal((5, n))
        coin = rng.random(n)
        shock = self._shock(day, common, own[0])
        size = np.clip(np.abs(shock), *SHOCK_BOUNDS)
        noise = np.clip(own, -3.0, 3.0)
        if day == 0:
            reference, level = traits.price, np.log(traits.price / CENTRE)
            ratio, cash, move = np.ones(n), np.zeros(n), np.zeros(n)
            scale = traits.volatility * np.exp(-((level / LEVEL_WIDTH) ** 2))
        else:
            actions = draw_actions(self.settings, traits, day, bars["close"][day - 1])
            ratio, cash, level = actions.ratio, actions.cash, self.level[day - 1]
            reference = (bars["close"][day - 1] - cash) / ratio
            regime = self.settings.regime_volatility[self.regimes[day - 1]]
            scale = traits.volatility * np.sqrt(self.variance) * regime * np.exp(-((level / LEVEL_WIDTH) ** 2))
            scale = scale * moves_scaled(self.settings.shocks, day)
            tilt = 2.0 * self.probability[day - 1] - 1.0
            self.sign[day] = np.where(coin < np.abs(tilt), np.sign(tilt), np.where(shock < 0.0, -1.0, 1.0))
            room = LOG_BOUND - np.abs(np.log(reference / CENTRE))
            move = self.sign[day] * np.minimum(scale * size * np.minimum(room, 1.0), 0.5 * room)
            self.variance = np.clip(GARCH[0] + self.variance * (GARCH[1] * size**2 + GARCH[2]), *VARIANCE_BOUNDS)
        self.level[day] = level + move
        self.shares = self.shares * ratio
        close = reference * np.exp(move)
        start = reference * np.exp(0.3 * move + 0.25 * scale * noise[1])
        bars["close"][day], bars["open"][day], bars["ratio"][day], bars["cash"][day] = close, start, ratio, cash
        bars["high"][day] = np.maximum(start, close) * np.exp(0.4 * scale * np.abs(noise[2]) + 1e-4)
        bars["low"][day] = np.minimum(start, close) * np.exp(-0.4 * scale * np.abs(noise[3]) - 1e-4)
        busy = np.exp(0.25 * noise[4] + 0.35 * (size - 0.8))
        busy = busy * volume_scaled(self.settings.shocks, day)
        bars["volume"][day] = np.maximum(np.round(traits.volume * self.shares * busy), 100.0)

    def _shock(self, day: int, common: FloatArray, own: FloatArray) -> FloatArray:
        """(S,) shocks of unit variance from the market's and the sectors' (1 + sectors,) and each symbol's own."""
        traits = self.traits
        together: FloatArray = traits.market_load * common[0] + traits.sector_load * common[1 + traits.sector]
        usual = traits.market_load**2 + traits.sector_load**2
        share = shared_variance(self.settings.shocks, day, usual)
        if share is usual:
            alone: FloatArray = together + traits.own_load * own
            return alone
        safe = np.where(usual > 0.0, usual, 1.0)
        part = np.where(usual > 0.0, together / np.sqrt(safe), common[0])
        mixed: FloatArray = np.sqrt(share) * part + np.sqrt(1.0 - share) * own
        return mixed

    def _know(self, day: int) -> None:
        """Set the probability of the next rise from what is known at the close of ``day``."""
        if self.by_regime is not None:
            for regime in Regime:
                self.by_regime[regime, day] = self._ruled(day, regime)
            self.probability[day] = self.by_regime[self.regimes[day], day]
        else:
            self.probability[day] = self._ruled(day, Regime(int(self.regimes[day])))

    def _ruled(self, day: int, regime: Regime) -> FloatArray:
        """(S,) probability of a rise by the rules of ``regime``, under the shocks in force."""
        probability = self._overlay(day, self._trend(day, regime))
        return ruled(self.settings.shocks, day, probability, self.traits.sector)

    def _trend(self, day: int, regime: Regime) -> FloatArray:
        """(S,) direction in {-1, 0, 1} that momentum or reversal gives; 0 until a symbol has ``lookback`` returns."""
        if regime is Regime.RANDOM_WALK:
            return np.zeros(self.settings.n_symbols)
        with_trend = regime is Regime.MOMENTUM
        back = self.settings.momentum_lookback if with_trend else self.settings.reversal_lookback
        if day < back:
            return np.zeros(self.settings.n_symbols)
        trend = np.sign(self.level[day] - self.level[day - back]) * (1.0 if with_trend else -1.0)
        return np.where(day - self.traits.entry >= back, trend, 0.0)

    def _overlay(self, day: int, direction: FloatArray) -> FloatArray:
        """(S,) probability of a rise once lead-lag and news have had their say."""
        traits = self.traits
        if self.settings.has_lead_lag:
            follower = np.arange(self.settings.n_symbols) >= self.settings.n_sectors
            led = self.sign[day][traits.sector]  # the leader of sector k is symbol k
            direction = np.where(follower & (led != 0.0), led, direction)
        if self.sentiment is not None:
            said = self.sentiment[day]
            direction = np.where(said != 0, said, direction)
        return 0.5 + (self.settings.ceiling - 0.5) * direction
