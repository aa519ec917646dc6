"""Permutation importance out of sample: what skill is lost, and how far forecasts move, without a group of columns."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from scipy.special import expit
from scipy.stats import norm

from tradewind.core import Dataset, InputError, NoProgress, Progress
from tradewind.core.arrays import BoolArray, FloatArray, IntArray, TimeArray, as_time
from tradewind.evaluation import BootstrapSettings, Interval
from tradewind.evaluation.bootstrap import bootstrap_statistic, day_weights
from tradewind.evaluation.days import correlation_within, day_codes, day_sums, ratio
from tradewind.explain.distillation.importance import Odds
from tradewind.explain.importance.settings import ImportanceSettings
from tradewind.explain.importance.shuffle import between_blocks, between_symbols, differs_within_day, with_shuffled
from tradewind.explain.probe import sampled

LEAST_SYMBOLS = 5
ALPHA = 0.05
STILL = 1e-3
"""A mean change of the log odds below this moves a probability by less than 0.03 points: nobody would see it."""


@dataclass(frozen=True, kw_only=True)
class GroupImportance:
    """What one group of columns is worth out of sample; positive means that the model is worse without it.

    Attributes
    ----------
    names : columns shuffled together. ``shuffle`` : how (``day``: between symbols of a day; ``blocks``: of sessions).
    log_loss : rise of the log loss, nats. ``accuracy`` : share of right directions lost. ``ic`` : correlation of
        forecast and return lost. Each with an interval over days; NaN where no label is known.
    change : mean absolute change of the log odds, with an interval; it needs no label and no skill.
    spread : standard deviation of ``log_loss`` over the repeats: how much is the luck of the shuffle.
    chance : p value of "the log loss stays", by its error over days, times the number of groups (Bonferroni): of many
        useless groups some interval would leave 0 by luck. NaN where no label is known.
    """

    names: tuple[str, ...]
    shuffle: Literal["day", "blocks"]
    log_loss: Interval
    accuracy: Interval
    ic: Interval
    change: Interval
    spread: float
    chance: float

    @property
    def label(self) -> str:
        """Short name: the first column and how many are with it."""
        return self.names[0] if len(self.names) == 1 else f"{self.names[0]} +{len(self.names) - 1}"

    @property
    def verdict(self) -> str:
        """What the figures allow to say, in words."""
        if self.change.value < STILL:
            return "hardly used"
        if self.chance <= ALPHA:
            return "carries skill" if self.log_loss.value > 0 else "costs skill"
        return "moves forecasts, skill not shown"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        measures = ("log_loss", "accuracy", "ic", "change")
        return {
            "names": list(self.names),
            "label": self.label,
            "shuffle": self.shuffle,
            **{name: getattr(self, name).to_dict() for name in measures},
            "spread": self.spread,
            "chance": self.chance,
            "verdict": self.verdict,
        }


@dataclass(frozen=True, kw_only=True)
class PermutationImportance:
    """Groups, the largest rise of log loss first; ``rows``, ``days`` out of sample they were measured on."""

    groups: tuple[GroupImportance, ...]
    rows: int
    days: int
    repeats: int

    def by_column(self) -> dict[str, float]:
        """Return the mean change of the log odds of each column's group, shared equally among its columns."""
        return {name: group.change.value / len(group.names) for group in self.groups for name in group.names}

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "rows": self.rows,
            "days": self.days,
            "repeats": self.repeats,
            "groups": [group.to_dict() for group in self.groups],
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class OutOfSample:
    """Rows a model did not learn from, and how to ask it about them; rows it learned from cannot be put in.

    Attributes
    ----------
    data : prepared dataset, with labels. ``rows`` : (m,) rows to measure on. ``odds`` : log odds of the model.
    learned_until : when the last label the model learned from was known.

    Raises
    ------
    InputError : there are no rows, or one lies before ``learned_until``.
    """

    data: Dataset
    rows: IntArray
    odds: Odds
    learned_until: np.datetime64 | str

    def __post_init__(self) -> None:
        """Refuse rows the model learned from."""
        if not len(self.rows):
            raise InputError("there are no rows out of sample", fix="give days inside the data, after training")
        first, learned = self.data.panel.time[self.rows].min(), as_time(self.learned_until)
        if first < learned:
            raise InputError(
                f"a row of {str(first)[:10]} lies before {str(learned)[:10]}, the last day the model learned from: "
                "importance there would be what it remembers, not what it knows",
                fix="start later, or train with an earlier end",
            )


