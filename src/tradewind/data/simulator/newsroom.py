"""News with plainly positive, plainly negative or no sentiment, and the moment each item is published."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

import numpy as np

from tradewind.core import News
from tradewind.core.arrays import AnyArray, IntArray, TimeArray
from tradewind.core.news import NEWS_KINDS
from tradewind.data.simulator.sessions import Sessions
from tradewind.data.simulator.settings import MarketSettings
from tradewind.data.simulator.streams import Stream, stream
from tradewind.data.simulator.traits import Traits

POSITIVE_WORDS = ("excellent", "great", "impressive", "superb", "outstanding", "successful", "wonderful", "good")
NEGATIVE_WORDS = ("terrible", "awful", "horrible", "disappointing", "poor", "bad", "dreadful", "miserable")
POSITIVE_TEMPLATES = (
    "{symbol} reports {word} quarter with strong profit growth",
    "{word} results at {symbol}: profits beat forecasts and margins improve",
    "{symbol} wins {word} contract, outlook strong",
    "analysts upgrade {symbol} after {word} sales and happy customers",
    "{symbol} shares gain on {word} demand",
    "a {word} year for {symbol}, the best dividend in its history",
)
NEGATIVE_TEMPLATES = (
    "{symbol} reports {word} quarter with heavy losses",
    "{word} results at {symbol}: sales miss forecasts and margins decline",
    "{symbol} loses contract after {word} audit, outlook weak",
    "analysts downgrade {symbol} after {word} sales and angry customers",
    "{symbol} shares fall on {word} demand",
    "a {word} year for {symbol}, fraud lawsuit filed",
)
NEUTRAL_TEXTS = (
    "{symbol} will hold its annual meeting on Tuesday",
    "{symbol} names a member of the board",
    "{symbol} files its quarterly report with the regulator",
    "{symbol} to present at a conference in Boston",
    "conference call of {symbol} starts at noon",
    "{symbol} moves an office to Chicago",
)
MINUTE = 60.0
BEFORE_CLOSE = (10 * MINUTE, 390 * MINUTE)
AFTER_CLOSE = (5 * MINUTE, 15 * 60 * MINUTE)


def all_texts() -> dict[int, tuple[str, ...]]:
    """Return every text by its sentiment (1, -1, 0), with ``{symbol}`` still to be filled in."""

    def fill(templates: tuple[str, ...], words: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(t.replace("{word}", w) for t, w in product(templates, words))

    return {
        1: fill(POSITIVE_TEMPLATES, POSITIVE_WORDS),
        -1: fill(NEGATIVE_TEMPLATES, NEGATIVE_WORDS),
        0: NEUTRAL_TEXTS,
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class NewsPlan:
    """What is published: ``sentiment`` (T, S) in {-1, 0, 1}, known at the row's close, and the items themselves."""

    sentiment: IntArray
    news: News


def plan_news(settings: MarketSettings, traits: Traits, days: Sessions) -> NewsPlan:
    """Draw the news of every row.

    An item of row ``t`` is published after the close of ``t - 1`` and before the close of ``t``: it is known at row
    ``t`` and at no earlier one, whether it came out in the evening, over a weekend or during the session.
    """
    sentiment = np.zeros((settings.n_days, settings.n_symbols), dtype=np.int64)
    parts: list[tuple[IntArray, IntArray, AnyArray, TimeArray]] = []
    for day in range(settings.n_days):
        rng = stream(settings.seed, Stream.NEWS, day)
        chance = rng.random((4, settings.n_symbols))
        listed = traits.listed(day)
        speaks = (chance[0] < settings.news_rate) & listed
        sentiment[day] = np.where(speaks, np.where(chance[1] < 0.5, 1, -1), 0)
        copies = np.where(speaks, 1 + (chance[2] * 3).astype(np.int64), 0)
        neutral = np.flatnonzero((chance[3] < settings.distractor_rate) & listed)
        who = np.concatenate([np.repeat(np.arange(settings.n_symbols), copies), neutral])
        tone = np.concatenate([np.repeat(sentiment[day], copies), np.zeros(len(neutral), dtype=np.int64)])
        draws = rng.random((4, len(who)))
        evening = (draws[0] < settings.after_close_share) & (traits.entry[who] < day)
        early = BEFORE_CLOSE[0] + draws[1] * (BEFORE_CLOSE[1] - BEFORE_CLOSE[0])
        late = AFTER_CLOSE[0] + draws[1] * (AFTER_CLOSE[1] - AFTER_CLOSE[0])
        seconds = np.where(evening, late, -early).astype("timedelta64[s]")
        base = np.where(evening, days.close[max(day - 1, 0)], days.close[day])
        parts.append((who, tone, draws[2:], base + seconds))
    return NewsPlan(sentiment=sentiment, news=_write_items(parts, traits))


def _write_items(parts: list[tuple[IntArray, IntArray, AnyArray, TimeArray]], traits: Traits) -> News:
    """Turn drawn numbers into sorted items."""
    who, tone = np.concatenate([p[0] for p in parts]), np.concatenate([p[1] for p in parts])
    draws, published = np.concatenate([p[2] for p in parts], axis=1), np.concatenate([p[3] for p in parts])
    order = np.argsort(published, kind="stable")
    who, tone, draws, published = who[order], tone[order], draws[:, order], published[order]
    names = np.array(traits.symbols, dtype=object)[who]
    text = np.empty(len(who), dtype=object)
    for value, choices in all_texts().items():
        rows = np.flatnonzero(tone == value)
        halves = np.array([c.split("{symbol}") for c in choices], dtype=object)
        pick = (draws[0, rows] * len(choices)).astype(np.int64)
        text[rows] = halves[pick, 0] + names[rows] + halves[pick, 1]
    source = np.array(NEWS_KINDS)[(draws[1] * len(NEWS_KINDS)).astype(np.int64)]
    return News(symbol=names.astype(str), published_at=published.astype("datetime64[us]"), source=source, text=text)
