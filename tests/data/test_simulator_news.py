"""Simulated news: signs a lexicon agrees with, published when a row can know them, and an exact ceiling."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest
from textblob import TextBlob

from tradewind.core.news import NEWS_KINDS
from tradewind.data.simulator import MarketKind, MarketSettings, SimulatedMarket, simulate
from tradewind.data.simulator.newsroom import all_texts


@lru_cache(maxsize=4)
def newsy(**values: object) -> SimulatedMarket:
    return simulate(MarketSettings(kind=MarketKind.NEWS, n_symbols=12, n_days=500, seed=2, **values))


def tone_of_rows(market: SimulatedMarket) -> np.ndarray:
    """(n,) sign of the mean polarity of the items published since the close before, by TextBlob; 0 without."""
    panel, news = market.panel, market.news
    assert news is not None
    scores: dict[str, float] = {}
    for text in news.text:
        if text not in scores:
            scores[text] = TextBlob(text).sentiment.polarity
    total = np.zeros(len(panel))
    for symbol in panel.symbols:
        rows = panel.rows_of(symbol)
        mine = news.select(news.symbol == symbol)
        at = np.searchsorted(panel.known_at[rows], mine.published_at)  # the first close at or after publication
        np.add.at(total[rows], at, np.array([scores[text] for text in mine.text]))
    return np.sign(total)


@pytest.mark.parametrize("tone", [1, -1, 0])
def test_a_lexicon_agrees_with_every_text(tone: int) -> None:
    for text in all_texts()[tone]:
        polarity = TextBlob(text.replace("{symbol}", "SIM007")).sentiment.polarity
        assert np.sign(polarity) == tone, text


@pytest.mark.slow
@pytest.mark.parametrize("after_close_share", [0.0, 0.3, 1.0])
def test_probability_is_the_tone_known_at_the_close(after_close_share: float) -> None:
    market = newsy(after_close_share=after_close_share)
    known = ~np.isnan(market.probability)
    np.testing.assert_allclose(market.probability[known], 0.5 + 0.2 * tone_of_rows(market)[known])


def test_following_the_news_reaches_the_ceiling() -> None:
    market = newsy()
    tone, known = tone_of_rows(market), ~np.isnan(market.rise)
    spoken = known & (tone != 0)
    hit = (tone[spoken] > 0) == (market.rise[spoken] == 1)
    assert abs(hit.mean() - 0.7) < 1.96 * hit.std() / np.sqrt(len(hit))
    silent = known & (tone == 0)
    assert abs(market.rise[silent].mean() - 0.5) < 1.96 * 0.5 / np.sqrt(silent.sum())
    assert market.planned_ceiling == pytest.approx(0.6)
    assert market.ceiling == pytest.approx(0.5 + 0.2 * spoken.sum() / known.sum())


def test_items_are_sorted_and_some_come_out_after_the_close() -> None:
    market = newsy()
    news, panel = market.news, market.panel
    assert news is not None
    assert (np.diff(news.published_at) >= np.timedelta64(0)).all()
    assert set(news.source) == set(NEWS_KINDS)
    day = panel.known_at[panel.rows_of(panel.symbols[0])]
    gap = day[np.searchsorted(day, news.published_at)] - news.published_at
    evening = gap > np.timedelta64(391, "m")
    assert 0.2 < evening.mean() < 0.4
    assert (news.published_at <= panel.known_at.max()).all()


def test_only_listed_symbols_have_news() -> None:
    market = simulate(
        MarketSettings(
            kind=MarketKind.NEWS,
            n_symbols=12,
            n_days=400,
            late_listing=0.6,
            early_delisting=0.6,
            turnover_horizon=300,
        )
    )
    assert market.news is not None
    for symbol in market.panel.symbols:
        rows = market.panel.rows_of(symbol)
        published = market.news.published_at[market.news.symbol == symbol]
        assert published.min() > market.panel.time[rows][0]
        assert published.max() < market.panel.known_at[rows][-1]


def test_a_market_without_the_news_rule_has_none() -> None:
    assert simulate(MarketSettings(n_days=20)).news is None


def test_distractors_alone_move_nothing() -> None:
    market = simulate(MarketSettings(kind=MarketKind.NEWS, n_days=100, news_rate=0.0, distractor_rate=1.0))
    assert market.news is not None
    assert len(market.news) == len(market.panel)
    assert market.ceiling == 0.5
