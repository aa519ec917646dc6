"""The fast path: the same answers as the slow one, and everything out of the ordinary left to it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import pytest


def call(desk: Any, *headers: tuple[bytes, bytes], path: str = "/v1/forecasts/AAPL", query: bytes = b"") -> Any:
    """Return (status, headers, body) of a bare ASGI call."""
    scope = {
        "type": "http",
        "method": "GET",
        "path": path,
        "query_string": query,
        "headers": [(b"host", b"localhost"), *headers],
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(desk.api(scope, receive, send))
    return sent[0]["status"], dict(sent[0]["headers"]), b"".join(m.get("body", b"") for m in sent[1:])


def key(desk: Any) -> tuple[bytes, bytes]:
    return b"x-api-key", desk.key.encode()


@pytest.mark.slow
def test_both_paths_give_the_same_bytes(desk: Any) -> None:
    slow = call(desk, key(desk))
    assert desk.api.counters.fast_200 == 0, "a key is looked at before it is trusted"
    fast = call(desk, key(desk))
    assert desk.api.counters.fast_200 == 1
    assert slow[0] == fast[0] == 200
    assert slow[2] == fast[2]
    kept = {name: value for name, value in slow[1].items() if name != b"x-request-id"}
    assert kept == {name: value for name, value in fast[1].items() if name != b"x-request-id"}


def test_every_fast_answer_is_audited_with_its_caller_and_id(desk: Any) -> None:
    call(desk, key(desk))
    desk.market.audited.clear()
    _, headers, _ = call(desk, key(desk))
    id = desk.key.split("_")[1]
    assert desk.market.audited == [("AAPL", id, headers[b"x-request-id"].decode())]


def test_a_new_prediction_is_the_next_answer(desk: Any) -> None:
    first = call(desk, key(desk)), call(desk, key(desk))
    desk.market.publish("AAPL")
    _, headers, body = call(desk, key(desk))
    assert body == desk.market.bodies["AAPL"] != first[1][2]
    assert headers[b"etag"] != first[1][1][b"etag"]
    assert desk.api.counters.fast_200 == 2


def test_what_has_not_changed_is_not_sent_again(desk: Any) -> None:
    call(desk, key(desk))
    _, headers, _ = call(desk, key(desk))
    status, again, body = call(desk, key(desk), (b"if-none-match", headers[b"etag"]))
    assert (status, body, desk.api.counters.fast_304) == (304, b"", 1)
    assert again[b"etag"] == headers[b"etag"]
    desk.market.publish("AAPL")
    assert call(desk, key(desk), (b"if-none-match", headers[b"etag"]))[0] == 200


@pytest.mark.parametrize(
    ("headers", "query"),
    [
        ([], b"fresh=true"),
        ([(b"origin", b"https://x.example")], b""),
        ([(b"content-length", b"2")], b""),
        ([(b"transfer-encoding", b"chunked")], b""),
        ([(b"authorization", b"Bearer other")], b""),
        ([(b"traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")], b""),
        ([(b"x-%d" % n, b"") for n in range(70)], b""),
    ],
)
def test_what_is_unusual_takes_the_slow_path(desk: Any, headers: list[tuple[bytes, bytes]], query: bytes) -> None:
    call(desk, key(desk))
    call(desk, key(desk), *headers, query=query)
    assert desk.api.counters.fast_200 == 0


def test_a_prediction_that_is_not_ready_is_awaited_and_paid_once(desk: Any) -> None:
    beginner = (b"x-api-key", desk.beginner.encode())
    assert call(desk, beginner)[0] == 200
    desk.market.bodies.clear()
    assert [call(desk, beginner)[0] for _ in range(3)] == [200, 200, 429]
    assert desk.api.counters.fast_200 == 0
    assert len(desk.market.audited) == 3


def test_the_rate_is_kept_on_both_paths_together(desk: Any) -> None:
    beginner = (b"x-api-key", desk.beginner.encode())
    found = [call(desk, beginner) for _ in range(8)]
    assert [status for status, *_ in found] == [200] * 3 + [429] * 5
    assert found[-1][1][b"retry-after"] == b"1"
    assert len(desk.market.audited) == 3
    assert desk.api.counters.rejected["rate"] == 5
    time.sleep(0.55)
    assert call(desk, beginner)[0] == 200


def test_a_revoked_key_is_refused(desk: Any) -> None:
    assert [call(desk, key(desk))[0] for _ in range(2)] == [200, 200]
    desk.store.revoke(desk.key.split("_")[1])
    desk.access.refresh()
    assert call(desk, key(desk))[0] == 401


def test_a_key_without_the_scope_is_refused_however_often_it_comes(make_desk: Callable[..., Any]) -> None:
    from tradewind.serving.access import KeyTerms

    desk = make_desk()
    other, _ = desk.store.create(KeyTerms(scopes=("stream",)))
    desk.access.refresh()
    assert [call(desk, (b"x-api-key", other.encode()))[0] for _ in range(3)] == [403, 403, 403]


@pytest.mark.parametrize("path", ["/v1/forecasts/NONE", "/v1/forecasts/", "/v1/forecasts/AAPL/", "/v1/forecasts/aapl"])
def test_what_is_not_there_is_not_found_on_either_path(desk: Any, path: str) -> None:
    call(desk, key(desk))
    assert call(desk, key(desk), path=path)[0] == 404


def test_python_takes_microseconds(desk: Any) -> None:
    call(desk, key(desk))
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/forecasts/AAPL",
        "query_string": b"",
        "headers": [(b"host", b"localhost"), (b"accept", b"*/*"), (b"user-agent", b"test"), key(desk)],
    }

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None: ...

    async def loop() -> float:
        began = time.perf_counter()
        for _ in range(2000):
            await desk.api(scope, receive, send)
        return (time.perf_counter() - began) / 2000

    best = min(asyncio.run(loop()) for _ in range(7))
    assert best < 20e-6, f"{best * 1e6:.1f} µs: about 3 µs on an idle machine"
