"""Sentiment features: items on the right bar, decay, volume, and nothing from the future."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import News
from tradewind.features.news_rows import kind_of_items, row_of_items
from tradewind.features.registry import REGISTRY, FeatureContext, Group, Registry
from tradewind.features.sentiment import KINDS, SentimentSettings, decayed, declare_sentiment, row_sentiment

NAMES = tuple(f.name for f in REGISTRY if f.group is Group.SENTIMENT)


class NumberScorer:
    """Reads the score off the text."""

    def score(self, texts, /):
        return np.array([float(text) for text in texts], dtype=np.float64)


def make_news(panel, m=900, *, seed=0, sources=("news", "social", "blog"), first=60):
    rng = np.random.default_rng(seed)
    low, high = panel.times[first], panel.times[-1]
    at = np.sort(low + (rng.random(m) * (high - low + np.timedelta64(2, "D")).astype(np.int64)).astype("m8[us]"))
    return News(
        symbol=rng.choice([*panel.symbols[:-1], "ELSE"], m),
        published_at=at,
        source=rng.choice(sources, m),
        text=np.array([str(v) for v in np.round(rng.normal(0, 0.4, m), 3)], dtype=object),
    )


def value(panel, news, name):
    return REGISTRY.get(name).compute(FeatureContext(panel, news, NumberScorer()))


@pytest.fixture(scope="module")
def panel(make_panel):
    return make_panel(6, 160, seed=2, gaps=True)


@pytest.fixture(scope="module")
def news(panel):
    return make_news(panel)


@given(seed=st.integers(0, 200))
@settings(max_examples=15, deadline=None)
def test_items_go_to_the_first_bar_at_whose_close_they_were_known(panel, seed):
    items = make_news(panel, 60, seed=seed)
    got = row_of_items(panel, items)
    for i in range(len(items)):
        if items.symbol[i] not in panel.symbols:
            assert got[i] == -1
            continue
        rows = np.arange(len(panel))[panel.rows_of(items.symbol[i])]
        after = rows[panel.known_at[rows] >= items.published_at[i]]
        assert got[i] == (after[0] if len(after) else -1)


def test_an_item_of_the_very_second_of_the_close_is_known(make_panel):
    panel = make_panel(1, 5)
    at = panel.known_at[2] + np.array([0, 1], dtype="m8[us]")
    items = News(
        symbol=np.array(["S000", "S000"]),
        published_at=at,
        source=np.array(["news", "news"]),
        text=np.array(["1", "1"], dtype=object),
    )
    assert row_of_items(panel, items).tolist() == [2, 3]


def test_other_sources_count_as_news(news):
    kind = kind_of_items(news)
    assert set(kind[np.isin(news.source, ["news", "blog"])]) == {0}
    assert set(kind[news.source == "social"]) == {1}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("cut", [40, 75, 130])
def test_taking_the_future_away_changes_nothing(panel, news, name, cut):
    day = panel.times[cut]
    past = panel.until(day)
    known = news.select(news.published_at <= past.known_at.max())
    np.testing.assert_array_equal(value(panel, news, name)[panel.time <= day], value(past, known, name))


@pytest.mark.parametrize("name", [n for n in NAMES if n.endswith("transcript")])
def test_a_kind_without_items_is_nan_and_not_zero(panel, news, name):
    assert np.isnan(value(panel, news, name)).all()


@pytest.mark.parametrize("name", NAMES)
def test_no_news_at_all_is_nan(panel, news, name):
    none = news.select(np.zeros(len(news), dtype=bool))
    assert np.isnan(value(panel, none, name)).all()


def test_counts_start_with_the_kinds_first_item(panel, news):
    count = value(panel, news, "item_count_social")
    row = row_of_items(panel, news)
    social = row[(row >= 0) & (news.source == "social")]
    start = panel.known_at[social].min()
    assert np.isnan(count[panel.known_at < start]).all()
    expected = np.bincount(social, minlength=len(panel))
    np.testing.assert_allclose(count[panel.known_at >= start], np.log1p(expected[panel.known_at >= start]))


def test_sentiment_is_the_mean_and_fades_by_its_half_life(make_panel):
    panel = make_panel(1, 12)
    items = News(
        symbol=np.full(3, "S000"),
        published_at=panel.known_at[[2, 2, 8]],
        source=np.full(3, "social"),
        text=np.array(["0.8", "0.4", "-0.5"], dtype=object),
    )
    got = value(panel, items, "sentiment_social")
    assert np.isnan(got[:2]).all()
    np.testing.assert_allclose(got[2:8], 0.6 * 0.5 ** (np.arange(6) / 3))
    np.testing.assert_allclose(got[8:], -0.5 * 0.5 ** (np.arange(4) / 3))
    np.testing.assert_allclose(value(panel, items, "sentiment_all"), got)
    np.testing.assert_allclose(value(panel, items, "sentiment_volume_social")[2], 0.6 * np.log(3))
    dispersion = value(panel, items, "sentiment_dispersion_5_social")
    np.testing.assert_allclose(dispersion[2:7], np.std([0.8, 0.4], ddof=1))
    assert np.isnan(dispersion[8])


def test_the_half_life_is_a_setting(make_panel):
    panel = make_panel(1, 12)
    items = News(
        symbol=np.full(1, "S000"),
        published_at=panel.known_at[:1],
        source=np.full(1, "news"),
        text=np.array(["0.8"], dtype=object),
    )
    registry = Registry()
    declare_sentiment(registry, SentimentSettings(half_life=1.0))
    got = registry.get("sentiment_news").compute(FeatureContext(panel, items, NumberScorer()))
    np.testing.assert_allclose(got, 0.8 * 0.5 ** np.arange(12))
    assert registry.names() == NAMES


def test_a_burst_is_a_surprise_and_draws_attention(make_panel):
    panel = make_panel(3, 60)
    rows = np.concatenate([np.arange(panel.offsets[s], panel.offsets[s] + 60) for s in range(3)])
    rows = np.concatenate([rows, np.full(30, panel.offsets[1] + 50)])
    rows = rows[np.argsort(panel.known_at[rows], kind="stable")]
    items = News(
        symbol=np.array(panel.symbols)[panel.symbol_code[rows]],
        published_at=panel.known_at[rows],
        source=np.full(len(rows), "social"),
        text=np.full(len(rows), "0.1", dtype=object),
    )
    surprise = value(panel, items, "item_surprise_20_social")
    burst = panel.offsets[1] + 50
    assert surprise[burst] > 5
    np.testing.assert_allclose(surprise[panel.offsets[0] + 20 : panel.offsets[0] + 60], 0.0, atol=1e-9)
    assert value(panel, items, "attention_rank_20_social")[burst] == 1.0


def test_market_sentiment_is_the_mean_over_the_days_symbols(panel, news):
    rows = row_sentiment(FeatureContext(panel, news, NumberScorer()), "all")
    got = value(panel, news, "market_sentiment_all")
    for code in (70, 100, 140):
        day = panel.time_code == code
        np.testing.assert_allclose(got[day], np.nanmean(rows.mean[day]))


def test_the_lexicon_scores_where_no_scorer_is_given(make_panel):
    panel = make_panel(1, 4)
    items = News(
        symbol=np.full(2, "S000"),
        published_at=panel.known_at[[1, 2]],
        source=np.full(2, "news"),
        text=np.array(["profit surges, very bullish", "shares plunge on fraud"], dtype=object),
    )
    got = REGISTRY.get("sentiment_news").compute(FeatureContext(panel, items))
    assert got[1] > 0.3
    assert got[2] < -0.3


@given(half=st.floats(0.2, 30), seed=st.integers(0, 100))
@settings(max_examples=20, deadline=None)
def test_decay_never_crosses_a_symbol_and_never_grows(half, seed):
    rng = np.random.default_rng(seed)
    mean = np.where(rng.random(40) < 0.7, np.nan, rng.normal(size=40))
    mean[20] = np.nan
    got = decayed(mean, np.array([0, 20, 40]), half)
    assert np.isnan(got[20])
    quiet = np.isnan(mean[1:]) & np.isfinite(got[1:])
    assert (np.abs(got[1:][quiet]) <= np.abs(got[:-1][quiet])).all()
    np.testing.assert_array_equal(got[np.isfinite(mean)], mean[np.isfinite(mean)])


def test_every_kind_has_every_feature():
    assert len(NAMES) == 8 * len(KINDS)
