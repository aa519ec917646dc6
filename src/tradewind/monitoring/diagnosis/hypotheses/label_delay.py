"""Do labels come later than usual? Days whose labels are due and have not come."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.odds import best_run, usual_rate

KIND = CauseKind.LABEL_DELAY
LATE = 0.95
"""Share of days that are late while labels are delayed."""


def weigh(case: Case) -> Weighed:
    """Run of days most of whose labels came after the usual delay, against how often that happens in the reference."""
    frame = case.frame
    came = frame.labels[2]
    arrived = came >= 0
    rows = np.arange(len(frame))[:, None]
    delay = np.where(arrived, came - rows, 0)
    early = delay[frame.usual][arrived[frame.usual]]
    if len(early) < 20:
        return Weighed(kind=KIND, known=False, looked="too few labels came in the reference to know their usual delay")
    usual = int(np.ceil(np.quantile(early, 0.9)))
    due = np.isfinite(frame.probability) & (rows + usual < len(frame)) & ~case.blamed & _has_next(case)
    late = due & (~arrived | (delay > usual))
    n = due.sum(axis=1)
    share = np.where(n > 0, late.sum(axis=1) / np.maximum(n, 1), np.nan)
    bad = share > 0.5
    rate = max(usual_rate(bad[frame.usual], (n > 0)[frame.usual]), 1e-3)
    gain = np.where(n == 0, 0.0, np.where(bad, np.log(LATE / rate), np.log((1 - LATE) / (1 - rate))))
    return _say(case, gain, share, usual)


def _say(case: Case, gain: FloatArray, share: FloatArray, usual: int) -> Weighed:
    frame = case.frame
    own = gain[frame.period]
    best, first, last = best_run(own[:, None])
    odds = float(best[0] - np.log(2.0 * len(own)))
    plural = "slice" if usual == 1 else "slices"
    if odds <= 0.0:
        return Weighed(kind=KIND, log_odds=odds, looked=f"labels came within {usual} {plural}, as usual")
    begin, end = frame.first + int(first[0]), frame.first + int(last[0])
    shown = min(begin + usual, len(frame) - 1)
    came = frame.labels[2][begin : end + 1]
    seen = came >= 0
    waits = (came - np.arange(begin, end + 1)[:, None])[seen]
    how = f"those that came took {np.median(waits):.0f} slices" if len(waits) else "none has come"
    item = Item(
        text=f"labels of {end - begin + 1} days are late: {how}, where {usual} is usual",
        numbers={
            "days": float(end - begin + 1),
            "median_delay": float(np.median(waits)) if len(waits) else float("nan"),
            "usual_delay": float(usual),
        },
    )
    return Weighed(
        kind=KIND,
        log_odds=odds,
        subject={"feed": "labels"},
        first=shown,
        last=min(end + usual, len(frame) - 1),
        items=(item,),
        looked="labels come later than usual",
        trace=Trace(name="labels of a day that came late or not at all", unit="share", values=share),
    )


def _has_next(case: Case) -> BoolArray:
    """(T, S) True where the symbol's next bar came: a label without the bar that ends it cannot be late."""
    arrived = case.frame.arrived & ~case.blamed
    return np.vstack([arrived[1:], np.zeros((1, arrived.shape[1]), dtype=bool)])
