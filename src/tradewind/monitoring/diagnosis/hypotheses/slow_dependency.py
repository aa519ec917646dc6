"""Which dependency makes the service slow?"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.odds import Change, mixture, shift_odds, usual_of

KIND = CauseKind.SLOW_DEPENDENCY
RATIOS = np.log(np.array([2.0, 4.0, 10.0]))


def weigh(case: Case) -> Weighed:
    """Odds of a lasting rise of a dependency's p99 beyond the middle one of all, averaged over dependencies."""
    frame = case.frame
    names = sorted({name for one in frame.slices if one.service for name in one.service.dependencies})
    if not names:
        return Weighed(kind=KIND, known=False, looked="the slices hold no times of dependencies")
    seconds = np.array([[_seconds(case, t, name) for name in names] for t in range(len(frame))])
    logs = np.log(np.where(seconds > 0, seconds, np.nan))
    changes = [_change(case, logs[:, k]) for k in range(len(names))]
    odds = np.array([one.log_odds for one in changes])
    usual = np.array([np.nanmedian(seconds[frame.usual, k]) for k in range(len(names))])
    excess = usual * (np.exp([max(one.effect, 0.0) for one in changes]) - 1.0)
    strong = odds > 3.0
    top = int(np.where(strong, excess, -1.0).argmax()) if strong.any() else int(odds.argmax())
    total = mixture(odds)
    if total <= 0.0:
        return Weighed(kind=KIND, log_odds=total, looked=f"{len(names)} dependencies answer as fast as usual")
    begin, end = frame.first + changes[top].first, frame.first + changes[top].last
    share = excess[top] / max(float(excess[strong].sum() if strong.any() else excess[top]), 1e-12)
    items = (
        Item(
            text=f"p99 of {names[top]} is {np.exp(changes[top].effect):.1f} times its {1000 * usual[top]:.1f} ms; "
            f"it accounts for {share:.0%} of the seconds added",
            numbers={"ratio": float(np.exp(changes[top].effect)), "usual_seconds": float(usual[top]), "share": share},
        ),
    )
    return Weighed(
        kind=KIND,
        log_odds=total,
        subject={"dependency": names[top]},
        first=begin,
        last=end,
        items=items,
        looked=f"{names[top]} is slow",
        trace=Trace(name=f"p99 of {names[top]}", unit="seconds", values=seconds[:, top]),
    )


def _seconds(case: Case, row: int, name: str) -> float:
    service = case.frame.slices[row].service
    return float(service.dependencies.get(name, np.nan)) if service else float("nan")


def _change(case: Case, values: FloatArray) -> Change:
    frame = case.frame
    return shift_odds(usual_of(values[frame.usual]), values[frame.period], RATIOS, least=1)
