"""Overload: what is beyond the limits is turned away at once, and the rest is answered."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tradewind.serving.contracts import Overloaded


def test_ten_times_too_many_requests_are_turned_away_while_all_places_go_on_serving(
    make_desk: Callable[..., Any],
) -> None:
    places, waves = 8, 5
    desk = make_desk(max_in_flight=places, max_in_flight_per_caller=places)

    async def wave(client: httpx.AsyncClient, callers: int) -> list[httpx.Response]:
        desk.market.gate = asyncio.Event()
        waiting = {asyncio.create_task(client.get("/v1/forecasts/AAPL?fresh=true")) for _ in range(callers)}
        turned_away = []
        while len(waiting) > places or desk.market.working < places:
            done, waiting = await asyncio.wait(waiting, timeout=0.01, return_when=asyncio.FIRST_COMPLETED)
            turned_away += [task.result() for task in done]
        desk.market.gate.set()
        served = await asyncio.gather(*waiting)
        assert [answer.status_code for answer in served] == [200] * places  # no place stays empty under load
        return turned_away

    async def load(callers: int) -> list[httpx.Response]:
        async with desk.client() as client, asyncio.timeout(60):
            return [answer for _ in range(waves) for answer in await wave(client, callers)]

    assert asyncio.run(load(places)) == []
    turned_away = asyncio.run(load(places * 10))  # told before anything that is served was done
    assert {answer.status_code for answer in turned_away} == {429}
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in turned_away)
    assert desk.market.most == places
    assert desk.api.counters.rejected["load"] == len(turned_away) == waves * 9 * places
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
def test_a_flood_over_tcp_is_answered_to_the_last_request(make_desk: Callable[..., Any]) -> None:
    callers, each = 160, 25
    desk = make_desk(max_in_flight=16, max_in_flight_per_caller=16)
    desk.market.delay = 0.02

    async def flood() -> Counter[int]:
        statuses: Counter[int] = Counter()
        ask = f"GET /v1/forecasts/AAPL?fresh=true HTTP/1.1\r\nHost: x\r\nX-API-Key: {desk.key}\r\n\r\n".encode()
        async with desk.listening() as server, asyncio.timeout(60):

            async def call() -> None:
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                for _ in range(each):
                    writer.write(ask)
                    head = (await reader.readuntil(b"\r\n\r\n")).lower()
                    await reader.readexactly(int(head.partition(b"content-length: ")[2].partition(b"\r\n")[0]))
                    statuses[int(head.split(b" ")[1])] += 1
                writer.close()
                await writer.wait_closed()

            await asyncio.gather(*[call() for _ in range(callers)])
            async with httpx.AsyncClient() as client:
                assert (await client.get(f"{server.url}/health/ready")).status_code == 200
        return statuses

    statuses = asyncio.run(flood())
    assert set(statuses) <= {200, 429}
    assert statuses.total() == callers * each
    assert statuses[200] > 100
    assert desk.market.most <= 16
    assert desk.api.counters.in_flight == 0
