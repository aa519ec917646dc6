"""Overload: what is beyond the limits is turned away at once, and the rest is answered as fast as ever."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tradewind.serving.contracts import Overloaded

WORK = 0.1


@pytest.mark.slow
def test_ten_times_too_many_requests_leave_goodput_and_latency_as_they_were(make_desk: Callable[..., Any]) -> None:
    places = 8
    desk = make_desk(max_in_flight=places, max_in_flight_per_caller=places)
    desk.market.delay = WORK

    async def load(callers: int, seconds: float) -> tuple[float, list[float], Counter[int]]:
        good: list[float] = []
        statuses: Counter[int] = Counter()
        end = time.monotonic() + seconds

        async def call(client: httpx.AsyncClient) -> None:
            while time.monotonic() < end:
                began = time.monotonic()
                answer = await client.get("/v1/forecasts/AAPL?fresh=true")
                statuses[answer.status_code] += 1
                if answer.status_code == 200:
                    good.append(time.monotonic() - began)
                else:
                    assert int(answer.headers["retry-after"]) >= 1
                    await asyncio.sleep(WORK)

        async with desk.client() as client:
            await asyncio.gather(*[call(client) for _ in range(callers)])
        return len(good) / seconds, sorted(good), statuses

    calm, calm_times, calm_statuses = asyncio.run(load(places, 0.8))
    wild, wild_times, wild_statuses = asyncio.run(load(places * 10, 1.5))
    assert set(calm_statuses) == {200}
    assert set(wild_statuses) == {200, 429}
    assert wild > 0.5 * calm, (calm, wild)
    assert wild_times[int(len(wild_times) * 0.99) - 1] < max(5 * WORK, 3 * calm_times[-1])
    assert desk.market.most <= places
    assert desk.api.counters.rejected["load"] == wild_statuses[429]
    assert desk.api.counters.in_flight == 0


def test_one_caller_cannot_take_all_the_places(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(max_in_flight=20, max_in_flight_per_caller=5)
    desk.market.delay = 0.2

    async def ask() -> tuple[Counter[int], int]:
        async with desk.client() as greedy, desk.client(desk.reader) as modest:
            path = "/v1/forecasts/AAPL?fresh=true"
            many = [asyncio.create_task(greedy.get(path)) for _ in range(30)]
            await asyncio.sleep(0.05)
            other = await modest.get(path)
            return Counter(answer.status_code for answer in await asyncio.gather(*many)), other.status_code

    greedy, modest = asyncio.run(ask())
    assert greedy == {200: 5, 429: 25}
    assert modest == 200


def test_what_is_ready_is_answered_while_the_rest_is_full(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(max_in_flight=2, max_in_flight_per_caller=2)
    desk.market.delay = 0.3

    async def ask() -> tuple[int, int, str, int]:
        async with desk.client() as client:
            await client.get("/v1/forecasts/AAPL")
            slow = [asyncio.create_task(client.get("/v1/forecasts/AAPL?fresh=true")) for _ in range(2)]
            await asyncio.sleep(0.05)
            ready = await client.get("/v1/forecasts/AAPL")
            computed = await client.get("/v1/forecasts/AAPL?fresh=true")
            alive = await client.get("/health/live")
            await asyncio.gather(*slow)
            return ready.status_code, computed.status_code, computed.json()["type"], alive.status_code

    assert asyncio.run(ask()) == (200, 429, "urn:tradewind:problem:overloaded", 200)


def test_what_the_runtime_has_no_room_for_is_told_with_the_time_it_asks_for(make_desk: Callable[..., Any]) -> None:
    desk = make_desk()
    desk.market.fault = Overloaded(2.3)

    async def ask() -> list[httpx.Response]:
        query = {"query": '{ forecast(symbol: "AAPL") { id } }'}
        async with desk.client() as client:
            return [
                await client.get("/v1/forecasts/AAPL?fresh=true"),
                await client.post("/v1/forecasts", json={"symbols": ["AAPL"]}),
                await client.post("/v1/compute", json={"rows": [{"ret_1": 0.0}]}, headers={"idempotency-key": "a" * 8}),
                await client.get("/v1/forecasts/AAPL/explanation"),
                await client.post("/graphql", json=query),
            ]

    *rest, graphql = asyncio.run(ask())
    for answer in rest:
        assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "urn:tradewind:problem:overloaded"
    assert desk.api.counters.rejected["load"] == len(rest)
    told = graphql.json()["errors"][0]["extensions"]
    assert (told["type"], told["status"], told["retry_after"]) == ("urn:tradewind:problem:overloaded", 429, 3)


@pytest.mark.slow
def test_a_flood_over_tcp_is_answered_in_bounded_time(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(max_in_flight=16, max_in_flight_per_caller=16)
    desk.market.delay = 0.02

    async def flood() -> tuple[Counter[int], float]:
        statuses: Counter[int] = Counter()
        slowest = 0.0
        ask = f"GET /v1/forecasts/AAPL?fresh=true HTTP/1.1\r\nHost: x\r\nX-API-Key: {desk.key}\r\n\r\n".encode()
        async with desk.listening() as server:
            end = time.monotonic() + 3

            async def call() -> None:
                nonlocal slowest
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                while time.monotonic() < end:
                    began = time.monotonic()
                    writer.write(ask)
                    head = (await reader.readuntil(b"\r\n\r\n")).lower()
                    await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
                    statuses[int(head.split(b" ")[1])] += 1
                    slowest = max(slowest, time.monotonic() - began)
                writer.close()
                await writer.wait_closed()

            await asyncio.gather(*[call() for _ in range(160)])
            async with httpx.AsyncClient() as client:
                assert (await client.get(f"{server.url}/health/ready")).status_code == 200
        return statuses, slowest

    statuses, slowest = asyncio.run(flood())
    assert set(statuses) <= {200, 429}
    assert statuses[200] > 100
    assert slowest < 3
    assert desk.api.counters.in_flight == 0
