"""Sentiment and attention along the bars of every symbol, and the rows with a burst of news."""

from __future__ import annotations

import numpy as np
from numba import njit

from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from tradewind.features.cross_section import ranks
from tradewind.features.online.history import NO_NEWS
from tradewind.features.online.protocol import Slice
from tradewind.features.online.rings import latest, mean_of, push
from tradewind.features.sentiment import KINDS, SURPRISE_WINDOW, SentimentSettings
from tradewind.features.text.lexicon import LexiconScorer
from tradewind.features.text.protocol import TextScorer
from tradewind.features.trailing import window_moments
from tradewind.quality.occasions import OccasionSettings

_OF_A_KIND = (
    "sentiment", "sentiment_change_5", "sentiment_dispersion_5", "sentiment_volume", "market_sentiment", "item_count",
    "item_surprise_20", "attention_rank_20",
)  # fmt: skip
NEWS_FEATURES = tuple(f"{name}_{kind}" for kind in KINDS for name in _OF_A_KIND)
_NEVER = np.iinfo(np.int64).max
_ALL = len(KINDS) - 1


class ScoreOnce:
    """A scorer that remembers its latest ``room`` texts: a replayed item is not scored again."""

    def __init__(self, scorer: TextScorer | None, *, room: int = 20_000) -> None:
        self._scorer, self._room = scorer, room
        self._known: dict[str, float] = {}

    def score(self, texts: list[str]) -> FloatArray:
        """Return (m,) float64 scores."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            if self._scorer is None:
                self._scorer = LexiconScorer()
            scores = np.asarray(self._scorer.score(new), dtype=np.float64).tolist()
            self._known.update(zip(new, scores, strict=True))
        out = np.array([self._known[text] for text in texts], dtype=np.float64)
        while len(self._known) > self._room:
            del self._known[next(iter(self._known))]
        return out


class NewsRows:
    """What was written about every symbol, by kind of source.

    Parameters
    ----------
    n_symbols : how many there are.
    scorer : of texts; None for the default lexicon.
    scored : False where no feature asks for scores, and texts are only counted.
    """

    def __init__(self, n_symbols: int, scorer: TextScorer | None, *, scored: bool) -> None:
        self._rules = OccasionSettings()
        reach = max(SURPRISE_WINDOW, self._rules.window)
        self._ring = np.full((n_symbols, len(KINDS), 5, 2 * reach), np.nan)
        self._seen = np.zeros(n_symbols, dtype=np.int64)
        self._first = np.full(len(KINDS), _NEVER, dtype=np.int64)  # the first close that knew an item of the kind
        self._scorer, self._scored = ScoreOnce(scorer), scored
        self._keep = 0.5 ** (1.0 / SentimentSettings().half_life)
        self.memory: dict[str, AnyArray] = {"ring": self._ring, "seen": self._seen, "first": self._first}

    def scores(self, part: Slice) -> FloatArray:
        """(m,) scores of a slice's items; the memory stays as it is, also where the scorer fails."""
        news = part.news or NO_NEWS
        if not self._scored or not len(news.row):
            return np.zeros(len(news.row))
        return self._scorer.score(list(news.text))

    def advance(self, code: IntArray, part: Slice, scores: FloatArray, out: FloatArray) -> BoolArray:
        """Take a slice in, ``code`` its symbols; write the (32, k) features, return the (k,) rows with a burst."""
        tally = np.zeros((len(KINDS), 4, len(part)))  # items, sum of scores, of their squares, log of 1 + items
        self._count(part, scores, tally)
        rules = (self._rules.window, self._rules.burst, float(self._rules.least_items))
        burst = _bursts(self._ring, self._seen, code, tally[_ALL, 0], rules)
        _advance(self._ring, self._seen, code, tally, self._keep, out.reshape(len(KINDS), len(_OF_A_KIND), -1))
        self._seen[code] += 1
        return burst

    def _count(self, part: Slice, scores: FloatArray, tally: FloatArray) -> None:
        """Fill the tally; a kind of which nothing was ever heard has NaN for the log of its items."""
        if part.news is not None and len(part.news.row):
            row, kind = np.array(part.news.row, dtype=np.int64), np.array(part.news.kind, dtype=np.int64)
            _tally(row, kind, scores, tally)
            heard = np.where(tally[:, 0] > 0, part.known_at, _NEVER).min(axis=1)
            np.minimum(self._first, heard, out=self._first)
        started = part.known_at >= self._first[:, None]
        # NumPy's logarithm, as in batch: ranks of attention tie, or do not, by its last bit.
        tally[:, 3] = np.log1p(np.where(started, tally[:, 0], np.nan))


