"""Polling HTTP: whatever the server does, every good item is written once and the reason of every fault is told."""

from __future__ import annotations

import asyncio
import gzip
import logging
from typing import Any

import pytest

BARS: dict[str, Any] = {
    "kind": "http",
    "name": "vendor",
    "topic": "bars",
    "items": "bars",
    "fields": {"symbol": "s", "time": "t", "open": "o", "high": "h", "low": "l", "close": "c", "volume": "v"},
    "limits": {"rate": 1000.0, "read": 0.15, "connect": 2.0, "total": 0.3, "body": 100_000},
    "retry": {"attempts": 4, "first": 1.0, "most": 8.0},
}


def bar(symbol: str = "AAPL", day: str = "2024-03-07", close: float = 10.0) -> dict[str, Any]:
    return {"s": symbol, "t": day, "o": close, "h": close, "l": close, "c": close, "v": 100}


def keys(log: Any) -> list[tuple[str, float]]:
    return [(record.symbol, record.close) for record in log.records("bars")]


async def drip(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n")
    for _ in range(30):
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


async def silence(writer: asyncio.StreamWriter) -> None:
    await asyncio.sleep(1)


async def reset(writer: asyncio.StreamWriter) -> None:
    writer.transport.abort()


HEAD = b"HTTP/1.1 200 OK\r\nconnection: close\r\n"
MOVED = b"HTTP/1.1 302 Found\r\ncontent-length: 0\r\n"
ZIP = HEAD + b"content-encoding: gzip\r\n\r\n"
FAULTS: dict[str, tuple[Any, str]] = {
    "500": (b"HTTP/1.1 500 Oops\r\ncontent-length: 0\r\n\r\n", "answered 500"),
    "drip": (drip, "took longer than 0.3 s"),
    "silence": (silence, "ReadTimeout"),
    "reset": (reset, "Re"),
    "truncated": (HEAD + b'content-length: 900\r\n\r\n{"bars": [', "RemoteProtocolError"),
    "garbage": (b"SSH-2.0-OpenSSH_9\r\n\r\n", "RemoteProtocolError"),
    "html": (HEAD + b"content-type: text/html\r\n\r\n<html>Busy</html>", "is not JSON but text/html, '<html>"),
    "torn json": (HEAD + b'\r\n{"bars": [{"s": "A', "is not JSON"),
    "nested": (HEAD + b"\r\n" + b"[" * 90_000, "is not JSON"),
    "torn gzip": (ZIP + gzip.compress(b"[]" * 99)[:20], "ends too early"),
    "no gzip": (ZIP + b"{}" * 40, "cannot be decompressed"),
}
LASTING: dict[str, tuple[Any, str]] = {
    "401": (b"HTTP/1.1 401 No\r\ncontent-length: 0\r\n\r\n", "answered 401, the credential is refused"),
    "huge": (HEAD + b"\r\n[" + b" " * 200_000, "holds more than 100000 bytes"),
    "bomb": (ZIP + gzip.compress(b" " * 50_000_000), "holds more than 100000 bytes"),
    "redirect loop": (MOVED + b"location: /again\r\n\r\n", "redirects more than 5 times"),
    "redirect to nothing": (MOVED + b"location: file:///etc/passwd\r\n\r\n", "redirects to no address"),
    "brotli": (HEAD + b"content-encoding: br\r\n\r\nxx", "was not offered"),
    "other shape": (HEAD + b'\r\n{"error": "no plan"}', "no list of items at 'bars' but nothing"),
}


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS)
def test_a_passing_fault_is_waited_out_within_the_poll(workshop: Any, fault: str) -> None:
    script, _ = FAULTS[fault]

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(script, script, workshop.reply({"bars": [bar()]})) as server:
            connector = await workshop.run(log, url=server.url, **BARS)
        assert keys(log) == [("AAPL", 10.0)]
        assert (connector.status.items, connector.status.retries, connector.status.failures) == (1, 2, 0)
        assert connector.status.problem is None
        first, second, _ = workshop.pace.waits
        assert 0 <= first <= 1
        assert 0 <= second <= 2

    asyncio.run(go())


