"""Channels against real servers: one that fails, one that hangs, one that asks to wait; a mail server with TLS."""

from __future__ import annotations

import json
import logging
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from tradewind.core import InputError, Severity
from tradewind.monitoring.alerts import Notification
from tradewind.monitoring.alerts.channels import (
    DeliveryError,
    EmailChannel,
    EmailSettings,
    LogChannel,
    LogSettings,
    RefusedError,
    Secret,
    WebhookChannel,
    WebhookSettings,
    signature,
)

NOW = datetime(2026, 3, 2, 21, 0, tzinfo=UTC)
NOTE = Notification(
    id="0123456789abcdef",
    receiver="desk",
    reason="opened",
    at=NOW,
    severity=Severity.ERROR,
    title="feed_silent: feed=a",
    lines=("error: no bar of feed a since 20:00", "<b>held</b> & back"),
    incidents=("abc1234567",),
    members=3,
    runbook="docs/runbook.md#feed-silent",
)


@dataclass
class Web:
    """A web server that gives the answers it is told to, then 200."""

    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    hang: float = 0.0
    seen: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""


@pytest.fixture
def web() -> Iterator[Web]:
    found, over = Web(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.seen.append((dict(self.headers), body))
            if found.hang:
                over.wait(found.hang)
                self.close_connection = True
                return
            status, headers = found.answers.pop(0) if found.answers else (200, {})
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_port}/hook/token-in-path"
    yield found
    over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def hook(web: Web, pauses: list[float] | None = None, **values: Any) -> WebhookChannel:
    settings = WebhookSettings(url=web.url, **{"timeout": 5.0, **values})
    return WebhookChannel(settings, sleep=([] if pauses is None else pauses).append)


def test_a_webhook_is_signed_and_can_be_told_from_its_repetition(web: Web, tmp_path: Path) -> None:
    key = tmp_path / "hook.key"
    key.write_text("s3cret\n")
    key.chmod(0o600)
    hook(web, secret=Secret(file=key)).send(NOTE, NOW)
    ((headers, body),) = web.seen
    assert json.loads(body)["title"] == NOTE.title
    assert headers["Idempotency-Key"] == NOTE.id
    stamp = headers["X-Tradewind-Timestamp"]
    assert stamp == str(int(NOW.timestamp()))
    assert headers["X-Tradewind-Signature"] == signature("s3cret", stamp, body)
    assert signature("s3cret", "0", b"") != signature("other", "0", b"")
    key.chmod(0o644)
    with pytest.raises(InputError, match="other users may read"):
        hook(web, secret=Secret(file=key)).send(NOTE, NOW)


def test_a_signature_is_the_hmac_of_the_standard() -> None:
    """RFC 4231, test case 2, through the form that is signed: the time, a full stop, the body."""
    known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    text = b"what do ya want for nothing?"
    import hashlib
    import hmac

    assert hmac.new(b"Jefe", text, hashlib.sha256).hexdigest() == known
    want = hmac.new(b"Jefe", b"17." + text, hashlib.sha256).hexdigest()
    assert signature("Jefe", "17", text) == f"sha256={want}"


def test_faults_of_the_server_are_tried_again_with_one_key(web: Web) -> None:
    web.answers += [(503, {}), (429, {"Retry-After": "7"})]
    pauses: list[float] = []
    hook(web, pauses).send(NOTE, NOW)
    assert [headers["Idempotency-Key"] for headers, _ in web.seen] == [NOTE.id] * 3
    assert 0.5 <= pauses[0] <= 1.0
    assert pauses[1] == 7.0


def test_a_server_that_fails_on_is_given_up_for_now(web: Web) -> None:
    web.answers += [(500, {})] * 9
    pauses: list[float] = []
    with pytest.raises(DeliveryError, match="answered 500") as caught:
        hook(web, pauses, attempts=4, longest_pause=1.5).send(NOTE, NOW)
    assert not isinstance(caught.value, RefusedError)
    assert len(web.seen) == 4
    assert max(pauses) <= 1.5
    assert "token-in-path" not in str(caught.value)


@pytest.mark.parametrize("status", [301, 400, 401, 404, 410])
def test_a_refusal_is_not_tried_again(web: Web, status: int) -> None:
    web.answers += [(status, {"Location": web.url})]
    with pytest.raises(RefusedError, match=f"refused with {status}"):
        hook(web).send(NOTE, NOW)
    assert len(web.seen) == 1