@njit(cache=True, nogil=True)
def _tally(row: IntArray, kind: IntArray, score: FloatArray, tally: FloatArray) -> None:
    for i in range(row.size):
        for q in (kind[i], tally.shape[0] - 1):
            tally[q, 0, row[i]] += 1.0
            tally[q, 1, row[i]] += score[i]
            tally[q, 2, row[i]] += score[i] * score[i]


@njit(cache=True, nogil=True)
def _bursts(
    ring: FloatArray, seen: IntArray, code: IntArray, items: FloatArray, rules: tuple[int, float, float]
) -> BoolArray:
    """(k,) rows whose items are a burst against the bars before, as ``quality.mark_occasions``."""
    window, burst, least = rules
    out = np.zeros(code.size, dtype=np.bool_)
    for i in range(code.size):
        n = seen[code[i]]
        size = min(n, window)
        if size < 5 or items[i] < least:
            continue
        total, square = 0.0, 0.0
        for count in latest(ring[code[i], ring.shape[1] - 1, 2], n - 1, size):
            total += count
            square += count * count
        mean = total / size
        spread = max(square / size - mean * mean, 0.0, mean)
        out[i] = (items[i] - mean) / np.sqrt(max(spread, 1.0)) >= burst
    return out


@njit(cache=True, nogil=True)
def _advance(ring: FloatArray, seen: IntArray, code: IntArray, tally: FloatArray, keep: float, out: FloatArray) -> None:
    k = code.size
    means = np.empty(k)
    order, bounds = np.arange(k), np.array([0, k])
    for q in range(tally.shape[0]):
        for i in range(k):
            own, n = ring[code[i], q], seen[code[i]]
            items, volume = tally[q, 0, i], tally[q, 3, i]
            means[i] = tally[q, 1, i] / items if items > 0.0 else np.nan
            out[q, 6, i] = _surprise(own[1], n, volume)
            level = means[i] if np.isfinite(means[i]) else latest(own[0], n - 1, 1)[0] * keep
            push(own[0], n, level)
            push(own[1], n, volume)
            for j in range(3):
                push(own[2 + j], n, tally[q, j, i])
            out[q, 0, i], out[q, 3, i], out[q, 5, i] = level, level * volume, volume
            out[q, 1, i] = level - latest(own[0], n, 6)[0]
            out[q, 2, i] = _dispersion(own, n)
        out[q, 4, :] = mean_of(means, 1)
        out[q, 7] = ranks(out[q, 6], order, bounds)


@njit(cache=True, nogil=True)
def _surprise(volumes: FloatArray, n: int, volume: float) -> float:
    """Return the log volume against the 20 bars before; the one before a symbol's first counts as missing."""
    if n < SURPRISE_WINDOW - 1:
        return np.nan
    mean, deviation = window_moments(latest(volumes, n - 1, SURPRISE_WINDOW))
    return (volume - mean) / (0.25 if deviation <= 0.25 else deviation)


@njit(cache=True, nogil=True)
def _dispersion(own: FloatArray, n: int) -> float:
    """Return the deviation of the scores of the latest five bars, summed from the newest back."""
    number, total, square = 0.0, 0.0, 0.0
    for back in range(min(n + 1, 5)):
        number += latest(own[2], n - back, 1)[0]
        total += latest(own[3], n - back, 1)[0]
        square += latest(own[4], n - back, 1)[0]
    if number < 2.0:
        return np.nan
    return float(np.sqrt(max((square - total * total / number) / (number - 1.0), 0.0)))
