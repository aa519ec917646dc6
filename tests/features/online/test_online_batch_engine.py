"""Slices of a panel and the oracle that other engines are compared with."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import News
from tradewind.features.online.batch import BatchEngine
from tradewind.features.online.slices import slices_of
from tradewind.features.registry import REGISTRY, FeatureContext
from tradewind.models.past import return_scale
from tradewind.quality import mark_occasions

NAMES = ("sentiment_all", "return_5", "return_rank_1", "fear_change_1", "item_count_social")


@pytest.fixture(scope="module")
def market(make_panel):
    panel = make_panel(5, 60, seed=1, gaps=True)
    panel = replace(panel, fear=np.linspace(10.0, 20.0, len(panel)))
    rng = np.random.default_rng(0)
    m = 150
    published = np.sort(rng.choice(panel.known_at, m) - rng.integers(0, 4 * 86_400, m).astype("timedelta64[s]"))
    text = np.array(["good growth", "loss and fraud", "ünïcode \x00", ""], dtype=object)[rng.integers(0, 4, m)]
    news = News(
        symbol=np.array([*panel.symbols, "ELSE"])[rng.integers(0, 6, m)],
        published_at=published,
        source=np.array(["news", "social", "transcript", "other"])[rng.integers(0, 4, m)],
        text=text,
    )
    return panel, news


def make_engine(panel, names=NAMES):
    return BatchEngine(panel.symbols, panel.sectors, names, fear=True, news=True, scale=return_scale)


def test_slices_hold_every_row_once_in_order_of_time_and_symbol(market):
    panel, news = market
    parts = list(slices_of(panel, news))
    assert [part.time for part in parts] == panel.times.astype(np.int64).tolist()
    order = np.lexsort((panel.symbol_code, panel.time_code))
    np.testing.assert_array_equal(np.concatenate([part.adj_close for part in parts]), panel.adj_close[order])
    np.testing.assert_array_equal(np.concatenate([part.code for part in parts]), panel.symbol_code[order])
    assert all((np.diff(part.code) > 0).all() for part in parts)


def test_items_come_with_the_first_bar_that_knows_them(market):
    panel, news = market
    seen = 0
    for part in slices_of(panel, news):
        assert (np.diff(part.news.published_at) >= 0).all()
        for row, when in zip(part.news.row, part.news.published_at, strict=True):
            rows = panel.rows_of(panel.symbols[part.code[row]])
            known = panel.known_at[rows].astype(np.int64)
            assert known[np.searchsorted(known, when)] == part.known_at[row]
            seen += 1
    assert 0 < seen < len(news)


def test_the_oracle_gives_what_batch_gives(market):
    panel, news = market
    engine = make_engine(panel)
    got = [engine.advance(part) for part in slices_of(panel, news)]
    order = np.lexsort((panel.symbol_code, panel.time_code))
    context = FeatureContext(panel, news)
    for j, name in enumerate(NAMES):
        expected = REGISTRY.get(name).compute(context)[order]
        np.testing.assert_array_equal(np.concatenate([part.values[:, j] for part in got]), expected)
    np.testing.assert_array_equal(np.concatenate([part.scale for part in got]), return_scale(panel)[order])
    marks = mark_occasions(panel, news=news)[order]
    np.testing.assert_array_equal(np.concatenate([part.occasion for part in got]), marks)


def test_the_oracle_goes_back_to_a_memory(market):
    panel, news = market
    parts = list(slices_of(panel, news))[:30]
    engine = make_engine(panel)
    for part in parts[:20]:
        engine.advance(part)
    state = engine.snapshot()
    expected = [engine.advance(part).values for part in parts[20:]]
    other = make_engine(panel)
    other.restore(state)
    for part, values in zip(parts[20:], expected, strict=True):
        np.testing.assert_array_equal(other.advance(part).values, values)


def test_slices_out_of_order_and_memories_of_others_are_refused(market):
    panel, news = market
    parts = list(slices_of(panel, news))[:2]
    engine = make_engine(panel)
    engine.advance(parts[1])
    with pytest.raises(ValueError, match="does not come after"):
        engine.advance(parts[0])
    with pytest.raises(ValueError, match="must ascend"):
        engine.advance(replace(parts[1], time=parts[1].time + 1, code=np.full(len(parts[1]), 99)))
    with pytest.raises(ValueError, match="other symbols"):
        make_engine(panel, NAMES[:2]).restore(engine.snapshot())
