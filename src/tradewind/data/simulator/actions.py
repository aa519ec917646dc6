"""Corporate actions: when they fall, what they do to the quoted price, and the backward adjustment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.data.corporate_actions import CorporateAction, Dividend, Split
from tradewind.data.simulator.settings import MarketSettings
from tradewind.data.simulator.streams import Stream, stream
from tradewind.data.simulator.traits import YEAR, Traits

FORWARD_SPLIT_FROM = 40.0  # a dearer share is split, a cheaper one is merged, so quotes stay in a usual range
USUAL_RANGE = (5.0, 2000.0)  # outside it, a market that has splits changes its shares ten to one at once
DIVIDEND_FROM = 5.0


@dataclass(frozen=True, kw_only=True, eq=False)
class DayActions:
    """Actions of one session: (S,) ``ratio`` (1 where no split) and (S,) ``cash`` per old share (0 where none)."""

    ratio: FloatArray
    cash: FloatArray


def draw_actions(settings: MarketSettings, traits: Traits, day: int, close: FloatArray) -> DayActions:
    """Draw the actions that take effect on session ``day``, given the closes (S,) of the session before."""
    n = settings.n_symbols
    ratio, cash = np.ones(n), np.zeros(n)
    if settings.splits > 0:
        rng = stream(settings.seed, Stream.ACTIONS, day)
        chance, size = rng.random(n), rng.random(n)
        forward = np.where((size < 0.3) & (close > 60.0), 3.0, 2.0)
        merged = np.where(size < 0.3, 0.25, 0.5)
        ratio = np.where(chance < settings.splits / YEAR, np.where(close >= FORWARD_SPLIT_FROM, forward, merged), 1.0)
        ratio = np.where(close < USUAL_RANGE[0], 0.1, np.where(close > USUAL_RANGE[1], 10.0, ratio))
    if settings.dividends > 0:
        cycle = YEAR / settings.dividends
        turn = np.floor(day / cycle + traits.dividend_phase) - np.floor((day - 1) / cycle + traits.dividend_phase)
        due = (turn > 0) & (close > DIVIDEND_FROM)
        cash = np.where(due, close * settings.dividend_yield / settings.dividends, 0.0)
    return DayActions(ratio=ratio, cash=cash)


def backward_adjusted(close: FloatArray, ratio: FloatArray, cash: FloatArray) -> FloatArray:
    """Adjust one block of closes backward for splits and dividends.

    Parameters
    ----------
    close, ratio, cash : (T, S); quoted closes, new shares per old one and cash per old share at each ex-date.

    Returns
    -------
    (T, S) adjusted closes; equal to ``close`` on the last row. Each close before an ex-date is multiplied by
    ``(1 - cash / previous close) / ratio``, the convention of CRSP and of data vendors.
    """
    factor = np.ones_like(close)
    factor[:-1] = (1.0 - cash[1:] / close[:-1]) / ratio[1:]
    return close * np.cumprod(factor[::-1], axis=0)[::-1]


def list_actions(ratios: FloatArray, cash: FloatArray, traits: Traits, days: list[date]) -> tuple[CorporateAction, ...]:
    """Return the actions (T, S) that a listed symbol went through, by session, then symbol; its first bar has none."""
    found: list[CorporateAction] = []
    for t, i in zip(*np.nonzero((ratios != 1.0) | (cash > 0.0)), strict=True):
        if not traits.entry[i] < t < traits.exit[i]:
            continue
        symbol, ratio, amount = traits.symbols[i], float(ratios[t, i]), float(cash[t, i])
        if ratio != 1.0:
            found.append(Split(symbol=symbol, ex_date=days[t], ratio=ratio))
        if amount > 0.0:  # a record counts per share held on the ex-date, after the split
            found.append(Dividend(symbol=symbol, ex_date=days[t], amount=amount / ratio))
    return tuple(found)
