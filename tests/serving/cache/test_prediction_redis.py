"""The shared level against a real Redis: between processes, down and back, with values that were damaged."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis

from tradewind.core import Event
from tradewind.serving.cache import CacheSettings, Entry, PredictionCache, open_cache
from tradewind.streaming.records import Prediction

Make = Callable[..., Prediction]
Open = Callable[..., PredictionCache]
SETTINGS = CacheSettings(pause=0.05, longest_pause=0.1, failures=2, timeout=0.6)


@pytest.fixture
def events() -> list[Event]:
    return []


@pytest.fixture
def opened(redis_server: Any, events: list[Event]) -> Iterator[Open]:
    """Return a maker of caches over the same Redis, as so many processes would have."""
    caches: list[PredictionCache] = []

    def make(store: Path | None = None) -> PredictionCache:
        cache = open_cache(redis=redis_server.url, store=store, settings=SETTINGS, emit=events.append)
        caches.append(cache)
        return cache

    yield make
    for cache in caches:
        cache.close(5)


def newest(cache: PredictionCache, symbol: str = "AAA", model: str = "ensemble/1") -> Entry | None:
    async def ask() -> Entry | None:
        try:
            return await cache.newest(symbol, model)
        finally:
            assert cache.l2 is not None
            await cache.l2.close_reader()

    return asyncio.run(ask())


def until(true: Callable[[], object], seconds: float = 5.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not become true in time"
        time.sleep(0.01)


def test_what_one_process_made_another_gives_once_redis_has_it(opened: Open, make_prediction: Make) -> None:
    one, other = opened(), opened()
    one.put([make_prediction(lower=-0.1, upper=0.1)], flags={make_prediction().id: "look"})
    assert one.flush()
    assert other.body("AAA", "ensemble/1") is None
    found = newest(other)
    assert found is not None
    assert found.prediction == make_prediction(lower=-0.1, upper=0.1)
    assert found.flag == "look"
    assert found.body == one.body("AAA", "ensemble/1") == other.body("AAA", "ensemble/1")
    assert other.stats()["l2"]["hits"] == 1


def test_an_older_prediction_does_not_replace_a_newer_one_in_redis(opened: Open, make_prediction: Make) -> None:
    one, other, reader = opened(), opened(), opened()
    one.put([make_prediction(time=7, revision=1)])
    assert one.flush()
    other.put([make_prediction(time=7)])
    other.put([make_prediction(time=-6)])
    assert other.flush()
    found = newest(reader)
    assert found is not None
    assert (found.prediction.time, found.prediction.revision) == (7, 1)


def test_a_correction_reaches_other_processes_and_then_the_new_prediction(opened: Open, make_prediction: Make) -> None:
    one, other = opened(), opened()
    one.put([make_prediction(time=7)])
    assert one.flush()
    assert newest(other) is not None
    until(lambda: listeners(one) >= 2)
    one.invalidate(["AAA"], 7)
    assert one.body("AAA", "ensemble/1") is None
    until(lambda: other.body("AAA", "ensemble/1") is None)
    assert newest(other) is None
    one.put([make_prediction(time=7, revision=1)])
    assert one.flush()
    found = newest(other)
    assert found is not None
    assert found.prediction.revision == 1


def listeners(cache: PredictionCache) -> int:
    assert cache.l2 is not None
    return int(cache.l2._writer.pubsub_numsub(cache.l2.channel)[0][1])


def test_damaged_values_are_misses_told_and_written_anew(
    opened: Open, make_prediction: Make, redis_server: Any, events: list[Event]
) -> None:
    one, other = opened(), opened()
    one.put([make_prediction("AAA"), make_prediction("BBB"), make_prediction("CCC")])
    assert one.flush()
    with redis.Redis.from_url(redis_server.url) as client:
        prefix = "tradewind:predictions:ensemble/1:"
        value = client.get(prefix + "AAA")
        client.set(prefix + "AAA", value[:-3] + b"zzz")
        client.set(prefix + "BBB", b"")
        client.set(prefix + "CCC", client.get(prefix + "CCC")[:40])
        for symbol in ("AAA", "BBB", "CCC"):
            assert newest(other, symbol) is None
        assert client.get(prefix + "AAA") is None
    assert other.stats()["l2"]["corrupted"] == 3
    assert [event.kind for event in events] == ["cache_value_corrupted"] * 3
    one.put([make_prediction("AAA", revision=1)])
    assert one.flush()
    other._absent.clear()
    assert newest(other) is not None


def test_down_and_back_answers_go_on_and_redis_is_filled_again(
    opened: Open, make_prediction: Make, redis_server: Any, events: list[Event], tmp_path: Path
) -> None:
    one = opened(tmp_path / "p.db")
    one.put([make_prediction("AAA", time=1), make_prediction("BBB", time=1)])
    assert one.flush()
    redis_server.stop()
    try:
        one.put([make_prediction("AAA", time=2)])
        one.invalidate(["BBB"], 1)
        assert one.flush()
        assert one.body("AAA", "ensemble/1") is not None
        assert newest(one, "CCC") is None
        one.l1.drop()
        found = newest(one)  # from the store
        assert found is not None
        assert found.prediction.time == 2
        until(lambda: not one.stats()["l2"]["up"])
        assert newest(one, "DDD") is None
    finally:
        redis_server.start()
    until(lambda: one.stats()["l2"]["up"])
    until(lambda: one.stats()["l2"]["resyncs"] >= 1)
    other = opened()
    found = newest(other)
    assert found is not None
    assert found.prediction.time == 2
    kinds = [event.kind for event in events]
    assert kinds.count("redis_down") == 1
    assert kinds.count("redis_back") == 1


def test_what_was_withdrawn_while_redis_was_away_is_gone_from_it_afterwards(
    opened: Open, make_prediction: Make, redis_server: Any
) -> None:
    one = opened()
    one.put([make_prediction("AAA", time=1)])
    assert one.flush()
    assert redis_server.process is not None
    redis_server.process.send_signal(19)  # SIGSTOP: it keeps its values and does not answer
    try:
        one.invalidate(["AAA"], 1)
        assert one.flush()
        until(lambda: one.stats()["l2"]["failures"] > 0)
    finally:
        redis_server.process.send_signal(18)
    until(lambda: one.stats()["l2"]["resyncs"] >= 1 and one.stats()["l2"]["up"])
    assert newest(opened()) is None


def test_the_listener_survives_a_restart_of_redis(opened: Open, make_prediction: Make, redis_server: Any) -> None:
    one, other = opened(), opened()
    until(lambda: listeners(one) == 2)
    redis_server.stop()
    redis_server.start()
    other.l1.put([make_prediction(time=3)])
    until(lambda: listeners(one) == 2)
    one.invalidate(["AAA"], 3)
    until(lambda: other.body("AAA", "ensemble/1") is None)
