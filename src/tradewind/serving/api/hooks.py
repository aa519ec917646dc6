"""What the API asks of whoever runs it, beside the forecasts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

Action = Callable[[], Awaitable[Mapping[str, Any]]]


def _no_trace(name: str, parent: str | None) -> AbstractContextManager[None]:  # noqa: ARG001
    return nullcontext()


@dataclass(frozen=True, kw_only=True)
class ApiHooks:
    """Attributes
    ----------
    metrics : returns (text, media type) for GET /metrics; None: there is no such path.
    actions : what POST /v1/admin/{name} does, by name; returns what is answered, JSON-ready.
    span : opens a span of a request on the slow path, (route, ``traceparent`` or None).
    """

    metrics: Callable[[], tuple[bytes, str]] | None = None
    actions: Mapping[str, Action] = field(default_factory=dict)
    span: Callable[[str, str | None], AbstractContextManager[None]] = _no_trace
