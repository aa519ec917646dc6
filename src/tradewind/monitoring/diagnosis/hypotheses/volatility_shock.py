"""Did the whole market become more volatile?"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import day_mean
from tradewind.monitoring.diagnosis.odds import shift_odds, usual_of

KIND = CauseKind.VOLATILITY_SHOCK


def log_volatility(case: Case) -> FloatArray:
    """(T,) log of the median absolute return of a slice, each symbol's in its own usual size; NaN without bars.

    The median, so that one symbol's news is no shock of the market.
    """
    returns = np.abs(case.returns)
    size = np.sqrt(day_mean(returns[case.frame.usual] ** 2, axis=0))
    scaled = returns / np.where(size > 0, size, np.nan)
    seen = np.isfinite(scaled).sum(axis=1) >= 3
    out = np.full(len(returns), np.nan)
    out[seen] = np.nanmedian(scaled[seen], axis=1)
    return np.log(np.where(out > 0, out, np.nan))


def weigh(case: Case) -> Weighed:
    """Odds of a rise of the market's volatility by one of the stated ratios."""
    frame = case.frame
    values = log_volatility(case)
    usual = usual_of(values[frame.usual])
    if usual is None:
        return Weighed(kind=KIND, known=False, looked="too few returns in the reference to know the usual volatility")
    change = shift_odds(
        usual, values[frame.period], np.log(case.settings.volatility_ratios), least=case.settings.least_segment
    )
    ratio = float(np.exp(change.effect))
    if change.log_odds <= 0.0:
        now = (
            float(np.exp(np.nanmean(values[frame.period]) - usual.mean))
            if np.isfinite(values[frame.period]).any()
            else float("nan")
        )
        return Weighed(kind=KIND, log_odds=change.log_odds, looked=f"volatility is {now:.2f} times the usual")
    begin, end = frame.first + change.first, frame.first + change.last
    item = Item(
        text=f"the median symbol moves {ratio:.1f} times as much as usual from {frame.moment(begin):%Y-%m-%d}",
        numbers={"ratio": ratio, "z": change.z, "slices": float(end - begin + 1)},
    )
    return Weighed(
        kind=KIND,
        log_odds=change.log_odds,
        first=begin,
        last=end,
        items=(item,),
        looked=f"volatility is {ratio:.1f} times the usual",
        trace=Trace(name="median move of a symbol over its usual one", unit="log ratio", values=values - usual.mean),
    )
