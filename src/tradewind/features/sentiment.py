"""Sentiment and attention: what was written about a symbol, how it sounded and how much of it there was.

Items belong to the first bar at whose close they were known (:mod:`tradewind.features.news_rows`). For each kind of
source (news, social, transcript) and for all of them together:

- before the first item of a kind about any symbol of the panel, its features are NaN: nobody knows what was missed;
- from then on a bar without items has a count of zero, and its sentiment is the latest one, halved every
  ``half_life`` bars; a symbol that never had an item has no sentiment (NaN).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import cast

import numpy as np
from numba import njit
from pydantic import Field

from tradewind.core import Settings
from tradewind.core.arrays import BoolArray, FloatArray, IntArray, TimeArray
from tradewind.core.news import NEWS_KINDS
from tradewind.features.kernels import lag
from tradewind.features.market import days
from tradewind.features.news_rows import kind_of_items, row_of_items
from tradewind.features.registry import REGISTRY, Feature, FeatureContext, Group, Registry
from tradewind.features.text.lexicon import LexiconScorer
from tradewind.features.trailing import trailing_moments

KINDS = (*NEWS_KINDS, "all")
SURPRISE_WINDOW = 20
CHANGE_BARS = 5


class SentimentSettings(Settings):
    """How sentiment fades.

    Attributes
    ----------
    half_life : bars after which a sentiment without new items has half its size.
    """

    half_life: float = Field(default=3.0, gt=0.0)


@dataclass(frozen=True, kw_only=True, eq=False)
class RowSentiment:
    """Items of one kind by row of the panel.

    Attributes
    ----------
    count : (n,) items of the row; NaN before the first item of the kind about any symbol of the panel.
    mean : (n,) mean score of the row's items; NaN where it has none.
    total, square : (n,) sum of the scores and of their squares; 0 where it has none.
    """

    count: FloatArray
    mean: FloatArray
    total: FloatArray
    square: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class _Items:
    row: IntArray
    kind: IntArray
    score: FloatArray


def _items(context: FeatureContext) -> _Items:
    """Return row, kind and score of each item that belongs to a row."""

    def make() -> _Items:
        news = context.news
        if news is None:
            none = np.zeros(0, dtype=np.int64)
            return _Items(row=none, kind=none, score=np.zeros(0))
        row = row_of_items(context.panel, news)
        held = row >= 0
        scorer = context.scorer or LexiconScorer()
        score = np.asarray(scorer.score([str(text) for text in news.text[held]]), dtype=np.float64)
        return _Items(row=row[held], kind=kind_of_items(news)[held], score=score)

    return cast(_Items, context.once("sentiment:items", make))


def row_sentiment(context: FeatureContext, kind: str) -> RowSentiment:
    """Return the items of ``kind`` (one of ``KINDS``) by row."""

    def make() -> RowSentiment:
        items, panel = _items(context), context.panel
        n = len(panel)
        use = np.ones(len(items.row), dtype=bool) if kind == "all" else items.kind == NEWS_KINDS.index(kind)
        row, score = items.row[use], items.score[use]
        number = np.bincount(row, minlength=n).astype(np.float64)
        total = np.bincount(row, weights=score, minlength=n).astype(np.float64)
        mean = np.full(n, np.nan)
        np.divide(total, number, out=mean, where=number > 0)
        started = _started(panel.known_at, row)
        return RowSentiment(
            count=np.where(started, number, np.nan),
            mean=mean,
            total=total,
            square=np.bincount(row, weights=score**2, minlength=n).astype(np.float64),
        )

    return cast(RowSentiment, context.once(f"sentiment:rows:{kind}", make))


def _started(known_at: TimeArray, row: IntArray) -> BoolArray:
    """(n,) True from the first close at which an item of the kind was known."""
    if not len(row):
        return np.zeros(len(known_at), dtype=bool)
    started: BoolArray = known_at >= known_at[row].min()
    return started


@njit(cache=True)
def decayed(mean: FloatArray, offsets: IntArray, half_life: float) -> FloatArray:
    """(n,) the row's mean where it has one, else the value of the bar before times 0.5 ** (1 / half_life)."""
    out = np.full(len(mean), np.nan)
    keep = 0.5 ** (1.0 / half_life)
    for s in range(len(offsets) - 1):
        level = np.nan
        for r in range(offsets[s], offsets[s + 1]):
            level = mean[r] if np.isfinite(mean[r]) else level * keep
            out[r] = level
    return out


