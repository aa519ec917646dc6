"""Idempotency-Key: one effect, however often and however at once a request is repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tradewind.core import TradewindError
from tradewind.serving.api import MemoryIdempotency, RedisIdempotency
from tradewind.serving.api.idempotency import Kept

KEY = {"idempotency-key": "order-0001"}
BODY = {"rows": [{"ret_1": 0.5}]}


@pytest.fixture(params=["memory", "redis"])
def shop(request: pytest.FixtureRequest, make_desk: Callable[..., Any]) -> Any:
    """An API that keeps answers in this process, or in Redis."""
    if request.param == "memory":
        return lambda **options: make_desk(**options)
    url = request.getfixturevalue("redis_server").url
    return lambda **options: make_desk(idempotency=RedisIdempotency(url), **options)


def run(desk: Any, *calls: tuple[str, dict[str, Any], dict[str, str]], at_once: bool = False) -> list[Any]:
    async def all_of_them() -> list[Any]:
        async with desk.client() as client:
            jobs = [client.post(path, json=body, headers=headers) for path, body, headers in calls]
            found = await asyncio.gather(*jobs) if at_once else [await job for job in jobs]
        await desk.api.stop()
        return found

    return asyncio.run(all_of_them())


def test_a_repeated_request_gets_the_first_answer(shop: Any) -> None:
    desk = shop()
    first, again, free = run(desk, ("/v1/compute", BODY, KEY), ("/v1/compute", BODY, KEY), ("/v1/compute", BODY, {}))
    assert first.status_code == again.status_code == 200
    assert first.content == again.content
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["x-request-id"] != first.headers["x-request-id"]
    assert desk.market.calls == 2, "the one without a key, and the first with it"
    assert free.status_code == 200


def test_the_same_key_for_another_request_is_refused(shop: Any) -> None:
    desk = shop()
    _, other = run(desk, ("/v1/compute", BODY, KEY), ("/v1/compute", {"rows": [{"ret_1": 0.6}]}, KEY))
    assert other.status_code == 422
    assert other.json()["type"].endswith("key-reused")


def test_of_requests_at_once_one_is_answered_and_the_others_told_to_wait(shop: Any) -> None:
    desk = shop()
    desk.market.delay = 0.2
    found = run(desk, *[("/v1/compute", BODY, KEY)] * 6, at_once=True)
    statuses = sorted(answer.status_code for answer in found)
    assert statuses == [200] + [409] * 5
    assert desk.market.calls == 1
    assert all(answer.headers["retry-after"] == "1" for answer in found if answer.status_code == 409)


def test_a_failure_that_may_pass_is_not_kept(shop: Any) -> None:
    desk = shop()
    desk.market.fault = TradewindError("busy")

    async def both() -> tuple[int, int]:
        async with desk.client() as client:
            first = await client.post("/v1/compute", json=BODY, headers=KEY)
            desk.market.fault = None
            second = await client.post("/v1/compute", json=BODY, headers=KEY)
        await desk.api.stop()
        return first.status_code, second.status_code

    assert asyncio.run(both()) == (503, 200)


def test_a_refusal_that_stays_is_kept(shop: Any) -> None:
    desk = shop()
    wrong = {"symbols": ["NONE"]}
    first, again = run(desk, ("/v1/forecasts", wrong, KEY), ("/v1/forecasts", wrong, KEY))
    assert first.status_code == again.status_code == 404
    assert first.content == again.content
    assert desk.market.calls == 1


def test_an_answer_given_up_is_made_again(shop: Any) -> None:
    desk = shop(request_timeout=0.1)
    desk.market.delay = 1.0

    async def both() -> tuple[int, int]:
        async with desk.client() as client:
            first = await client.post("/v1/compute", json=BODY, headers=KEY)
            desk.market.delay = 0.0
            second = await client.post("/v1/compute", json=BODY, headers=KEY)
        await desk.api.stop()
        return first.status_code, second.status_code

    assert asyncio.run(both()) == (504, 200)


def test_keys_of_two_callers_and_two_routes_never_meet(shop: Any) -> None:
    desk = shop()
    other = {**KEY, "x-api-key": desk.reader}
    found = run(
        desk,
        ("/v1/forecasts", {"symbols": ["AAPL"]}, KEY),
        ("/v1/forecasts", {"symbols": ["MSFT"]}, other),
        ("/v1/compute", BODY, KEY),
    )
    assert [answer.status_code for answer in found] == [200, 200, 200]


@pytest.mark.parametrize("key", ["short", "a" * 129, "with a space", "tab\there-1"])
def test_a_key_that_is_no_key_is_refused(desk: Any, key: str) -> None:
    (found,) = run(desk, ("/v1/compute", BODY, {"idempotency-key": key}))
    assert found.status_code == 400
    assert desk.market.calls == 0


def test_without_redis_no_promise_is_given(make_desk: Callable[..., Any], redis_server: Any) -> None:
    desk = make_desk(idempotency=RedisIdempotency(redis_server.url))
    redis_server.stop()
    with_key, without = run(desk, ("/v1/compute", BODY, KEY), ("/v1/compute", BODY, {}))
    assert with_key.status_code == 503
    assert without.status_code == 200


def test_an_answer_that_cannot_be_kept_is_given_all_the_same(make_desk: Callable[..., Any], redis_server: Any) -> None:
    desk = make_desk(idempotency=RedisIdempotency(redis_server.url))
    desk.market.delay = 0.3

    async def ask() -> int:
        async with desk.client() as client:
            call = asyncio.create_task(client.post("/v1/compute", json=BODY, headers=KEY))
            while not desk.market.working:
                await asyncio.sleep(0.005)
            redis_server.stop()
            status = (await call).status_code
        await desk.api.stop()
        return status

    assert asyncio.run(ask()) == 200


def test_answers_in_memory_run_out_and_make_room() -> None:
    now = [0.0]
    store = MemoryIdempotency(size=5000, clock=lambda: now[0])

    async def use() -> None:
        assert await store.begin("a", Kept(b"1"), 10.0) is None
        await store.finish("a", Kept(b"1", 200, b"", b"x"), 100.0)
        assert await store.begin("a", Kept(b"1"), 10.0) == Kept(b"1", 200, b"", b"x")
        now[0] = 101.0
        assert await store.begin("a", Kept(b"1"), 10.0) is None
        for n in range(100):
            await store.finish(f"k{n}", Kept(b"", 200, b"", b"y" * 500), 100.0)
        assert len(store) <= 6

    asyncio.run(use())


def test_a_repetition_waits_however_long_a_first_request_may_take(make_desk: Callable[..., Any]) -> None:
    now = [0.0]
    desk = make_desk(request_timeout=300.0, idempotency=MemoryIdempotency(clock=lambda: now[0]))
    desk.market.delay = 0.2

    async def both() -> tuple[int, int]:
        async with desk.client() as client:
            first = asyncio.create_task(client.post("/v1/compute", json=BODY, headers=KEY))
            await asyncio.sleep(0.05)
            now[0] = 299.0
            again = await client.post("/v1/compute", json=BODY, headers=KEY)
            return (await first).status_code, again.status_code

    assert asyncio.run(both()) == (200, 409)
