"""Bars, feeds and news that are wrong are told of at once, by name, and sound ones never."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Panel
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data import MarketSettings, simulate
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.quality import BarWatcher, FeedWatcher, NewsWatcher
from tradewind.monitoring.slices import Bars, NewsArrival, Slice
from tradewind.monitoring.watcher import Watcher
from tradewind.quality import StreamChecker
from tradewind.quality.stream import Bar

SYMBOLS = tuple(f"SIM{i:03d}" for i in range(8))
FEEDS = np.array(["east", "west"] * 4)


def market(n_days: int = 120, seed: int = 2) -> Panel:
    return simulate(MarketSettings(n_symbols=len(SYMBOLS), n_days=n_days, seed=seed)).panel


def slices_of(panel: Panel, news: dict[int, list[tuple[str, str, str, float]]] | None = None) -> list[Slice]:
    """The panel as slices; ``news`` gives (symbol, source, text, score) of the items of a session."""
    found = []
    for at, time in enumerate(panel.times):
        rows = np.flatnonzero(panel.time == time)
        code = panel.symbol_code[rows]
        close = panel.known_at[rows].max() if len(rows) else time + np.timedelta64(21, "h")
        items = (news or {}).get(at, [])
        found.append(
            Slice(
                time=time,
                known_at=close.item().replace(tzinfo=UTC),
                symbol=np.array(panel.symbols)[code],
                sector=np.full(len(rows), "one"),
                expected=SYMBOLS,
                feed=FEEDS[[SYMBOLS.index(panel.symbols[c]) for c in code]],
                bars=Bars(**{name: getattr(panel, name)[rows] for name in PRICE_FIELDS}),
                names=(),
                features=np.empty((len(rows), 0), dtype=np.float32),
                news=None
                if news is None
                else NewsArrival(
                    symbol=np.array([item[0] for item in items], dtype=str),
                    published_at=np.full(len(items), close),
                    source=np.array([item[1] for item in items], dtype=str),
                    text=np.array([item[2] for item in items], dtype=object),
                    score=np.array([item[3] for item in items], dtype=float),
                ),
            )
        )
    return found


def told(watcher: Watcher, slices: list[Slice]) -> list[tuple[int, Finding]]:
    return [(at, finding) for at, one in enumerate(slices) for finding in watcher.observe(one)]


@pytest.mark.slow
def test_a_sound_market_is_not_told_of() -> None:
    slices = slices_of(market(300, seed=9), news={})
    for watcher in (BarWatcher(), FeedWatcher(), NewsWatcher()):
        assert isinstance(watcher, Watcher)
        assert told(watcher, slices) == []


@pytest.mark.slow
def test_a_bar_watcher_says_what_the_stream_checker_says() -> None:
    """Golden: one checker a symbol, bar by bar, without a calendar."""
    panel = market()
    close = panel.close.copy()
    close[60] *= 1.9
    close[400:410] = close[399]
    close[700] = -1.0
    broken = replace(panel, close=close)
    found = told(BarWatcher(), slices_of(broken))
    checker = StreamChecker(calendar=None)
    expected = set()
    for row in range(len(broken)):
        values = {name: float(getattr(broken, name)[row]) for name in PRICE_FIELDS}
        symbol = broken.symbols[broken.symbol_code[row]]
        day = int(broken.time_code[row])
        for event in checker.check(Bar(symbol=symbol, time=broken.time[row], **values)):
            if event.kind not in {"large_move", "volume_spike", "outlier_iqr", "outlier_deviation", "missing_bar"}:
                expected.add((day, symbol, event.kind))
    seen = {(at, f.subject["symbol"], check) for at, f in found for check in f.evidence["checks"]}
    assert seen == expected
    assert {kind for _, _, kind in seen} >= {"stale_price", "non_positive_price"}


def test_a_fault_of_many_symbols_of_a_feed_is_the_feeds() -> None:
    panel = market()
    east = np.isin(panel.symbol_code, [0, 2, 4, 6]) & (panel.time >= panel.times[80])
    scaled = {name: np.where(east, getattr(panel, name) * 100.0, getattr(panel, name)) for name in PRICE_FIELDS[:5]}
    found = told(BarWatcher(), slices_of(replace(panel, **scaled)))
    assert [(at, f.kind, dict(f.subject)) for at, f in found] == [(80, "unit_change", {"feed": "east"})]


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(first=st.integers(5, 100), length=st.integers(1, 10), feed=st.sampled_from(["east", "west"]))
def test_a_silent_feed_is_told_of_in_every_slice_it_is_silent_and_in_no_other(
    first: int, length: int, feed: str
) -> None:
    panel = market()
    own = np.isin(panel.symbol_code, np.flatnonzero(feed == FEEDS))
    gone = own & (panel.time >= panel.times[first]) & (panel.time < panel.times[first + length])
    found = told(FeedWatcher(), slices_of(panel.select(~gone)))
    assert [at for at, _ in found] == list(range(first, first + length))
    assert {(f.kind, f.subject["feed"]) for _, f in found} == {("feed_silent", feed)}


def test_a_symbol_without_a_bar_is_told_of_until_it_is_forgotten() -> None:
    panel = market()
    gone = (panel.symbol_code == 3) & (panel.time >= panel.times[20])
    found = told(FeedWatcher(), slices_of(panel.select(~gone)))
    assert found[0][0] == 21
    assert {f.subject["symbol"] for _, f in found} == {SYMBOLS[3]}
    assert len(found) == 59  # from the second session to the sixtieth


def usual_news(rng: np.random.Generator, n_days: int = 60) -> dict[int, list[tuple[str, str, str, float]]]:
    words = ("gains", "meets", "opens", "files", "hires", "plans", "sells", "names")
    return {
        at: [
            (s, str(rng.choice(["wire", "social"])), f"{s} {' '.join(rng.choice(words, 4))}", float(rng.normal(0, 0.3)))
            for s in SYMBOLS
            if rng.random() < 0.5
        ]
        for at in range(n_days)
    }


@pytest.mark.parametrize(
    ("texts", "score", "is_told"),
    [
        (["buy {s} now!"] * 12, 0.8, True),
        (["buy {s} now!"] * 12, 0.05, False),  # a notice sent out again and again
        (["buy {s} now!"] * 3, 0.8, False),  # too few to say
        ([f"{{s}} {a} {b}" for a in ("soars", "jumps", "wins") for b in ("on sales", "in Paris", "early", "at last")],
         0.8, False),  # big news, told in many ways by many
    ],
)  # fmt: skip
def test_a_burst_is_told_of_where_it_repeats_itself_loudly(texts: list[str], score: float, is_told: bool) -> None:
    news = usual_news(np.random.default_rng(1))
    sources = ["wire", "social"]
    news[50] = news[50] + [
        (SYMBOLS[2], sources[i % 2], t.replace("{s}", SYMBOLS[2]), score) for i, t in enumerate(texts)
    ]
    found = told(NewsWatcher(), slices_of(market(60), news))
    assert [(at, f.kind, f.subject["symbol"]) for at, f in found] == ([(50, "suspicious_news", SYMBOLS[2])] * is_told)


def test_a_campaign_does_not_become_what_is_usual() -> None:
    news = usual_news(np.random.default_rng(1))
    for at in range(30, 60):
        news[at] = news[at] + [(SYMBOLS[2], "social", f"sell {SYMBOLS[2]} now", -0.9)] * 10
    found = told(NewsWatcher(), slices_of(market(60), news))
    assert [at for at, _ in found] == list(range(30, 60))


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(cut=st.integers(30, 118), seed=st.integers(0, 50))
def test_later_slices_change_nothing_that_was_told(cut: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    panel = market()
    close = panel.close * np.where(rng.random(len(panel)) < 0.01, 3.0, 1.0)
    gone = rng.random(len(panel)) < 0.05
    slices = slices_of(replace(panel, close=close).select(~gone), usual_news(rng, 120))
    for make in (BarWatcher, FeedWatcher, NewsWatcher):
        whole = [f.to_dict() for at, f in told(make(), slices) if at < cut]
        assert whole == [f.to_dict() for _, f in told(make(), slices[:cut])]


def test_odd_slices_are_taken_as_they_come() -> None:
    empty = np.empty(0)
    nothing = Slice(
        time=np.datetime64("2020-01-02", "us"), known_at=datetime(2020, 1, 2, 21, tzinfo=UTC), symbol=empty.astype(str),
        sector=empty.astype(str), expected=(), feed=empty.astype(str), bars=Bars(**dict.fromkeys(PRICE_FIELDS, empty)),
        names=(), features=np.empty((0, 0), dtype=np.float32),
    )  # fmt: skip
    hole = replace(
        nothing, time=nothing.time + np.timedelta64(1, "D"), known_at=nothing.known_at + timedelta(days=1),
        symbol=np.array(["A"]), sector=np.array(["x"]), expected=("A", "B"), feed=np.array([""]),
        bars=Bars(**dict.fromkeys(PRICE_FIELDS, np.array([np.nan]))), features=np.empty((1, 0), dtype=np.float32),
    )  # fmt: skip
    for watcher in (BarWatcher(), FeedWatcher(), NewsWatcher()):
        for one in (nothing, hole, nothing):
            watcher.observe(one)
        assert isinstance(watcher.state(), dict)


@pytest.mark.slow
def test_names_that_come_and_go_do_not_fill_the_memory() -> None:
    """Symbols that leave the universe after having missed bars, and sources that are seen once."""
    first = slices_of(market(30))[-1]
    watchers = bars, feeds, news = BarWatcher(), FeedWatcher(), NewsWatcher()
    rows = len(first)
    for month in range(150):
        time = first.time + np.timedelta64(30 * month, "D")
        names = np.array([f"N{month:03d}{i}" for i in range(rows)])
        item = NewsArrival(
            symbol=names[:1],
            published_at=np.array([time]),
            source=np.array([f"source {month}"]),
            text=np.array(["quiet"]),
            score=np.zeros(1),
        )
        known = first.known_at + timedelta(days=30 * month)
        here = replace(first, time=time, known_at=known, symbol=names, expected=tuple(names), news=item)
        gone = np.zeros(0, dtype=int)
        nobody = replace(
            here,
            time=time + np.timedelta64(1, "D"),
            known_at=known + timedelta(days=1),
            symbol=names[gone],
            sector=first.sector[gone],
            feed=first.feed[gone],
            bars=Bars(**{name: getattr(first.bars, name)[gone] for name in PRICE_FIELDS}),
            features=first.features[gone],
            news=None,
        )
        for one in (here, nobody):
            for watcher in watchers:
                watcher.observe(one)
    assert len(bars._kept) <= 14 * rows
    assert len(feeds._feed) == len(feeds._missed) <= 14 * rows
    assert len(news._by_source) == len(news._total) == news.settings.memory
