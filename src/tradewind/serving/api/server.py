"""The server process: granian in this process's own event loop, so that the application owns its state and its end."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import signal
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Literal, Protocol

from pydantic import Field, model_validator

from tradewind.core import MissingExtraError, Settings, TradewindError, UsageError
from tradewind.serving.api.asgi import Receive, Scope, Send

_LOG = logging.getLogger("tradewind.serving.api")
_CUT = 0.2


class ServerSettings(Settings):
    """Where and how the server listens; times in seconds.

    Attributes
    ----------
    host, port : address; port 0 takes a free one.
    certificate, key : PEM files; both or neither. client_ca : only callers with a certificate of it may connect.
    tls_min : lowest version of TLS.
    connections : open at once; more wait in the backlog of the system.
    header_timeout : for a request's header to arrive. max_header : its bytes.
    grace : how long it goes on answering after it has said that it is not ready, so that balancers look elsewhere.
    deadline : then, for what is being answered to end.
    share_port : whether several processes may listen on the port, and share its connections.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8000, ge=0, le=65535)
    certificate: Path | None = None
    key: Path | None = None
    key_password: str | None = Field(default=None, repr=False)
    client_ca: Path | None = None
    tls_min: Literal["1.2", "1.3"] = "1.3"
    http: Literal["auto", "1", "2"] = "auto"
    connections: int = Field(default=2048, ge=1)
    header_timeout: float = Field(default=10.0, gt=0.0)
    max_header: int = Field(default=32 * 1024, ge=8192)
    grace: float = Field(default=0.0, ge=0.0)
    deadline: float = Field(default=10.0, gt=0.0)
    share_port: bool = False

    @model_validator(mode="after")
    def _pairs(self) -> ServerSettings:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("TLS needs both a certificate and a key")
        if self.client_ca is not None and self.certificate is None:
            raise ValueError("client certificates need TLS: give a certificate and a key")
        return self

    @property
    def loopback(self) -> bool:
        """Whether only this machine can connect."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


class Application(Protocol):
    """What is served: an ASGI application that can be started, drained and stopped."""

    @property
    def needs_key(self) -> bool:
        """Whether callers need a key."""
        ...

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        ...

    async def start(self) -> None:
        """Begin."""
        ...

    def not_ready(self) -> None:
        """Say that requests should go elsewhere, and go on answering."""
        ...

    async def drain(self, deadline: float) -> bool:
        """Refuse what is new and wait for the rest."""
        ...

    async def stop(self) -> None:
        """Let go of everything."""
        ...


class Server:
    """One listening server in the running event loop.

    Raises
    ------
    UsageError : the address is taken or not this machine's, files of TLS do not fit, or no keys are needed although
        other machines can connect.
    MissingExtraError : the extra ``serve`` is not installed.
    """

    def __init__(self, app: Application, settings: ServerSettings) -> None:
        if not app.needs_key and not settings.loopback:
            raise UsageError(
                f"{settings.host} can be reached by others, and no keys are asked for",
                field="host",
                fix="listen on 127.0.0.1, or create keys",
            )
        self._app, self.settings = app, settings
        self._stopping = asyncio.Event()
        self.host = _address(settings.host)
        self.port = _free_port(self.host, settings)
        _check_tls(settings)
        self._granian = _granian(app, settings, self.host, self.port)
        self._task: asyncio.Task[None] | None = None

    @property
    def url(self) -> str:
        """Where it listens."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.settings.certificate else 'http'}://{host}:{self.port}"

    async def start(self) -> None:
        """Listen; returns once connections are taken.

        Raises
        ------
        UsageError : the server did not come up.
        """
        await self._app.start()
        self._task = asyncio.create_task(self._granian.serve(), name="serve")
        for _ in range(200):
            if self._task.done():
                error = self._task.exception()
                raise UsageError(f"the server did not start ({error})", fix="see the log") from error
            with suppress(OSError):
                _, writer = await asyncio.open_connection(_reachable(self.host), self.port)
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
                return
            await asyncio.sleep(0.01)
        await self.stop()
        raise UsageError(f"nothing answers at {self.url}", fix="see the log")

    def ask_to_stop(self) -> None:
        """Have :meth:`wait` return; safe in a signal handler of the loop."""
        self._stopping.set()

    async def wait(self) -> None:
        """Return when the server was asked to stop.

        Raises
        ------
        TradewindError : it stopped by itself.
        """
        assert self._task is not None
        stopping = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({stopping, self._task}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            stopping.cancel()
        if not self._stopping.is_set():
            raise TradewindError("the server stopped by itself; the log has the cause")

    async def stop(self) -> bool:
        """Say not ready, drain, close; returns whether everything that was being answered ended in time."""
        settings = self.settings
        if settings.grace:
            self._app.not_ready()
            await asyncio.sleep(settings.grace)
        clean = await self._app.drain(settings.deadline)
        if not clean:
            _LOG.warning("some requests were still being answered after %g seconds", settings.deadline)
        if self._task is not None:
            self._granian.stop()
            # what did not end by the deadline is not waited for once more: granian would, without end
            _, late = await asyncio.wait({self._task}, timeout=settings.deadline if clean else _CUT)
            for task in late:
                task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        await self._app.stop()
        return clean


@asynccontextmanager
async def serving(app: Application, settings: ServerSettings) -> AsyncIterator[Server]:
    """Serve ``app`` while the block runs."""
    server = Server(app, settings)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


def run_server(
    make: Callable[[], Awaitable[Application]],
    settings: ServerSettings,
    *,
    started: Callable[[Server], None] | None = None,
    stopped: Callable[[], Awaitable[None]] | None = None,
) -> bool:
    """Serve until SIGTERM or SIGINT; a second one ends at once. Blocks, and owns the process's event loop (uvloop).

    ``make`` builds the application inside that loop, ``started`` is told when it listens, ``stopped`` runs after the
    last answer, to close what ``make`` opened. Returns whether everything that was being answered ended in time.
    """
    try:
        import uvloop
    except ImportError as error:
        raise MissingExtraError("uvloop", "serve") from error

    async def main() -> bool:
        loop = asyncio.get_running_loop()
        app = await make()
        try:
            server = Server(app, settings)
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, _on_signal, loop, server)
            await server.start()
            try:
                if started is not None:
                    started(server)
                await server.wait()
            finally:
                clean = await server.stop()
            return clean
        finally:
            if stopped is not None:
                await stopped()

    return bool(uvloop.run(main()))


