"""History into the embedded log: whole, once, and what comes later on top of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import News
from tradewind.features import compute_features
from tradewind.features.online import OnlineFeatures
from tradewind.streaming.features.service import FeatureService
from tradewind.streaming.features.settings import FeatureServiceSettings
from tradewind.streaming.features.stores.memory import MemoryStore
from tradewind.streaming.log import EmbeddedLog, open_log, replay
from tradewind.streaming.seeding import Seeded, seed_log

NAMES = ("return_1", "return_5", "ema_ratio_10", "market_return_1", "return_rank_5", "item_count_all", "sentiment_all")
WORDS = ("strong growth", "weak loss", "upgrade beats", "lawsuit falls", "flat")


@pytest.fixture(scope="module")
def market(make_panel):
    panel = make_panel(5, 120, seed=3, gaps=True)
    rng = np.random.default_rng(1)
    at = rng.integers(panel.time.min().astype(np.int64), panel.known_at.max().astype(np.int64), 400)
    news = News(
        symbol=rng.choice(np.array(panel.symbols), 400),
        published_at=np.sort(at).astype("datetime64[us]"),
        source=rng.choice(np.array(["news", "social"]), 400),
        text=rng.choice(np.array(WORDS, dtype=object), 400),
    )
    twice = np.sort(np.concatenate([np.arange(400), [7, 7, 90]]))
    return panel, news.select(twice)


@pytest.fixture
def log(tmp_path):
    with EmbeddedLog.open(tmp_path / "log", partitions=3) as log:
        yield log


def written(log):
    return sum(end for topic in ("bars", "news") for end in log.ends(topic).values())


def assert_features_are(log, panel, news):
    """Fail unless what a service makes of the log are the features of ``panel`` and ``news``."""
    engine = OnlineFeatures(panel.symbols, panel.sectors, NAMES, fear=False, news=True)
    store = MemoryStore(panel.symbols, NAMES, keep=10_000)
    service = FeatureService(log, engine, store, FeatureServiceSettings(news=True, too_old="rebuild"))
    service.drain()
    service.close()
    expected = compute_features(panel, news, names=NAMES).values
    time = panel.time.astype("datetime64[us]").astype(np.int64)
    rows = 0
    for moment in store.times():
        block = store.at(moment)
        at = np.flatnonzero(time == moment)
        np.testing.assert_array_equal(block.code, panel.symbol_code[at])
        np.testing.assert_allclose(block.values, expected[at], rtol=2e-6, atol=1e-6)
        rows += len(block)
    assert rows == len(panel)


def test_a_panel_through_the_log_gives_its_batch_features(market, log, tmp_path):
    panel, news = market
    assert seed_log(log, panel, news, folder=tmp_path) == Seeded(bars=len(panel), items=len(news))
    assert_features_are(log, panel, news)


def test_bars_lie_in_order_of_time_as_the_panel_has_them(market, log, tmp_path):
    panel, _ = market
    fearful = replace(panel, fear=np.where(np.arange(len(panel)) % 3 == 0, np.nan, 17.5))
    seed_log(log, fearful, None, folder=tmp_path, chunk=50)
    bars = [message.record for message in replay(log, ["bars"])]
    place = {(symbol, time): row for row, (symbol, time) in enumerate(keys(panel))}
    last = {}
    for bar in bars:
        row = place[bar.symbol, bar.time]
        assert (bar.open, bar.adj_close, bar.volume) == (panel.open[row], panel.adj_close[row], panel.volume[row])
        assert bar.fear == (None if row % 3 == 0 else 17.5)
        assert bar.time > last.get(bar.symbol, -(10**18))
        last[bar.symbol] = bar.time
    assert len(bars) == len(panel)


def keys(panel):
    times = panel.time.astype("datetime64[us]").astype(np.int64).tolist()
    return [(panel.symbols[code], time) for code, time in zip(panel.symbol_code.tolist(), times, strict=True)]


def test_the_same_file_again_writes_nothing(market, log, tmp_path):
    panel, news = market
    seed_log(log, panel, news, folder=tmp_path)
    before = written(log)
    assert seed_log(log, panel, news, folder=tmp_path) == Seeded()
    assert written(log) == before


def test_a_longer_file_writes_what_is_new_and_what_was_corrected(market, log, tmp_path):
    panel, news = market
    cut = panel.times[90]
    early = panel.until(cut)
    seed_log(log, early, news.select(news.published_at <= cut), folder=tmp_path)
    mended = replace(panel, volume=panel.volume.copy(), adj_close=panel.adj_close.copy())
    mended.volume[3] *= 2.0
    mended.adj_close[130] *= 1.01
    found = seed_log(log, mended, news, folder=tmp_path)
    late = int((news.published_at > cut).sum())
    assert found == Seeded(bars=len(panel) - len(early) + 2, corrected=2, items=late)
    assert_features_are(log, mended, news)
    assert seed_log(log, mended, news, folder=tmp_path) == Seeded()


def test_closes_adjusted_anew_go_on_on_the_scale_of_the_log(market, log, tmp_path):
    panel, news = market
    early = panel.until(panel.times[90])
    seed_log(log, early, news, folder=tmp_path)
    scale = np.where(panel.symbol_code == 1, 0.93, 1.0)  # a dividend of one symbol: its earlier closes were lowered
    paid = replace(panel, adj_close=np.round(panel.adj_close * scale, 6))
    assert seed_log(log, paid, news, folder=tmp_path).corrected < len(early) - 80  # only what rounding moved elsewhere
    one = replace(panel, adj_close=panel.adj_close * scale)
    other = tmp_path / "other"
    with EmbeddedLog.open(other / "log") as second:
        seed_log(second, early, news, folder=other)
        assert seed_log(second, one, news, folder=other) == Seeded(bars=len(panel) - len(early))
        assert_features_are(second, panel, news)


def test_symbols_that_join_are_written_whole_and_those_that_left_stay(market, log, tmp_path):
    panel, _ = market
    some = panel.select(panel.symbol_code != 0)
    rest = panel.select(panel.symbol_code != 4)
    seed_log(log, some, None, folder=tmp_path)
    joined = int((panel.symbol_code == 0).sum())
    assert seed_log(log, rest, None, folder=tmp_path) == Seeded(bars=joined)
    assert seed_log(log, panel, None, folder=tmp_path) == Seeded()


class Stops:
    """Progress that ends the work after some bars, as a killed process would."""

    def __init__(self, after):
        self.after, self.seen = after, []

    def update(self, stage, done, total):
        self.seen.append((done, total))
        if done >= self.after:
            raise KeyboardInterrupt


def test_what_was_interrupted_goes_on(market, log, tmp_path):
    panel, news = market
    watch = Stops(after=250)
    with pytest.raises(KeyboardInterrupt):
        seed_log(log, panel, news, folder=tmp_path, progress=watch, chunk=100)
    done, total = watch.seen[-1]
    assert total == len(panel) + len(news)
    found = seed_log(log, panel, news, folder=tmp_path, chunk=100)
    assert found.bars + found.items == total - done
    assert written(log) == total
    assert_features_are(log, panel, news)


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["another log", "damaged marker", "no marker"])
def test_a_marker_that_does_not_fit_the_log_does_not_count(market, log, tmp_path, fault):
    panel, news = market
    seed_log(log, panel, news, folder=tmp_path)
    whole = Seeded(bars=len(panel), items=len(news))
    if fault == "another log":
        with EmbeddedLog.open(tmp_path / "second") as second:
            assert seed_log(second, panel, news, folder=tmp_path) == whole
            assert_features_are(second, panel, news)
        return
    path = tmp_path / "seeded.npz"
    path.write_bytes(path.read_bytes()[:-40]) if fault == "damaged marker" else path.unlink()
    assert seed_log(log, panel, news, folder=tmp_path) == whole
    assert_features_are(log, panel, news)


def test_news_alone_and_nothing_at_all(market, log, tmp_path):
    panel, news = market
    none = panel.select(np.zeros(len(panel), dtype=bool))
    assert seed_log(log, none, None, folder=tmp_path) == Seeded()
    assert seed_log(log, none, news, folder=tmp_path) == Seeded(items=len(news))
    assert seed_log(log, none, news, folder=tmp_path) == Seeded()


@pytest.mark.slow
def test_kafka_gets_a_history_once_too(market, kafka_broker, tmp_path):
    panel, news = market
    whole = Seeded(bars=len(panel), items=len(news))
    with open_log(f"kafka://{kafka_broker}?prefix=seeded.&partitions=2") as log:
        assert seed_log(log, panel, news, folder=tmp_path, chunk=200) == whole
        assert seed_log(log, panel, news, folder=tmp_path) == Seeded()
        assert len(list(replay(log, ["bars", "news"]))) == len(panel) + len(news)
    with open_log(f"kafka://{kafka_broker}?prefix=elsewhere.&partitions=2") as log:
        assert seed_log(log, panel, news, folder=tmp_path) == whole
