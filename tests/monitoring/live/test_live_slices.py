"""Slices of a real log hold what the files would have given, once, also over a restart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tradewind.core import Panel
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data.simulator import MarketSettings, simulate
from tradewind.features import compute_features, make_labels
from tradewind.monitoring.journal import Journal
from tradewind.monitoring.journal.frames import packed
from tradewind.monitoring.live import Beside, LiveSettings, LiveSlices
from tradewind.monitoring.slices import Slice
from tradewind.streaming.log import open_log
from tradewind.streaming.records import Bar, NewsItem, Prediction

NAMES = ("return_1", "market_volatility_20")


@pytest.fixture(scope="module")
def panel() -> Panel:
    return simulate(MarketSettings(n_symbols=4, n_days=40, seed=2, start="2021-01-04")).panel


def micros(values: np.ndarray) -> list[int]:
    return values.astype("datetime64[us]").astype(np.int64).tolist()


def bars(panel: Panel, first: int, last: int) -> list[Bar]:
    rows = np.lexsort((panel.symbol_code, panel.time))
    rows = rows[(panel.time_code[rows] >= first) & (panel.time_code[rows] < last)]
    times, known = micros(panel.time), micros(panel.known_at)
    return [
        Bar(
            symbol=panel.symbols[panel.symbol_code[row]],
            time=times[row],
            known_at=known[row],
            source="venue",
            **{name: float(getattr(panel, name)[row]) for name in PRICE_FIELDS},
        )
        for row in rows.tolist()
    ]


def prediction(bar: Bar, revision: int = 0, probability: float = 0.6) -> Prediction:
    return Prediction(
        id=f"{bar.symbol}{bar.time}{revision}",
        symbol=bar.symbol,
        time=bar.time,
        known_at=bar.known_at,
        made_at=bar.known_at + 1_000_000,
        model="demo/1",
        probability=probability,
        expected_return=0.001,
        lower=float("nan"),
        upper=float("nan"),
        inputs_id="x",
        revision=revision,
    )


def write(place: Path, records: list) -> None:
    with open_log(str(place)) as log:
        producer = log.producer()
        producer.send_many(records)
        producer.close()


def read(place: Path, settings: LiveSettings, after: np.datetime64 | None = None, beside: Beside | None = None):
    found: list[Slice] = []
    with open_log(str(place)) as log:
        live = LiveSlices(log, settings, after=after, beside=beside)
        quiet = 0
        while quiet < 6:
            some = list(live.step(0.02))
            found += some
            quiet = 0 if some else quiet + 1
        assert live.lag() == 0
        live.close()
    return found


@pytest.fixture
def settings(panel: Panel) -> LiveSettings:
    return LiveSettings(symbols=panel.symbols, sectors=panel.sectors, features=NAMES, grace=0.0, patience=0.0)


@pytest.mark.slow
def test_a_log_gives_what_the_files_give(panel: Panel, settings: LiveSettings, tmp_path: Path) -> None:
    sent = bars(panel, 0, 40)
    item = NewsItem(symbol=panel.symbols[1], published_at=sent[100].known_at, text="great profit", source="wire")
    write(tmp_path / "log", [*sent, *(prediction(bar) for bar in sent), prediction(sent[0], 1, 0.1), item, item])
    found = read(tmp_path / "log", settings, beside=Beside(champion=lambda: "demo/1"))
    assert [one.time for one in found] == panel.times.tolist() or np.array_equal(
        [one.time for one in found], panel.times
    )
    matrix, labels = compute_features(panel, names=NAMES), make_labels(panel)
    for at, one in enumerate(found):
        rows = np.flatnonzero(panel.time_code == at)
        assert tuple(one.symbol) == panel.symbols
        np.testing.assert_array_equal(one.bars.close, panel.close[rows])
        np.testing.assert_allclose(one.features, matrix.values[rows], rtol=1e-5, atol=1e-7)
        assert one.known_at.replace(tzinfo=None) == panel.known_at[rows].max().item()
        assert (one.champion, set(one.feed), one.served[0].version) == ("demo/1", {"venue"}, "demo/1")
        assert np.all(one.served[0].probability == 0.6)
        if at == 0:
            assert one.labels is None
            continue
        before = np.flatnonzero(panel.time_code == at - 1)
        np.testing.assert_array_equal(one.labels.time, panel.time[before])
        np.testing.assert_array_equal(one.labels.direction, labels.direction[before])
        np.testing.assert_allclose(one.labels.forward_return, labels.forward_return[before])
    news = [(at, one.news) for at, one in enumerate(found) if one.news is not None]
    assert [(at, len(items)) for at, items in news] == [(25, 1)]
    assert news[0][1].score[0] > 0


def test_a_restart_tells_no_slice_twice_and_loses_none(panel: Panel, settings: LiveSettings, tmp_path: Path) -> None:
    place, journal = tmp_path / "log", Journal(tmp_path / "journal")
    write(place, bars(panel, 0, 25))
    for one in read(place, settings):
        journal.write(one)
    write(place, bars(panel, 25, 40))
    for one in read(place, settings, after=journal.last()):
        journal.write(one)
    whole = tmp_path / "whole"
    write(whole, bars(panel, 0, 40))
    assert [packed(one) for one in journal.slices()] == [packed(one) for one in read(whole, settings)]


def test_later_bars_change_no_slice(panel: Panel, settings: LiveSettings, tmp_path: Path) -> None:
    write(tmp_path / "short", bars(panel, 0, 20))
    write(tmp_path / "long", bars(panel, 0, 40))
    short, long = read(tmp_path / "short", settings), read(tmp_path / "long", settings)
    assert [packed(one) for one in short] == [packed(one) for one in long[:20]]
