"""Every feature, slice by slice, against its batch definition over whole histories."""

from __future__ import annotations

import sys
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba.core.registry import CPUDispatcher

from tradewind.core import News, Panel, UsageError
from tradewind.core.arrays import freeze
from tradewind.data import MarketSettings, load_demo, simulate
from tradewind.features import REGISTRY
from tradewind.features.online.across import ACROSS_NAMES
from tradewind.features.online.engine import OnlineFeatures
from tradewind.features.online.own import online_names
from tradewind.features.online.protocol import SliceNews
from tradewind.features.online.slices import slices_of
from tradewind.features.online.warm import warm_up
from tradewind.features.registry import Feature, FeatureContext, Group
from tradewind.features.sentiment import KINDS
from tradewind.models.past import return_scale
from tradewind.quality import mark_occasions

ALL = REGISTRY.names()


class NumberScorer:
    """Reads the score off the text, and counts the texts it was given."""

    def __init__(self):
        self.asked = 0

    def score(self, texts, /):
        self.asked += len(texts)
        return np.array([float(text) for text in texts], dtype=np.float64)


def with_fear(panel: Panel, *, seed: int = 0, missing: float = 0.02) -> Panel:
    rng = np.random.default_rng(seed)
    level = 18 * np.exp(rng.normal(0, 0.1, len(panel.times)).cumsum() * 0.2)
    fear = level[panel.time_code]
    return replace(panel, fear=np.where(rng.random(len(panel)) < missing, np.nan, fear))


def spoilt(panel: Panel, *, seed: int = 0, share: float = 0.01) -> Panel:
    """Return the panel with fields missing here and there, and bars without volume."""
    rng = np.random.default_rng(seed)
    columns = {}
    for name in ("open", "high", "low", "close", "adj_close", "volume"):
        column = getattr(panel, name).copy()
        column[rng.random(len(panel)) < share] = np.nan
        columns[name] = column
    columns["volume"][rng.random(len(panel)) < share] = 0.0
    return replace(panel, **columns)


