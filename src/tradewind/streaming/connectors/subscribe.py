"""A connector that subscribes to a WebSocket, notices what it missed, and asks for it."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import msgspec

from tradewind.core import MissingExtraError
from tradewind.streaming.connectors.backfill import Backfill
from tradewind.streaming.connectors.backoff import Circuit, FetchError
from tradewind.streaming.connectors.delivery import Batch, Delivery
from tradewind.streaming.connectors.fetch import tls_context
from tradewind.streaming.connectors.pace import Stopped, unless
from tradewind.streaming.connectors.paths import MISSING, look_up
from tradewind.streaming.connectors.protocol import Base, Surroundings
from tradewind.streaming.connectors.secrets import RedactingFilter, Secrets
from tradewind.streaming.connectors.sequence import Sequences
from tradewind.streaming.connectors.settings import WebSocketSettings
from tradewind.streaming.log.protocol import EventLog, Producer

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class _Reach:
    """What one connection works with."""

    delivery: Delivery
    sequences: Sequences
    backfill: Backfill
    stop: asyncio.Event


class WebSocketConnector(Base):
    """Subscribes, reads bursts of messages, and connects anew after every fault from the last sequence number."""

    settings: WebSocketSettings

    def __init__(self, settings: WebSocketSettings, around: Surroundings) -> None:
        try:
            import websockets.asyncio.client
            import websockets.exceptions
        except ModuleNotFoundError as error:
            raise MissingExtraError("websockets", "connect") from error
        self._faults = (websockets.exceptions.WebSocketException, OSError, TimeoutError, EOFError)
        self._closed = websockets.exceptions.ConnectionClosed
        self._connect = _undirected(websockets.asyncio.client.connect)
        super().__init__(settings, around, kind=settings.kind, secrets=Secrets(_secret_texts(settings)))
        self.settings = settings
        self.circuit = Circuit(settings.retry, around.pace)
        self._failed = 0
        self._quiet = logging.getLogger(f"{__name__}.{settings.name}")  # it would log handshakes with their keys
        self._quiet.addFilter(RedactingFilter(self.secrets))

    async def run(self, producer: Producer, stop: asyncio.Event, *, log: EventLog | None = None) -> None:
        """Read until ``stop`` is set; see :class:`Connector`."""
        try:
            with self.open_store() as store:
                delivery = await self.open_delivery(store, producer, log)
                async with Backfill(self.settings, self.secrets, self.around, self.jitter) as backfill:
                    while True:
                        # anew for each connection: what was read and not delivered has not been seen
                        sequences = Sequences(store, delivery, self.name)
                        try:
                            await self._session(_Reach(delivery, sequences, backfill, stop))
                        except FetchError as error:
                            await self._wait(error, stop)
        except Stopped:
            pass
        finally:
            self.status.state = "stopped"

    async def _wait(self, error: FetchError, stop: asyncio.Event) -> None:
        """Wait as long as the fault asks: by the jitter at first, by the circuit once it has opened."""
        self._failed += 1
        self.circuit.failed(error.after if error.again else self.settings.retry.cool_down)
        self.status.failures += 1
        self.status.problem = self.secrets.redact(str(error))
        self.status.state = "open" if self.circuit.open else "retrying"
        _LOGGER.warning("%s: %s", self.name, self.status.problem)
        await unless(stop, self.around.pace.sleep(max(self.circuit.wait(), self.jitter.after(self._failed))))

    async def _session(self, reach: _Reach) -> None:
        """One connection, from handshake to its end."""
        self.status.requests += 1
        try:
            socket = await unless(reach.stop, self._open())
        except self._faults as error:
            raise self._fault("cannot connect", error) from error
        try:
            await self._greet(socket, reach.sequences)
            self.status.state = "half-open" if self.circuit.open else "running"
            self.status.connects += 1
            await self._fill(reach)
            while True:
                first = await unless(reach.stop, self._first(socket))
                await self._receive([first, *await self._more(socket)], reach)
        except self._faults as error:
            raise self._fault("the connection ended", error) from error
        finally:
            await socket.close()

    async def _receive(self, burst: list[str | bytes], reach: _Reach) -> None:
        batch = Batch()
        missing = False
        for text in burst:
            missing |= self._take(text, batch, reach.sequences)
        batch.marks.update(reach.sequences.marks())
        await self.deliver(reach.delivery, batch, reach.stop)
        self.status.last_success = self.now()
        if batch.mapped:
            self._failed = 0
            self.circuit.succeeded()
            self.status.state, self.status.problem = "running", None
        if missing:
            await self._fill(reach)

    async def _open(self) -> Any:
        limits, settings = self.settings.limits, self.settings
        tls: dict[str, Any] = {"ssl": tls_context(settings.ca)} if settings.url.startswith("wss:") else {}
        query = urlencode(self.secrets.reveal_all(settings.params))
        dial = self._connect(
            f"{settings.url}{'&' if '?' in settings.url else '?'}{query}" if query else settings.url,
            additional_headers=self.secrets.reveal_all(settings.headers),
            user_agent_header="tradewind",
            open_timeout=limits.connect,
            close_timeout=min(limits.connect, 2.0),
            ping_interval=settings.ping,
            ping_timeout=settings.pong,
            max_size=limits.message,
            logger=self._quiet,
            **tls,
        )
        return await dial

    async def _greet(self, socket: Any, sequences: Sequences) -> None:
        for message in self.settings.subscribe:
            await socket.send(json.dumps(self.secrets.reveal_within(message)))
        if self.settings.resume is not None and (last := sequences.last) is not None:
            await socket.send(json.dumps(self.secrets.reveal_within(_fill_in(self.settings.resume, last))))

    async def _first(self, socket: Any) -> str | bytes:
        """The next message."""
        try:
            async with asyncio.timeout(self.settings.idle):
                message: str | bytes = await socket.recv()
                return message
        except TimeoutError as error:
            raise FetchError(f"no message for {self.settings.idle:g} s", again=True) from error

    async def _more(self, socket: Any) -> list[str | bytes]:
        """The messages that follow at once."""
        burst: list[str | bytes] = []
        try:
            async with asyncio.timeout(self.settings.linger):
                while len(burst) < self.settings.batch:
                    burst.append(await socket.recv())  # safe to cancel: no message is lost
        except (TimeoutError, self._closed):  # an end of the connection is met again by the next read
            pass
        return burst

    def _take(self, text: str | bytes, batch: Batch, sequences: Sequences) -> bool:
        """Sort the items of a message into ``batch``; return whether something before them is missing."""
        try:
            content = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError) as error:
            start = text[:200] if isinstance(text, str) else text[:200].decode("utf-8", "replace")
            batch.rejected.append((start, f"the message is not JSON ({error})"))
            return False
        found = look_up(content, self.settings.items)
        missing = False
        for item in found if isinstance(found, list) else () if found is MISSING else (found,):
            if self.settings.error_where and _fits(item, self.settings.error_where):
                raise FetchError(f"the server refuses: {json.dumps(item)[:200]}", again=False)
            if _fits(item, self.settings.where):
                missing |= self._item(item, batch, sequences)
        return missing

    def _item(self, item: Any, batch: Batch, sequences: Sequences) -> bool:
        if self.settings.sequence is None:
            batch.take(self.mapper, item)
            return False
        number = look_up(item, self.settings.sequence)
        if isinstance(number, str) and re.fullmatch(r"[0-9]{1,18}", number):
            number = int(number)
        if not isinstance(number, int) or isinstance(number, bool):
            batch.rejected.append((item, f"sequence: no whole number at {self.settings.sequence!r}"))
            return False
        stream = ""
        if self.settings.sequence_by == "symbol":
            stream = str(look_up(item, self.settings.fields.get("symbol", "")))
        batch.take(self.mapper, item)
        return sequences.take(stream, number)

    async def _fill(self, reach: _Reach) -> None:
        """Ask for what is missing; what cannot be had is told once."""
        sequences = reach.sequences
        for stream, first, last in sequences.gaps():
            self.status.gaps += 1
            batch = Batch()
            problem = None
            if reach.backfill.possible:
                try:
                    for item in await unless(reach.stop, reach.backfill.items(stream, first, last)):
                        self._item(item, batch, sequences)
                except FetchError as error:
                    problem = self.secrets.redact(str(error))
            left = sequences.give_up(stream, first, last)
            batch.marks.update(sequences.marks())
            await self.deliver(reach.delivery, batch, reach.stop)
            if left:
                self.status.missed += left
                sequences.tell(stream, first, last, left, problem)

    def _fault(self, what: str, error: BaseException) -> FetchError:
        words = self.secrets.redact(str(error)) or type(error).__name__
        response = getattr(error, "response", None)
        refused = response is not None and response.status_code in {400, 401, 403, 404}
        return FetchError(f"{what}: {words}", again=not (refused or "CERTIFICATE_VERIFY_FAILED" in words))


def _undirected(connect: type[Any]) -> type[Any]:
    """A connect that follows no redirect: one could lead the keys, in headers and messages, to another host."""

    class Undirected(connect):  # type: ignore[misc]
        def process_redirect(self, exc: Exception) -> Exception:
            return exc

    return Undirected


def _fits(item: Any, where: Mapping[str, str]) -> bool:
    return all(str(look_up(item, path)) == value for path, value in where.items())


def _fill_in(message: Any, sequence: int) -> Any:
    if isinstance(message, Mapping):
        return {name: _fill_in(part, sequence) for name, part in message.items()}
    if isinstance(message, (list, tuple)):
        return [_fill_in(part, sequence) for part in message]
    if message == "{sequence}":
        return sequence
    return message.replace("{sequence}", str(sequence)) if isinstance(message, str) else message


def _secret_texts(settings: WebSocketSettings) -> list[str]:
    """Every text of the settings that may name a secret."""

    def within(value: Any) -> list[str]:
        if isinstance(value, Mapping):
            return [text for part in value.values() for text in within(part)]
        if isinstance(value, (list, tuple)):
            return [text for part in value for text in within(part)]
        return [value] if isinstance(value, str) else []

    extra = settings.backfill.headers if settings.backfill else {}
    return within([settings.headers, settings.params, settings.subscribe, settings.resume or {}, extra])
