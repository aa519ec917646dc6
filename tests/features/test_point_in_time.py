"""Contract of every registered feature: it knows nothing of the future, of price levels, or of the order of symbols.

The features are taken from the registry, so a new one is held to the contract without a word here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from tradewind.core import News, Panel
from tradewind.features import REGISTRY, FeatureMatrix, Group, Registry, compute_features, table

PRICES = ("open", "high", "low", "close", "adj_close")
WORDS = ("profit beats record growth", "loss fraud lawsuit falls", "shares traded today", "upgrade strong buy", "")
NAMES = tuple(feature.name for feature in REGISTRY)
OWN = tuple(feature.name for feature in REGISTRY if feature.own_bars)


@dataclass(frozen=True, eq=False)
class World:
    panel: Panel
    news: News
    values: FeatureMatrix


def _news(panel: Panel, seed: int = 1, n: int = 8000) -> News:
    rng = np.random.default_rng(seed)
    span = int((panel.times[-1] - panel.times[0]) / np.timedelta64(1, "us"))
    published = np.sort(panel.times[0] + rng.integers(0, span, n).astype("timedelta64[us]"))
    return News(
        symbol=rng.choice(np.array(panel.symbols), n),
        published_at=published,
        source=rng.choice(np.array(["news", "social", "transcript"]), n),
        text=rng.choice(np.array(WORDS, dtype=object), n),
    )


def _with_fear(panel: Panel) -> Panel:
    level = 15 + 5 * np.sin(np.arange(len(panel.times)) / 9.0) + np.random.default_rng(2).random(len(panel.times))
    return replace(panel, fear=level[panel.time_code])


@pytest.fixture(scope="module")
def world(make_panel: Callable[..., Panel]) -> World:
    """Seven symbols that start late and miss days, one that ends early, with missing fields, news and fear."""
    panel = _with_fear(make_panel(7, 420, seed=11, gaps=True))
    rows = panel.rows_of("S003")
    early_end = np.ones(len(panel), dtype=bool)
    early_end[rows.stop - 60 : rows.stop] = False
    panel = panel.select(early_end)
    rng = np.random.default_rng(5)
    holed = {}
    for name in (*PRICES, "volume"):
        column = getattr(panel, name).copy()
        column[rng.random(len(panel)) < 0.002] = np.nan
        column[panel.rows_of("S006")] = getattr(panel, name)[panel.rows_of("S006")]
        holed[name] = column
    panel = replace(panel, **holed)
    news = _news(panel)
    return World(panel, news, compute_features(panel, news))


def _same(a: FeatureMatrix, b: FeatureMatrix, rows: np.ndarray) -> list[str]:
    """Names of the features whose values differ in any bit: ``a`` on ``rows`` (n,) against ``b`` in full."""
    assert a.names == b.names
    return [n for n in a.names if not np.array_equal(a[n][rows], b[n], equal_nan=True)]


def test_every_feature_is_in_the_table(world: World) -> None:
    assert world.values.names == NAMES
    assert len(NAMES) >= 60
    assert world.values.values.dtype == np.float32
    assert not np.isinf(world.values.values).any()


@pytest.mark.parametrize("part", [0.15, 0.4, 0.7, 0.93])
def test_truncating_the_future_changes_no_value(world: World, part: float) -> None:
    moment = world.panel.times[int(part * len(world.panel.times))]
    past = compute_features(world.panel.until(moment), world.news)
    assert _same(world.values, past, world.panel.time <= moment) == []


def test_the_check_finds_a_look_ahead(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = Registry()
    planted.declare("whole_history_mean", group=Group.PRICE, window=1, source="a planted leak")(
        lambda context: context.panel.adj_close / np.nanmean(context.panel.adj_close)
    )
    planted.declare("same_day", group=Group.PRICE, window=1, source="no leak")(lambda context: context.panel.close)
    monkeypatch.setattr(table, "REGISTRY", planted)
    moment = world.panel.times[300]
    past = compute_features(world.panel.until(moment))
    assert _same(compute_features(world.panel), past, world.panel.time <= moment) == ["whole_history_mean"]


@pytest.mark.parametrize("part", [0.3, 0.8])
def test_another_future_changes_no_value(world: World, part: float) -> None:
    panel, news = world.panel, world.news
    moment = panel.times[int(part * len(panel.times))]
    later = panel.time > moment
    rng = np.random.default_rng(8)
    changed = {name: getattr(panel, name).copy() for name in (*PRICES, "volume", "fear")}
    for column in changed.values():
        column[later] *= rng.lognormal(0.0, 0.5, int(later.sum()))
        column[later & (rng.random(len(panel)) < 0.05)] = np.nan
    known = panel.known_at[~later].max()
    text = news.text.copy()
    text[news.published_at > known] = "loss fraud lawsuit falls"
    other = compute_features(replace(panel, **changed), replace(news, text=text))
    assert not np.array_equal(other.values[later], world.values.values[later], equal_nan=True)
    differing = [n for n in NAMES if not np.array_equal(other[n][~later], world.values[n][~later], equal_nan=True)]
    assert differing == []


def test_news_published_after_a_bar_was_known_is_not_in_it(world: World) -> None:
    moment = world.panel.times[250]
    known = world.panel.known_at[world.panel.time <= moment].max()
    heard = world.news.select(world.news.published_at <= known)
    past = compute_features(world.panel.until(moment), heard)
    assert _same(world.values, past, world.panel.time <= moment) == []


def test_the_level_of_adjusted_prices_does_not_matter(world: World) -> None:
    panel = world.panel
    scale = np.exp(np.random.default_rng(3).normal(0, 2, panel.n_symbols))
    moved = replace(panel, adj_close=panel.adj_close * scale[panel.symbol_code])
    got = compute_features(moved, world.news)
    for name in NAMES:
        # Shares are counted in units of the adjusted price, so a change of level cancels but for rounding.
        np.testing.assert_allclose(got[name], world.values[name], rtol=2e-4, atol=2e-5, err_msg=name)


def test_a_split_does_not_show(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(5, 330, seed=13)
    factor = np.where(panel.time_code < 200, 4.0, 1.0)  # four for one at day 200, adj_close already adjusted
    split = replace(
        panel,
        **{name: getattr(panel, name) * factor for name in ("open", "high", "low", "close")},
        volume=panel.volume / factor,
    )
    before, after = compute_features(panel, names=OWN), compute_features(split, names=OWN)
    for name in OWN:
        np.testing.assert_allclose(after[name], before[name], rtol=2e-4, atol=2e-5, err_msg=name)


def test_the_order_of_symbols_does_not_matter(world: World) -> None:
    panel = world.panel
    rename = {name: f"S{len(panel.symbols) - i:03d}" for i, name in enumerate(panel.symbols)}
    symbol = np.array([rename[name] for name in panel.symbols])[panel.symbol_code]
    columns = {name: getattr(panel, name) for name in ("time", "known_at", *PRICES, "volume", "fear")}
    turned = Panel.from_columns(
        {"symbol": symbol, **columns},
        sectors={rename[s]: sector for s, sector in zip(panel.symbols, panel.sectors, strict=True)},
        market_cap={rename[s]: float(cap) for s, cap in zip(panel.symbols, panel.market_cap, strict=True)},
    )
    news = replace(world.news, symbol=np.array([rename[s] for s in world.news.symbol]))
    got = compute_features(turned, news)
    order = np.lexsort((panel.time, symbol))
    for name in NAMES:
        np.testing.assert_allclose(got[name], world.values[name][order], rtol=1e-4, atol=1e-5, err_msg=name)


def test_features_of_a_symbols_own_bars_are_equal_when_it_stands_alone(world: World) -> None:
    for symbol in world.panel.symbols:
        rows = world.panel.rows_of(symbol)
        alone = np.zeros(len(world.panel), dtype=bool)
        alone[rows] = True
        got = compute_features(world.panel.select(alone), names=OWN)
        assert [n for n in OWN if not np.array_equal(got[n], world.values[n][rows], equal_nan=True)] == []


def test_a_feature_is_missing_before_its_window_and_there_from_then_on(world: World) -> None:
    panel = world.panel
    bar = np.arange(len(panel)) - panel.offsets[panel.symbol_code]
    for feature in REGISTRY:
        column = world.values[feature.name]
        # A feature of the whole market can be there at a symbol's first bar, once the market has had its bars.
        elapsed = bar if feature.own_bars else panel.time_code
        if feature.needs != "news":
            assert np.isnan(column[elapsed < feature.window - 1]).all(), f"{feature.name} has values before its window"
        complete = column[panel.rows_of("S006")][feature.window - 1 :]
        share = 1.0 - np.isnan(complete).mean()
        assert share > (0.9 if feature.own_bars else 0.5), f"{feature.name} is there in {share:.0%} of the rows"


def test_every_feature_tells_its_group_window_and_source() -> None:
    for feature in REGISTRY:
        assert feature.window >= 1, feature.name
        assert len(feature.source) > 10, feature.name
        assert feature.needs in {"bars", "news", "fear"}, feature.name
        assert feature.name == feature.name.lower()
