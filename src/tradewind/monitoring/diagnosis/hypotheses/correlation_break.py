"""Do symbols move together more, or less, than they did, while they move no further?"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import day_mean
from tradewind.monitoring.diagnosis.odds import shift_odds, usual_of

KIND = CauseKind.CORRELATION_BREAK
LOST = np.array([0.5, 0.75, 1.0])
"""Shares of the usual correlation that a break takes away; a rise is by the settings' steps."""
FLOOR = 0.2
"""What is left of the usual value where nothing is shared any more: the own moves of few symbols do not cancel."""


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
    known = np.isfinite(values[frame.usual])
    root = np.sqrt(values)  # one slice's value is skewed like a chi-square; its root is nearly not
    usual = usual_of(root[frame.usual])
    if usual is None:
        return Weighed(kind=KIND, known=False, looked="too few returns in the reference to know usual correlations")
    level = float(values[frame.usual][known].mean())
    up = np.sqrt(level + np.array(case.settings.correlation_steps)) - np.sqrt(level)
    down = -usual.mean * (1.0 - np.sqrt(np.maximum(1.0 - LOST * (1.0 - FLOOR), FLOOR)))
    change = shift_odds(
        usual, root[frame.period], np.concatenate([up, down]), least=max(case.settings.least_segment, 5)
    )
    if change.log_odds <= 0.0:
        return Weighed(
            kind=KIND,
            log_odds=change.log_odds,
            looked=f"mean correlation is {np.nanmean(values[frame.period]):.2f}, usually {level:.2f}"
            if np.isfinite(values[frame.period]).any()
            else "no returns to correlate",
        )
    begin, end = frame.first + change.first, frame.first + change.last
    now = float(np.nanmean(values[begin : end + 1]))
    item = Item(
        text=f"mean correlation of symbols went from {level:.2f} to {now:.2f} on {frame.moment(begin):%Y-%m-%d}",
        numbers={"usual": level, "now": now, "z": change.z},
    )
    return Weighed(
        kind=KIND,
        log_odds=change.log_odds,
        first=begin,
        last=end,
        items=(item,),
        looked=f"mean correlation is {now:.2f}, usually {level:.2f}",
        trace=Trace(name="how much symbols move together", unit="mean correlation", values=values),
    )
