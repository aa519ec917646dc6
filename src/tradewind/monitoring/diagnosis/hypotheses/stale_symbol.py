"""Does a symbol stand still? Its bar is repeated exactly, or it alone sends none."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import BoolArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import Frame
from tradewind.monitoring.diagnosis.odds import best_run, usual_rate

KIND = CauseKind.STALE_SYMBOL
STUCK = 0.97
"""Share of slices in which a stale symbol repeats its bar."""


def repeats(frame: Frame) -> BoolArray:
    """(T, S) True where close and adjusted close are those of the bar before and the rest moves no more than they do.

    Either the whole bar is the same again, or it has no range; a close that ends a real day where the day before ended
    is neither.
    """
    same = {name: frame.fields[name] == frame.level_before(name) for name in ("open", "high", "low", "close", "volume")}
    flat = frame.fields["high"] == frame.fields["low"]
    whole = same["open"] & same["high"] & same["low"]
    stuck = same["close"] & (whole | flat)
    return np.asarray(stuck & frame.arrived, dtype=bool)


def weigh(case: Case) -> Weighed:
    """Run of repeated (or missing) bars of one symbol, against how often bars repeat in the reference."""
    frame = case.frame
    feed_at_fault = case.said.get(CauseKind.FEED_STOPS)
    missing = frame.expected & ~frame.arrived
    still = (repeats(frame) | missing) & ~case.blamed
    counted = frame.expected & ~case.blamed
    rate = usual_rate(still[frame.usual], counted[frame.usual])
    repeated, moved = float(np.log(STUCK / rate)), float(np.log((1 - STUCK) / (1 - rate)))
    gain = np.asarray(np.where(still, repeated, moved) * counted, dtype=np.float64)
    own = gain[frame.period]
    best, first, last = best_run(own)
    odds = best - np.log(own.shape[1] * len(own) * 2.0)
    top = int(odds.argmax())
    symbol = str(frame.symbols[top])
    if odds[top] <= 0.0:
        note = " (beside the feed that stopped)" if feed_at_fault and feed_at_fault.log_odds > 0 else ""
        return Weighed(kind=KIND, log_odds=float(odds[top]), looked=f"no symbol repeats its bars more than usual{note}")
    begin, end = frame.first + int(first[top]), frame.first + int(last[top])
    runs = int(still[begin : end + 1, top].sum())
    gone = int(missing[begin : end + 1, top].sum())
    item = Item(
        text=f"{symbol}: {runs} of {end - begin + 1} bars in a row are the bar before again"
        + (f" or absent ({gone})" if gone else "")
        + f"; in the reference that happens to {rate:.2%} of bars",
        numbers={"slices": float(runs), "usual_rate": rate},
    )
    blamed = np.zeros(still.shape, dtype=bool)
    stuck = odds > 0.0
    blamed[frame.period] = still[frame.period] & stuck[None, :]
    blamed[min(end + 1, len(frame) - 1), top] = True  # the first move after it is that of several days
    return Weighed(
        kind=KIND,
        log_odds=float(odds[top]),
        subject={"symbol": symbol},
        first=begin,
        last=end,
        items=(item,),
        looked=f"{symbol} stands still",
        blamed=blamed,
        trace=Trace(name=f"bars of {symbol} that repeat", unit="1: repeated", values=still[:, top].astype(np.float64)),
    )
