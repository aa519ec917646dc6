"""What is written behind: a full disk, more than may wait, a restart, and a log that is followed."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread

import pytest

from tradewind.core import Event
from tradewind.serving.cache import CacheSettings, Entry, Memory, PredictionCache, PredictionStore, open_cache
from tradewind.streaming.log.protocol import Message
from tradewind.streaming.records import Prediction

Make = Callable[..., Prediction]


def test_on_a_full_disk_answers_go_on_and_what_waits_is_written_when_there_is_room(
    tmp_path: Path, make_prediction: Make
) -> None:
    events: list[Event] = []
    store = PredictionStore(tmp_path / "p.db")
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    cache = PredictionCache(Memory(1000), None, store, emit=events.append)
    made = [make_prediction(f"S{i:03d}", time=t) for t in (1, 2) for i in range(300)]
    cache.put(made)
    cache.invalidate(["S001"], 2)
    assert not cache.flush(0.4)
    assert cache.body("S000", "ensemble/1") is not None
    assert cache.stats()["writing"]["waiting"] == 600
    assert [event.kind for event in events] == ["prediction_store_failing"], "told once, not at every try"
    store._writer.execute("PRAGMA max_page_count = 100000")
    assert cache.flush(5)
    assert store.count() == 600
    assert store.newest("S001", "ensemble/1") is None
    assert events[-1].kind == "prediction_store_back"
    assert cache.close()


def test_more_than_may_wait_is_dropped_oldest_first_and_counted(tmp_path: Path, make_prediction: Make) -> None:
    store = PredictionStore(tmp_path / "p.db")
    store._writer.execute("PRAGMA max_page_count = 1")
    cache = PredictionCache(Memory(1000), None, store, settings=CacheSettings(pending=100))
    for at in range(1, 8):
        cache.put([make_prediction(f"S{i:03d}", time=at) for i in range(30)])
        time.sleep(0.01)
    writing = cache.stats()["writing"]
    assert writing["waiting"] <= 100
    assert writing["dropped"] > 0
    assert writing["dropped"] + writing["waiting"] + writing["stored"] == 210
    store._writer.execute("PRAGMA max_page_count = 100000")
    assert cache.flush(5)
    assert len(store.at(7, "ensemble/1")) == 30
    assert store.count() == 210 - writing["dropped"]
    assert cache.close()


def test_a_restart_answers_from_the_store(tmp_path: Path, make_prediction: Make) -> None:
    cache = open_cache(store=tmp_path / "p.db")
    cache.put([make_prediction(time=t) for t in (1, 2)], flags={make_prediction(time=2).id: "look"})
    cache.put([make_prediction("BBB", time=2)])
    cache.invalidate(["BBB"], 2)
    assert cache.close()
    cache = open_cache(store=tmp_path / "p.db")
    assert cache.warm(["ensemble/1"]) == 1
    entry = cache.entry("AAA", "ensemble/1")
    assert entry is not None
    assert (entry.prediction.time, entry.flag) == (2, "look")
    assert asyncio.run(cache.newest("BBB", "ensemble/1")) is None
    assert [made.time for made in cache.history("AAA", limit=10)] == [2, 1]
    assert cache.close()


def test_what_no_level_has_is_not_looked_for_at_every_request(tmp_path: Path, make_prediction: Make) -> None:
    cache = open_cache(store=tmp_path / "p.db")

    async def run() -> None:
        found = await asyncio.gather(*(cache.newest("AAA", "ensemble/1") for _ in range(100)))
        assert set(found) == {None}
        for _ in range(5):
            assert await cache.newest("AAA", "ensemble/1") is None
        assert cache.stats()["l3"]["misses"] == 1
        cache.put([make_prediction()])
        assert await cache.newest("AAA", "ensemble/1") is not None

    asyncio.run(run())
    assert cache.close()


class Tape:
    """A consumer that gives prepared batches of records."""

    def __init__(self, batches: Sequence[Sequence[Prediction]]) -> None:
        self._batches = list(batches)

    def poll(self, limit: int = 1000, timeout: float = 0.1) -> Sequence[Message]:
        found = self._batches.pop(0) if self._batches else ()
        return [
            Message(topic="predictions", partition=0, offset=place, key=made.symbol, record=made, written_at=0)
            for place, made in enumerate(found)
        ]


def test_following_the_log_fills_this_process_and_a_lost_store(tmp_path: Path, make_prediction: Make) -> None:
    batches = [[make_prediction(time=2), make_prediction(time=1)], [make_prediction("BBB")], []]
    cache = open_cache(store=tmp_path / "p.db")
    tape = Tape(batches)
    assert [cache.step(tape, keep=True) for _ in range(3)] == [2, 1, 0]  # type: ignore[arg-type]
    assert cache.flush(5)
    assert cache.l3 is not None
    assert cache.l3.count() == 3
    entry = cache.entry("AAA", "ensemble/1")
    assert entry is not None
    assert entry.prediction.time == 2
    assert cache.stats()["followed"] == 3
    assert cache.close()


def test_what_was_withdrawn_is_not_given_by_a_level_that_was_not_told_yet(
    tmp_path: Path, make_prediction: Make
) -> None:
    cache = open_cache(store=tmp_path / "p.db")
    cache.put([make_prediction(time=5), make_prediction("BBB", time=5)])
    assert cache.flush(5)
    cache.l1.drop()  # nothing of it is held here, as after a restart, or where it had to leave

    async def ask(symbol: str) -> int | None:
        cache._absent.clear()
        entry = await cache.newest(symbol, "ensemble/1")
        return None if entry is None else entry.prediction.revision

    with sqlite3.connect(tmp_path / "p.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")  # another process writes, and the withdrawal must wait
        cache.invalidate(["AAA"], 5)
        assert asyncio.run(ask("AAA")) is None
        assert cache.warm(["ensemble/1"]) == 1
        assert cache.body("AAA", "ensemble/1") is None
        assert asyncio.run(ask("BBB")) == 0
        other.execute("ROLLBACK")
    other.close()
    cache.put([make_prediction(time=5, revision=1)])
    assert cache.flush(20)
    cache.l1.drop()
    assert asyncio.run(ask("AAA")) == 1
    assert cache.close()


def test_a_withdrawal_while_a_prediction_is_taken_reaches_the_store_after_it(
    tmp_path: Path, make_prediction: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = open_cache(store=tmp_path / "p.db")
    queue, threads = cache._writing.put, []

    def withdrawn_just_before(entries: list[Entry]) -> None:
        threads.append(Thread(target=cache.invalidate, args=(["AAA"], 5)))
        threads[0].start()
        threads[0].join(0.2)
        queue(entries)

    monkeypatch.setattr(cache._writing, "put", withdrawn_just_before)
    cache.put([make_prediction(time=5)])
    threads[0].join()
    assert cache.flush(5)
    assert cache.body("AAA", "ensemble/1") is None
    assert cache.l3 is not None
    assert cache.l3.newest("AAA", "ensemble/1") is None
    assert cache.close()
