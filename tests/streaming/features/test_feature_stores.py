"""What every feature store promises, and what the Redis one does without its server."""

from __future__ import annotations

import sqlite3
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core import UsageError
from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.stores.errors import StoreError
from tradewind.streaming.features.stores.memory import MemoryStore
from tradewind.streaming.features.stores.protocol import FeatureStore, blocks
from tradewind.streaming.features.stores.redis import RedisSettings, RedisStore
from tradewind.streaming.features.stores.sharded import ShardedStore, open_redis, shard_of
from tradewind.streaming.features.stores.sqlite import SqliteStore
from tradewind.streaming.features.stores.tiered import TieredStore

SYMBOLS = tuple(f"S{i}" for i in range(6))
NAMES = ("a", "b", "c")
T0 = 1_700_000_000_000_000


def block(t: int, codes: list[int], *, shift: float = 0.0, revision: int = 0) -> FeatureBlock:
    """Return rows of the ``t``-th time whose values tell their symbol and time."""
    code = np.array(codes, dtype=np.int64)
    values = (code[:, None] + 10.0 * t + np.arange(3) / 10 + shift).astype(np.float32)
    values[code == 3, 1] = np.nan
    return FeatureBlock(
        time=T0 + t,
        code=code,
        known_at=T0 + t + 1000 + code,
        values=values,
        scale=np.where(code == 1, np.nan, 0.01 * (code + 1)),
        occasion=code % 2 == 0,
        revision=np.full(len(code), revision, dtype=np.int32),
    )


Maker = Callable[[], FeatureStore]


