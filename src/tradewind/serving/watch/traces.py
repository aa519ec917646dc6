"""Traces from a bar's arrival to the answer, by OpenTelemetry; nothing where no collector is named."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from pydantic import Field

from tradewind.core import MissingExtraError, Settings


class TraceSettings(Settings):
    """``endpoint`` : OTLP/HTTP collector (``http://127.0.0.1:4318``), None: no traces. ``share`` of roots recorded."""

    endpoint: str | None = None
    share: float = Field(default=0.01, ge=0.0, le=1.0)
    service: str = "tradewind"


class Tracer:
    """Opens spans. Where tracing is off, :meth:`span` costs one comparison.

    ``exporter`` takes the spans in place of the collector of ``settings``: tests read what was recorded.
    """

    def __init__(self, settings: TraceSettings | None = None, *, exporter: Any = None) -> None:
        self.settings = settings or TraceSettings()
        self._provider: Any = None
        self._tracer: Any = None
        if self.settings.endpoint is None and exporter is None:
            return
        try:
            from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
            from opentelemetry.sdk.resources import Resource
            from opentelemetry.sdk.trace import TracerProvider
            from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
            from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
        except ImportError as error:
            raise MissingExtraError("opentelemetry", "serve") from error
        self._provider = TracerProvider(
            resource=Resource.create({"service.name": self.settings.service}),
            sampler=ParentBased(TraceIdRatioBased(self.settings.share)),
        )
        if exporter is not None:
            self._provider.add_span_processor(SimpleSpanProcessor(exporter))
        else:
            endpoint = f"{str(self.settings.endpoint).rstrip('/')}/v1/traces"
            self._provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
        self._tracer = self._provider.get_tracer("tradewind")

    @property
    def on(self) -> bool:
        """Whether spans are recorded."""
        return self._tracer is not None

    @contextmanager
    def span(self, name: str, *, parent: str | None = None, **facts: Any) -> Iterator[None]:
        """Record what happens inside as span ``name``; ``parent`` a W3C ``traceparent`` that it goes on from."""
        if self._tracer is None:
            yield
            return
        with self._tracer.start_as_current_span(name, context=_context(parent), attributes=facts):
            yield

    def headers(self) -> dict[str, str]:
        """Return the ``traceparent`` of the present span, to be sent along; empty without one."""
        if self._tracer is None:
            return {}
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        carrier: dict[str, str] = {}
        TraceContextTextMapPropagator().inject(carrier)
        return carrier

    def close(self) -> None:
        """Send what waits."""
        if self._provider is not None:
            self._provider.shutdown()


def _context(parent: str | None) -> Any:
    if parent is None:
        return None
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    carrier: Mapping[str, str] = {"traceparent": parent}
    return TraceContextTextMapPropagator().extract(carrier)
