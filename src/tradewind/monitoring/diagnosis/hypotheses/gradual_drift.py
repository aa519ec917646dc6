"""Does something move slowly away: a feature's mean, or the relation between forecast and outcome?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import day_mean
from tradewind.monitoring.diagnosis.odds import Change, mixture, ramp_odds, shift_odds, usual_of

KIND = CauseKind.GRADUAL_DRIFT
LEAST_DAYS = 10


@dataclass(frozen=True, kw_only=True, eq=False)
class Slow:
    """A slow move: its odds after those of a sudden one were taken off, the change, and the series."""

    log_odds: float
    change: Change
    values: FloatArray


def weigh(case: Case) -> Weighed:
    """Odds of a straight slow move against none, less what a sudden move would explain as well."""
    frame = case.frame
    days = len(frame) - frame.first
    if days < LEAST_DAYS:
        return Weighed(
            kind=KIND, known=False, looked=f"{days} slices are too few to tell a slow move from a sudden one"
        )
    wrong = _slow(case, day_mean(np.where(case.tainted, np.nan, frame.wrong)), case.settings.accuracy_steps, both=False)
    features = _features(case)
    odds = np.array([one.log_odds for one in features])
    moved = mixture(odds) if len(odds) else 0.0
    total = float(max(moved, 0.0) + max(wrong.log_odds, 0.0))
    if total <= 0.0:
        return Weighed(
            kind=KIND,
            log_odds=float(max(moved, wrong.log_odds)),
            looked=f"accuracy and the means of {len(features)} features show no slow move",
        )
    items, subject, main = [], {}, wrong
    if moved > 0.0:
        top = int(odds.argmax())
        main = features[top] if odds[top] > wrong.log_odds else wrong
        subject = {"feature": frame.names[top]}
        items.append(
            Item(
                text=f"mean of {frame.names[top]} moved slowly by {features[top].change.effect:+.2f} of its spread",
                numbers={"move": features[top].change.effect, "z": features[top].change.z},
            )
        )
    if wrong.log_odds > 0.0:
        items.append(
            Item(
                text=f"the share of wrong directions grew slowly by {100 * wrong.change.effect:.0f} points",
                numbers={"rise": wrong.change.effect, "z": wrong.change.z},
            )
        )
    name = f"mean of {subject['feature']}" if main is not wrong else "wrong directions"
    return Weighed(
        kind=KIND,
        log_odds=total,
        subject=subject,
        first=frame.first + main.change.first,
        last=frame.first + main.change.last,
        items=tuple(items),
        looked="a slow move is under way",
        trace=Trace(name=name, unit="spread" if main is not wrong else "share", values=main.values),
    )


def _slow(case: Case, values: FloatArray, sizes: tuple[float, ...], *, both: bool) -> Slow:
    frame = case.frame
    usual = usual_of(values[frame.usual])
    steps = np.array(sizes)
    steps = np.concatenate([steps, -steps]) if both else steps
    ramp = ramp_odds(usual, values[frame.period], steps, least=LEAST_DAYS)
    step = shift_odds(usual, values[frame.period], steps)
    return Slow(log_odds=ramp.log_odds - max(step.log_odds, 0.0), change=ramp, values=values)


def _features(case: Case) -> list[Slow]:
    """One for each feature: its daily mean over symbols, in units of its spread in the reference."""
    frame = case.frame
    values = np.where(case.tainted[:, :, None], np.nan, frame.features.astype(np.float64))
    out = []
    for k in range(len(frame.names)):
        own = values[:, :, k]
        usual = own[frame.usual]
        usual = usual[np.isfinite(usual)]
        spread = float(np.subtract(*np.quantile(usual, [0.75, 0.25]))) / 1.349 if len(usual) else 0.0
        if spread <= 0.0:
            out.append(Slow(log_odds=0.0, change=ramp_odds(None, own[:, 0], np.zeros(1)), values=own[:, 0]))
            continue
        out.append(_slow(case, day_mean(own) / spread, case.settings.feature_steps, both=True))
    return out