@pytest.mark.slow
@pytest.mark.parametrize("fault", ["500", "silence", "html", *LASTING])
def test_a_lasting_fault_opens_the_circuit_and_the_status_says_why(workshop: Any, fault: str) -> None:
    script, words = (FAULTS | LASTING)[fault]
    retry = {"attempts": 1, "open_after": 2, "cool_down": 100.0, "cool_down_most": 300.0}

    async def go() -> None:
        async with workshop.server(script) as server:
            connector = await workshop.run(workshop.log(), waits=4, url=server.url, **{**BARS, "retry": retry})
            assert words in connector.status.problem
            assert connector.status.failures == 4
        before, *open_circuit = workshop.pace.waits
        assert before <= 60.0
        assert open_circuit == pytest.approx([100.0, 200.0, 300.0])

    asyncio.run(go())


def test_a_fault_that_asking_again_cannot_mend_is_not_repeated(workshop: Any) -> None:
    async def go() -> None:
        async with workshop.server(LASTING["401"][0]) as server:
            connector = await workshop.run(workshop.log(), waits=1, url=server.url, **BARS)
            assert len(server.asked) == connector.status.failures == 1

    asyncio.run(go())


def test_the_circuit_closes_after_one_good_try(workshop: Any) -> None:
    table = {**BARS, "retry": {"attempts": 1, "open_after": 1, "cool_down": 50.0}}

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(FAULTS["500"][0], workshop.reply({"bars": [bar()]})) as server:
            connector = await workshop.run(log, polls=2, url=server.url, **table)
        assert workshop.pace.waits == [50.0, 60.0, 60.0]
        assert keys(log) == [("AAPL", 10.0)]
        assert connector.status.duplicates == 1
        assert connector.status.problem is None

    asyncio.run(go())


@pytest.mark.parametrize(("asked", "waited"), [("7", 7.0), ("Fri, 08 Mar 2024 22:00:40 GMT", 40.0), ("999999", 900.0)])
def test_retry_after_is_obeyed_up_to_its_cap(workshop: Any, asked: str, waited: float) -> None:
    table = {**BARS, "retry": {"attempts": 2, "first": 0.001}}

    async def go() -> None:
        full = workshop.reply({}, status="429 Too Many Requests", retry_after=asked)
        async with workshop.server(full, workshop.reply({"bars": []})) as server:
            await workshop.run(workshop.log(), url=server.url, **table)
        assert workshop.pace.waits[0] == waited

    asyncio.run(go())


def test_poison_goes_to_the_dead_letters_once_and_the_rest_of_the_page_goes_on(workshop: Any) -> None:
    page = {"bars": [bar("A"), {**bar("B"), "c": "ten"}, 7, bar("C")]}

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(workshop.reply(page)) as server:
            connector = await workshop.run(log, polls=3, url=server.url, **BARS)
        assert keys(log) == [("A", 10.0), ("C", 10.0)]
        assert connector.status.rejected == 2
        status = connector.status.snapshot()
        assert (status["last_success"], status["last_item"]) == (1_709_935_200_000_000, 1_709_769_600_000_000)
        assert status["up"] is False  # it was stopped
        assert connector.status.duplicates == 4
        first, second = workshop.dead("bars")
        assert first["reason"] == "close: 'ten' is not a number"
        assert first["item"] == {**bar("B"), "c": "ten"}
        assert (second["item"], second["connector"]) == (7, "vendor")

    asyncio.run(go())


def test_repeated_and_reordered_items_are_written_once_and_corrections_again(workshop: Any) -> None:
    one, two, three = bar(day="2024-03-05"), bar(day="2024-03-06"), bar(day="2024-03-06", close=11.0)
    pages = [[one, two, one], [two, one], [three, one]]

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(*(workshop.reply({"bars": page}) for page in pages)) as server:
            await workshop.run(log, polls=3, url=server.url, **BARS)
        assert keys(log) == [("AAPL", 10.0), ("AAPL", 10.0), ("AAPL", 11.0)]

    asyncio.run(go())


def test_a_correction_that_is_taken_back_is_written_again(workshop: Any) -> None:
    async def go() -> None:
        log = workshop.log()
        pages = [workshop.reply({"bars": [bar(close=close)]}) for close in (10.0, 11.0, 10.0, 10.0)]
        async with workshop.server(*pages) as server:
            await workshop.run(log, polls=4, url=server.url, **BARS)
        assert [record.close for record in log.records("bars")] == [10.0, 11.0, 10.0]

    asyncio.run(go())


