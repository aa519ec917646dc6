"""Streams of new forecasts over SSE and WebSocket, through granian on a real port."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing
from typing import Any

import httpx
import msgspec
import pytest
import websockets

from tradewind.serving.api.events import follow


async def events(response: httpx.Response) -> AsyncIterator[dict[str, str]]:
    """Yield events, and comments as ``{"comment": …}``."""
    found: dict[str, str] = {}
    async for line in response.aiter_lines():
        if not line:
            if found:
                yield found
            found = {}
        elif line.startswith(":"):
            yield {"comment": line[1:].strip()}
        else:
            name, _, value = line.partition(": ")
            found[name] = value


async def until_read(desk: Any, readers: int = 1) -> None:
    async with asyncio.timeout(5):
        while len(desk.market.readers) != readers:
            await asyncio.sleep(0.005)


async def until_left(desk: Any) -> None:
    """Wait until nobody reads and every stream has given up its place; the first comes before the second."""
    async with asyncio.timeout(5):
        while desk.market.readers or desk.api.counters.streams:
            await asyncio.sleep(0.005)


async def step(found: AsyncIterator[dict[str, str]]) -> dict[str, str]:
    return await asyncio.wait_for(anext(found), 5)


def client(desk: Any, url: str, key: str = "") -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, headers={"x-api-key": key or desk.key}, timeout=10)


def test_new_forecasts_are_told_and_only_those_asked_for(desk: Any) -> None:
    async def follow() -> None:
        async with desk.listening() as server, client(desk, server.url) as http:
            async with http.stream("GET", "/v1/stream?symbols=AAPL,MSFT") as response:
                assert response.headers["content-type"] == "text/event-stream"
                assert response.headers["cache-control"] == "no-store"
                found = events(response)
                assert await step(found) == {"retry": "2000"}
                await until_read(desk)
                desk.market.publish("BRK.B")
                new = desk.market.publish("MSFT")
                event = await step(found)
                assert event["event"] == "forecast"
                assert json.loads(event["data"])["id"] == "MSFT-5-0"
                assert event["id"] == f"{new.made_at}.{new.id}"
            await until_left(desk)

    asyncio.run(follow())


def test_a_quiet_stream_gives_signs_of_life(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(heartbeat=0.05)

    async def follow() -> None:
        async with (
            desk.listening() as server,
            client(desk, server.url) as http,
            http.stream("GET", "/v1/stream") as response,
        ):
            found = events(response)
            assert [await step(found) for _ in range(3)][1:] == [{"comment": "alive"}] * 2

    asyncio.run(follow())


def test_a_reader_that_comes_back_is_told_what_it_missed(desk: Any) -> None:
    async def follow() -> None:
        seen = desk.market.publish("AAPL")
        missed = [desk.market.publish("AAPL"), desk.market.publish("MSFT"), desk.market.publish("AAPL")]
        async with desk.listening() as server, client(desk, server.url) as http:
            headers = {"last-event-id": f"{seen.made_at}.{seen.id}"}
            async with http.stream("GET", "/v1/stream", headers=headers) as response:
                found = events(response)
                await step(found)
                told = [json.loads((await step(found))["data"])["id"] for _ in range(3)]
                assert sorted(told) == sorted(p.id for p in missed)
                assert told.index("AAPL-6-0") < told.index("AAPL-7-0"), "oldest first"
                live = desk.market.publish("AAPL")
                assert json.loads((await step(found))["data"])["id"] == live.id

    asyncio.run(follow())


def test_a_reader_that_comes_back_is_not_told_what_was_never_streamed(desk: Any) -> None:
    async def follow() -> list[str]:
        seen = desk.market.publish("AAPL")
        missed = desk.market.publish("AAPL")
        desk.market.past["AAPL"].append(msgspec.structs.replace(missed, id="canary", model="ensemble/2", how="canary"))
        desk.market.past["AAPL"].append(msgspec.structs.replace(missed, id="former", model="ensemble/0"))
        async with desk.listening() as server, client(desk, server.url) as http:
            headers = {"last-event-id": f"{seen.made_at}.{seen.id}"}
            async with http.stream("GET", "/v1/stream", headers=headers) as response:
                found = events(response)
                await step(found)
                return [json.loads((await step(found))["data"])["id"] for _ in range(2)]

    assert sorted(asyncio.run(follow())) == ["AAPL-6-0", "former"]


def test_the_life_of_a_stream_is_no_time_of_an_answer(desk: Any) -> None:
    async def follow() -> None:
        async with desk.listening() as server, client(desk, server.url) as http:
            async with http.stream("GET", "/v1/stream") as response:
                await step(events(response))
            await until_read(desk, 0)
            async with asyncio.timeout(5):
                while ("stream", 200) not in desk.api.counters.answers():
                    await asyncio.sleep(0.005)
            await http.get("/v1/symbols")

    asyncio.run(follow())
    assert set(desk.api.counters.seconds) == {"symbols"}


@pytest.mark.parametrize("last", ["nonsense", "12", "x.y", "-1.AAPL"])
def test_an_id_of_no_event_is_refused(desk: Any, last: str) -> None:
    async def ask() -> int:
        async with desk.listening() as server, client(desk, server.url) as http:
            return (await http.get("/v1/stream", headers={"last-event-id": last})).status_code

    assert asyncio.run(ask()) == 400


def test_a_reader_that_falls_behind_is_told_and_sent_away(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(stream_buffer=5)

    async def follow() -> dict[str, str]:
        async with (
            desk.listening() as server,
            client(desk, server.url) as http,
            http.stream("GET", "/v1/stream") as response,
        ):
            found = events(response)
            await step(found)
            await until_read(desk)
            for _ in range(20):
                desk.market.publish("AAPL")
            return [event async for event in found][-1]

    last = asyncio.run(follow())
    assert last["event"] == "problem"
    problem = json.loads(last["data"])
    assert problem["type"] == "urn:tradewind:problem:overloaded"
    assert "fewer symbols" in problem["detail"]
    assert desk.api.counters.slow == 1


@pytest.mark.slow
def test_a_reader_that_reads_nothing_holds_neither_memory_nor_a_place_for_long(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(send_timeout=0.3, stream_buffer=1_000_000)

    async def follow() -> None:
        async with desk.listening() as server:
            _, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1024)
            writer.transport.pause_reading()  # type: ignore[attr-defined]
            writer.write(f"GET /v1/stream HTTP/1.1\r\nHost: x\r\nX-API-Key: {desk.key}\r\n\r\n".encode())
            await until_read(desk)
            async with asyncio.timeout(20):
                while desk.api.counters.streams:
                    for _ in range(200):
                        desk.market.publish("AAPL")
                    await asyncio.sleep(0.001)
            writer.transport.abort()

    asyncio.run(follow())
    assert desk.api.counters.slow == 1
    assert desk.market.readers == []


def test_streams_end_with_a_message_when_the_server_goes_down(desk: Any) -> None:
    async def follow() -> tuple[dict[str, str], bool]:
        async with (
            desk.listening() as server,
            client(desk, server.url) as http,
            http.stream("GET", "/v1/stream") as response,
        ):
            found = events(response)
            await step(found)
            await until_read(desk)
            stopping = asyncio.create_task(server.stop())
            last = [event async for event in found][-1]
            return last, await asyncio.wait_for(stopping, 5)

    last, clean = asyncio.run(follow())
    assert last["event"] == "problem"
    assert json.loads(last["data"])["type"] == "urn:tradewind:problem:draining"
    assert clean


def test_one_key_has_so_many_streams_and_no_more(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(max_streams_per_caller=2)

    async def follow() -> tuple[int, str]:
        async with (
            desk.listening() as server,
            client(desk, server.url) as http,
            http.stream("GET", "/v1/stream"),
            http.stream("GET", "/v1/stream"),
        ):
            await until_read(desk, 2)
            third = await http.get("/v1/stream")
            return third.status_code, third.headers["retry-after"]

    assert asyncio.run(follow()) == (429, "5")


# -- WebSocket ---------------------------------------------------------------------------------------------------------


def connect(desk: Any, server: Any, key: str | None = "", **options: Any) -> Any:
    key = desk.key if key == "" else key
    headers = {} if key is None else {"authorization": f"Bearer {key}"}
    url = server.url.replace("http", "ws") + "/v1/stream"
    return websockets.connect(url, additional_headers=headers, **options)


async def hear(socket: Any) -> Any:
    return json.loads(await asyncio.wait_for(socket.recv(), 5))


async def say(socket: Any, **message: Any) -> Any:
    await socket.send(json.dumps(message))
    return await hear(socket)


def test_a_reader_says_what_it_wants_and_changes_its_mind(desk: Any) -> None:
    async def talk() -> None:
        async with desk.listening() as server, connect(desk, server) as socket:
            assert await say(socket, type="ping") == {"type": "pong"}
            assert (await say(socket, type="subscribe", symbols=["AAPL"]))["symbols"] == ["AAPL"]
            await until_read(desk)
            desk.market.publish("MSFT")
            desk.market.publish("AAPL")
            told = await hear(socket)
            assert (told["type"], told["forecast"]["id"]) == ("forecast", "AAPL-5-0")
            assert (await say(socket, type="subscribe"))["symbols"] is None
            desk.market.publish("MSFT")
            assert (await hear(socket))["forecast"]["id"] == "MSFT-6-0"
            assert (await say(socket, type="unsubscribe", symbols=["MSFT"]))["symbols"] == ["AAPL", "BRK.B"]
            desk.market.publish("MSFT")
            desk.market.publish("BRK.B")
            assert (await hear(socket))["forecast"]["id"] == "BRK.B-5-0"
            assert (await say(socket, type="unsubscribe"))["symbols"] == []

    asyncio.run(talk())
    assert desk.market.readers == []
    assert desk.api.counters.streams == 0


@pytest.mark.parametrize(
    "message",
    ["", "{", "[]", '{"type":"dance"}', '{"type":"subscribe","symbols":[]}', '{"type":"subscribe","symbols":["A B"]}',
     '{"type":"subscribe","symbols":["NONE"]}', '{"type":"ping","x":1}', b"\xff\x00", "[" * 60_000],
)  # fmt: skip
def test_a_message_that_does_not_fit_is_told_so_and_the_connection_stays(desk: Any, message: str | bytes) -> None:
    async def talk() -> tuple[Any, Any]:
        async with desk.listening() as server, connect(desk, server) as socket:
            await socket.send(message)
            return await hear(socket), await say(socket, type="ping")

    problem, pong = asyncio.run(talk())
    assert problem["type"] == "problem"
    assert problem["problem"]["status"] in (404, 422)
    assert pong == {"type": "pong"}


def test_a_message_that_is_too_long_ends_the_connection(desk: Any) -> None:
    async def talk() -> tuple[Any, int]:
        async with desk.listening() as server, connect(desk, server) as socket:
            await socket.send("x" * 70_000)
            problem = await hear(socket)
            await asyncio.wait_for(socket.wait_closed(), 5)
            return problem, socket.close_code

    problem, code = asyncio.run(talk())
    assert problem["problem"]["status"] == 413
    assert code == 1009


@pytest.mark.parametrize(("who", "status"), [("nobody", 401), ("reader", 403)])
def test_a_handshake_without_the_right_key_is_refused(desk: Any, who: str, status: int) -> None:
    async def talk() -> int:
        async with desk.listening() as server:
            with pytest.raises(websockets.InvalidStatus) as refused:
                async with connect(desk, server, None if who == "nobody" else desk.reader):
                    pass
            return int(refused.value.response.status_code)

    assert asyncio.run(talk()) in (status, 403)


def test_a_connection_is_closed_with_a_message_when_the_server_goes_down(desk: Any) -> None:
    async def talk() -> tuple[Any, int]:
        async with desk.listening() as server, connect(desk, server) as socket:
            await say(socket, type="subscribe")
            await until_read(desk)
            stopping = asyncio.create_task(server.stop())
            told = await hear(socket)
            await asyncio.wait_for(socket.wait_closed(), 5)
            await stopping
            return told, socket.close_code

    told, code = asyncio.run(talk())
    assert told["problem"]["type"] == "urn:tradewind:problem:draining"
    assert code == 1012


def test_a_connection_that_wants_nothing_yet_ends_with_the_server_too(desk: Any) -> None:
    async def talk() -> int:
        async with desk.listening() as server, connect(desk, server) as socket:
            await say(socket, type="ping")
            stopping = asyncio.create_task(server.stop())
            await asyncio.wait_for(socket.wait_closed(), 5)
            assert await stopping
            return socket.close_code

    assert asyncio.run(talk()) == 1012


def test_a_socket_that_asks_for_nothing_gets_signs_of_life(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(heartbeat=0.05)

    async def follow() -> list[Any]:
        async with desk.listening() as server:
            url = server.url.replace("http", "ws") + "/v1/stream"
            async with websockets.connect(url, additional_headers={"x-api-key": desk.key}) as ws:
                return [json.loads(await asyncio.wait_for(ws.recv(), 5)) for _ in range(3)]

    assert asyncio.run(follow()) == [{"type": "alive"}] * 3


def test_a_reader_that_leaves_at_the_moment_of_a_forecast_leaves_nothing_behind(desk: Any) -> None:
    async def follow_and_leave(steps: int) -> bool:
        async def read() -> None:
            found = follow(desk.market, None, buffer=100, heartbeat=5.0, closing=asyncio.Event())
            async with aclosing(found):
                async for _ in found:
                    pass

        task = asyncio.create_task(read())
        await until_read(desk)
        desk.market.publish("AAPL")
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait({task}, timeout=1.0)
        return task.cancelled()

    assert [asyncio.run(follow_and_leave(steps)) for steps in range(12)] == [True] * 12
    assert desk.market.readers == []


@pytest.mark.slow
def test_readers_that_break_off_leave_nothing_behind(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(max_streams_per_caller=1000, heartbeat=0.2, send_timeout=0.5)

    async def publish() -> None:
        while True:
            desk.market.publish("AAPL")
            del desk.market.past["AAPL"][:-5]
            await asyncio.sleep(0.005)

    async def break_off(url: str, port: int, number: int) -> None:
        if number % 2:
            ws = await websockets.connect(
                url.replace("http", "ws") + "/v1/stream", additional_headers={"x-api-key": desk.key}
            )
            await ws.send('{"type":"subscribe"}')
            transport = ws.transport
        else:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(f"GET /v1/stream HTTP/1.1\r\nHost: x\r\nX-API-Key: {desk.key}\r\n\r\n".encode())
            transport = writer.transport
        await asyncio.sleep(number * 0.002)
        transport.abort()

    async def follow() -> None:
        async with desk.listening() as server:
            publishing = asyncio.create_task(publish())
            await asyncio.gather(*[break_off(server.url, server.port, number) for number in range(150)])
            async with asyncio.timeout(10):
                while desk.api.counters.streams or desk.market.readers:
                    await asyncio.sleep(0.05)
            publishing.cancel()

    asyncio.run(follow())
