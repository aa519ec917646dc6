"""How much of the teacher's skill the student keeps, with intervals that redraw days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, TimeArray
from tradewind.evaluation import BootstrapSettings, Interval
from tradewind.evaluation.bootstrap import day_weights, interval
from tradewind.evaluation.days import correlation_within, day_codes, day_sums, ratio

GOAL = 0.94
MIN_SYMBOLS = 5


@dataclass(frozen=True, kw_only=True)
class Kept:
    """One measure of skill above chance.

    Attributes
    ----------
    measure : accuracy and balanced accuracy less 0.5, AUC less 0.5, or IC (mean daily cross-section correlation of
        log odds and return; NaN where no day has 5 symbols).
    teacher, student : skill, 0 is chance.
    share : student over teacher.
    meaningful : the teacher's interval lies above 0; else the share is a ratio of noise.
    """

    measure: str
    teacher: Interval
    student: Interval
    share: Interval
    meaningful: bool

    @property
    def words(self) -> str:
        """One plain sentence."""
        t = self.teacher
        own = f"{t.value:.4f} ({t.lower:.4f} to {t.upper:.4f})"
        if not np.isfinite(t.value):
            return f"{self.measure}: cannot be measured on these rows."
        if not self.meaningful:
            return (
                f"{self.measure}: the teacher's own skill {own} lies within its error of zero; no share means anything."
            )
        s = self.share
        goal = "reaches" if s.value >= GOAL else "misses"
        doubt = ", but the interval leaves that open" if s.lower < GOAL <= s.upper else ""
        return (
            f"{self.measure}: the student keeps {s.value:.1%} ({s.lower:.1%} to {s.upper:.1%}) of the teacher's skill "
            f"{own}; it {goal} the goal of {GOAL:.0%}{doubt}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {**asdict(self), "words": self.words}


def skill_kept(
    probabilities: tuple[FloatArray, FloatArray],
    odds: tuple[FloatArray, FloatArray],
    facts: tuple[FloatArray, FloatArray, TimeArray],
    settings: BootstrapSettings,
) -> tuple[Kept, ...]:
    """Measure the skill of teacher and student on the same (m,) rows.

    Parameters
    ----------
    probabilities, odds : of teacher and student, finite.
    facts : direction (NaN where there is none), forward return (NaN where not known) and time.
    """
    direction, returns, time = facts
    labelled = ~np.isnan(direction)
    rose = direction[labelled] > 0.5
    code, days = day_codes(time[labelled])
    sides = [probability[labelled] > 0.5 for probability in probabilities]
    hits = [(side == rose).astype(np.float64) for side in sides]
    up, down = rose.astype(np.float64), (~rose).astype(np.float64)
    found = [
        _from_sums("accuracy over 50 %", [day_sums(_columns(hit, np.ones(len(hit))), code, len(days)) for hit in hits],
                   lambda t: ratio(t[..., 0], t[..., 1]) - 0.5, settings),
        _from_sums("balanced accuracy over 50 %",
                   [day_sums(_columns(hit * up, up, hit * down, down), code, len(days)) for hit in hits],
                   lambda t: (ratio(t[..., 0], t[..., 1]) + ratio(t[..., 2], t[..., 3])) / 2 - 0.5, settings),
        _auc([one[labelled] for one in odds], rose, code, settings),
        _ic(odds, returns, time, settings),
    ]  # fmt: skip
    return tuple(found)


def _columns(*parts: FloatArray) -> FloatArray:
    return np.stack(parts, axis=1)


def _from_sums(measure: str, sums: Sequence[FloatArray], statistic: Any, settings: BootstrapSettings) -> Kept:
    """Build from (D, k) daily sums of teacher and student, redrawn together."""
    if not len(sums[0]):
        return _kept(measure, [float("nan")] * 2, [np.empty(0)] * 2, settings)
    weights = day_weights(len(sums[0]), settings)
    values = [float(statistic(one.sum(axis=0))) for one in sums]
    return _kept(measure, values, [statistic(weights @ one) for one in sums], settings)


def _kept(measure: str, values: Sequence[float], draws: Sequence[AnyArray], settings: BootstrapSettings) -> Kept:
    teacher, student = (interval(value, draw, settings.level) for value, draw in zip(values, draws, strict=True))
    share = float(ratio(np.array(values[1]), np.array(values[0])))
    return Kept(
        measure=measure,
        teacher=teacher,
        student=student,
        share=interval(share, ratio(draws[1], draws[0]), settings.level),
        meaningful=bool(teacher.lower > 0),
    )


def _auc(odds: Sequence[FloatArray], rose: AnyArray, code: AnyArray, settings: BootstrapSettings) -> Kept:
    measure = "AUC over 0.5"
    if not len(rose):
        return _kept(measure, [float("nan")] * 2, [np.empty(0)] * 2, settings)
    weights = day_weights(int(code.max()) + 1, settings)
    values, draws = [], []
    for one in odds:
        _, place = np.unique(one, return_inverse=True)

        def area(weight: FloatArray, place: AnyArray = place) -> float:
            above = np.bincount(place, weights=weight * rose)
            below = np.bincount(place, weights=weight * ~rose)
            total = above.sum() * below.sum()
            won = float((above * (np.cumsum(below) - below / 2)).sum())
            return won / total - 0.5 if total > 0 else float("nan")

        values.append(area(np.ones(len(rose))))
        draws.append(np.array([area(draw[code]) for draw in weights]))
    return _kept(measure, values, draws, settings)


def _ic(odds: Sequence[FloatArray], returns: FloatArray, time: TimeArray, settings: BootstrapSettings) -> Kept:
    known = np.isfinite(returns)
    code, days = day_codes(time[known])
    sums = []
    for one in odds:
        daily, count = correlation_within(one[known], returns[known], code, len(days))
        used = np.isfinite(daily) & (count >= MIN_SYMBOLS)
        sums.append(_columns(np.where(used, daily, 0.0), used.astype(np.float64)))
    return _from_sums("IC", sums, lambda t: ratio(t[..., 0], t[..., 1]), settings)