def _on_signal(loop: asyncio.AbstractEventLoop, server: Server) -> None:
    server.ask_to_stop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.remove_signal_handler(number)  # the next one ends the process


def _address(host: str) -> str:
    """Return the address of a name; that of IP version 4 where there are both."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except OSError as error:
        raise UsageError(
            f"{host} is no address of this machine ({error.strerror})", field="host", fix="listen on 127.0.0.1"
        ) from error
    return str(min(found, key=lambda entry: entry[0] != socket.AF_INET)[4][0])


def _free_port(host: str, settings: ServerSettings) -> int:
    """Return the port to listen on. Granian lets several processes share one; unless asked for, that is a mistake."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if settings.share_port:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        try:
            probe.bind((host, settings.port))
        except OSError as error:
            raise UsageError(
                f"cannot listen on {host}:{settings.port} ({error.strerror})",
                field="port",
                fix="take another port or address, or stop what listens there",
            ) from error
        return int(probe.getsockname()[1])


def _reachable(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _check_tls(settings: ServerSettings) -> None:
    if settings.certificate is None or settings.key is None:
        return
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.certificate, settings.key, settings.key_password or "")
        if settings.client_ca is not None:
            context.load_verify_locations(settings.client_ca)
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"TLS cannot use it ({error.strerror or error})",
            file=settings.certificate,
            fix="give a PEM certificate, its own unencrypted or decryptable key, and a PEM authority",
        ) from error


def _granian(app: Application, settings: ServerSettings, host: str, port: int) -> Any:
    try:
        from granian.constants import HTTPModes, Interfaces, SSLProtocols
        from granian.http import HTTP1Settings, HTTP2Settings
        from granian.log import LogLevels
        from granian.server.embed import Server as Granian
    except ImportError as error:
        raise MissingExtraError("granian", "serve") from error
    return Granian(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGINL,
        http=HTTPModes(settings.http),
        backlog=max(1024, settings.connections),
        backpressure=settings.connections,
        http1_settings=HTTP1Settings(
            header_read_timeout=int(settings.header_timeout * 1000), max_buffer_size=settings.max_header
        ),
        http2_settings=HTTP2Settings(
            max_concurrent_streams=100,
            max_headers_size=settings.max_header,
            keep_alive_interval=30_000,
        ),
        log_level=LogLevels.error,
        # incremental: anything else would close the handlers that this process already logs to
        log_dictconfig={"incremental": True, "handlers": {}, "loggers": {"_granian": {"propagate": True}}},
        ssl_cert=settings.certificate,
        ssl_key=settings.key,
        ssl_key_password=settings.key_password,
        ssl_protocol_min=SSLProtocols.tls12 if settings.tls_min == "1.2" else SSLProtocols.tls13,
        ssl_ca=settings.client_ca,
        ssl_client_verify=settings.client_ca is not None,
    )
