"""Rate limits: never more than the bucket allows, whatever the order of requests, alone or shared."""

from __future__ import annotations

import asyncio
import math
import time
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tradewind.serving.access import Grant, LocalLimiter, RedisLimiter, RedisLimitSettings
from tradewind.serving.contracts import Caller


def caller(rate: float = 10.0, burst: int = 5, id: str = "k") -> Caller:
    return Caller(id=id, scopes=frozenset({"read"}), rate=rate, burst=burst)


@given(
    st.floats(0.01, 1000.0),
    st.integers(1, 50),
    st.lists(st.floats(0.0, 5.0, allow_subnormal=False), min_size=1, max_size=200),
)
def test_no_span_of_time_holds_more_than_burst_plus_rate(rate: float, burst: int, gaps: list[float]) -> None:
    grant, now = Grant(caller(rate, burst), 0.0), 0.0
    passed: list[float] = []
    for gap in gaps:
        now += gap
        if grant.spend(now):
            passed.append(now)
    for i, first in enumerate(passed):
        for j in range(i, len(passed)):
            allowed = burst + rate * (passed[j] - first)
            assert j - i + 1 <= allowed * (1 + 1e-9) + 1e-6


@given(st.floats(0.01, 1000.0), st.integers(1, 50))
def test_who_waits_as_told_is_let_in(rate: float, burst: int) -> None:
    grant = Grant(caller(rate, burst), 0.0)
    for _ in range(burst):
        assert grant.spend(0.0)
    assert not grant.spend(0.0)
    wait = grant.wait()
    assert 0 < wait <= 1 / rate + 1e-9
    assert grant.spend(wait * (1 + 1e-9) + 1e-9)


def test_a_quiet_caller_saves_up_no_more_than_the_burst() -> None:
    grant = Grant(caller(10, 3), 0.0)
    assert sum(grant.spend(1000.0) for _ in range(10)) == 3


def test_new_terms_take_effect_and_what_was_spent_stays_spent() -> None:
    grant = Grant(caller(10, 100), 0.0)
    grant.serve(caller(10, 2))
    assert sum(grant.spend(0.0) for _ in range(10)) == 2


def test_the_local_limiter_tells_how_long_to_wait() -> None:
    grant = Grant(caller(2, 1), time.monotonic())

    async def ask() -> tuple[float, float]:
        limiter = LocalLimiter()
        return await limiter.take(grant), await limiter.take(grant)

    first, second = asyncio.run(ask())
    assert first == 0.0
    assert 0.3 < second <= 0.5


def _settings(server: Any, **options: Any) -> RedisLimitSettings:
    return RedisLimitSettings(url=server.url, **options)


def test_workers_share_one_bucket(redis_server: Any) -> None:
    async def ask() -> int:
        workers = [RedisLimiter(_settings(redis_server)) for _ in range(3)]
        grants = [Grant(caller(rate=0.01, burst=30), 0.0, shared=True) for _ in workers]
        try:
            return sum(
                [
                    await worker.take(grant) == 0.0
                    for _ in range(30)
                    for worker, grant in zip(workers, grants, strict=True)
                ]
            )
        finally:
            for worker in workers:
                await worker.close()

    assert asyncio.run(ask()) == 30


def test_the_shared_bucket_tells_how_long_to_wait_and_fills_again(redis_server: Any) -> None:
    async def ask() -> tuple[float, float]:
        limiter = RedisLimiter(_settings(redis_server))
        grant = Grant(caller(rate=20.0, burst=1), 0.0, shared=True)
        try:
            assert await limiter.take(grant) == 0.0
            wait = await limiter.take(grant)
            await asyncio.sleep(wait + 0.02)
            return wait, await limiter.take(grant)
        finally:
            await limiter.close()

    wait, again = asyncio.run(ask())
    assert 0 < wait <= 0.05
    assert again == 0.0


def test_most_requests_ask_redis_nothing(redis_server: Any) -> None:
    async def ask() -> int:
        limiter = RedisLimiter(_settings(redis_server, lease=1.0))
        grant = Grant(caller(rate=100.0, burst=200), 0.0, shared=True)
        script, asked = limiter._script, 0

        async def counted(**options: Any) -> Any:
            nonlocal asked
            asked += 1
            return await script(**options)

        limiter._script = counted
        for _ in range(150):
            assert await limiter.take(grant) == 0.0
        await limiter.close()
        return asked

    assert asyncio.run(ask()) == 2


def test_without_redis_each_worker_counts_alone_and_goes_back_when_it_returns(redis_server: Any) -> None:
    now = [0.0]

    async def ask() -> None:
        limiter = RedisLimiter(_settings(redis_server, retry=1.0), clock=lambda: now[0])
        grant = Grant(caller(rate=1.0, burst=4), 0.0, shared=True)
        assert await limiter.take(grant) == 0.0
        redis_server.stop()
        now[0] += 0.1
        alone = [await limiter.take(grant) for _ in range(6)]
        assert alone.count(0.0) == 4, "the caller's own burst, no more"
        assert all(0 < wait <= 1.0 for wait in alone[4:])
        assert limiter.degraded == 1, "Redis is not asked again at every request"
        redis_server.start()
        now[0] += 1.1
        shared = [await limiter.take(grant) for _ in range(6)]
        assert shared.count(0.0) == 4
        assert not grant.refill
        await limiter.close()

    asyncio.run(ask())


def test_the_settings_show_no_password() -> None:
    settings = RedisLimitSettings(url="redis://:hunter2@host/0")
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in str(settings)


def test_a_shared_grant_says_nothing_of_when_to_come_back() -> None:
    assert Grant(caller(), 0.0, shared=True).wait() == math.inf
