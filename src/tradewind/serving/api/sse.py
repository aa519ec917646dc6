"""The stream of new predictions as server-sent events."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

import msgspec

from tradewind.core import TradewindError
from tradewind.serving.api.admission import Admission
from tradewind.serving.api.asgi import Send
from tradewind.serving.api.counters import Counters
from tradewind.serving.api.events import Last, check_symbols, event_id, follow, gone, slow_reader
from tradewind.serving.api.operations import Operation
from tradewind.serving.api.problems import Problem, as_problem
from tradewind.serving.api.requests import Reply, Request
from tradewind.serving.api.settings import ApiSettings
from tradewind.serving.api.shapes import StreamParams, forecast_json
from tradewind.serving.contracts import Forecasts
from tradewind.streaming.records import Prediction


class EventStream:
    """Tells readers of new predictions."""

    def __init__(self, forecasts: Forecasts, admission: Admission, counters: Counters, settings: ApiSettings) -> None:
        self._forecasts, self._admission = forecasts, admission
        self._counters, self._settings = counters, settings

    def operation(self) -> Operation:
        """Return GET /v1/stream."""
        return Operation(
            name="stream",
            method="GET",
            path="/v1/stream",
            summary="New forecasts as server-sent events; Last-Event-ID goes on after that one",
            handler=self.serve,
            scope="stream",
            params=StreamParams,
            media="text/event-stream",
            stream=True,
            refusal="not-found",
            statuses=(404,),
        )

    async def serve(self, request: Request) -> Reply:
        """Send events until the reader leaves or the server goes down."""
        params: StreamParams = request.params
        symbols = frozenset(params.symbols.split(",")) if params.symbols else None
        check_symbols(self._forecasts, symbols)
        text = request.header(b"last-event-id")
        last = Last.parse(text) if text else None
        if text and last is None:
            raise Problem("malformed", "Send the id of an event of this stream as Last-Event-ID, or none.")
        send: Send = request.scope["tradewind.send"]
        heads = [
            *request.scope["tradewind.heads"],
            (b"content-type", b"text/event-stream"),
            (b"cache-control", b"no-store"),
            (b"x-accel-buffering", b"no"),
        ]
        await send({"type": "http.response.start", "status": 200, "headers": heads})
        if request.scope["method"] == "HEAD":
            await send({"type": "http.response.body", "body": b""})
            return Reply(200, b"")
        writing = asyncio.ensure_future(self._write(request, send, symbols, last))
        leaving = asyncio.ensure_future(gone(request.receive))
        try:
            await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (writing, leaving):
                task.cancel()
            await asyncio.gather(writing, leaving, return_exceptions=True)
        return Reply(200, b"")

    async def _write(self, request: Request, send: Send, symbols: frozenset[str] | None, last: Last | None) -> None:
        settings = self._settings

        async def put(data: bytes, more: bool = True) -> None:
            async with asyncio.timeout(settings.send_timeout):
                await send({"type": "http.response.body", "body": data, "more_body": more})

        try:
            await put(b"retry: 2000\n\n")
            events = follow(
                self._forecasts,
                symbols,
                buffer=settings.stream_buffer,
                heartbeat=settings.heartbeat,
                closing=request.closing,
                missed=None if last is None else (last, settings.replay),
            )
            async with aclosing(events):
                async for predictions in events:
                    await put(b"".join(map(_event, predictions)) or b": alive\n\n")
            end = self._admission.why_ended()
        except TimeoutError:
            self._counters.slow += 1
            return
        except TradewindError as error:
            self._counters.slow += 1
            end = slow_reader(error)
        except Exception as error:  # noqa: BLE001 - the stream has begun: the reader is told in it
            end = as_problem(error, refusal="invalid", request_id=request.id)
        await put(b"event: problem\ndata: " + msgspec.json.encode(end.members_of(request.id)) + b"\n\n", more=False)


def _event(prediction: Prediction) -> bytes:
    """Return the event that tells of ``prediction``."""
    head = f"id: {event_id(prediction)}\nevent: forecast\ndata: ".encode()
    return head + forecast_json(prediction) + b"\n\n"
