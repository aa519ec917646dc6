"""Critical values from the reference's own windows, so that a stated rate of false alarms holds.

Rows of one day move together and features remember their past, so a window of 20 days holds far fewer independent
values than rows, and the distribution that a textbook gives for independent rows is the wrong one. The right one is
seen in the reference: each of its windows of the same length is compared with the rest of it, a gap of one window
left out on both sides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.monitoring.drift.scores import FAMILIES, FLOOR, Lens, Scores, window_scores
from tradewind.monitoring.drift.settings import DriftSettings
from tradewind.monitoring.drift.tally import FIELDS, Days, Tally

LEAST = 6
"""Windows that must fit into a reference one after the other; with fewer there is no calibrated verdict."""
PARTS = 5
CHUNK = 64
SPREAD = {"missing": 0.25}
"""Least spread of a statistic's logarithm; others 0.05."""
LOWEST = 2.5


@dataclass(frozen=True, kw_only=True, eq=False)
class Calibration:
    """What is usual of windows of ``window`` days that are looked at every ``every`` days.

    Attributes
    ----------
    centre, spread : by name, mean of each statistic's logarithm over the reference's windows and its standard
        deviation, widened for how windows of another time differ; NaN where too few were seen.
    limit : by family, the standard deviations above the mean that its largest statistic passes at the accepted rate.
    looks : windows of the reference that were seen. ``rate`` : false alarms a year of all families together.
    """

    window: int
    every: int
    centre: Mapping[str, FloatArray]
    spread: Mapping[str, FloatArray]
    limit: Mapping[str, float]
    looks: int
    rate: float

    def excess(self, scores: Scores) -> dict[str, FloatArray]:
        """Return how many standard deviations each statistic lies above its mean, as a share of the family's limit.

        Above 1 it is drift. -inf where a statistic is NaN, or was in too much of the reference to be judged.
        """
        found = {}
        for family, limit in self.limit.items():
            for name in FAMILIES[family]:
                found[name] = _standard(scores, name, self.centre[name], self.spread[name]) / limit
        return found

    def critical(self, name: str) -> FloatArray:
        """Return the critical value of statistic ``name``, in its own unit and shape."""
        family = next(key for key, members in FAMILIES.items() if name in members)
        edge = np.exp(self.centre[name] + self.limit[family] * self.spread[name])
        result: FloatArray = edge - FLOOR.get(name, 0.01)
        return result


