"""What an open stream may do: what its key may, for as long as it may, and as often."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx
import msgspec
import pytest
import websockets

from tradewind.serving.access import Grant, KeyTerms, create_key

GRAPHQL = [websockets.Subprotocol("graphql-transport-ws")]
FOLLOW = "subscription { forecasts { id } }"


class Rationed:
    """Gives ``left`` tokens to all, as a limiter does that several processes share."""

    shared = True

    def __init__(self, left: int) -> None:
        self.left = left

    async def take(self, grant: Grant) -> float:
        self.left -= 1
        return 0.0 if self.left >= 0 else 60.0

    async def close(self) -> None:
        """Nothing to let go of."""


def stream_key(desk: Any, **terms: Any) -> str:
    key, _ = create_key(desk.store.path, KeyTerms(**{"scopes": ("stream",), "rate": 1e6, "burst": 10**6, **terms}))
    desk.access.refresh()
    return key


def socket(url: str, path: str, key: str, **options: Any) -> Any:
    return websockets.connect(url.replace("http", "ws") + path, additional_headers={"x-api-key": key}, **options)


async def begin(ws: Any) -> None:
    await ws.send(json.dumps({"type": "connection_init"}))
    assert json.loads(await ws.recv())["type"] == "connection_ack"


async def subscribe(ws: Any, query: str, id: str = "1") -> None:
    await ws.send(json.dumps({"type": "subscribe", "id": id, "payload": {"query": query}}))


async def end_of(ws: Any) -> int:
    async with asyncio.timeout(5):
        async for _ in ws:  # a close code other than 1000 and 1001 raises
            pass
    return int(ws.close_code)


async def end_with_error(ws: Any) -> int:
    with pytest.raises(websockets.ConnectionClosedError):
        await end_of(ws)
    return int(ws.close_code)


async def read_by(desk: Any, readers: int) -> None:
    async with asyncio.timeout(5):
        while len(desk.market.readers) != readers:
            await asyncio.sleep(0.005)


def revoked(desk: Any, key: str) -> None:
    desk.store.revoke(key.split("_")[1])


def unscoped(desk: Any, key: str) -> None:
    found = [
        msgspec.structs.replace(record, scopes=("read",)) if record.id == key.split("_")[1] else record
        for record in desk.store.read()
    ]
    desk.store._write(found)


@pytest.mark.parametrize("take_away", [revoked, unscoped])
def test_open_streams_end_with_the_right_to_them(desk: Any, take_away: Callable[[Any, str], None]) -> None:
    key, other = stream_key(desk), stream_key(desk)

    async def follow() -> tuple[str, int, int]:
        async with (
            desk.listening() as server,
            httpx.AsyncClient(base_url=server.url, headers={"x-api-key": key}, timeout=10) as http,
            http.stream("GET", "/v1/stream") as sse,
            socket(server.url, "/v1/stream", key) as feed,
            socket(server.url, "/graphql", key, subprotocols=GRAPHQL) as graphql,
            socket(server.url, "/v1/stream", other) as untouched,
        ):
            for ws in (feed, untouched):
                await ws.send('{"type":"subscribe"}')
            await begin(graphql)
            await subscribe(graphql, FOLLOW)
            await read_by(desk, 4)
            take_away(desk, key)
            text = "".join([line async for line in sse.aiter_lines()])
            codes = await end_with_error(feed), await end_with_error(graphql)
            async with asyncio.timeout(5):
                while len(desk.market.readers) != 1 or desk.api.counters.streams != 1:
                    await asyncio.sleep(0.005)
            return text, *codes

    text, feed, graphql = asyncio.run(follow())
    assert "event: problem" in text
    assert "urn:tradewind:problem:unauthorized" in text
    assert (feed, graphql) == (1008, 1008)


@pytest.mark.parametrize("query", ["{ symbols }", '{ history(symbol: "AAPL") { probability } }', "{ models { ref } }"])
def test_a_socket_answers_no_queries(desk: Any, query: str) -> None:
    async def ask() -> str:
        key = stream_key(desk)
        async with desk.listening() as server, socket(server.url, "/graphql", key, subprotocols=GRAPHQL) as ws:
            await begin(ws)
            await subscribe(ws, query)
            return str(await ws.recv())

    told = json.loads(asyncio.run(ask()))["payload"]
    assert not any((told["data"] or {}).values())
    assert "POST /graphql" in told["errors"][0]["message"]


def test_a_key_that_may_only_stream_reads_nothing_by_graphql(desk: Any) -> None:
    async def ask() -> Any:
        async with desk.client(stream_key(desk)) as client:
            return (await client.post("/graphql", json={"query": "{ symbols }"})).status_code

    assert asyncio.run(ask()) == 403


def test_operations_of_a_socket_cost_tokens(desk: Any) -> None:
    key = stream_key(desk, rate=0.01, burst=3)  # one of them opens the connection

    async def ask() -> list[Any]:
        async with desk.listening() as server, socket(server.url, "/graphql", key, subprotocols=GRAPHQL) as ws:
            await begin(ws)
            found = []
            for n in range(3):
                await subscribe(ws, "{ __typename }", str(n))
                found.append(json.loads(await ws.recv()))
                if found[-1]["type"] == "next":
                    assert json.loads(await ws.recv())["type"] == "complete"
            return found

    *answered, refused = asyncio.run(ask())
    assert [one["type"] for one in answered] == ["next", "next"]
    assert refused["type"] == "error"
    told = refused["payload"][0]["extensions"]
    assert (told["status"], told["type"]) == (429, "urn:tradewind:problem:rate-limited")
    assert told["retry_after"] >= 1


def test_messages_are_counted_where_processes_share_the_rate(desk: Any) -> None:
    desk.access.limiter = Rationed(3)
    key = stream_key(desk)

    async def ask() -> list[str]:
        async with desk.listening() as server, socket(server.url, "/v1/stream", key) as ws:
            found = []
            for _ in range(4):
                await ws.send('{"type":"ping"}')
                found.append(json.loads(await ws.recv()))
            return [one["type"] if one["type"] == "pong" else one["problem"]["type"] for one in found]

    assert asyncio.run(ask()) == ["pong", "pong"] + ["urn:tradewind:problem:rate-limited"] * 2


@pytest.mark.slow
def test_a_socket_whose_reader_takes_nothing_is_given_up(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(send_timeout=0.3, stream_buffer=10**6)

    async def follow() -> int:
        async with desk.listening() as server:
            ws = await socket(server.url, "/graphql", stream_key(desk), subprotocols=GRAPHQL, max_queue=1)
            try:
                await begin(ws)
                await subscribe(ws, "subscription { forecasts { id symbol model inputsId time knownAt madeAt } }")
                await read_by(desk, 1)
                ws.transport.pause_reading()
                for number in range(600):  # a busy machine takes its time to fill the buffers and to give up
                    for _ in range(2000 if number < 60 else 0):
                        desk.market.publish("AAPL")
                    await asyncio.sleep(0.1)
                    if desk.api.counters.streams == 0:
                        return 0
                return int(desk.api.counters.streams)
            finally:
                ws.transport.abort()

    assert asyncio.run(follow()) == 0


@pytest.mark.parametrize(
    "message",
    [
        "[1]",
        "5",
        "nonsense",
        '{"type":"subscribe"}',
        '{"type":"subscribe","id":[1],"payload":{"query":"{ a }"}}',
        '{"type":"subscribe","id":"1","payload":5}',
        '{"type":"subscribe","id":"1","payload":{"query":5}}',
        '{"type":"complete","id":{}}',
        '{"type":"subscribe","id":"1","payload":{"query":"{ symbols }","variables":{"a":' + "[" * 40 + "]" * 40 + "}}}",
        json.dumps({"type": "ping", "payload": {"a": "b" * 70_000}}),
    ],
)
def test_what_is_no_message_closes_the_socket_and_is_no_fault(
    desk: Any, message: str, caplog: pytest.LogCaptureFixture
) -> None:
    async def ask() -> int:
        key = stream_key(desk)
        async with desk.listening() as server, socket(server.url, "/graphql", key, subprotocols=GRAPHQL) as ws:
            await begin(ws)
            await ws.send(message)
            return await end_with_error(ws)

    assert asyncio.run(ask()) in (1009, 4400)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]
