"""The file of connectors: what it may not say, and running what it says beside one another."""

from __future__ import annotations

import asyncio
import shutil
import ssl
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tradewind.core import UsageError
from tradewind.streaming.connectors import (
    ConnectorsFile,
    load_connectors,
    read_connectors,
    run_connectors,
)
from tradewind.streaming.connectors.settings import BackfillSettings

TABLE = """
[[connector]]
kind = "http"
name = "bars"
topic = "bars"
url = "http://127.0.0.1:9/bars"
fields = { symbol = "s", time = "t", open = "o", high = "h", low = "l", close = "c", volume = "v" }
"""


@pytest.mark.parametrize(
    ("address", "headers", "words"),
    [
        ("http://me:word@h/?from={first}", {}, "holds a user or password"),
        ("http://h/?from={first}", {"Authorization": "Bearer abc"}, "must be env:NAME"),
    ],
)
def test_a_backfill_names_its_secrets_too(address: str, headers: dict[str, str], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        BackfillSettings(url=address, headers=headers)
    assert BackfillSettings(url="http://h/?from={first}", headers={"Authorization": "env:KEY"}).headers


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("http://", "http://me:word@", "holds a user or password"),
        ('close = "c", ', "", "bars needs a path for close"),
        ("volume", "volumes", "bars has no field volumes"),
        ('"http"', '"ftp"', "does not match any of the expected tags"),
        ("http://127.0.0.1:9", "file:///etc/passwd", "url must begin with http:// or https://"),
        ('name = "bars"', 'name = "../bars"', "a name is lower-case letters"),
        ('topic = "bars"', 'topic = "bars"\nheaders = { Authorization = "Bearer abc" }', "must be env:NAME"),
        ('topic = "bars"', 'topic = "bars"\nsymbol_from = "query"', "needs symbols and {symbol}"),
        ('topic = "bars"', 'topic = "bars"\nintervall = 3', "Extra inputs are not permitted"),
        ('topic = "bars"', 'topic = "bars"\ntime = { zone = "Mars/Base" }', "is not a time zone"),
        ('topic = "bars"', 'topic = "bars"\nheaders = { X-Key = "env:NO_SUCH" }', "variable NO_SUCH is not set"),
        ('topic = "bars"', 'topic = "bars"\nheaders = { X-Key = "file:/no/such" }', "a secret cannot be read"),
        ("[[connector]]", "[[connector", "is not valid TOML"),
        (TABLE, TABLE + TABLE, "two connectors are called bars"),
    ],
)
def test_a_file_that_does_not_fit_is_refused_with_the_reason(tmp_path: Path, old: str, new: str, words: str) -> None:
    path = tmp_path / "c.toml"
    assert old in TABLE
    path.write_text(TABLE.replace(old, new))
    with pytest.raises(UsageError) as caught:
        load_connectors(path)
    assert words in str(caught.value)
    assert "word@" not in str(caught.value)
    assert "Bearer abc" not in str(caught.value)


def test_an_absent_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_connectors(tmp_path / "none.toml")


def test_every_example_of_the_documentation_is_read() -> None:
    page = Path(__file__).parents[3] / "docs" / "connectors.md"
    examples = [part.split("```")[0] for part in page.read_text().split("```toml\n")[1:]]
    assert len(examples) >= 4
    import tomllib

    kinds = {part.kind for text in examples for part in ConnectorsFile.model_validate(tomllib.loads(text)).connector}
    assert kinds == {"http", "rss", "websocket"}


def test_connectors_run_beside_one_another_and_stop_together(workshop: Any, tmp_path: Path) -> None:
    item = {"s": "A", "t": "2024-03-07", "o": 1, "h": 1, "l": 1, "c": 1, "v": 1}
    good = TABLE.replace("fields", 'items = "rows"\nfields')
    path = tmp_path / "both.toml"

    async def go() -> None:
        log, stop = workshop.log(), asyncio.Event()
        async with workshop.server(workshop.reply({"rows": [item]})) as server:
            lost = TABLE.replace('"bars"', '"lost"', 1).replace("[[connector]]", "[[connector]]", 1)
            path.write_text(good.replace("http://127.0.0.1:9", server.url) + lost)
            connectors = load_connectors(path)
            task = asyncio.create_task(run_connectors(connectors, log, stop))
            async with asyncio.timeout(8):
                while not (log.records("bars") and connectors[1].status.retries):
                    await asyncio.sleep(0.01)
            stop.set()
            await task
        assert [connector.status.state for connector in connectors] == ["stopped", "stopped"]
        assert "ConnectError" in (connectors[1].status.problem or "")
        assert (tmp_path / "both.toml.state" / "bars.sqlite").exists()

    asyncio.run(go())


def test_a_connector_that_cannot_work_stops_the_others_and_is_told(workshop: Any, tmp_path: Path) -> None:
    path = tmp_path / "c.toml"
    path.write_text(TABLE + TABLE.replace('"bars"', '"second"', 1))
    state = tmp_path / "c.toml.state"
    state.mkdir()
    (state / "second.sqlite").write_bytes(b"something else that is no database at all" * 9)

    async def go() -> None:
        async with asyncio.timeout(8):
            await run_connectors(load_connectors(path), workshop.log(), asyncio.Event())

    with pytest.raises(UsageError, match="is no connector state"):
        asyncio.run(go())


def test_a_certificate_of_nobody_is_not_trusted_and_one_we_name_is(workshop: Any, tmp_path: Path) -> None:
    if (openssl := shutil.which("openssl")) is None:
        pytest.skip("openssl is absent")
    key, certificate = tmp_path / "k.pem", tmp_path / "c.pem"
    make = [
        openssl,
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:prime256v1",
        "-nodes",
        "-days",
        "2",
    ]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
    subprocess.run([*make, "-keyout", key, "-out", certificate, *names], check=True, capture_output=True)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    table = {
        "kind": "http",
        "topic": "news",
        "items": "",
        "fields": {"symbol": "s", "time": "t", "text": "x"},
        "retry": {"attempts": 3},
    }
    item = {"s": "A", "t": "2024-03-07T10:00:00Z", "x": "words"}

    async def go() -> None:
        log = workshop.log()
        async with workshop.server(workshop.reply([item]), tls=tls) as server:
            url = server.url.replace("127.0.0.1", "localhost")
            refused = await workshop.run(log, waits=1, name="a", url=url, **table)
            assert "the certificate is not trusted" in refused.status.problem
            assert refused.status.retries == 0
            trusted = await workshop.run(log, name="b", url=url, ca=str(certificate), **table)
            assert trusted.status.problem is None
        assert [record.text for record in log.records("news")] == ["words"]

    asyncio.run(go())