def _level(context: FeatureContext, kind: str, half_life: float) -> FloatArray:
    make = partial(decayed, row_sentiment(context, kind).mean, context.panel.offsets, half_life)
    return cast(FloatArray, context.once(f"sentiment:level:{kind}:{half_life}", make))


def _change(context: FeatureContext, kind: str, half_life: float) -> FloatArray:
    level = _level(context, kind, half_life)
    change: FloatArray = level - lag(level, context.panel.offsets, CHANGE_BARS)
    return change


def _volume(context: FeatureContext, kind: str) -> FloatArray:
    volume: FloatArray = np.log1p(row_sentiment(context, kind).count)
    return volume


def _surprise(context: FeatureContext, kind: str) -> FloatArray:
    """(n,) log volume against mean and deviation of the 20 bars before; the deviation counts as at least 0.25."""

    def make() -> FloatArray:
        volume, offsets = _volume(context, kind), context.panel.offsets
        mean, deviation = trailing_moments(lag(volume, offsets, 1), offsets, SURPRISE_WINDOW)
        surprise: FloatArray = (volume - mean) / np.maximum(deviation, 0.25)
        return surprise

    return cast(FloatArray, context.once(f"sentiment:surprise:{kind}", make))


def _dispersion(context: FeatureContext, kind: str) -> FloatArray:
    """(n,) standard deviation of the scores of the items of the latest five bars; NaN for fewer than two items."""
    rows, offsets = row_sentiment(context, kind), context.panel.offsets
    count, total, square = np.nan_to_num(rows.count), rows.total.copy(), rows.square.copy()
    number = count.copy()
    for back in range(1, CHANGE_BARS):
        number += np.nan_to_num(lag(count, offsets, back))
        total += np.nan_to_num(lag(rows.total, offsets, back))
        square += np.nan_to_num(lag(rows.square, offsets, back))
    out = np.full(len(number), np.nan)
    many = number >= 2
    out[many] = (square[many] - total[many] ** 2 / number[many]) / (number[many] - 1)
    deviation: FloatArray = np.sqrt(np.maximum(out, 0.0))
    return deviation


def _market(context: FeatureContext, kind: str) -> FloatArray:
    groups = days(context)
    return groups.rows(groups.mean(row_sentiment(context, kind).mean))


def _attention_rank(context: FeatureContext, kind: str) -> FloatArray:
    return days(context).rank(_surprise(context, kind))


def _weighted(context: FeatureContext, kind: str, half_life: float) -> FloatArray:
    return _level(context, kind, half_life) * _volume(context, kind)


_TETLOCK = "Tetlock, 'Giving content to investor sentiment', Journal of Finance 2007"
_DAS = "Das and Chen, 'Yahoo! for Amazon', Management Science 2007"
_BARBER = "Barber and Odean, 'All that glitters', Review of Financial Studies 2008"
_ANTWEILER = "Antweiler and Frank, 'Is all that talk just noise?', Journal of Finance 2004"


def declare_sentiment(registry: Registry, settings: SentimentSettings | None = None) -> None:
    """Declare the sentiment features on ``registry``, with the half-life of ``settings``."""
    half_life = (settings or SentimentSettings()).half_life
    rows: tuple[tuple[str, int, str, Callable[..., FloatArray], bool], ...] = (
        ("sentiment", 1, _TETLOCK, _level, True),
        ("sentiment_change_5", 1 + CHANGE_BARS, _TETLOCK, _change, True),
        ("sentiment_dispersion_5", 1, _DAS, _dispersion, False),
        ("sentiment_volume", 1, _ANTWEILER, _weighted, True),
        ("market_sentiment", 1, _TETLOCK, _market, False),
        ("item_count", 1, _ANTWEILER, _volume, False),
        ("item_surprise_20", SURPRISE_WINDOW, _BARBER, _surprise, False),
        ("attention_rank_20", SURPRISE_WINDOW, _BARBER, _attention_rank, False),
    )
    for kind in KINDS:
        for name, window, source, function, fades in rows:
            arguments = {"kind": kind, "half_life": half_life} if fades else {"kind": kind}
            registry.add(
                Feature(
                    name=f"{name}_{kind}",
                    group=Group.SENTIMENT,
                    window=window,
                    source=source,
                    compute=partial(function, **arguments),
                    needs="news",
                )
            )


declare_sentiment(REGISTRY)