def made_news(panel: Panel, m: int = 3000, *, seed: int = 0) -> News:
    """Return items of all kinds, three quarters of the way in bursts, some of a symbol the panel does not hold."""
    rng = np.random.default_rng(seed)
    low, high = panel.times[0], panel.times[-1]
    spread = rng.random(m) ** 2
    spread[: m // 4] = np.round(spread[: m // 4] * 40) / 40
    at = np.sort(low + (spread * (high - low + np.timedelta64(2, "D")).astype(np.int64)).astype("m8[us]"))
    return News(
        symbol=rng.choice([*panel.symbols[1:], "ELSE"], m),
        published_at=at,
        source=rng.choice(["news", "social", "transcript", "blog"], m, p=[0.5, 0.3, 0.1, 0.1]),
        text=np.array([str(v) for v in np.round(rng.normal(0, 0.4, m), 1)], dtype=object),
    )


def names_for(panel: Panel, news: News | None) -> tuple[str, ...]:
    inputs = ["bars"] + ["fear"] * (panel.fear is not None) + ["news"] * (news is not None)
    return REGISTRY.names(inputs=inputs)


def make_engine(panel, news, names=None, **given) -> OnlineFeatures:
    names = names_for(panel, news) if names is None else names
    return OnlineFeatures(
        panel.symbols, panel.sectors, tuple(names), fear=panel.fear is not None, news=news is not None, **given
    )


def assert_equal_to_batch(panel: Panel, news: News | None, *, names=None, scorer=None) -> dict[str, int]:
    """Compare every column, scale and mark; return how many values of each feature are defined."""
    engine = make_engine(panel, news, names, scorer=scorer)
    got = [engine.advance(part) for part in slices_of(panel, news)]
    values = np.concatenate([part.values for part in got])
    order = np.lexsort((panel.symbol_code, panel.time_code))
    context = FeatureContext(panel, news, scorer)
    defined = {}
    for j, name in enumerate(engine.names):
        expected = np.asarray(REGISTRY.get(name).compute(context), dtype=np.float64)[order]
        expected[~np.isfinite(expected)] = np.nan
        np.testing.assert_allclose(values[:, j], expected, rtol=1e-9, atol=1e-12, equal_nan=True, err_msg=name)
        defined[name] = int(np.isfinite(expected).sum())
    scale = np.concatenate([part.scale for part in got])
    np.testing.assert_allclose(scale, return_scale(panel)[order], rtol=1e-9, atol=1e-15, equal_nan=True)
    marks = mark_occasions(panel, news=news)[order]
    np.testing.assert_array_equal(np.concatenate([part.occasion for part in got]), marks)
    return defined


def test_every_feature_of_the_registry_has_an_online_form():
    assert set(online_names()) | set(ACROSS_NAMES) == set(ALL)
    assert not set(online_names()) & set(ACROSS_NAMES)


@pytest.mark.slow
def test_ragged_history_with_gaps_fear_and_news(make_panel):
    panel = spoilt(with_fear(make_panel(7, 420, seed=3, gaps=True)), seed=1, share=0.001)
    news = made_news(panel)
    assert mark_occasions(panel, news=news).sum() > 5
    defined = assert_equal_to_batch(panel, news, scorer=NumberScorer())
    few = {name: count for name, count in defined.items() if count <= 50}
    assert set(defined) == set(ALL)
    assert not few  # every feature was compared on numbers, not on NaN alone


@pytest.mark.parametrize("n_symbols", [1, 2])
def test_days_of_one_symbol_and_no_news_yet(make_panel, n_symbols):
    panel = make_panel(n_symbols, 90, seed=4, gaps=True)
    nothing = made_news(panel).select(np.zeros(3000, dtype=bool))
    assert_equal_to_batch(panel, nothing, scorer=NumberScorer())


def test_prices_that_do_not_move_tie_as_in_batch(make_panel):
    panel = make_panel(5, 130, seed=6)
    flat = {name: np.full(len(panel), 10.0) for name in ("open", "high", "low", "close", "adj_close")}
    volume = np.where(panel.symbol_code == 2, 500.0, panel.volume)
    assert_equal_to_batch(with_fear(replace(panel, **flat, volume=volume)), None)


def test_sectors_not_known_and_symbols_that_come_and_go(make_panel):
    panel = make_panel(6, 150, seed=8, gaps=True)
    late = panel.symbol_code == 4
    keep = ~((late & (panel.time_code < 110)) | ((panel.symbol_code == 1) & (panel.time_code > 70)))
    panel = replace(panel.select(keep), sectors=("Tech", "unknown", "Tech", "unknown", "Energy", "Tech"))
    assert_equal_to_batch(panel, None)


@pytest.mark.slow
@given(seed=st.integers(0, 10_000), n_symbols=st.integers(1, 5), share=st.sampled_from([0.0, 0.05, 0.4]))
@settings(max_examples=12, deadline=None)
def test_any_history(make_panel, seed, n_symbols, share):
    panel = spoilt(with_fear(make_panel(n_symbols, 75, seed=seed, gaps=True), seed=seed), seed=seed, share=share)
    news = made_news(panel, 200, seed=seed)
    assert_equal_to_batch(panel, news, scorer=NumberScorer())


@pytest.mark.slow
@given(seed=st.integers(0, 10_000), cut=st.integers(1, 100))
@settings(max_examples=8, deadline=None)
def test_a_restored_memory_goes_on_bit_for_bit(make_panel, seed, cut):
    panel = with_fear(make_panel(4, 110, seed=seed, gaps=True))
    news = made_news(panel, 300, seed=seed)
    parts = list(slices_of(panel, news))
    engine = make_engine(panel, news, scorer=NumberScorer())
    for part in parts[:cut]:
        engine.advance(part)
    state = {name: array.copy() for name, array in engine.snapshot().items()}
    expected = [engine.advance(part) for part in parts[cut:]]
    again = make_engine(panel, news, scorer=NumberScorer())
    for engine_ in (engine, again):  # the engine itself goes back as well, to take a corrected bar in
        engine_.restore(state)
        for part, before in zip(parts[cut:], expected, strict=True):
            now = engine_.advance(part)
            np.testing.assert_array_equal(now.values, before.values)
            np.testing.assert_array_equal(now.scale, before.scale)
            np.testing.assert_array_equal(now.occasion, before.occasion)


def test_columns_are_those_asked_for_in_their_order(make_panel):
    panel = with_fear(make_panel(5, 80, seed=2))
    names = ("sector_return_rank_20", "rsi_14", "fear_change_1", "breadth_rising", "beta_60", "return_5", "fear_greed")
    assert make_engine(panel, None, names).names == names
    assert_equal_to_batch(panel, None, names=names)
    assert_equal_to_batch(panel, made_news(panel), names=("item_count_all", "return_1"), scorer=NumberScorer())
    assert_equal_to_batch(panel, made_news(panel), names=())


def test_texts_are_scored_once_and_only_where_a_score_is_wanted(make_panel):
    panel = make_panel(4, 60, seed=2)
    news = made_news(panel, 400)
    scorer = NumberScorer()
    engine = make_engine(panel, news, ("sentiment_all", "sentiment_news"), scorer=scorer)
    state = engine.snapshot()
    for _ in range(2):
        engine.restore(state)
        for part in slices_of(panel, news):
            engine.advance(part)
    assert 0 < scorer.asked <= len(set(news.text))
    counting = NumberScorer()
    engine = make_engine(panel, news, ("item_count_all",), scorer=counting)
    for part in slices_of(panel, news):
        engine.advance(part)
    assert counting.asked == 0


class FailingOnce(NumberScorer):
    """Fails at the tenth text it is given, once."""

    def score(self, texts, /):
        before, self.asked = self.asked, self.asked + len(texts)
        if before < 10 <= self.asked:
            raise OSError("the scorer is away")
        return super().score(texts)


def test_a_slice_can_be_given_again_after_its_scorer_failed(make_panel):
    panel = make_panel(4, 60, seed=2)
    news = made_news(panel, 400)
    engine = make_engine(panel, news, scorer=FailingOnce())
    other = make_engine(panel, news, scorer=NumberScorer())
    failed = 0
    for part in slices_of(panel, news):
        try:
            got = engine.advance(part)
        except OSError:
            failed += 1
            got = engine.advance(part)
        np.testing.assert_array_equal(got.values, other.advance(part).values)
    assert failed == 1


def test_what_does_not_fit_is_refused(make_panel):
    panel = make_panel(4, 30, seed=2)
    with pytest.raises(UsageError, match="needs fear"):
        make_engine(panel, None, ("fear_zscore_250",))
    with pytest.raises(UsageError, match="asked for twice"):
        make_engine(panel, None, ("return_1", "return_1"))
    with pytest.raises(UsageError, match="there is no feature"):
        make_engine(panel, None, ("return_one",))
    with pytest.raises(ValueError, match="sorted and distinct"):
        OnlineFeatures(("B", "A"), ("x", "x"), ("return_1",), fear=False, news=False)
    parts = list(slices_of(panel))
    engine = make_engine(panel, None, ("return_1", "return_rank_1"))
    for part in parts[:5]:
        engine.advance(part)
    with pytest.raises(ValueError, match="does not come after"):
        engine.advance(parts[4])
    with pytest.raises(ValueError, match="one row a symbol"):
        engine.advance(replace(parts[5], code=parts[5].code[::-1]))
    with pytest.raises(ValueError, match="other symbols, sectors or features"):
        make_engine(panel, None, ("return_1",)).restore(engine.snapshot())
    with pytest.raises(ValueError, match="every column"):
        engine.advance(replace(parts[5], fear=np.ones(1)))
    for row, kind in ((len(parts[5]), 0), (-1, 0), (0, 3)):
        items = SliceNews(row=np.array([row]), kind=np.array([kind]), published_at=np.zeros(1, dtype=int), text=["up"])
        with pytest.raises(ValueError, match="an item must belong"):
            engine.advance(replace(parts[5], news=items))
    clean = make_engine(panel, None, ("return_1", "return_rank_1"))
    expected = [clean.advance(part).values for part in parts[:6]][-1]
    np.testing.assert_array_equal(engine.advance(parts[5]).values, expected)  # what was refused changed nothing


def test_warming_up_compiles_what_a_stream_runs(make_panel):
    assert warm_up() > 0.0
    assert warm_up() < 5.0  # what the first one compiled is there
    panel = with_fear(make_panel(3, 30, seed=2))
    engine = make_engine(panel, made_news(panel, 30), scorer=NumberScorer())
    before = compiled()
    for part in slices_of(panel, made_news(panel, 30)):
        frozen = {name: freeze(getattr(part, name)) for name in (*EMPTIED, "fear")}
        engine.advance(replace(part, **frozen))
    assert compiled() == before


def compiled() -> dict[str, int]:
    """Return in how many forms each compiled function of the online features is there."""
    return {
        f"{module}.{name}": len(function.signatures)
        for module, content in list(sys.modules.items())
        if module.startswith("tradewind.features.online")
        for name, function in vars(content).items()
        if isinstance(function, CPUDispatcher)
    }


def test_a_time_without_bars_is_no_day(make_panel):
    panel = make_panel(3, 40, seed=2)
    parts = list(slices_of(panel))
    engine, other = (make_engine(panel, None, ("market_return_5", "return_1")) for _ in range(2))
    empty = replace(parts[0], **{name: getattr(parts[0], name)[:0] for name in EMPTIED})
    for part in parts:
        assert len(engine.advance(replace(empty, time=part.time - 1)).values) == 0
        np.testing.assert_array_equal(engine.advance(part).values, other.advance(part).values)


EMPTIED = ("code", "known_at", "open", "high", "low", "close", "adj_close", "volume")


@pytest.fixture
def declared():
    """Declare two features of a user's own, without an online form, and take them away again."""

    def jump(context):
        close = context.panel.adj_close
        before = np.full(len(close), np.nan)
        before[3:] = close[:-3]
        bar = np.arange(len(close)) - context.panel.offsets[context.panel.symbol_code]
        return np.where(bar >= 3, close / before - 1.0, np.nan)

    def crowd(context):
        count = np.bincount(context.panel.time_code)
        return count[context.panel.time_code].astype(np.float64)

    features = [
        Feature(name="own_jump_3", group=Group.PRICE, window=4, source="a test", compute=jump, own_bars=True),
        Feature(name="crowd", group=Group.MARKET, window=1, source="a test", compute=crowd),
    ]
    for feature in features:
        REGISTRY.add(feature)
    yield tuple(feature.name for feature in features)
    for feature in features:
        del REGISTRY._features[feature.name]


def test_a_feature_without_an_online_form_is_computed_by_its_batch_definition(make_panel, declared):
    panel = make_panel(5, 100, seed=9, gaps=True)
    names = ("return_1", declared[1], "return_rank_1", declared[0])
    assert_equal_to_batch(panel, None, names=names)
    parts = list(slices_of(panel))
    engine = make_engine(panel, None, names, reach=10)
    for part in parts[:60]:
        engine.advance(part)
    again = make_engine(panel, None, names, reach=10)
    again.restore(engine.snapshot())
    for part in parts[60:]:
        np.testing.assert_array_equal(again.advance(part).values, engine.advance(part).values)


def test_demo_prices():
    panel = load_demo()
    recent = panel.select(panel.time_code >= len(panel.times) - 700)
    defined = assert_equal_to_batch(recent, None)
    assert all(count > 0 for count in defined.values())


@pytest.mark.slow
def test_whole_demo_history_and_a_simulated_market():
    assert_equal_to_batch(load_demo(), None)
    market = simulate(MarketSettings(kind="momentum", n_symbols=12, n_days=700, ceiling=0.7, seed=5))
    assert_equal_to_batch(with_fear(market.panel), made_news(market.panel, 4000), scorer=NumberScorer())


@pytest.mark.slow
@pytest.mark.data
def test_real_bars_and_tweets(research_data):
    bars = pl.read_parquet(research_data / "acl18" / "prices.parquet")
    sectors = pl.read_csv(research_data / "acl18" / "universe.csv")
    panel = with_fear(panel_of(bars, dict(zip(sectors["symbol"], sectors["sector"], strict=True))))
    items = pl.read_parquet(research_data / "acl18" / "news.parquet").sort("published_at").head(30_000)
    news = News(
        symbol=items["symbol"].to_numpy().astype(str),
        published_at=items["published_at"].dt.replace_time_zone(None).to_numpy().astype("datetime64[us]"),
        source=np.random.default_rng(0).choice(KINDS[:3], len(items)),
        text=np.array(items["text"].to_list(), dtype=object),
    )
    assert_equal_to_batch(panel, news)


@pytest.mark.slow
@pytest.mark.data
def test_nine_years_of_real_bars(research_data):
    assert_equal_to_batch(panel_of(pl.read_parquet(research_data / "kdd17" / "prices.parquet"), {}), None)


def panel_of(bars: pl.DataFrame, sectors: dict[str, str]) -> Panel:
    fields = {
        name: bars[name].cast(pl.Float64).to_numpy() for name in ("open", "high", "low", "close", "adj_close", "volume")
    }
    columns = {"symbol": bars["symbol"].to_numpy(), "time": bars["date"].to_numpy().astype("datetime64[us]"), **fields}
    return Panel.from_columns(columns, sectors=sectors)