def calibrate(days: Days, lens: Lens, settings: DriftSettings, *, window: int, every: int) -> Calibration | None:
    """Return what is usual of the reference's own windows; None where fewer than :data:`LEAST` fit into it.

    The largest statistic of a family, in standard deviations, is taken over all looks within one window's length; its
    mean and spread give Gumbel's distribution of a maximum, and the limit is the quantile at which the accepted number
    of alarms a year is expected. Means and spreads that judge a window come from windows that do not overlap it.
    """
    if len(days) < LEAST * window:
        return None
    every = max(1, min(every, window))
    step = max(1, min(every, window // 4))
    ends = np.arange(window, len(days) + 1, step)
    scores = _leave_out(days, lens, ends, window)
    centre, spread = _usual(scores)
    enough = max(LEAST, len(ends) / 2)
    away = {name: _away(values, ends, window, name) for name, values in scores.items()}
    for name, values in away.items():
        wider = _widening(values, enough)
        spread[name] = spread[name] * wider
        away[name] = values / wider
    tops = _tops(away)
    looks = max(1, window // every) if every < window else 1
    width = looks * max(1, every // step) if looks > 1 else 1
    families = _present(tops)
    share = settings.alarms_per_year / len(families)
    chance = -np.expm1(-share * window / settings.days_per_year)
    return Calibration(
        window=window,
        every=every,
        centre=centre,
        spread=spread,
        limit={name: max(LOWEST, gumbel_quantile(_rolling_max(tops[name], width), float(chance))) for name in families},
        looks=len(ends),
        rate=settings.alarms_per_year,
    )


def _leave_out(days: Days, lens: Lens, ends: IntArray, window: int) -> dict[str, FloatArray]:
    """Return the statistics of the windows that end at ``ends`` against all days but them and a gap around them."""
    total, running = days.tally.total(), _running(days.tally)
    parts = []
    for start in range(0, len(ends), CHUNK):
        last = ends[start : start + CHUNK]
        first = last - window
        here = running.at(last) - running.at(first)
        around = running.at(np.minimum(last + window, len(days))) - running.at(np.maximum(first - window, 0))
        parts.append(window_scores(here, total - around, lens))
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _running(tally: Tally) -> Tally:
    def sums(name: str) -> AnyArray:
        values = getattr(tally, name)
        kind = np.float64 if name == "moment" else np.int32
        out = np.zeros((len(values) + 1, *values.shape[1:]), dtype=kind)
        np.cumsum(values, axis=0, out=out[1:], dtype=kind)
        return out

    return Tally(**{name: sums(name) for name in FIELDS})


def _log(values: FloatArray, name: str) -> FloatArray:
    result: FloatArray = np.log(values + FLOOR.get(name, 0.01))
    return result


def _usual(scores: Scores) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return mean and standard deviation of each statistic's logarithm; NaN where it was never seen."""
    centre, spread = {}, {}
    for name, values in scores.items():
        logs = _log(values, name)
        seen = np.isfinite(logs)
        count = seen.sum(axis=0)
        filled = np.where(seen, logs, 0.0)
        mean = filled.sum(axis=0) / np.where(count > 2, count, np.nan)
        square = (np.where(seen, filled - mean, 0.0) ** 2).sum(axis=0) / np.maximum(count - 1, 1)
        centre[name], spread[name] = mean, np.maximum(np.sqrt(square), SPREAD.get(name, 0.05))
    return centre, spread


def _standard(scores: Scores, name: str, centre: FloatArray, spread: FloatArray) -> FloatArray:
    z: FloatArray = (_log(scores[name], name) - centre) / spread
    return np.where(np.isnan(z), -np.inf, z)


def _away(values: FloatArray, ends: IntArray, window: int, name: str) -> FloatArray:
    """Return how many standard deviations each window (W, ...) lies above its mean, both taken from other times.

    The reference is cut into :data:`PARTS`; windows of a part are judged by those that do not overlap it. NaN where
    not seen.
    """
    z = np.full(values.shape, np.nan)
    for part in np.array_split(np.arange(len(ends)), min(PARTS, len(ends))):
        apart = (ends <= ends[part[0]] - window) | (ends >= ends[part[-1]] + window)
        centre, spread = _usual({name: values[apart]})
        z[part] = (_log(values[part], name) - centre[name]) / spread[name]
    return z


def _widening(away: FloatArray, enough: float) -> FloatArray:
    """Return by how much windows of another time spread wider than those of one time: the root mean square, at least 1.

    A feature that looks back for a year, or changes by its nature, differs more from one time to the next than within
    each; it is given that room. NaN where fewer than ``enough`` windows were seen: it cannot be judged.
    """
    seen = np.isfinite(away)
    count = seen.sum(axis=0)
    square = (np.where(seen, away, 0.0) ** 2).sum(axis=0) / np.maximum(count, 1)
    wider: FloatArray = np.where(count >= enough - 1e-9, np.maximum(np.sqrt(square), 1.0), np.nan)
    return wider


def _tops(away: Scores) -> dict[str, FloatArray]:
    """Return each family's largest statistic of every window."""
    tops = {}
    for family, names in FAMILIES.items():
        parts = [away[name].reshape(len(away[name]), -1) for name in names]
        whole = np.concatenate(parts, axis=1)
        tops[family] = np.where(np.isnan(whole), -np.inf, whole).max(axis=1, initial=-np.inf)
    return tops


def _present(tops: Mapping[str, FloatArray]) -> list[str]:
    return [name for name, values in tops.items() if np.isfinite(values).any()]


def _rolling_max(values: FloatArray, width: int) -> FloatArray:
    if width <= 1 or len(values) < width:
        return values
    longest: FloatArray = np.lib.stride_tricks.sliding_window_view(values, width).max(axis=1)
    return longest


def gumbel_quantile(values: FloatArray, chance: float) -> float:
    """Return the value that Gumbel's distribution with the mean and spread of ``values`` passes with ``chance``."""
    seen = values[np.isfinite(values)]
    beta = float(seen.std()) * np.sqrt(6) / np.pi
    mode = float(seen.mean()) - np.euler_gamma * beta
    return float(mode - beta * np.log(-np.log1p(-chance)))
