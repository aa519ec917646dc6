"""Does something move slowly away: a feature's mean, or the relation between forecast and outcome?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import day_mean
from tradewind.monitoring.diagnosis.odds import Change, Usual, mixture, ramp_odds, shift_odds, usual_of

KIND = CauseKind.GRADUAL_DRIFT
LEAST_DAYS = 10
MOST_BY_FEATURES = 4.0
"""Log odds that moved features can add: features of prices wander, and a model may still be right."""
SPAN = 30
"""Slices of the reference's own windows, whose means tell how far a feature wanders by itself."""


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
    wrong = _lost(case)
    features = _features(case)
    odds = np.array([one.log_odds for one in features])
    moved = min(mixture(odds), MOST_BY_FEATURES) if len(odds) else 0.0
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


def _everywhere(case: Case, values: FloatArray) -> FloatArray:
    """(T,) median over sectors of their means of (T, S) ``values``: what a few symbols or sectors do is no drift."""
    sectors = case.frame.sectors
    names = [name for name in sorted(set(sectors.tolist())) if (sectors == name).sum() >= 2]
    if len(names) < 3:
        return day_mean(values)
    means = np.stack([day_mean(values[:, sectors == name]) for name in names], axis=1)
    out = np.full(len(means), np.nan)
    known = np.isfinite(means).any(axis=1)
    out[known] = np.nanmedian(means[known], axis=1)
    return out


def _lost(case: Case) -> Slow:
    """Accuracy that fell everywhere: slowly, or before the period began, and that no other cause explains."""
    frame = case.frame
    values = _everywhere(case, np.where(case.tainted, np.nan, frame.wrong))
    usual, steps = usual_of(values[frame.usual]), np.array(case.settings.accuracy_steps)
    ramp = ramp_odds(usual, values[frame.period], steps, least=LEAST_DAYS)
    level = shift_odds(usual, values[frame.period], steps, least=LEAST_DAYS)
    best = ramp if ramp.log_odds >= level.log_odds else level
    return Slow(log_odds=best.log_odds, change=best, values=values)


def _features(case: Case) -> list[Slow]:
    """One for each feature: its daily mean over symbols, in units of its spread in the reference."""
    frame = case.frame
    values = np.where(case.tainted[:, :, None], np.nan, frame.features.astype(np.float64))
    steps = np.concatenate([case.settings.feature_steps, [-step for step in case.settings.feature_steps]])
    out = []
    for k in range(len(frame.names)):
        own = values[:, :, k]
        usual = own[frame.usual]
        usual = usual[np.isfinite(usual)]
        spread = float(np.subtract(*np.quantile(usual, [0.75, 0.25]))) / 1.349 if len(usual) else 0.0
        if spread <= 0.0:
            out.append(Slow(log_odds=0.0, change=ramp_odds(None, own[:, 0], np.zeros(1)), values=own[:, 0]))
            continue
        series = _everywhere(case, own) / spread
        wanders = _wandering(usual_of(series[frame.usual]), series[frame.usual])
        ramp = ramp_odds(wanders, series[frame.period], steps, least=LEAST_DAYS)
        step = shift_odds(wanders, series[frame.period], steps)
        out.append(Slow(log_odds=ramp.log_odds - max(step.log_odds, 0.0), change=ramp, values=series))
    return out


def _wandering(usual: Usual | None, series: FloatArray) -> Usual | None:
    """Return ``usual`` with the variance of means that windows of the reference show, twice: there are few of them."""
    if usual is None or len(series) < 2 * SPAN:
        return usual
    known = np.isfinite(series)
    sums = np.cumsum(np.concatenate([[0.0], np.where(known, series - usual.mean, 0.0)]))
    counts = np.cumsum(np.concatenate([[0.0], known.astype(np.float64)]))
    n = counts[SPAN:] - counts[:-SPAN]
    means = (sums[SPAN:] - sums[:-SPAN]) / np.maximum(n, 1.0)
    seen = float(np.mean(means[n >= SPAN / 2] ** 2)) if (n >= SPAN / 2).any() else 0.0
    return replace(usual, inflation=max(usual.inflation, 2.0 * seen * SPAN / usual.deviation**2))
