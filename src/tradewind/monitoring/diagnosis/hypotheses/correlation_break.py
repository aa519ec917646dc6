"""Do symbols move together more, or less, than they did, while they move no further?"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import day_mean
from tradewind.monitoring.diagnosis.odds import shift_odds, usual_of

KIND = CauseKind.CORRELATION_BREAK


def togetherness(case: Case) -> FloatArray:
    """(T,) squared mean of the scaled returns of a slice over their mean square: in [0, 1], of mean near the
    average correlation; free of the market's volatility. NaN under three returns."""
    returns = case.returns
    size = np.sqrt(day_mean(returns[case.frame.usual] ** 2, axis=0))
    scaled = returns / np.where(size > 0, size, np.nan)
    square = day_mean(scaled**2)
    enough = (np.isfinite(scaled).sum(axis=1) >= 3) & (square > 0)
    return np.where(enough, day_mean(scaled) ** 2 / np.where(enough, square, 1.0), np.nan)


def weigh(case: Case) -> Weighed:
    """Odds of a move of the mean correlation, up or down, by one of the stated steps."""
    frame = case.frame
    values = togetherness(case)
    usual = usual_of(values[frame.usual])
    if usual is None:
        return Weighed(kind=KIND, known=False, looked="too few returns in the reference to know usual correlations")
    steps = np.array(case.settings.correlation_steps)
    change = shift_odds(
        usual, values[frame.period], np.concatenate([steps, -steps]), least=max(case.settings.least_segment, 5)
    )
    if change.log_odds <= 0.0:
        return Weighed(
            kind=KIND,
            log_odds=change.log_odds,
            looked=f"mean correlation is {np.nanmean(values[frame.period]):.2f}, usually {usual.mean:.2f}"
            if np.isfinite(values[frame.period]).any()
            else "no returns to correlate",
        )
    begin, end = frame.first + change.first, frame.first + change.last
    now = usual.mean + change.effect
    item = Item(
        text=f"mean correlation of symbols went from {usual.mean:.2f} to {now:.2f} on {frame.moment(begin):%Y-%m-%d}",
        numbers={"usual": usual.mean, "now": now, "z": change.z},
    )
    return Weighed(
        kind=KIND,
        log_odds=change.log_odds,
        first=begin,
        last=end,
        items=(item,),
        looked=f"mean correlation is {now:.2f}, usually {usual.mean:.2f}",
        trace=Trace(name="how much symbols move together", unit="mean correlation", values=values),
    )
