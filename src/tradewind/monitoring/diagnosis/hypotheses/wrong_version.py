"""Do callers get another version than the registry's champion?"""

from __future__ import annotations

import numpy as np

from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.odds import best_run, usual_rate

KIND = CauseKind.WRONG_MODEL_VERSION
WRONG = 0.99


def weigh(case: Case) -> Weighed:
    """Slices whose served version is not the champion, against how often that was so in the reference."""
    frame = case.frame
    champion = [one.champion for one in frame.slices]
    judged = np.array([c is not None and v is not None for c, v in zip(champion, frame.served, strict=True)])
    if not judged[frame.period].any():
        return Weighed(kind=KIND, known=False, looked="no registry or no served answer says which version is right")
    wrong = np.array([c != v for c, v in zip(champion, frame.served, strict=True)]) & judged
    rate = usual_rate(wrong[frame.usual], judged[frame.usual])
    gain = np.where(judged, np.where(wrong, np.log(WRONG / rate), np.log((1 - WRONG) / (1 - rate))), 0.0)
    own = gain[frame.period]
    best, first, last = best_run(own[:, None])
    if not wrong[frame.period].any():
        return Weighed(kind=KIND, log_odds=float(min(best[0], 0.0)), looked="the champion was served in every slice")
    # An exact comparison of two names is no measurement: no search over starts is paid for.
    begin, end = frame.first + int(first[0]), frame.first + int(last[0])
    version, right = str(frame.served[begin]), str(champion[begin])
    item = Item(
        text=f"{int(wrong[begin : end + 1].sum())} slices were answered by {version} while the champion is {right}",
        numbers={"slices": float(wrong[begin : end + 1].sum())},
    )
    return Weighed(
        kind=KIND,
        log_odds=float(best[0]) + 8.0,
        subject={"version": version},
        first=begin,
        last=end,
        items=(item,),
        looked=f"{version} is served in place of {right}",
        trace=Trace(name="served version is not the champion", unit="1: wrong", values=wrong.astype(np.float64)),
    )