def permutation_importance(
    sample: OutOfSample,
    groups: Sequence[Sequence[str]],
    *,
    settings: ImportanceSettings | None = None,
    progress: Progress | None = None,
) -> PermutationImportance:
    """Shuffle groups of columns and measure what becomes of the forecasts (Breiman 2001; Fisher et al. 2019).

    The columns of a group move together, over all rows of the data, so that a model that looks back meets shuffled
    history too. Values come from other symbols of the same day or from other blocks of time (see
    :mod:`~tradewind.explain.importance.shuffle`): single values torn from their days would measure how the model
    answers to markets that cannot be.

    Parameters
    ----------
    groups : column names, such as :func:`~tradewind.explain.importance.correlated_groups` gives.

    Raises
    ------
    InputError : a group names a column the data lack.
    """
    s, watcher = settings or ImportanceSettings(), progress or NoProgress()
    data, odds = sample.data, sample.odds
    place = {name: i for i, name in enumerate(data.names)}
    unknown = [name for group in groups for name in group if name not in place]
    if unknown:
        raise InputError(f"a group names {unknown[0]!r}, which the data lack", fix="group the prepared columns")
    rows = sampled(sample.rows, s.rows, s.seed)
    base = odds(data, rows)
    score = _Score.of(data, rows, base, len(groups))
    found = []
    for number, names in enumerate(groups):
        watcher.update("permutation importance", number, len(groups))
        columns = np.array([place[name] for name in names], dtype=np.int64)
        kind = s.shuffle
        if kind == "auto":
            kind = "day" if differs_within_day(data, columns) else "blocks"
        make = between_symbols if kind == "day" else between_blocks
        rng = np.random.default_rng((s.seed, number))
        after = [
            odds(with_shuffled(data, columns, make(data.panel, s.shuffle_block, rng)), rows) for _ in range(s.repeats)
        ]
        found.append(score.group(tuple(names), kind, np.stack(after), s.bootstrap))
    watcher.update("permutation importance", len(groups), len(groups))
    order = sorted(found, key=lambda one: -np.nan_to_num(one.log_loss.value, nan=one.change.value))
    return PermutationImportance(groups=tuple(order), rows=len(rows), days=score.days, repeats=s.repeats)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Score:
    """What shuffled log odds (repeats, m) are compared with: base log odds, labels and days of the m rows.

    ``groups`` : how many are compared.
    """

    base: FloatArray
    direction: FloatArray
    returns: FloatArray
    code: IntArray
    days: int
    groups: int

    @classmethod
    def of(cls, data: Dataset, rows: IntArray, base: FloatArray, groups: int) -> _Score:
        time: TimeArray = data.panel.time[rows]
        code, days = day_codes(time)
        labels = data.labels
        return cls(
            base=base,
            direction=labels.direction[rows],
            returns=labels.forward_return[rows],
            code=code,
            days=len(days),
            groups=groups,
        )

    def group(
        self, names: tuple[str, ...], kind: Literal["day", "blocks"], after: FloatArray, settings: BootstrapSettings
    ) -> GroupImportance:
        known = np.isfinite(self.direction)
        sign = 2.0 * self.direction[known] - 1.0
        worse = np.logaddexp(0.0, -sign * after[:, known]) - np.logaddexp(0.0, -sign * self.base[known])
        right = ((self.base[known] > 0) == (sign > 0)).astype(np.float64)
        kept = ((after[:, known] > 0) == (sign > 0)).astype(np.float64)
        return GroupImportance(
            names=names,
            shuffle=kind,
            log_loss=self._mean(worse.mean(axis=0), known, settings),
            accuracy=self._mean(right - kept.mean(axis=0), known, settings),
            ic=self._ic_lost(after, settings),
            change=self._mean(np.abs(after - self.base).mean(axis=0), np.ones(len(self.base), dtype=bool), settings),
            spread=float(worse.mean(axis=1).std(ddof=1)) if len(after) > 1 and known.any() else float("nan"),
            chance=self._chance(worse.mean(axis=0), known, settings),
        )

    def _chance(self, values: FloatArray, known: BoolArray, settings: BootstrapSettings) -> float:
        if not known.any():
            return float("nan")
        sums = day_sums(np.stack([values, np.ones(len(values))], axis=1), self.code[known], self.days)
        drawn = day_weights(self.days, settings) @ sums
        spread = float(np.nanstd(ratio(drawn[:, 0], drawn[:, 1])))
        if spread == 0.0:  # a group the model does not read, or a single day
            return 1.0
        return min(1.0, self.groups * 2.0 * float(norm.sf(abs(values.mean()) / spread)))

    def _mean(self, values: FloatArray, known: BoolArray, settings: BootstrapSettings) -> Interval:
        sums = day_sums(np.stack([values, np.ones(len(values))], axis=1), self.code[known], self.days)
        return bootstrap_statistic(sums, lambda total: ratio(total[..., 0], total[..., 1]), settings)

    def _ic_lost(self, after: FloatArray, settings: BootstrapSettings) -> Interval:
        """IC before less mean IC after: mean over days of the cross-section, pooled where days have few symbols."""
        known = np.isfinite(self.returns)
        returns, code = self.returns[known], self.code[known]
        before, later = expit(self.base[known]), expit(after[:, known])
        count = np.bincount(code, minlength=self.days)
        if np.median(count[count > 0] if count.any() else [0]) >= LEAST_SYMBOLS:
            daily = [correlation_within(p, returns, code, self.days)[0] for p in (before, *later)]
            lost = np.nan_to_num(daily[0]) - np.nan_to_num(np.stack(daily[1:])).mean(axis=0)
            used = (count >= LEAST_SYMBOLS).astype(np.float64)
            sums = np.stack([lost * used, used], axis=1)
            return bootstrap_statistic(sums, lambda total: ratio(total[..., 0], total[..., 1]), settings)
        parts = [np.ones(len(returns)), returns, returns**2]
        for p in (before, *later):
            parts += [p, p**2, p * returns]
        return bootstrap_statistic(day_sums(np.stack(parts, axis=1), code, self.days), _pooled_loss, settings)


def _pooled_loss(total: FloatArray) -> FloatArray:
    """Pearson correlation before less the mean after, from sums (..., 3 + 3 (1 + repeats))."""
    n, y, yy = total[..., 0], total[..., 1], total[..., 2]
    found = []
    for start in range(3, total.shape[-1], 3):
        x, xx, xy = (total[..., start + i] for i in range(3))
        scale = np.sqrt(np.maximum(n * xx - x**2, 0.0) * np.maximum(n * yy - y**2, 0.0))
        found.append(np.nan_to_num(ratio(n * xy - x * y, scale)))
    lost: FloatArray = found[0] - np.mean(found[1:], axis=0)
    return lost
