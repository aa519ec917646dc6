"""The text head: learns what words say, never from the label it is asked about."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from tradewind.core import Labels, News, NotFittedError, UsageError
from tradewind.features.labels import make_labels
from tradewind.features.text import TextHead, TextHeadSettings

SMALL = TextHeadSettings(n_features=4096)
FILLER = [f"word{chr(97 + i // 26)}{chr(97 + i % 26)}" for i in range(300)]


def news_of(panel, text_of_row, rows, hours=2):
    """One item for each of ``rows``, published ``hours`` before the row was known."""
    order = rows[np.argsort(panel.known_at[rows], kind="stable")]
    return News(
        symbol=np.array(panel.symbols)[panel.symbol_code[order]],
        published_at=panel.known_at[order] - np.timedelta64(hours, "h"),
        source=np.full(len(order), "social"),
        text=np.array([text_of_row(r) for r in order], dtype=object),
    )


def relabelled(labels, direction):
    return Labels(
        start=labels.start, end=labels.end, direction=direction, forward_return=labels.forward_return, horizon=1
    )


@pytest.fixture(scope="module")
def panel(make_panel):
    return make_panel(8, 300, seed=4)


@pytest.fixture(scope="module")
def labels(panel):
    return make_labels(panel)


@pytest.fixture(scope="module")
def told(panel, labels):
    """Texts whose one word in ten tells the next move, right in 80 % of cases."""
    rng = np.random.default_rng(0)

    def text(r):
        right = rng.random() < 0.8
        rise = (labels.direction[r] == 1) == right
        return " ".join([*rng.choice(FILLER, 9), "mooning" if rise else "cratering"])

    rows = np.flatnonzero(np.random.default_rng(1).random(len(panel)) < 0.7)
    return news_of(panel, text, rows)


def split(panel, labels, day="2014-11-01"):
    return np.flatnonzero(labels.known_by(day)), np.flatnonzero(panel.time > np.datetime64(day))


def accuracy(labels, value, rows):
    rows = rows[~np.isnan(value[rows]) & ~np.isnan(labels.direction[rows])]
    return ((value[rows] > 0.5) == (labels.direction[rows] == 1)).mean()


def test_learns_what_the_words_say(panel, labels, told):
    train, test = split(panel, labels)
    value = TextHead(SMALL).fit(panel, labels, told, train, seed=0).transform(panel, told)
    assert accuracy(labels, value, test) > 0.74
    assert 0.74 < accuracy(labels, value, train) < 0.86


def test_rows_without_news_are_nan(panel, labels, told):
    train, _ = split(panel, labels)
    value = TextHead(SMALL).fit(panel, labels, told, train, seed=0).transform(panel, told)
    has = np.zeros(len(panel), dtype=bool)
    key = set(zip(told.symbol.tolist(), told.published_at.tolist(), strict=True))
    for r in range(len(panel)):
        moment = (panel.known_at[r] - np.timedelta64(2, "h")).item()
        has[r] = (panel.symbols[panel.symbol_code[r]], moment) in key
    np.testing.assert_array_equal(np.isfinite(value), has)
    assert ((value[has] > 0) & (value[has] < 1)).all()


@pytest.mark.slow
def test_random_labels_stay_random_on_the_training_rows(panel, labels):
    rng = np.random.default_rng(5)
    news = news_of(panel, lambda r: " ".join(rng.choice(FILLER, 8)), np.arange(len(panel)))
    scores, inside = [], []
    for seed in range(4):
        coin = np.random.default_rng(seed).integers(0, 2, len(panel)).astype(float)
        coin[np.isnan(labels.direction)] = np.nan
        train, _ = split(panel, labels)
        head = TextHead(SMALL).fit(panel, relabelled(labels, coin), news, train, seed=0)
        scores.append(roc_auc_score(coin[train], head.transform(panel, news)[train]))
        head._edges = head._edges - np.timedelta64(9999, "D")  # every row then gets the head that saw all labels
        inside.append(roc_auc_score(coin[train], head.transform(panel, news)[train]))
    assert abs(np.mean(scores) - 0.5) < 0.03
    assert np.mean(inside) > 0.6  # the leak that cross-fitting prevents is there to be prevented


def test_a_text_that_names_its_own_day_does_not_leak(panel, labels):
    """A word that only occurs on one day tells the day's common move to a head that saw that day."""
    rng = np.random.default_rng(3)
    mood = rng.integers(0, 2, len(panel.times)).astype(float)
    direction = np.where(np.isnan(labels.direction), np.nan, mood[panel.time_code])
    news = news_of(
        panel,
        lambda r: f"day{chr(97 + panel.time_code[r] // 26)}{chr(97 + panel.time_code[r] % 26)}",
        np.arange(len(panel)),
    )
    train, _ = split(panel, labels)
    value = TextHead(SMALL).fit(panel, relabelled(labels, direction), news, train, seed=0).transform(panel, news)
    assert abs(accuracy(relabelled(labels, direction), value, train) - 0.5) < 0.1


def test_labels_outside_the_training_rows_change_nothing(panel, labels, told):
    train, test = split(panel, labels)
    one = TextHead(SMALL).fit(panel, labels, told, train, seed=0).transform(panel, told)
    changed = labels.direction.copy()
    changed[np.setdiff1d(np.arange(len(panel)), train)] = 1.0
    two = TextHead(SMALL).fit(panel, relabelled(labels, changed), told, train, seed=0).transform(panel, told)
    np.testing.assert_array_equal(one, two)
    assert len(test)


