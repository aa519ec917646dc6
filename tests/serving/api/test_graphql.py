"""GraphQL: the same forecasts, partial answers, problems in the errors, and limits on what a query may cost."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import websockets


def ask(desk: Any, query: str, key: str = "", **body: Any) -> Any:
    async def one() -> Any:
        async with desk.client(key) as client:
            response = await client.post("/graphql", json={"query": query, **body})
            assert response.status_code == 200, response.text
            return response.json()

    return asyncio.run(one())


async def _read_to_the_end(socket: Any) -> None:
    while True:
        await asyncio.wait_for(socket.recv(), 5)


def test_one_query_for_all_there_is(desk: Any) -> None:
    found = ask(
        desk,
        """query($s: String!) {
            forecast(symbol: $s, model: "ensemble/1") { symbol time probability lower knownAt }
            forecasts(symbols: ["MSFT", "AAPL"]) { symbol }
            everything: forecasts { symbol }
            history(symbol: $s, limit: 2) { id }
            explanation(symbol: $s)
            models { ref role facts }
            symbols
        }""",
        variables={"s": "AAPL"},
    )
    assert "errors" not in found
    data = found["data"]
    assert data["forecast"]["lower"] is None
    assert data["forecast"]["time"].startswith("2015-10-04T00:00:00")
    assert [f["symbol"] for f in data["forecasts"]] == ["MSFT", "AAPL"]
    assert [f["symbol"] for f in data["everything"]] == data["symbols"] == ["AAPL", "BRK.B", "MSFT"]
    assert [f["id"] for f in data["history"]] == ["AAPL-4-0", "AAPL-3-0"]
    assert data["explanation"]["sentences"] == ["It rose."]
    assert data["models"][0]["facts"]["features"] == ["ret_1", "ret_5"]


def test_what_fails_is_told_as_a_problem_and_the_rest_is_answered(desk: Any) -> None:
    found = ask(desk, '{ good: forecast(symbol: "AAPL") { symbol } bad: forecast(symbol: "NONE") { symbol } }')
    assert found["data"] == {"good": {"symbol": "AAPL"}, "bad": None}
    (error,) = found["errors"]
    assert error["path"] == ["bad"]
    assert error["extensions"]["type"] == "urn:tradewind:problem:not-found"
    assert error["extensions"]["status"] == 404
    assert error["extensions"]["instance"].startswith("urn:tradewind:request:")


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("{ forecast", "invalid"),
        ("{ nothing }", "invalid"),
        ('{ forecast(symbol: "A B") { id } }', "invalid"),
        ('{ forecast(symbol: "AAPL", model: "x") { id } }', "invalid"),
        ('{ history(symbol: "AAPL", limit: 0) { id } }', "invalid"),
        ("{ forecasts(symbols: []) { id } }", "invalid"),
    ],
)
def test_a_query_that_does_not_fit_is_told_as_a_problem(desk: Any, query: str, kind: str) -> None:
    found = ask(desk, query)
    assert found["errors"][0]["extensions"]["type"] == f"urn:tradewind:problem:{kind}"


def test_a_key_without_the_scope_gets_no_explanation(desk: Any) -> None:
    found = ask(desk, '{ explanation(symbol: "AAPL") }', desk.reader)
    assert found["data"] == {"explanation": None}
    assert found["errors"][0]["extensions"]["status"] == 403


def test_a_fault_of_the_server_is_not_told(desk: Any) -> None:
    desk.market.fault = RuntimeError("the password is hunter2")
    found = ask(desk, '{ forecast(symbol: "AAPL") { id } }')
    assert found["errors"][0]["extensions"]["status"] == 500
    assert "hunter2" not in json.dumps(found)


def test_a_query_may_cost_only_so_much(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(graphql_cost=50)
    found = ask(desk, '{ a: history(symbol: "AAPL", limit: 40) { id } b: history(symbol: "MSFT", limit: 40) { id } }')
    assert [name for name in "ab" if found["data"][name] is None] != []
    assert "at most 50" in found["errors"][0]["message"]


def test_aliases_and_tokens_are_limited(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(graphql_aliases=5, graphql_tokens=200)
    many = "{" + " ".join(f"a{n}: symbols" for n in range(6)) + "}"
    long = "{" + " symbols" * 300 + "}"
    deep = "{ __schema { types { fields { type { ofType { ofType { name } } } } } } }"
    for query in (many, long):
        assert ask(desk, query)["data"] is None
    assert desk.market.calls == 0
    fragments = "query { ...A } fragment A on Query { ...B } fragment B on Query { ...A }"
    assert ask(desk, fragments)["data"] is None
    assert ask(make_desk(introspection=False), deep)["data"] is None


def test_introspection_is_a_setting(make_desk: Callable[..., Any]) -> None:
    query = "{ __schema { queryType { name } } }"
    assert ask(make_desk(), query)["data"]["__schema"]["queryType"]["name"] == "Query"
    closed = ask(make_desk(introspection=False), query)
    assert closed["data"] is None
    assert "errors" in closed


def test_a_subscription_tells_of_new_forecasts_and_ends_with_the_server(desk: Any) -> None:
    async def follow() -> tuple[Any, int]:
        async with desk.listening() as server:
            url = server.url.replace("http", "ws") + "/graphql"
            headers = {"x-api-key": desk.key}
            protocol = [websockets.Subprotocol("graphql-transport-ws")]
            async with websockets.connect(url, additional_headers=headers, subprotocols=protocol) as socket:
                await socket.send(json.dumps({"type": "connection_init"}))
                assert json.loads(await socket.recv())["type"] == "connection_ack"
                query = 'subscription { forecasts(symbols: ["MSFT"]) { id symbol } }'
                await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}))
                while not desk.market.readers:
                    await asyncio.sleep(0.01)
                desk.market.publish("AAPL")
                desk.market.publish("MSFT")
                told = json.loads(await asyncio.wait_for(socket.recv(), 5))
                await desk.api.drain(2.0)
                with pytest.raises(websockets.ConnectionClosed) as closed:
                    await _read_to_the_end(socket)
                assert closed.value.rcvd is not None
                return told, closed.value.rcvd.code

    told, code = asyncio.run(follow())
    assert told == {"type": "next", "id": "1", "payload": {"data": {"forecasts": {"id": "MSFT-5-0", "symbol": "MSFT"}}}}
    assert code == 1012
    assert desk.market.readers == []


def test_a_subscription_to_what_is_not_there_is_told_so(desk: Any) -> None:
    async def follow() -> Any:
        async with desk.listening() as server:
            url = server.url.replace("http", "ws") + "/graphql"
            protocol = [websockets.Subprotocol("graphql-transport-ws")]
            headers = {"x-api-key": desk.key}
            async with websockets.connect(url, additional_headers=headers, subprotocols=protocol) as socket:
                await socket.send(json.dumps({"type": "connection_init"}))
                await socket.recv()
                query = 'subscription { forecasts(symbols: ["NONE"]) { id } }'
                await socket.send(json.dumps({"type": "subscribe", "id": "1", "payload": {"query": query}}))
                return json.loads(await asyncio.wait_for(socket.recv(), 5))

    told = asyncio.run(follow())
    assert "urn:tradewind:problem:not-found" in json.dumps(told)


@pytest.mark.parametrize("count", [2, 60])
def test_fragments_that_spread_each_other_twice_cost_no_more_than_once(desk: Any, count: int) -> None:
    spreads = " ".join(f"fragment F{n} on Query {{ ...F{n + 1} ...F{n + 1} }}" for n in range(count))
    began = time.monotonic()
    found = ask(desk, f"query {{ ...F0 }} {spreads} fragment F{count} on Query {{ symbols }}")
    assert found == {"data": {"symbols": ["AAPL", "BRK.B", "MSFT"]}}
    assert time.monotonic() - began < 2.0


def test_aliases_are_counted_after_fragments_are_expanded(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(graphql_aliases=5)
    three = "fragment F on Query { a: symbols b: symbols c: symbols }"
    assert ask(desk, f"query {{ ...F }} {three}")["data"] is not None
    refused = ask(desk, f"query {{ ...F ...F }} {three}")
    assert refused["data"] is None
    assert "at most 5 aliases" in refused["errors"][0]["message"]


def test_depth_is_measured_through_fragments(make_desk: Callable[..., Any]) -> None:
    query = "query { ...F } fragment F on Query { models { ref } }"
    assert ask(make_desk(graphql_depth=1), query)["data"] is not None
    deeper = '{ __type(name: "Query") { fields { type { name } } } symbols }'
    assert ask(make_desk(graphql_depth=1), deeper)["data"] is not None
    assert ask(make_desk(), "{ ...Nobody }")["data"] is None
