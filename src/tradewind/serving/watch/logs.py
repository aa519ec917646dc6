"""Logs as one JSON object a line, with the trace a line belongs to; never a key, token or password."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
from collections.abc import Mapping
from typing import Any, TextIO

LOGGER = "tradewind.serving"
_SECRET = re.compile(
    r"(?i)(bearer\s+|tw_[0-9a-z]+_|(?:password|passwd|secret|token|api[-_]?key)[\"']?\s*[=:]\s*[\"']?|://[^/\s:@]+:)"
    r"([^\s\"',;@&]+)"
)
_STANDARD = frozenset(logging.makeLogRecord({}).__dict__) | {"message", "asctime", "taskName"}


def redacted(text: str) -> str:
    """Return ``text`` with what follows a mark of a secret (``password=``, ``Bearer``, a key, a URL's login) hidden."""
    return _SECRET.sub(r"\1***", text)


class JsonFormatter(logging.Formatter):
    """Formats a record as JSON: time (UTC), level, logger, message, what ``extra`` gave, trace and error."""

    def format(self, record: logging.LogRecord) -> str:
        """Return one line."""
        line: dict[str, Any] = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": redacted(record.getMessage()),
        }
        for name, value in record.__dict__.items():
            if name not in _STANDARD and not name.startswith("_"):
                line[name] = redacted(value) if isinstance(value, str) else value
        line.update(_trace())
        if record.exc_info and record.exc_info[1] is not None:
            line["error"] = redacted(f"{type(record.exc_info[1]).__name__}: {record.exc_info[1]}")
            line["stack"] = redacted(self.formatException(record.exc_info))
        return json.dumps(line, default=str, ensure_ascii=False)


def _trace() -> Mapping[str, str]:
    if "opentelemetry.trace" not in sys.modules:
        return {}
    from opentelemetry import trace

    context = trace.get_current_span().get_span_context()
    if not context.is_valid:
        return {}
    return {"trace_id": f"{context.trace_id:032x}", "span_id": f"{context.span_id:016x}"}


def log_as_json(level: str = "INFO", stream: TextIO | None = None) -> logging.Handler:
    """Send the log of the server to ``stream`` (standard error) as JSON from ``level`` on; return the handler."""
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonFormatter())
    logger = logging.getLogger("tradewind")
    logger.handlers = [handler]
    logger.setLevel(level)
    logger.propagate = False
    return handler