def test_what_did_not_change_is_not_sent_again(workshop: Any) -> None:
    async def go() -> None:
        log = workshop.log()
        new = workshop.reply({"bars": [bar()]}, etag='"v1"', last_modified="Fri, 08 Mar 2024 21:00:00 GMT")
        old = b"HTTP/1.1 304 Not Modified\r\ncontent-length: 0\r\n\r\n"
        async with workshop.server(new, old) as server:
            connector = await workshop.run(log, polls=2, url=server.url, **BARS)
            assert "if-none-match" not in server.asked[0].headers
            assert server.asked[1].headers["if-none-match"] == '"v1"'
            assert server.asked[1].headers["if-modified-since"] == "Fri, 08 Mar 2024 21:00:00 GMT"
            assert connector.status.failures == 0

    asyncio.run(go())


def test_one_request_a_symbol_and_lists_under_symbols(workshop: Any) -> None:
    fields = {name: path for name, path in BARS["fields"].items() if name != "symbol"}

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(workshop.reply({"bars": [bar("?")]})) as server:
            table = {**BARS, "fields": fields, "symbol_from": "query", "symbols": ["BRK/B", "A"]}
            await workshop.run(log, url=server.url + "/{symbol}/bars", **table)
            assert [asked.path for asked in server.asked] == ["/BRK%2FB/bars", "/A/bars"]
        assert [record.symbol for record in log.records("bars")] == ["BRK/B", "A"]
        other = workshop.log()
        async with workshop.server(workshop.reply({"bars": {"X": [bar("?")], "Y": [bar("?")]}})) as server:
            table = {**BARS, "name": "keyed", "fields": fields, "symbol_from": "key", "symbols": ["Y"]}
            connector = await workshop.run(other, url=server.url, **table)
        assert [record.symbol for record in other.records("bars")] == ["Y"]
        assert connector.status.skipped == 1

    asyncio.run(go())


def test_quality_checks_raise_their_events(workshop: Any) -> None:
    days = [f"2024-02-{day:02d}" for day in (5, 6, 7, 8, 9, 12, 13, 14, 15, 16)]
    page = {"bars": [bar(day=day, close=close) for day, close in zip(days, [10.0] * 8 + [10.1, 1000.0], strict=True)]}

    async def go() -> None:
        async with workshop.server(workshop.reply(page)) as server:
            connector = await workshop.run(workshop.log(), url=server.url, **{**BARS, "check": True})
        assert connector.status.events == len(workshop.events) > 0
        assert all(event.symbol == "AAPL" for event in workshop.events)

    asyncio.run(go())


def test_no_secret_is_ever_told(
    workshop: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("VENDOR_KEY", "s3cr3t-value")
    caplog.set_level(logging.DEBUG, "httpx")
    table = {**BARS, "headers": {"authorization": "env:VENDOR_KEY"}, "params": {"key": "env:VENDOR_KEY"}}

    async def go() -> None:
        async with workshop.server(FAULTS["500"][0]) as server:
            connector = await workshop.run(workshop.log(), waits=5, url=server.url, **table)
            assert server.asked[0].headers["authorization"] == "s3cr3t-value"
            assert server.asked[0].path == "/?key=s3cr3t-value"
        seen = caplog.text + str(connector.status.snapshot()) + repr(connector.settings) + repr(connector.secrets)
        assert "s3cr3t" not in seen
        assert "key=<env:VENDOR_KEY>" in caplog.text

    asyncio.run(go())


def test_credentials_stay_with_the_host_they_were_given_for(workshop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VENDOR_KEY", "s3cr3t-value")
    table = {**BARS, "headers": {"x-api-key": "env:VENDOR_KEY"}, "params": {"key": "env:VENDOR_KEY"}}

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(workshop.reply({"bars": [bar()]})) as other:
            there = f"HTTP/1.1 307 Go\r\nlocation: {other.url}/x\r\ncontent-length: 0\r\n\r\n".encode()
            async with workshop.server(there) as server:
                await workshop.run(log, url=server.url, **table)
                assert "x-api-key" in server.asked[0].headers
            assert "x-api-key" not in other.asked[0].headers
            assert other.asked[0].path == "/x"
        assert len(log.records("bars")) == 1

    asyncio.run(go())