@pytest.fixture(params=["memory", "sqlite", "redis", "sharded", "tiered"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FeatureStore]:
    def redis() -> RedisStore:
        settings = RedisSettings(url=request.getfixturevalue("redis_url"), prefix=uuid.uuid4().hex)
        return RedisStore(settings, SYMBOLS, NAMES)

    makers: dict[str, Maker] = {
        "memory": lambda: MemoryStore(SYMBOLS, NAMES),
        "sqlite": lambda: SqliteStore(tmp_path / "f.db", SYMBOLS, NAMES),
        "redis": redis,
        "sharded": lambda: ShardedStore({"a": MemoryStore(SYMBOLS, NAMES), "b": redis()}),
        "tiered": lambda: TieredStore(
            MemoryStore(SYMBOLS, NAMES, keep=1), SqliteStore(tmp_path / "t.db", SYMBOLS, NAMES)
        ),
    }
    made = makers[request.param]()
    yield made
    made.close()


def same(one: FeatureBlock | None, other: FeatureBlock) -> bool:
    return (
        one is not None
        and np.array_equal(one.code, other.code)
        and not one.differs(other).any()
        and np.array_equal(one.revision, other.revision)
    )


def test_what_is_put_is_read_back_and_rows_may_be_replaced_and_added(store: FeatureStore) -> None:
    store.put(block(0, [0, 1, 3]))
    store.put(block(1, [0, 2]))
    store.put(block(0, [0, 1, 3]))
    store.put(block(0, [1, 5], shift=0.5, revision=1))
    assert store.flush()
    assert list(store.times()) == [T0, T0 + 1]
    assert list(store.times(start=T0 + 1, stop=T0 + 2)) == [T0 + 1]
    assert list(store.times(stop=T0)) == []
    assert same(store.at(T0), block(0, [0, 3]).merged(block(0, [1, 5], shift=0.5, revision=1)))
    assert same(store.at(T0 + 1), block(1, [0, 2]))
    assert store.at(T0 + 7) is None
    assert [one.time for one in blocks(store)] == [T0, T0 + 1]
    assert store.status()["degraded"] is False


def test_newest_rows_windows_and_rows_as_of_a_moment(store: FeatureStore) -> None:
    for t in range(5):
        store.put(block(t, [0, 1, 2] if t % 2 == 0 else [0, 3]))
    assert store.flush()
    rows = store.latest(["S1", "S3", "S5", "S0", "S0"])
    assert [None if row is None else row.time - T0 for row in rows] == [4, 3, None, 4, 4]
    row = rows[0]
    assert row is not None
    assert (row.symbol, row.known_at, row.revision, row.occasion) == ("S1", T0 + 4 + 1001, 0, False)
    assert np.isnan(row.scale)
    np.testing.assert_array_equal(row.values, block(4, [1]).values[0])
    window = store.window(["S3", "S0", "S4"], 4)
    np.testing.assert_array_equal(window.count, [2, 4, 0])
    np.testing.assert_array_equal(window.history[1, :, 0], [10.0, 20.0, 30.0, 40.0])
    assert np.isnan(window.history[0, :2]).all()
    np.testing.assert_array_equal(window.history[0, 2:], np.stack([block(t, [3]).values[0] for t in (1, 3)]))
    np.testing.assert_array_equal(window.scale[:2], [0.04, 0.01])
    assert np.isnan(window.scale[2])
    np.testing.assert_array_equal(window.occasion[:, -1], [False, True, False])
    then = store.as_of("S0", T0 + 2 + 1000)
    assert then is not None
    assert then.time == T0 + 2
    assert store.as_of("S0", T0 + 999) is None
    assert store.as_of("S1", T0 + 3 + 1001).time == T0 + 2  # type: ignore[union-attr]
    with pytest.raises(KeyError, match="S9"):
        store.latest(["S9"])


def test_a_history_on_disk_outlives_the_process_other_columns_and_another_universe(tmp_path: Path) -> None:
    path = tmp_path / "f.db"
    first = SqliteStore(path, SYMBOLS, NAMES)
    first.put(block(0, [0, 1, 3]))
    first.close()
    other = SqliteStore(path, SYMBOLS, ("a", "b", "d"))
    assert list(other.times()) == []
    other.close()
    universe = ("AAA", "S1", "S3", "S4")
    again = SqliteStore(path, universe, NAMES)
    held = again.at(T0)
    assert held is not None
    assert [universe[c] for c in held.code] == ["S1", "S3"]
    np.testing.assert_array_equal(held.values, block(0, [1, 3]).values)
    with sqlite3.connect(path) as db:
        (data,) = db.execute("SELECT rows FROM block").fetchone()
        db.execute("UPDATE block SET rows = ?", (data[:-1] + b"\x55",))
    db.close()
    with pytest.raises(StoreError, match="damaged"):
        again.at(T0)
    again.put(held)
    assert same(again.at(T0), held)
    again.close()


def test_a_history_on_disk_may_forget(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "f.db", SYMBOLS, NAMES, keep_days=1 / 86_400e6 * 3)
    for t in range(10):
        store.put(block(t, [0]))
    assert list(store.times()) == [T0 + t for t in (6, 7, 8, 9)]
    assert store.status()["slices"] == 4
    store.close()


def test_redis_keeps_as_many_times_as_it_is_told_and_lets_them_die(redis_url: str) -> None:
    import redis

    settings = RedisSettings(url=redis_url, prefix=uuid.uuid4().hex, keep=3, ttl=0.3)
    store = RedisStore(settings, SYMBOLS, NAMES)
    for t in range(8):
        store.put(block(t, [0, 1]))
        assert store.flush()
    assert list(store.times()) == [T0 + 5, T0 + 6, T0 + 7]
    client = redis.Redis.from_url(redis_url)
    assert len(list(client.scan_iter(f"{settings.prefix}:*"))) == 4
    reader = RedisStore(settings, SYMBOLS, NAMES)
    assert same(reader.at(T0 + 6), block(6, [0, 1]))
    until = time.monotonic() + 5
    while list(client.scan_iter(f"{settings.prefix}:*")) and time.monotonic() < until:
        time.sleep(0.05)
    assert not list(client.scan_iter(f"{settings.prefix}:*"))
    client.close()
    reader.close()
    store.close()


def test_redis_that_goes_down_is_answered_for_from_memory_and_is_filled_when_it_is_back(own_redis: Any) -> None:
    settings = RedisSettings(url=f"redis://{own_redis.address}/0", longest_pause=0.1, timeout=0.5)
    store, reader = (RedisStore(settings, SYMBOLS, NAMES) for _ in range(2))
    store.put(block(0, [0, 1]))
    assert store.flush()
    own_redis.kill()
    for t in (1, 2, 3):
        store.put(block(t, [0, 1, 2]))
    assert not store.flush(0.2)
    assert store.status()["degraded"] is True
    assert store.latest(["S2"])[0].time == T0 + 3  # type: ignore[union-attr]
    assert list(store.times()) == [T0 + t for t in range(4)]
    assert reader.at(T0) is None
    assert reader.status()["degraded"] is True
    own_redis.start()  # empty: it keeps nothing on disk
    assert store.flush(10.0)
    assert store.status()["degraded"] is False
    assert list(reader.times()) == [T0 + t for t in range(4)]
    assert same(reader.at(T0), block(0, [0, 1]))
    assert reader.status()["degraded"] is False
    reader.close()
    store.close()


def test_the_url_with_its_password_is_not_shown() -> None:
    settings = RedisSettings(url="redis://:hush@localhost/0")
    assert "hush" not in repr(settings)


def test_several_servers_share_the_symbols(redis_url: str, own_redis: Any) -> None:
    settings = RedisSettings(prefix=uuid.uuid4().hex)
    symbols = [f"S{i}" for i in range(64)]  # which server has which depends on its port: with few, one may have none
    urls = [redis_url, f"redis://{own_redis.address}/0"]
    store = open_redis(urls, symbols, NAMES, settings)
    store.put(block(0, list(range(64))))
    assert store.flush()
    reader = open_redis(urls[::-1], symbols, NAMES, settings)
    assert same(reader.at(T0), block(0, list(range(64))))
    reader.close()
    shards = store.status()["shards"]
    assert [state["slices"] for state in shards.values()] == [1, 1]
    store.close()
    one = open_redis(urls[:1], SYMBOLS, NAMES, settings)
    assert isinstance(one, RedisStore)
    one.close()
    with pytest.raises(UsageError, match="given twice"):
        open_redis([redis_url, redis_url], SYMBOLS, NAMES)
    with pytest.raises(UsageError, match="at least one shard"):
        open_redis([], SYMBOLS, NAMES)
    with pytest.raises(UsageError, match="port"):
        open_redis(["redis://:hush@localhost:port"], SYMBOLS, NAMES)
    two = open_redis(["unix:///absent.sock?db=1", "unix:///absent.sock?db=2"], SYMBOLS, NAMES)
    assert len(two.status()["shards"]) == 2
    with pytest.raises(UsageError, match="not one") as caught:
        open_redis(["http://:hush@localhost"], SYMBOLS, NAMES)
    assert "hush" not in str(caught.value)


def test_shards_that_are_added_take_symbols_and_move_no_others() -> None:
    symbols = [f"X{i}" for i in range(2000)]
    three, four = ["a", "b", "c"], ["a", "b", "c", "d"]
    before, after = ([shard_of(s, shards) for s in symbols] for shards in (three, four))
    moved = [(b, a) for b, a in zip(before, after, strict=True) if a != b]
    assert all(a == 3 for _, a in moved)
    assert 0.2 < len(moved) / len(symbols) < 0.3
    assert min(np.bincount(before)) > 550
    with pytest.raises(UsageError, match="one list of symbols"):
        ShardedStore({"a": MemoryStore(SYMBOLS, NAMES), "b": MemoryStore(SYMBOLS, ("x",))})