def test_taking_the_future_away_changes_no_value(panel, labels, told):
    train, _ = split(panel, labels)
    head = TextHead(SMALL).fit(panel, labels, told, train, seed=0)
    whole = head.transform(panel, told)
    for day in (panel.times[150], panel.times[270]):
        past = panel.until(day)
        items = told.select(told.published_at <= past.known_at.max())
        np.testing.assert_array_equal(whole[panel.time <= day], head.transform(past, items))


def test_training_rows_are_purged_around_each_block(panel, labels):
    head = TextHead(SMALL)
    start, end = labels.start[:250], labels.end[:250]
    head._edges = np.append(start[[0, 50, 100, 150, 200]], start[-1])
    outside = head._outside(start, end, 2)
    assert not outside[100:150].any()
    assert not outside[99]  # its label ends on the block's first day
    assert not outside[150]  # the block's last label ends there
    assert outside[:99].all()
    assert outside[151:].all()


def test_saved_and_read_again(panel, labels, told, tmp_path):
    train, _ = split(panel, labels)
    head = TextHead(SMALL).fit(panel, labels, told, train, seed=0)
    head.save(tmp_path / "head")
    again = TextHead.load(tmp_path / "head")
    np.testing.assert_array_equal(again.transform(panel, told), head.transform(panel, told))
    assert again.settings == SMALL
    assert sorted(p.name for p in (tmp_path / "head").iterdir()) == ["text_head.json", "text_head.npz"]
    assert json.loads((tmp_path / "head" / "text_head.json").read_text())["embedder"] is None


class LetterEmbedder:
    name = "letters"

    def embed(self, texts, /):
        return np.array([[text.count("m"), text.count("c"), len(text)] for text in texts], dtype=np.float32).reshape(
            -1, 3
        )


def test_works_on_an_embedder(panel, labels, told, tmp_path):
    train, test = split(panel, labels)
    head = TextHead(SMALL, embedder=LetterEmbedder()).fit(panel, labels, told, train, seed=0)
    value = head.transform(panel, told)
    assert accuracy(labels, value, test) > 0.65
    head.save(tmp_path)
    np.testing.assert_array_equal(TextHead.load(tmp_path, embedder=LetterEmbedder()).transform(panel, told), value)
    with pytest.raises(UsageError, match="fitted on letters, not on hashed words"):
        TextHead.load(tmp_path)


def test_wrong_use_is_told_clearly(panel, labels, told):
    with pytest.raises(NotFittedError):
        TextHead().transform(panel, told)
    with pytest.raises(UsageError, match="100 of both directions"):
        TextHead().fit(panel, labels, told.select(np.arange(20)), np.arange(len(panel)), seed=0)


def test_no_news_at_prediction_gives_nan(panel, labels, told):
    train, _ = split(panel, labels)
    head = TextHead(SMALL).fit(panel, labels, told, train, seed=0)
    none = told.select(np.zeros(len(told), dtype=bool))
    assert np.isnan(head.transform(panel, none)).all()


@pytest.mark.data
@pytest.mark.slow
def test_tweets_tell_of_today_and_are_not_let_tell_of_tomorrow(research_data):
    import polars as pl
    from scipy.stats import spearmanr

    from tradewind.core import Panel
    from tradewind.features.labels import LabelSettings
    from tradewind.features.news_rows import row_of_items
    from tradewind.features.text import LexiconScorer

    bars = pl.read_parquet(research_data / "acl18" / "prices.parquet")
    items = pl.read_parquet(research_data / "acl18" / "news.parquet").sort("published_at")
    panel = Panel.from_columns(
        {
            "symbol": bars["symbol"].to_numpy(),
            "time": bars["date"].to_numpy(),
            **{name: bars[name].to_numpy() for name in ("open", "high", "low", "close", "adj_close", "volume")},
        }
    )
    news = News(
        symbol=items["symbol"].to_numpy().astype(str),
        published_at=items["published_at"].dt.replace_time_zone(None).to_numpy().astype("datetime64[us]"),
        source=items["source"].to_numpy().astype(str),
        text=items["text"].to_numpy().astype(object),
    )
    labels = make_labels(panel, LabelSettings(up=0.0055, down=-0.005))
    train = np.flatnonzero(labels.known_by("2015-05-31"))
    value = TextHead().fit(panel, labels, news, train, seed=0).transform(panel, news)
    assert abs(accuracy(labels, value, train) - 0.5) < 0.02

    row, score = row_of_items(panel, news), LexiconScorer().score(list(news.text))
    told = (row >= 0) & (score != 0)
    count = np.bincount(row[told], minlength=len(panel))
    has = np.flatnonzero(count)
    has = has[~np.isin(has, panel.offsets[:-1])]
    mean = np.bincount(row[told], weights=score[told], minlength=len(panel))[has] / count[has]
    today = panel.adj_close[has] / panel.adj_close[has - 1] - 1
    tomorrow = labels.forward_return[has]
    known = np.isfinite(tomorrow)
    assert spearmanr(mean, today).statistic > 0.05
    assert abs(spearmanr(mean[known], tomorrow[known]).statistic) < 0.03
