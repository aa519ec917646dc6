"""The splits a search is judged on: prepared once, inside the training part of each, and used by every trial."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core import Dataset, InputError, News, UsageError
from tradewind.core.arrays import IntArray, TimeArray
from tradewind.quality import mark_occasions
from tradewind.training.fairness import with_groups
from tradewind.training.model import Columns, fit_head, only_labels, with_head
from tradewind.training.run import LOOK_BACK, Job
from tradewind.training.settings import TrainingSettings
from tradewind.training.tuning.objective import Facts
from tradewind.training.tuning.settings import TuningSettings
from tradewind.validation import purged_blocks


@dataclass(frozen=True, kw_only=True, eq=False)
class PreparedSplit:
    """One expanding split of the training rows, ready for models.

    Attributes
    ----------
    data : prepared columns; labels of every row but ``fit`` are hidden.
    raw : what ``data`` was prepared from: an ensemble prepares its inner blocks anew. None for members alone.
    fit, block : rows of ``data`` to learn from and to forecast.
    facts : what happened in ``block``; used to score forecasts, never to fit.
    start, end : (len(block),) when the forecast of each row of ``block`` is made, and when its label is known.
    """

    data: Dataset
    fit: IntArray
    block: IntArray
    facts: Facts
    start: TimeArray
    end: TimeArray
    raw: Columns | None

    def __len__(self) -> int:
        """Return the number of rows that are forecast."""
        return len(self.block)


def training_part(job: Job, rows: IntArray) -> tuple[Dataset, IntArray]:
    """Return the data as they were known when the last label of ``rows`` was, other labels hidden, and its rows.

    Raises
    ------
    InputError : too few labelled rows.
    """
    data = job.data
    rows = np.sort(rows[~np.isnat(data.labels.end[rows])])
    if len(data.labelled(rows)) < job.settings.min_rows:
        raise InputError(
            f"only {len(data.labelled(rows))} labelled bars can be tuned on, {job.settings.min_rows} are needed",
            fix="tune on a longer span, or on more symbols",
        )
    known = data.panel.time <= data.labels.end[rows].max()
    place = np.cumsum(known) - 1
    kept: IntArray = place[rows].astype(np.int64)
    return only_labels(data.select(known), kept), kept


def cut_splits(data: Dataset, rows: IntArray, settings: TuningSettings) -> list[tuple[IntArray, IntArray]]:
    """Return (fit rows, block rows) of each split, in order of time; UsageError where the history is too short."""
    labels = data.labels
    pairs = list(purged_blocks(rows, labels.start, labels.end, settings.splits, settings.embargo))
    for number, pair in enumerate(pairs, 1):
        days = len(np.unique(data.panel.time[pair[1]]))
        if days < settings.periods:
            raise UsageError(
                f"split {number} has {days} days, too few for {settings.periods} periods",
                field="periods",
                fix="give fewer splits or periods, or a longer training window",
            )
        if any(len(np.unique(labels.direction[data.labelled(part)])) < 2 for part in pair):
            raise UsageError(
                f"split {number} does not hold both rises and falls to learn from and to judge",
                field="splits",
                fix="give fewer splits, or a longer training window",
            )
    return pairs


@dataclass(frozen=True, kw_only=True, eq=False)
class Preparation:
    """Prepares one split; a callable that can be sent to another process."""

    data: Dataset
    news: News | None
    settings: TrainingSettings
    periods: int

    def __call__(self, pair: tuple[IntArray, IntArray]) -> PreparedSplit:
        """Fit text head, selection, winsorisation, imputation and scale on the fit rows of ``pair`` alone."""
        fit, block = pair
        time = self.data.panel.time
        seen = (time >= time[fit].min() - LOOK_BACK) & (time <= time[block].max())
        place = np.cumsum(seen) - 1
        data, fit, block = self.data.select(seen), place[fit].astype(np.int64), place[block].astype(np.int64)
        facts = _facts(data, block, self.periods)
        if self.settings.fairness.on:
            data = with_groups(data, self.settings.fairness.by)
        hidden = only_labels(data, fit)
        occasions = None if self.news is None else mark_occasions(hidden.panel, news=self.news)
        hidden = self._with_head(hidden, fit)
        raw = Columns(data=hidden, occasions=occasions, settings=self.settings)
        return PreparedSplit(
            data=raw.prepared_on(fit),
            raw=raw,
            fit=fit,
            block=block,
            facts=facts,
            start=data.labels.start[block],
            end=data.labels.end[block],
        )

    def _with_head(self, data: Dataset, fit: IntArray) -> Dataset:
        if self.news is None or not self.settings.text.head or not len(self.news):
            return data
        head, _ = fit_head(data, self.news, fit, self.settings)
        return data if head is None else with_head(data, head.transform(data.panel, self.news))


def _facts(data: Dataset, block: IntArray, periods: int) -> Facts:
    days, day = np.unique(data.panel.time[block], return_inverse=True)
    return Facts(
        direction=data.labels.direction[block],
        returns=data.labels.forward_return[block],
        day=day.astype(np.int64),
        period=(day * periods // len(days)).astype(np.int64),
        periods=periods,
    )