def test_a_server_that_hangs_or_is_away_takes_bounded_time(web: Web) -> None:
    web.hang = 20.0
    begin = time.monotonic()
    with pytest.raises(DeliveryError, match="did not answer"):
        hook(web, timeout=0.2, attempts=2).send(NOTE, NOW)
    assert time.monotonic() - begin < 5
    with pytest.raises(DeliveryError, match="did not answer"):
        WebhookChannel(WebhookSettings(url="http://127.0.0.1:9/x", attempts=1)).send(NOTE, NOW)


def test_secrets_are_shown_nowhere(web: Web, monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setenv("HOOK_URL", web.url)
    monkeypatch.setenv("HOOK_KEY", "very-secret-key")
    settings = WebhookSettings(url_secret=Secret(env="HOOK_URL"), secret=Secret(env="HOOK_KEY"))
    web.answers += [(400, {})]
    with caplog.at_level(logging.INFO), pytest.raises(RefusedError) as caught:
        WebhookChannel(settings).send(NOTE, NOW)
    shown = f"{settings!r} {caught.value} {settings.to_toml()}"
    assert "very-secret-key" not in shown + caplog.text
    assert "token-in-path" not in shown + caplog.text  # httpx logs whole addresses
    logging.getLogger("httpx").info("of others")
    assert not logging.getLogger("httpx").filters
    monkeypatch.delenv("HOOK_KEY")
    with pytest.raises(InputError, match="HOOK_KEY holds no secret"):
        WebhookChannel(settings).send(NOTE, NOW)
    for values in ({}, {"url": "ftp://x"}, {"url": "https://u:p@h/"}, {"url": "http://h", "secret": {}}):
        with pytest.raises(ValueError):
            WebhookSettings.model_validate(values)


@dataclass
class Mail:
    """A mail server and what it took."""

    port: int
    ca: Path
    taken: list[Any] = field(default_factory=list)
    answer: str = "250 OK"


@contextmanager
def certificate(folder: Path) -> Iterator[tuple[Path, Path]]:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    day = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(day - timedelta(days=1))
        .not_valid_after(day + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    public, private = folder / "mail.pem", folder / "mail.key"
    public.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    yield public, private


@contextmanager
def mail_server(folder: Path, *, tls: bool) -> Iterator[Mail]:
    with certificate(folder) as (public, private):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(public, private)
        found = Mail(port=0, ca=public)

        class Handler:
            async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
                if address.startswith("gone"):
                    return "550 no such person"
                envelope.rcpt_tos.append(address)
                return "250 OK"

            async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
                found.taken.append((session.ssl is not None, session.auth_data, envelope))
                return found.answer

        def login(server: Any, session: Any, envelope: Any, mechanism: Any, data: Any) -> AuthResult:
            return AuthResult(success=data.password == b"pass", handled=False, auth_data=data.login)

        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            found.port = free.getsockname()[1]
        options: dict[str, Any] = {"hostname": "127.0.0.1", "port": found.port}
        if tls:
            options |= {"tls_context": context, "require_starttls": True, "authenticator": login}
        controller = Controller(Handler(), **options)
        controller.start()
        try:
            yield found
        finally:
            controller.stop()


def test_mail_goes_over_tls_with_a_login(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASS", "pass")
    with mail_server(tmp_path, tls=True) as server:
        settings = EmailSettings(
            host="localhost",
            port=server.port,
            sender="alerts@desk.example",
            to=("ann@desk.example", "bob@desk.example"),
            user="alerts",
            password=Secret(env="MAIL_PASS"),
            ca_file=server.ca,
        )
        EmailChannel(settings).send(NOTE, NOW)
        ((encrypted, user, envelope),) = server.taken
        assert encrypted
        assert user == b"alerts"
        assert envelope.rcpt_tos == ["ann@desk.example", "bob@desk.example"]
        mail = message_from_bytes(envelope.content, policy=default)
        assert mail["Subject"] == "[error] opened: feed_silent: feed=a"
        assert mail["Message-ID"] == "<0123456789abcdef@tradewind>"
        plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
        assert plain is not None
        assert html is not None
        assert "tradewind alerts ack abc1234567" in plain.get_content()
        assert "&lt;b&gt;held&lt;/b&gt; &amp; back" in html.get_content()
        monkeypatch.setenv("MAIL_PASS", "wrong")
        with pytest.raises(RefusedError, match="code 535") as caught:
            EmailChannel(settings).send(NOTE, NOW)
        assert "wrong" not in f"{caught.value}{settings!r}"
        untrusted = settings.model_copy(update={"ca_file": None})
        with pytest.raises(RefusedError, match="SSLCertVerificationError"):
            EmailChannel(untrusted).send(NOTE, NOW)


def plain_settings(server: Mail, **values: Any) -> EmailSettings:
    known = {"host": "localhost", "port": server.port, "sender": "a@x.example", "to": ("b@x.example",)}
    return EmailSettings.model_validate({**known, "security": "none", **values})


def test_mail_that_must_be_encrypted_is_not_sent_in_the_open(tmp_path: Path) -> None:
    with mail_server(tmp_path, tls=False) as server:
        with pytest.raises(RefusedError, match="SMTPNotSupportedError"):
            EmailChannel(plain_settings(server, security="starttls")).send(NOTE, NOW)
        assert server.taken == []
    with pytest.raises(ValueError, match="read by others"):
        EmailSettings.model_validate(
            {"host": "h", "sender": "a@x", "to": ["b@x"], "security": "none", "user": "u", "password": {"env": "P"}}
        )


def test_a_mail_server_that_refuses_for_now_and_for_ever(tmp_path: Path) -> None:
    with mail_server(tmp_path, tls=False) as server:
        channel = EmailChannel(plain_settings(server))
        server.answer = "451 try later"
        with pytest.raises(DeliveryError, match="code 451") as caught:
            channel.send(NOTE, NOW)
        assert not isinstance(caught.value, RefusedError)
        server.answer = "554 no"
        with pytest.raises(RefusedError, match="code 554"):
            channel.send(NOTE, NOW)
    with pytest.raises(DeliveryError, match="did not take it"):
        channel.send(NOTE, NOW)


def test_one_person_who_is_refused_keeps_nobody_else_from_it(tmp_path: Path, caplog: Any) -> None:
    with mail_server(tmp_path, tls=False) as server:
        EmailChannel(plain_settings(server, to=("b@x.example", "gone@x.example"))).send(NOTE, NOW)
        assert server.taken[0][2].rcpt_tos == ["b@x.example"]
        assert "refused gone@x.example" in caplog.text
        with pytest.raises(RefusedError, match="SMTPRecipientsRefused"):
            EmailChannel(plain_settings(server, to=("gone@x.example",))).send(NOTE, NOW)


EVIL = "x\r\nBcc: all@x.example\n\n<script>\u2028\x00\ud800 ü"


def test_nothing_in_a_finding_can_write_a_header(tmp_path: Path) -> None:
    with mail_server(tmp_path, tls=False) as server:
        evil = replace(NOTE, title=EVIL, lines=(EVIL,), incidents=(EVIL,), runbook=EVIL)
        EmailChannel(plain_settings(server)).send(evil, NOW)
        ((_, _, envelope),) = server.taken
    mail = message_from_bytes(envelope.content, policy=default)
    assert envelope.rcpt_tos == ["b@x.example"]
    assert mail["Bcc"] is None
    assert mail["Subject"] == "[error] opened: x Bcc: all@x.example <script> ü"
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()
    for address in ("a@x\r\nBcc: b@x", "a@x,b@x", "<a@x>", "nobody"):
        with pytest.raises(ValueError, match="no plain address"):
            EmailSettings(host="h", sender=address, to=("b@x",))


def test_the_log_is_one_line_a_notification(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "log" / "alerts.jsonl"
    for note in (NOTE, replace(NOTE, id="f" * 16, title="two\nlines")):
        LogChannel(LogSettings(path=path)).send(note, NOW)
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert [row["id"] for row in rows] == [NOTE.id, "f" * 16]
    assert rows[1]["title"] == "two\nlines"
    LogChannel(LogSettings()).send(NOTE, NOW)
    assert json.loads(capsys.readouterr().err)["event"] == "alert"
    with pytest.raises(DeliveryError, match="cannot be written"):
        LogChannel(LogSettings(path=tmp_path)).send(NOTE, NOW)
