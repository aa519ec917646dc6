"""Subscribing to a WebSocket: drops, silence, holes and repeats, against a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Script = Callable[[ServerConnection], Awaitable[None]]

TICKS: dict[str, Any] = {
    "kind": "websocket",
    "name": "ticks",
    "topic": "trades",
    "items": "data",
    "fields": {"symbol": "s", "time": "t", "price": "p", "size": "q", "id": "n"},
    "time": {"format": "s"},
    "where": {"T": "t"},
    "sequence": "n",
    "linger": 0.01,
    "limits": {"rate": 1000.0, "connect": 1.0},
}


def message(*numbers: int, symbol: str = "A") -> str:
    item = {"T": "t", "s": symbol, "t": 1_700_000_000, "p": 1.0, "q": 1}
    return json.dumps({"data": [{**item, "n": n} for n in numbers]})


def ids(log: Any) -> list[int]:
    return [int(record.id) for record in log.records("trades")]


class Sessions:
    """Plays one script a connection; every connection after the last is refused work until the client leaves."""

    def __init__(self, *scripts: Script) -> None:
        self.scripts, self.got = list(scripts), list[list[Any]]()

    async def __call__(self, socket: ServerConnection) -> None:
        heard: list[Any] = []
        self.got.append(heard)
        number = len(self.got) - 1
        if number >= len(self.scripts):
            await socket.wait_closed()
            return
        listener = asyncio.create_task(self._listen(socket, heard))
        try:
            await self.scripts[number](socket)
        except ConnectionClosed:
            pass
        finally:
            listener.cancel()
            await asyncio.wait((listener,))
            if not listener.cancelled():
                listener.exception()  # the client left: what it said before is kept

    async def _listen(self, socket: ServerConnection, heard: list[Any]) -> None:
        while True:
            heard.append(json.loads(await socket.recv()))


async def run_until(workshop: Any, log: Any, sessions: Sessions, done: Callable[[Any], bool], **table: Any) -> Any:
    """Run the connector against ``sessions`` until ``done`` of its status holds."""
    stop = asyncio.Event()
    options = table.pop("serve", {})
    async with serve(sessions, "127.0.0.1", 0, close_timeout=0.2, **options) as server:
        port = server.sockets[0].getsockname()[1]
        connector = workshop.make(stop, url=f"ws://127.0.0.1:{port}", **table)
        task = asyncio.create_task(connector.run(log.producer(), stop, log=log))
        async with asyncio.timeout(8):
            while not done(connector.status) and not task.done():
                await asyncio.sleep(0.005)
        stop.set()
        await task
    return connector


async def hold(socket: ServerConnection) -> None:
    await socket.wait_closed()


def test_messages_are_written_and_other_kinds_passed_over(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICK_KEY", "s3cr3t")
    paths: list[str] = []
    table = {**TICKS, "headers": {"x-id": "me"}, "params": {"token": "env:TICK_KEY", "v": "2"}}

    async def script(socket: ServerConnection) -> None:
        assert socket.request is not None
        paths.append(socket.request.path)
        await socket.send(json.dumps({"data": [{"T": "welcome"}]}))
        await socket.send(message(1, 2))
        await socket.send("not json")
        await socket.send(message(3))
        await hold(socket)

    async def go() -> None:
        log, sessions = workshop.log(), Sessions(script)
        subscribe = [{"action": "auth", "key": "env:TICK_KEY"}, {"action": "subscribe", "symbols": ["A"]}]
        connector = await run_until(workshop, log, sessions, lambda s: s.items == 3, subscribe=subscribe, **table)
        assert ids(log) == [1, 2, 3]
        assert paths == ["/?token=s3cr3t&v=2"]
        assert sessions.got[0] == [{"action": "auth", "key": "s3cr3t"}, {"action": "subscribe", "symbols": ["A"]}]
        assert "s3cr3t" not in str(connector.status.snapshot()) + repr(connector.settings)
        assert workshop.dead("trades")[0]["reason"].startswith("the message is not JSON")
        assert connector.status.state == "stopped"

    asyncio.run(go())


def test_after_a_drop_it_resumes_from_the_last_number(workshop: Any) -> None:
    async def drop(socket: ServerConnection) -> None:
        await socket.send(message(1, 2))
        await asyncio.sleep(0.05)
        socket.transport.write(b"\x81\x7e\x01")  # the head of a frame of 256 bytes and more that never come
        socket.transport.abort()

    async def again(socket: ServerConnection) -> None:
        await socket.send(message(2, 3))
        await hold(socket)

    async def go() -> None:
        log, sessions = workshop.log(), Sessions(drop, again)
        table = {**TICKS, "resume": {"from": "{sequence}", "word": "after {sequence}"}}
        connector = await run_until(workshop, log, sessions, lambda s: s.items == 3, **table)
        assert ids(log) == [1, 2, 3]
        assert sessions.got == [[], [{"from": 2, "word": "after 2"}]]
        assert (connector.status.connects, connector.status.failures, connector.status.duplicates) == (2, 1, 1)
        again_log = workshop.log()
        later = Sessions(again)
        await run_until(workshop, again_log, later, lambda s: s.duplicates == 2, **table)
        assert later.got == [[{"from": 3, "word": "after 3"}]]
        assert ids(again_log) == []

    asyncio.run(go())


def test_a_server_that_answers_no_ping_is_left(workshop: Any) -> None:
    async def deaf(socket: ServerConnection) -> None:
        socket.transport.pause_reading()
        await asyncio.sleep(0.6)

    async def well(socket: ServerConnection) -> None:
        await socket.send(message(1))
        await hold(socket)

    async def go() -> None:
        log = workshop.log()
        connector = await run_until(
            workshop, log, Sessions(deaf, well), lambda s: s.items == 1, ping=0.05, pong=0.05, **TICKS
        )
        assert connector.status.failures == 1
        assert connector.status.connects == 2

    asyncio.run(go())


def test_silence_is_a_fault(workshop: Any) -> None:
    async def go() -> None:
        connector = await run_until(
            workshop, workshop.log(), Sessions(hold, hold), lambda s: s.failures == 2, idle=0.05, **TICKS
        )
        assert connector.status.problem == "no message for 0.05 s"

    asyncio.run(go())


def test_a_hole_is_filled_over_http_and_what_stays_missing_is_told(workshop: Any) -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.send(message(1))
        await asyncio.sleep(0.05)
        await socket.send(message(6))
        await hold(socket)

    async def go() -> None:
        log = workshop.log()
        held = json.loads(message(4, 2, 5))["data"]
        async with workshop.server(workshop.reply({"rows": held})) as http:
            backfill = {"url": http.url + "/{symbol}/{first}-{last}", "items": "rows"}
            connector = await run_until(
                workshop, log, Sessions(script), lambda s: s.missed == 1, backfill=backfill, **TICKS
            )
            assert [asked.path for asked in http.asked] == ["//2-5"]
        assert sorted(ids(log)) == [1, 2, 4, 5, 6]
        assert (connector.status.gaps, connector.status.missed) == (1, 1)
        (event,) = workshop.events
        assert event.kind == "sequence_gap"
        assert event.evidence["missing"] == 1

    asyncio.run(go())


def test_numbers_may_be_counted_by_symbol_and_come_late(workshop: Any) -> None:
    async def script(socket: ServerConnection) -> None:
        both = [json.loads(message(n, symbol=s))["data"][0] for s, n in (("A", 1), ("B", 7), ("A", 3), ("A", 2))]
        await socket.send(json.dumps({"data": [*both, both[0]]}))
        await hold(socket)

    async def go() -> None:
        log = workshop.log()
        connector = await run_until(
            workshop, log, Sessions(script), lambda s: s.items == 4, sequence_by="symbol", **TICKS
        )
        assert ids(log) == [1, 7, 3, 2]
        assert connector.status.duplicates == 1
        assert connector.status.gaps == 0

    asyncio.run(go())


@pytest.mark.parametrize("last", [20, 5_000, 300_000])
def test_a_server_that_counts_anew_loses_no_message(workshop: Any, last: int) -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.send(message(last))
        await socket.send(message(last - 1, last))  # late, and repeated
        await socket.send(message(1, 2, 3, 5))
        await hold(socket)

    async def go() -> None:
        log = workshop.log()
        connector = await run_until(workshop, log, Sessions(script), lambda s: s.items == 6, **TICKS)
        assert ids(log) == [last, last - 1, 1, 2, 3, 5]
        assert connector.status.duplicates == 1
        restarts = [event for event in workshop.events if event.kind == "sequence_restart"]
        assert len(restarts) == (last > 100)

    asyncio.run(go())


def test_a_hole_that_a_kill_left_is_filled_after_the_restart(workshop: Any) -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.send(message(9))
        await hold(socket)

    async def go() -> None:
        log = workshop.log()
        await run_until(workshop, log, Sessions(script), lambda s: s.items == 1, **TICKS)
        async with workshop.server(workshop.reply(json.loads(message(10, 11))["data"])) as http:

            async def later(socket: ServerConnection) -> None:
                await socket.send(message(12))
                await hold(socket)

            table = {**TICKS, "backfill": {"url": http.url + "/{first}/{last}"}}
            await run_until(workshop, log, Sessions(later), lambda s: s.items == 3, **table)
            assert http.asked[0].path == "/10/11"
        assert sorted(ids(log)) == [9, 10, 11, 12]
        assert workshop.events == []

    asyncio.run(go())


@pytest.mark.parametrize("text", [json.dumps({"data": [{"T": "error", "msg": "bad key"}]}), "x" * 2_000_000])
def test_a_refusal_and_a_huge_message_are_faults(workshop: Any, text: str) -> None:
    async def script(socket: ServerConnection) -> None:
        await socket.send(text)
        await hold(socket)

    async def go() -> None:
        connector = await run_until(
            workshop,
            workshop.log(),
            Sessions(script),
            lambda s: s.failures == 1,
            error_where={"T": "error"},
            serve={"max_size": None},
            **TICKS,
        )
        assert "bad key" in connector.status.problem or "1009" in connector.status.problem

    asyncio.run(go())


def test_no_redirect_is_followed_with_the_keys(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TICK_KEY", "s3cr3t")

    async def go() -> None:
        async with workshop.server(workshop.reply({})) as other:
            there = f"HTTP/1.1 302 Found\r\nlocation: {other.url.replace('http', 'ws')}/\r\n\r\n".encode()
            async with workshop.server(there) as server:
                stop = asyncio.Event()
                table = {**TICKS, "headers": {"authorization": "env:TICK_KEY"}}
                connector = workshop.make(stop, waits=2, url=server.url.replace("http", "ws"), **table)
                async with asyncio.timeout(5):
                    await connector.run(workshop.log().producer(), stop)
            assert other.asked == []
        assert "302" in connector.status.problem

    asyncio.run(go())
