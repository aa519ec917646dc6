"""The server on a real port: misbehaving clients, TLS, ends and restarts."""

from __future__ import annotations

import asyncio
import contextlib
import datetime as dt
import ipaddress
import json
import logging
import os
import signal
import ssl
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tradewind.core import TradewindError, UsageError
from tradewind.serving.access import SCOPES, KeyTerms, OpenAccess, create_key
from tradewind.serving.api import ApiSettings, Server, ServerSettings, build_api


def request(desk: Any, path: str = "/v1/forecasts/AAPL", *, method: str = "GET", more: str = "") -> bytes:
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\nX-API-Key: {desk.key}\r\n{more}\r\n".encode()


async def exchange(port: int, data: bytes, *, pause: float = 0.0, seconds: float = 5.0) -> bytes:
    """Send ``data``, in two halves around ``pause``, and return all that comes until the server closes or is quiet."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    half = len(data) // 2 if pause else len(data)
    found = b""
    try:
        with contextlib.suppress(ConnectionError, TimeoutError):
            writer.write(data[:half])
            await writer.drain()
            if pause:
                await asyncio.sleep(pause)
                writer.write(data[half:])
                await writer.drain()
            async with asyncio.timeout(seconds):
                while part := await reader.read(65536):
                    found += part
    finally:
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
    return found


def test_pipelined_requests_are_answered_in_order(desk: Any) -> None:
    async def ask() -> bytes:
        async with desk.listening() as server:
            paths = ["/v1/forecasts/MSFT", "/v1/symbols", "/nothing", "/v1/forecasts/AAPL"]
            return await exchange(server.port, b"".join(request(desk, path) for path in paths), seconds=0.5)

    found = asyncio.run(ask())
    places = [found.index(mark) for mark in (b'"symbol":"MSFT"', b'"symbols":[', b"not-found", b'"symbol":"AAPL"')]
    assert places == sorted(places)
    assert found.count(b"HTTP/1.1 ") == 4


def test_a_request_in_two_halves_is_one_request(desk: Any) -> None:
    async def ask() -> bytes:
        async with desk.listening() as server:
            return await exchange(server.port, request(desk), pause=0.2, seconds=0.5)

    assert asyncio.run(ask()).startswith(b"HTTP/1.1 200")


def test_a_header_that_never_ends_is_not_waited_for(desk: Any) -> None:
    async def ask() -> tuple[bytes, float, int]:
        async with desk.listening(header_timeout=0.3) as server:
            began = time.monotonic()
            found = await exchange(server.port, request(desk)[:-10])
            took = time.monotonic() - began
            async with httpx.AsyncClient() as client:
                alive = await client.get(f"{server.url}/health/live")
            return found, took, alive.status_code

    found, took, alive = asyncio.run(ask())
    assert b" 200 " not in found.partition(b"\r\n")[0]
    assert took < 3
    assert alive == 200


def test_a_body_that_never_comes_is_not_waited_for(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(body_timeout=0.3)

    async def ask() -> bytes:
        async with desk.listening() as server:
            more = "Content-Type: application/json\r\nContent-Length: 100\r\n"
            data = request(desk, "/v1/forecasts", method="POST", more=more) + b'{"symbols":'
            return await exchange(server.port, data, seconds=2)

    found = asyncio.run(ask())
    assert found.startswith(b"HTTP/1.1 408"), found
    assert desk.api.counters.in_flight == 0


def test_a_caller_that_leaves_in_the_middle_costs_nothing_for_long(desk: Any) -> None:
    async def leave() -> None:
        async with desk.listening() as server:
            more = "Content-Type: application/json\r\nContent-Length: 100\r\n"
            for _ in range(20):
                _, writer = await asyncio.open_connection("127.0.0.1", server.port)
                writer.write(request(desk, "/v1/forecasts", method="POST", more=more) + b'{"symbols":')
                await writer.drain()
                writer.transport.abort()
            async with asyncio.timeout(5):
                while desk.api.counters.in_flight or sum(desk.api.counters.answers().values()) < 20:
                    await asyncio.sleep(0.01)

    asyncio.run(leave())


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 100,
     b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
     b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"a" * 100_000 + b"\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_http_is_turned_away_and_others_are_served(desk: Any, data: bytes) -> None:
    async def ask() -> tuple[bytes, int]:
        async with desk.listening(header_timeout=1.0) as server:
            found = await exchange(server.port, data, seconds=2)
            async with httpx.AsyncClient() as client:
                return found, (await client.get(f"{server.url}/health/live")).status_code

    found, alive = asyncio.run(ask())
    assert not found or found.split(b" ")[1].startswith(b"4")
    assert alive == 200


def test_what_is_being_answered_is_finished_before_the_server_goes_down(desk: Any) -> None:
    desk.market.delay = 0.3

    async def ask() -> tuple[int, bool, int]:
        async with desk.listening() as server, httpx.AsyncClient(headers={"x-api-key": desk.key}) as client:
            url = f"{server.url}/v1/forecasts/AAPL?fresh=true"
            slow = asyncio.create_task(client.get(url))
            while not desk.market.working:
                await asyncio.sleep(0.01)
            stopping = asyncio.create_task(server.stop())
            await asyncio.sleep(0.05)
            late = await client.get(url)
            assert late.json()["type"] == "urn:tradewind:problem:draining"
            assert late.headers["retry-after"] == "1"
            ready = await client.get(f"{server.url}/health/ready")
            assert ready.status_code == 503
            return (await slow).status_code, await stopping, late.status_code

    assert asyncio.run(ask()) == (200, True, 503)
    assert desk.api.counters.rejected["drain"] == 1


def test_what_takes_longer_than_the_deadline_is_cut_off(desk: Any) -> None:
    desk.market.delay = 30.0

    async def ask() -> tuple[bool, float]:
        async with desk.listening(deadline=0.2) as server:
            call = asyncio.create_task(exchange(server.port, request(desk, "/v1/forecasts/AAPL?fresh=true"), seconds=9))
            while not desk.market.working:
                await asyncio.sleep(0.01)
            began = time.monotonic()
            clean = await server.stop()
            took = time.monotonic() - began
            call.cancel()
            await asyncio.gather(call, return_exceptions=True)
            return clean, took

    clean, took = asyncio.run(ask())
    assert not clean
    assert took < 3


def test_the_server_says_that_it_is_not_ready_before_it_refuses(desk: Any) -> None:
    async def ask() -> tuple[int, int]:
        async with desk.listening(grace=0.3) as server, httpx.AsyncClient(headers={"x-api-key": desk.key}) as client:
            stopping = asyncio.create_task(server.stop())
            await asyncio.sleep(0.1)
            ready = await client.get(f"{server.url}/health/ready")
            still = await client.get(f"{server.url}/v1/forecasts/AAPL")
            await stopping
            return ready.status_code, still.status_code

    assert asyncio.run(ask()) == (503, 200)


def test_the_keys_are_followed_while_the_server_runs(desk: Any) -> None:
    async def ask() -> tuple[int, int]:
        async with desk.listening() as server, httpx.AsyncClient(headers={"x-api-key": desk.reader}) as client:
            before = await client.get(f"{server.url}/v1/forecasts/AAPL")
            desk.store.revoke(desk.reader.split("_")[1])
            await asyncio.sleep(1.2)
            after = await client.get(f"{server.url}/v1/forecasts/AAPL")
            return before.status_code, after.status_code

    assert asyncio.run(ask()) == (200, 401)


def test_the_server_leaves_the_log_of_the_process_alone(desk: Any, tmp_path: Path) -> None:
    handler = logging.FileHandler(tmp_path / "log", delay=False)
    stream = handler.stream
    try:
        before = logging.getLogger().handlers[:]
        asyncio.run(_up_and_down(desk))
        assert logging.getLogger().handlers == before
        assert handler.stream is stream
        assert not stream.closed
    finally:
        handler.close()


async def _up_and_down(desk: Any) -> None:
    async with desk.listening():
        pass


def test_a_server_that_stops_by_itself_says_so(desk: Any) -> None:
    async def fail() -> None:
        async with desk.listening() as server:
            server._granian.stop()
            await asyncio.wait_for(server.wait(), 5)

    with pytest.raises(TradewindError, match="stopped by itself"):
        asyncio.run(fail())


def test_a_port_that_is_taken_is_named(desk: Any) -> None:
    async def twice() -> str:
        async with desk.listening() as server:
            with pytest.raises(UsageError, match="take another port or address") as error:
                Server(desk.api, ServerSettings(port=server.port))
            return str(error.value)

    assert "cannot listen on 127.0.0.1:" in asyncio.run(twice())


@pytest.mark.parametrize(("host", "start"), [("localhost", "http://127.0.0.1:"), ("::1", "http://[::1]:")])
def test_names_and_both_versions_of_addresses_are_understood(desk: Any, host: str, start: str) -> None:
    async def ask() -> tuple[str, int]:
        async with desk.listening(host=host) as server, httpx.AsyncClient() as client:
            return server.url, (await client.get(f"{server.url}/health/live")).status_code

    url, status = asyncio.run(ask())
    assert url.startswith(start)
    assert status == 200


@pytest.mark.parametrize("host", ["nowhere.invalid", "192.0.2.1"])
def test_an_address_that_is_not_this_machines_is_named(desk: Any, host: str) -> None:
    async def make() -> None:
        Server(desk.api, ServerSettings(host=host, port=0))

    with pytest.raises(UsageError, match=host):
        asyncio.run(make())


def test_without_keys_the_server_keeps_to_this_machine(desk: Any) -> None:
    api = build_api(desk.market, OpenAccess(), ApiSettings())

    async def make(host: str) -> Server:
        return Server(api, ServerSettings(host=host, port=0))

    for host in ("0.0.0.0", "::", "192.0.2.1"):
        with pytest.raises(UsageError, match="no keys are asked for"):
            asyncio.run(make(host))
    assert asyncio.run(make("127.0.0.1")).port > 0


# -- TLS ---------------------------------------------------------------------------------------------------------------


def certificate(folder: Path, name: str, issuer: tuple[Any, Any] | None = None) -> tuple[Path, Path, tuple[Any, Any]]:
    """Write a certificate and its key for 127.0.0.1; its own issuer unless one is given."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    by, by_key = issuer or (None, key)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if by is None else by.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=by is None, path_length=None), critical=True)
        .sign(by_key, hashes.SHA256())
    )
    cert_file, key_file = folder / f"{name}.pem", folder / f"{name}.key"
    cert_file.write_bytes(built.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return cert_file, key_file, (built, key)


def tls(ca: Path, client: tuple[Path, Path] | None = None, highest: ssl.TLSVersion | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=str(ca))
    if client is not None:
        context.load_cert_chain(*client)
    if highest is not None:
        context.maximum_version = highest
    return context


async def status_of(desk: Any, server: Any, context: ssl.SSLContext) -> int | str:
    try:
        async with httpx.AsyncClient(verify=context, headers={"x-api-key": desk.key}) as client:
            return (await client.get(f"{server.url}/v1/forecasts/AAPL")).status_code
    except (httpx.TransportError, ssl.SSLError) as error:
        return type(error).__name__


def test_tls_is_served_and_nothing_weaker(desk: Any, tmp_path: Path) -> None:
    cert, key, _ = certificate(tmp_path, "server")

    async def ask() -> list[int | str | bytes]:
        async with desk.listening(certificate=cert, key=key) as server:
            assert server.url.startswith("https://")
            return [
                await status_of(desk, server, tls(cert)),
                await status_of(desk, server, ssl.create_default_context()),
                await status_of(desk, server, tls(cert, highest=ssl.TLSVersion.TLSv1_2)),
                (await exchange(server.port, request(desk), seconds=1)).partition(b"\r\n")[0],
            ]

    good, stranger, old, plain = asyncio.run(ask())
    assert good == 200
    assert stranger == "ConnectError"
    assert isinstance(old, str)
    assert b" 200 " not in plain  # type: ignore[operator]


def test_clients_must_show_a_certificate_where_asked(desk: Any, tmp_path: Path) -> None:
    cert, key, _ = certificate(tmp_path, "server")
    ca, _, authority = certificate(tmp_path, "authority")
    ours = certificate(tmp_path, "ours", authority)[:2]
    theirs = certificate(tmp_path, "theirs")[:2]

    async def ask() -> list[int | str]:
        async with desk.listening(certificate=cert, key=key, client_ca=ca) as server:
            return [await status_of(desk, server, tls(cert, who)) for who in (ours, theirs, None)]

    ours_status, *others = asyncio.run(ask())
    assert ours_status == 200
    assert all(isinstance(status, str) for status in others)


def test_files_of_tls_that_do_not_fit_are_named(desk: Any, tmp_path: Path) -> None:
    cert, key, _ = certificate(tmp_path, "server")
    _, other, _ = certificate(tmp_path, "other")
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate")

    async def make(**options: Any) -> None:
        Server(desk.api, ServerSettings(port=0, **options))

    for options in (
        {"certificate": cert, "key": other},
        {"certificate": broken, "key": key},
        {"certificate": tmp_path / "absent.pem", "key": key},
        {"certificate": cert, "key": key, "client_ca": broken},
    ):
        with pytest.raises(UsageError, match="TLS cannot use it"):
            asyncio.run(make(**options))
    with pytest.raises(ValueError, match="both a certificate and a key"):
        ServerSettings(certificate=cert)


# -- the process -------------------------------------------------------------------------------------------------------

PROGRAM = """
    import sys
    sys.path.insert(0, {tests!r})
    from conftest import Market
    from tradewind.serving.access import KeyAccess, KeyStore
    from tradewind.serving.api import ApiSettings, ServerSettings, build_api, run_server

    async def make():
        return build_api(Market(), KeyAccess(KeyStore({keys!r})), ApiSettings())

    async def stopped():
        print("closed", flush=True)

    def started(server):
        print(server.url, flush=True)

    clean = run_server(make, ServerSettings(port={port}, deadline=3), started=started, stopped=stopped)
    sys.exit(0 if clean else 3)
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_process_cleanly_and_the_port_is_free_at_once(tmp_path: Path, number: int) -> None:
    keys = tmp_path / "keys.json"
    key, _ = create_key(keys, KeyTerms(scopes=SCOPES))
    port = 0
    for _ in range(2):
        text = textwrap.dedent(PROGRAM).format(tests=str(Path(__file__).parent), keys=str(keys), port=port)
        env = {**os.environ, "PYTHONWARNINGS": "error"}
        with subprocess.Popen([sys.executable, "-c", text], stdout=subprocess.PIPE, text=True, env=env) as process:
            assert process.stdout is not None
            url = process.stdout.readline().strip()
            port = int(url.rsplit(":", 1)[1])
            with httpx.Client(headers={"x-api-key": key}) as client:
                assert client.get(f"{url}/v1/forecasts/AAPL").status_code == 200
                began = time.monotonic()
                process.send_signal(number)
                assert process.wait(10) == 0
            assert time.monotonic() - began < 3
            assert process.stdout.read() == "closed\n"


@pytest.mark.slow
def test_fifty_restarts_in_one_process_leave_nothing_behind(desk: Any) -> None:
    async def around() -> list[int]:
        found = []
        for _ in range(50):
            async with desk.listening() as server, httpx.AsyncClient(headers={"x-api-key": desk.key}) as client:
                found.append((await client.get(f"{server.url}/health/live")).status_code)
            desk.api.admission.draining = False
        return found

    before = len(os.listdir("/proc/self/fd"))
    assert asyncio.run(around()) == [200] * 50
    # granian keeps one bound socket, on which nobody listens, for every start in a process
    assert len(os.listdir("/proc/self/fd")) < before + 50 + 10


def test_problems_over_the_wire_are_json(desk: Any) -> None:
    async def ask() -> bytes:
        async with desk.listening() as server:
            return await exchange(server.port, request(desk, "/nothing", more="Connection: close\r\n"))

    found = asyncio.run(ask())
    head, _, body = found.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    assert json.loads(body)["status"] == 404
