"""Logs are JSON without secrets; a trace goes on from the event to what it caused."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tradewind.serving.watch.logs import log_as_json
from tradewind.serving.watch.traces import Tracer, TraceSettings


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    text = io.StringIO()
    logger = logging.getLogger("tradewind")
    before = list(logger.handlers), logger.level, logger.propagate
    log_as_json(stream=text)
    yield text
    logger.handlers, logger.propagate = before[0], before[2]
    logger.setLevel(before[1])


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("Authorization: Bearer abc.def", "abc.def"),
        ("key tw_k1_s3cr3tvalue was used", "s3cr3tvalue"),
        ("redis://user:hunter2@host:6379/0", "hunter2"),
        ('{"password": "hunter2"}', "hunter2"),
        ("api_key=hunter2", "hunter2"),
    ],
)
def test_a_secret_never_reaches_the_log(stream: io.StringIO, text: str, secret: str) -> None:
    log = logging.getLogger("tradewind.serving")
    log.warning(text)
    log.warning("with %s", text, extra={"detail": text})
    try:
        raise ValueError(text)
    except ValueError:
        log.exception("failed")
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert len(lines) == 3
    assert lines[2]["error"].startswith("ValueError")
    assert secret not in stream.getvalue()
    assert lines[0]["level"] == "warning"
    assert lines[0]["time"].endswith("Z")


def test_a_log_line_names_its_trace_and_spans_hang_together(stream: io.StringIO) -> None:
    exporter = InMemorySpanExporter()
    tracer = Tracer(TraceSettings(share=1.0), exporter=exporter)
    with tracer.span("ingest", symbol="AAPL"):
        headers = tracer.headers()
    with tracer.span("predict", parent=headers["traceparent"]):
        logging.getLogger("tradewind.serving").info("predicted")
    tracer.close()
    spans = {span.name: span for span in exporter.get_finished_spans()}
    assert spans["predict"].parent.span_id == spans["ingest"].context.span_id
    assert spans["ingest"].attributes["symbol"] == "AAPL"
    line = json.loads(stream.getvalue())
    assert line["trace_id"] == f"{spans['ingest'].context.trace_id:032x}"


def test_without_a_collector_nothing_is_recorded() -> None:
    tracer = Tracer()
    with tracer.span("anything"):
        assert tracer.headers() == {}
    assert not tracer.on
    tracer.close()
