"""A log in memory whose order a test decides, records of a panel, and a service over both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tradewind.core import News, Panel
from tradewind.features import compute_features
from tradewind.features.online.engine import OnlineFeatures
from tradewind.streaming.features.service import FeatureService
from tradewind.streaming.features.settings import FeatureServiceSettings
from tradewind.streaming.features.stores.memory import MemoryStore
from tradewind.streaming.features.stores.protocol import FeatureStore
from tradewind.streaming.features.windows import FeatureWindows
from tradewind.streaming.log.protocol import Message
from tradewind.streaming.records import TOPICS, Bar, NewsItem, Record

NAMES = ("return_1", "return_5", "sma_ratio_5", "ema_ratio_10", "rsi_14", "realised_volatility_20", "cci_20")
"""Features of a symbol's own bars."""
ACROSS = (*NAMES, "market_return_1", "return_rank_5", "sector_relative_5", "item_count_all", "sentiment_all")
"""These, and features that look across symbols and at news."""


class MemoryLog:
    """The log's protocol over lists; ``written_at`` counts messages."""

    def __init__(self, partitions: int = 2) -> None:
        self.partitions = partitions
        self.lists: dict[tuple[str, int], list[Message]] = {}
        self.written = 0

    def write(self, record: Record) -> None:
        topic = TOPICS[type(record)]
        place = (topic, sum(record.symbol.encode()) % self.partitions)
        held = self.lists.setdefault(place, [])
        self.written += 1
        held.append(
            Message(
                topic=topic, partition=place[1], offset=len(held), key=record.symbol, record=record,
                written_at=2 * 10**15 + self.written,
            )
        )  # fmt: skip

    def write_all(self, records: Iterable[Record]) -> None:
        for record in records:
            self.write(record)

    def consumer(self, topics: Sequence[str], *, group: str | None, start: str = "earliest") -> MemoryConsumer:
        assert group is None
        assert start == "earliest"
        return MemoryConsumer(self, [(topic, p) for topic in topics for p in range(self.partitions)])

    def ends(self, topic: str) -> dict[tuple[str, int], int]:
        return {(topic, p): len(self.lists.get((topic, p), ())) for p in range(self.partitions)}

    def close(self) -> None:
        pass


class MemoryConsumer:
    def __init__(self, log: MemoryLog, places: list[tuple[str, int]]) -> None:
        self.log, self.at = log, dict.fromkeys(places, 0)
        self.turn = 0

    def poll(self, limit: int = 1000, timeout: float = 0.1) -> Sequence[Message]:
        del timeout
        found: list[Message] = []
        self.turn += 1
        places = list(self.at)
        for i in range(len(places)):
            place = places[(i + self.turn) % len(places)]
            part = self.log.lists.get(place, [])[self.at[place] : self.at[place] + limit - len(found)]
            self.at[place] += len(part)
            found.extend(part)
        return found

    def positions(self) -> dict[tuple[str, int], int]:
        return dict(self.at)

    def seek(self, positions: Mapping[tuple[str, int], int]) -> None:
        self.at.update(positions)

    def lag(self) -> int:
        return sum(len(self.log.lists.get(place, ())) - at for place, at in self.at.items())

    def close(self) -> None:
        self.at = {}


class HandClock:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.at = datetime(2026, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        return self.at

    def advance(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)


def bars_of(panel: Panel) -> list[Bar]:
    """Return the bars of a panel, by time, then symbol."""
    order = np.lexsort((panel.symbol_code, panel.time))
    time, known = (column.astype("datetime64[us]").astype(np.int64) for column in (panel.time, panel.known_at))
    return [
        Bar(
            symbol=panel.symbols[panel.symbol_code[row]],
            time=int(time[row]),
            known_at=int(known[row]),
            **{
                name: float(getattr(panel, name)[row])
                for name in ("open", "high", "low", "close", "adj_close", "volume")
            },
        )
        for row in order.tolist()
    ]


def items_of(news: News) -> list[NewsItem]:
    """Return the items of news as records."""
    published = news.published_at.astype("datetime64[us]").astype(np.int64)
    return [
        NewsItem(symbol=str(symbol), published_at=int(at), text=str(text), kind=str(kind), id=f"n{i}")
        for i, (symbol, at, kind, text) in enumerate(zip(news.symbol, published, news.source, news.text, strict=True))
    ]


def make_news(panel: Panel, n: int, seed: int = 0) -> News:
    """Return ``n`` items at random times about symbols of ``panel``."""
    rng = np.random.default_rng(seed)
    first, last = panel.time.min().astype(np.int64), panel.known_at.max().astype(np.int64)
    words = np.array(["strong growth", "weak loss", "upgrade beats", "lawsuit falls", "flat"], dtype=object)
    return News(
        symbol=rng.choice(np.array(panel.symbols), n),
        published_at=np.sort(rng.integers(first, last, n)).astype("datetime64[us]"),
        source=rng.choice(np.array(["news", "social"]), n),
        text=rng.choice(words, n),
    )


def make_service(
    log: Any, panel: Panel, *, names: Sequence[str] = NAMES, store: FeatureStore | None = None, clock: Any = None,
    windows: FeatureWindows | None = None, **settings: Any,
) -> FeatureService:  # fmt: skip
    """Return a service over the symbols of ``panel``; its store keeps all in memory unless one is given."""
    rules = FeatureServiceSettings(**settings)
    engine = OnlineFeatures(panel.symbols, panel.sectors, tuple(names), fear=rules.fear, news=rules.news)
    held = store or MemoryStore(panel.symbols, names, keep=100_000)
    return FeatureService(log, engine, held, rules, clock or HandClock(), windows=windows)


def assert_equals_batch(store: FeatureStore, panel: Panel, news: News | None = None) -> None:
    """Fail unless ``store`` holds exactly the rows of ``panel``, with the values of the batch definitions."""
    expected = compute_features(panel, news, names=store.names).values
    time = panel.time.astype("datetime64[us]").astype(np.int64)
    code = np.searchsorted(np.array(store.symbols), np.array(panel.symbols))[panel.symbol_code]
    rows = 0
    for moment in store.times():
        block = store.at(moment)
        assert block is not None
        at = np.flatnonzero(time == moment)
        at = at[np.argsort(code[at])]
        np.testing.assert_array_equal(block.code, code[at])
        np.testing.assert_allclose(block.values, expected[at], rtol=2e-6, atol=1e-7)
        rows += len(block)
    assert rows == len(panel)


@pytest.fixture(scope="session")
def kit() -> SimpleNamespace:
    """Return the helpers of this file by name."""
    return SimpleNamespace(
        names=NAMES, across=ACROSS, log=MemoryLog, clock=HandClock, bars_of=bars_of, items_of=items_of,
        make_news=make_news, service=make_service, assert_equals_batch=assert_equals_batch,
    )  # fmt: skip
