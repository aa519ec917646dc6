"""How strongly numbers speak for a change: likelihood ratios against chance, averaged over what is not known.

A cause leaves open when it began, how long it lasted and how large it is. The odds are averaged over all of these
(Kass and Raftery 1995, "Bayes factors"), so that a search over many starts pays for itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from tradewind.core.arrays import BoolArray, FloatArray

CLIP = 4.0
"""Standard deviations at which one day's value is cut: a single wild day is not a lasting change."""
TINY = 1e-12


@dataclass(frozen=True, kw_only=True)
class Usual:
    """Level, spread of one day, and how many times the variance of a mean exceeds that of independent days."""

    mean: float
    deviation: float
    inflation: float
    n: int


@dataclass(frozen=True, kw_only=True)
class Change:
    """Odds of a change: log Bayes factor, first and last day (indices of the period), mean there less the usual."""

    log_odds: float
    first: int
    last: int
    effect: float
    z: float


NOTHING = Change(log_odds=0.0, first=0, last=0, effect=0.0, z=0.0)


def usual_of(values: FloatArray) -> Usual | None:
    """Return the usual level of (n,) daily ``values``, None under 10 finite ones or where they do not move.

    The variance of a mean of dependent days follows Newey and West (1987) with Bartlett weights; the mean and the
    deviation are those of values cut at four robust deviations, so that an old incident does not hide a new one.
    """
    known = values[np.isfinite(values)]
    if len(known) < 10:
        return None
    middle = float(np.median(known))
    robust = 1.4826 * float(np.median(np.abs(known - middle)))
    scale = robust if robust > TINY else float(known.std())
    if scale <= TINY * (1.0 + abs(middle)):
        return None
    cut = np.clip(known, middle - CLIP * scale, middle + CLIP * scale)
    centred = cut - cut.mean()
    variance = float(centred @ centred) / len(cut)
    lags = min(int(8 * (len(cut) / 100.0) ** (2.0 / 9.0)), len(cut) // 4)
    total = variance
    for lag in range(1, lags + 1):
        total += 2.0 * (1.0 - lag / (lags + 1.0)) * float(centred[lag:] @ centred[:-lag]) / len(cut)
    return Usual(mean=float(cut.mean()), deviation=variance**0.5, inflation=max(total / variance, 1.0), n=len(cut))


def shift_odds(usual: Usual | None, period: FloatArray, steps: FloatArray, *, least: int = 3) -> Change:
    """Odds that (t,) ``period`` left its usual level by one of ``steps`` for a stretch of at least ``least`` days.

    Half of the prior lies on stretches that last to the end, half on all others, alike within each. NaN days count
    for nothing. No stretch to look at: odds of one.
    """
    t = len(period)
    if usual is None or t < least:
        return NOTHING
    u = np.clip((period - usual.mean) / usual.deviation, -CLIP - 1.0, CLIP + 1.0)
    known = np.isfinite(u)
    sums = np.concatenate([[0.0], np.cumsum(np.where(known, u, 0.0))])
    counts = np.concatenate([[0.0], np.cumsum(known.astype(np.float64))])
    first, last = np.nonzero(np.triu(np.ones((t, t), dtype=bool), least - 1))
    n = counts[last + 1] - counts[first]
    good = n >= least
    if not good.any():
        return NOTHING
    first, last, n = first[good], last[good], n[good]
    mean = (sums[last + 1] - sums[first]) / n
    variance = usual.inflation * (1.0 / n + 1.0 / usual.n)
    sizes = np.asarray(steps, dtype=np.float64)[:, None] / usual.deviation
    sizes = np.sign(sizes) * np.minimum(np.abs(sizes), CLIP)  # values are cut: a larger step looks like this one
    fit = logsumexp((mean * sizes - 0.5 * sizes**2) / variance, axis=0) - np.log(len(sizes))
    to_end = last == t - 1
    prior = np.where(to_end, 0.5 / max(to_end.sum(), 1), 0.5 / max((~to_end).sum(), 1))
    joint = fit + np.log(prior)
    best = int(joint.argmax())
    return Change(
        log_odds=float(logsumexp(joint)),
        first=int(first[best]),
        last=int(last[best]),
        effect=float(mean[best] * usual.deviation),
        z=float(mean[best] / variance[best] ** 0.5),
    )


def ramp_odds(usual: Usual | None, period: FloatArray, steps: FloatArray, *, least: int = 10) -> Change:
    """Odds that (t,) ``period`` moved slowly from its usual level to one of ``steps`` at its end.

    A straight way from some day to the end of the period, averaged over its first days and over ``steps``, which are
    reached on the last day. At least ``least`` days; ``effect`` is the move by the last day.
    """
    t = len(period)
    if usual is None or t < least:
        return NOTHING
    u = np.clip((period - usual.mean) / usual.deviation, -2 * CLIP, 2 * CLIP)
    known = np.isfinite(u)
    u = np.where(known, u, 0.0)
    starts = np.arange(0, t - least + 1)
    day = np.arange(t)
    way = np.clip((day[None, :] - starts[:, None] + 1.0) / (t - starts)[:, None], 0.0, 1.0) * known
    square, dot = (way**2).sum(axis=1), way @ u
    slope = dot / np.maximum(square, TINY)
    sizes = np.asarray(steps, dtype=np.float64)[:, None] / usual.deviation
    sizes = np.sign(sizes) * np.minimum(np.abs(sizes), 2 * CLIP)
    fit = logsumexp((dot * sizes - 0.5 * square * sizes**2) / usual.inflation, axis=0) - np.log(len(sizes))
    joint = fit - np.log(len(starts))
    best = int(joint.argmax())
    return Change(
        log_odds=float(logsumexp(joint)),
        first=int(starts[best]),
        last=t - 1,
        effect=float(slope[best] * usual.deviation),
        z=float(slope[best] * (square[best] / usual.inflation) ** 0.5),
    )


def best_run(gain: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the largest sum of a run of days of (t, k) ``gain``, with its first and last day: (k,) each.

    Kadane's recursion, all columns at once; a column without a positive day has its least bad day.
    """
    t, k = gain.shape
    best, running = np.full(k, -np.inf), np.full(k, -np.inf)
    begin, first, last = np.zeros(k), np.zeros(k), np.zeros(k)
    for day in range(t):
        fresh = running <= 0.0
        running = np.where(fresh, 0.0, running) + gain[day]
        begin = np.where(fresh, day, begin)
        better = running > best
        best = np.where(better, running, best)
        first, last = np.where(better, begin, first), np.where(better, day, last)
    return best, first, last


def usual_rate(events: BoolArray | FloatArray, trials: BoolArray | FloatArray, *, prior: float = 0.5) -> float:
    """Share of ``events`` among ``trials`` in the reference, with ``prior`` events and as many misses added."""
    return (float(np.sum(events)) + prior) / (float(np.sum(trials)) + 2.0 * prior)


def mixture(log_odds: FloatArray) -> float:
    """Odds that one of several, each as likely as the others beforehand, holds: the mean of their odds, as a log."""
    return float(logsumexp(log_odds) - np.log(len(log_odds))) if len(log_odds) else 0.0
