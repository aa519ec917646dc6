"""Computed values: once for all who ask, in one process and in several; refusals and early refresh."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tradewind.core import UsageError
from tradewind.serving.cache import CacheSettings, Loading, LoadingSettings, SharedLevel


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def counted(result: bytes | Exception, wait: float = 0.0) -> tuple[list[int], Callable[[], Awaitable[bytes]]]:
    calls: list[int] = []

    async def compute() -> bytes:
        calls.append(1)
        await asyncio.sleep(wait)
        if isinstance(result, Exception):
            raise result
        return result

    return calls, compute


def test_a_thousand_who_ask_at_once_cause_one_computation() -> None:
    async def run() -> None:
        calls, compute = counted(b"x", 0.02)
        loading = Loading(LoadingSettings())
        found = await asyncio.gather(*(loading.get_or_compute("k", compute) for _ in range(1000)))
        assert set(found) == {b"x"}
        assert len(calls) == 1
        assert loading.stats()["joined"] == 999
        assert await loading.get_or_compute("k", compute) == b"x"
        assert (len(calls), loading.hits) == (1, 1)

    asyncio.run(run())


def test_one_who_gives_up_does_not_end_it_for_the_others() -> None:
    async def run() -> None:
        calls, compute = counted(b"x", 0.05)
        loading = Loading(LoadingSettings())
        first = asyncio.ensure_future(loading.get_or_compute("k", compute))
        await asyncio.sleep(0.01)
        second = asyncio.ensure_future(loading.get_or_compute("k", compute))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == b"x"
        assert len(calls) == 1

    asyncio.run(run())


def test_refusals_are_remembered_for_a_moment_and_only_so_many() -> None:
    async def run() -> None:
        now = Time()
        calls, compute = counted(UsageError("no such symbol"))
        loading = Loading(LoadingSettings(refusals=2, negative_ttl=2.0), now=now)
        for _ in range(3):
            with pytest.raises(UsageError, match="no such symbol"):
                await loading.get_or_compute("a", compute)
        assert (len(calls), loading.refused) == (1, 2)
        for key in ("b", "c"):
            with pytest.raises(UsageError):
                await loading.get_or_compute(key, compute)
        with pytest.raises(UsageError):
            await loading.get_or_compute("a", compute)  # forgotten for b and c
        assert len(calls) == 4
        now.seconds += 3
        with pytest.raises(UsageError):
            await loading.get_or_compute("a", compute)
        assert len(calls) == 5

    asyncio.run(run())


def test_a_fault_is_given_to_all_who_wait_and_not_remembered() -> None:
    async def run() -> None:
        calls, compute = counted(RuntimeError("broken"), 0.01)
        loading = Loading(LoadingSettings())
        found = await asyncio.gather(*(loading.get_or_compute("k", compute) for _ in range(5)), return_exceptions=True)
        assert all(isinstance(one, RuntimeError) for one in found)
        with pytest.raises(RuntimeError):
            await loading.get_or_compute("k", compute)
        assert len(calls) == 2

    asyncio.run(run())


def test_values_end_and_are_bounded() -> None:
    async def run() -> None:
        now = Time()
        calls, compute = counted(b"x")
        loading = Loading(LoadingSettings(ttl=10, entries=2, early=0), now=now)
        for key in ("a", "b", "a", "c"):  # b is the least recently used
            await loading.get_or_compute(key, compute)
        assert loading.stats()["held"] == 2
        await loading.get_or_compute("a", compute)
        assert len(calls) == 3
        now.seconds += 11
        await loading.get_or_compute("a", compute)
        assert len(calls) == 4

    asyncio.run(run())


def test_a_value_near_its_end_is_refreshed_behind_its_readers() -> None:
    async def run() -> None:
        now = Time()
        calls, compute = counted(b"x", 0.02)
        loading = Loading(LoadingSettings(ttl=100, early=5.0), now=now, seed=1)
        await loading.get_or_compute("k", compute)
        for _ in range(50):
            await loading.get_or_compute("k", compute)
        early = loading.refreshed
        assert early == 0, "a value 100 seconds from its end, made in 0.02, must not be made again"
        now.seconds += 99.9
        for _ in range(50):
            assert await loading.get_or_compute("k", compute) == b"x"
        assert loading.refreshed == 1, "one refresh, whoever reads while it runs"
        await asyncio.sleep(0.05)
        now.seconds += 1.0
        assert await loading.get_or_compute("k", compute) == b"x"
        assert len(calls) == 2

    asyncio.run(run())


def shared_level(url: str) -> SharedLevel:
    return SharedLevel(url, CacheSettings(timeout=5.0), list, lambda event: None)


async def loadings(url: str, count: int, settings: LoadingSettings) -> tuple[list[SharedLevel], list[Loading]]:
    levels = [shared_level(url) for _ in range(count)]
    return levels, [Loading(settings, level) for level in levels]


async def closed(levels: list[SharedLevel]) -> None:
    for level in levels:
        await level.close_reader()
        level.close()


def test_several_processes_cause_one_computation(redis_server: Any) -> None:
    async def run() -> None:
        calls, compute = counted(b"x", 0.1)
        levels, several = await loadings(redis_server.url, 5, LoadingSettings())
        found = await asyncio.gather(*(one.get_or_compute("k", compute) for one in several for _ in range(10)))
        assert set(found) == {b"x"}
        assert len(calls) == 1
        assert sum(one.waited_for_others for one in several) == 4
        await closed(levels)

    asyncio.run(run())


def test_where_the_holder_of_the_lease_died_another_computes(redis_server: Any) -> None:
    async def run() -> None:
        calls, compute = counted(b"x")
        levels, (loading,) = await loadings(redis_server.url, 1, LoadingSettings(lease=0.2, poll=0.02))
        await levels[0].client.set(f"{levels[0].prefix}:lock:k", "of one who died", px=200)
        assert await loading.get_or_compute("k", compute) == b"x"
        assert len(calls) == 1
        await closed(levels)

    asyncio.run(run())


def test_a_damaged_value_in_redis_is_computed_anew(redis_server: Any) -> None:
    async def run() -> None:
        calls, compute = counted(b"x")
        levels, (one, other) = await loadings(redis_server.url, 2, LoadingSettings())
        await one.get_or_compute("k", compute)
        await levels[0].client.setrange(f"{levels[0].prefix}:value:k", 6, b"zz")
        assert await other.get_or_compute("k", compute) == b"x"
        assert (len(calls), other.corrupted) == (2, 1)
        await closed(levels)

    asyncio.run(run())


def test_without_redis_values_are_computed_here(redis_server: Any) -> None:
    async def run() -> None:
        calls, compute = counted(b"x")
        levels, (loading,) = await loadings(redis_server.url, 1, LoadingSettings())
        redis_server.stop()
        for key in ("a", "b", "c", "d"):
            assert await loading.get_or_compute(key, compute) == b"x"
        assert len(calls) == 4
        assert not levels[0].breaker.closed
        await closed(levels)

    asyncio.run(run())
