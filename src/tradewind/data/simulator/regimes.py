"""The hidden Markov chain of regimes, and what an observer can infer of it."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.data.simulator.settings import MarketKind, MarketSettings
from tradewind.data.simulator.streams import Stream, stream


class Regime(IntEnum):
    """The rule that is in force; the codes of ``SimulatedMarket.regime``."""

    RANDOM_WALK = 0
    MOMENTUM = 1
    REVERSAL = 2


FIXED = {MarketKind.MOMENTUM: Regime.MOMENTUM, MarketKind.REVERSAL: Regime.REVERSAL}


def draw_regimes(settings: MarketSettings) -> IntArray:
    """(T,) regime of each session, in force for the move to the next one; the whole market shares it."""
    if settings.kind is not MarketKind.REGIMES:
        return np.full(settings.n_days, FIXED.get(settings.kind, Regime.RANDOM_WALK), dtype=np.int64)
    out = np.empty(settings.n_days, dtype=np.int64)
    state = int(stream(settings.seed, Stream.REGIMES).integers(3))
    for day in range(settings.n_days):
        leave, step = stream(settings.seed, Stream.REGIMES, day + 1).random(2)
        if leave < 1.0 / settings.regime_length:
            state = (state + 1 + int(step * 2)) % 3
        out[day] = state
    return out


def transition(settings: MarketSettings) -> FloatArray:
    """(3, 3) probability to go from a regime (row) to another (column) in one session."""
    leave = 1.0 / settings.regime_length
    return np.full((3, 3), leave / 2.0) + np.eye(3) * (1.0 - 1.5 * leave)


def observer_probability(
    by_regime: FloatArray, rise: BoolArray, seen: BoolArray, settings: MarketSettings
) -> FloatArray:
    """Forward filter of the hidden chain (Hamilton 1989; Rabiner 1989) over the signs of all symbols.

    Parameters
    ----------
    by_regime : (3, T, S) probability of a rise of the next bar in each regime, given what is known at the row.
    rise : (T, S) True where the move *into* the row was up.
    seen : (T, S) True where that move was observed.
    settings : gives the chain, which the observer knows.

    Returns
    -------
    (T, S) probability of a rise for an observer who knows every rule, but not which one is in force.
    Signs are taken as independent given the regime: exact at ``factor_share`` 0, else a good, not the best, filter.
    """
    move = transition(settings)
    belief = np.full(3, 1.0 / 3.0)
    out = np.empty(rise.shape)
    safe = np.clip(by_regime, 1e-9, 1.0 - 1e-9)
    for day in range(len(rise)):
        if day > 0:
            before = safe[:, day - 1]
            chance = np.where(rise[day], before, 1.0 - before)
            weight = np.log(belief) + np.log(chance[:, seen[day]]).sum(axis=1)
            belief = np.exp(weight - weight.max())
            belief = (belief / belief.sum()) @ move
        out[day] = belief @ by_regime[:, day]
    return out
