"""Errors as the caller sees them: problem details of RFC 9457, with what to do about it and never a traceback."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

import msgspec

from tradewind.core import InputError, MissingExtraError, TradewindError, UsageError
from tradewind.serving.contracts import Overloaded

MEDIA = "application/problem+json"
_LOG = logging.getLogger("tradewind.serving.api")

KINDS: dict[str, tuple[int, str]] = {
    "malformed": (400, "The request cannot be read"),
    "unauthorized": (401, "A valid key is needed"),
    "forbidden": (403, "The key does not allow this"),
    "not-found": (404, "There is no such thing"),
    "method-not-allowed": (405, "The method is not allowed here"),
    "slow-body": (408, "The body did not arrive in time"),
    "in-progress": (409, "A request with this Idempotency-Key is being answered"),
    "too-large": (413, "The body is too large"),
    "media-type": (415, "The body is not JSON"),
    "invalid": (422, "The request does not fit the schema"),
    "key-reused": (422, "The Idempotency-Key was used for another request"),
    "rate-limited": (429, "Too many requests"),
    "overloaded": (429, "The server has too much to do"),
    "too-many-headers": (431, "Too many header lines"),
    "internal": (500, "The server failed"),
    "draining": (503, "The server is going down"),
    "unavailable": (503, "The answer cannot be computed now"),
    "not-ready": (503, "The server is not ready"),
    "timed-out": (504, "The answer took too long"),
}
"""Kinds of problems: their status and title; ``urn:tradewind:problem:<kind>`` is the type."""

REASONS = {
    "rate-limited": "rate",
    "overloaded": "load",
    "unauthorized": "auth",
    "forbidden": "auth",
    "draining": "drain",
}
"""Kinds that are counted as turned away, by reason."""


class Problem(TradewindError):
    """A request that cannot be answered.

    Parameters
    ----------
    kind : one of :data:`KINDS`.
    detail : what is wrong and how to mend it, for the caller.
    headers : more headers of the answer. retry_after : seconds to wait, rounded up to whole ones.
    members : more members of the body.
    """

    def __init__(
        self,
        kind: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        retry_after: float | None = None,
        members: Mapping[str, Any] | None = None,
    ) -> None:
        self.kind, self.detail = kind, detail
        self.status, self.title = KINDS[kind]
        self.headers = dict(headers or {})
        if retry_after is not None:
            self.headers["retry-after"] = str(max(1, math.ceil(min(retry_after, 3600.0))))
        self.members = dict(members or {})
        super().__init__(f"{self.title}: {detail}")

    def __reduce__(self) -> tuple[Any, ...]:
        """Let the error come back whole from another process."""
        return _again, (self.kind, self.detail, self.headers, self.members)

    def members_of(self, request_id: str) -> dict[str, Any]:
        """Return the members of the problem's body; ``request_id`` names this occurrence."""
        return {
            "type": f"urn:tradewind:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": f"urn:tradewind:request:{request_id}",
            **self.members,
        }

    def body(self, request_id: str) -> bytes:
        """Return the problem as JSON."""
        return msgspec.json.encode(self.members_of(request_id))


def _again(kind: str, detail: str, headers: dict[str, str], members: dict[str, Any]) -> Problem:
    return Problem(kind, detail, headers=headers, members=members)


def as_problem(error: Exception, *, refusal: str, request_id: str) -> Problem:
    """Return what the caller is told of ``error``; ``refusal`` is the kind where the caller asked for the wrong thing.

    Faults of the server are logged with their traceback and told without it.
    """
    if isinstance(error, Problem):
        return error
    if isinstance(error, UsageError):
        return Problem(refusal, _sentence(error))
    if isinstance(error, Overloaded):  # told often where it is told: no line of the log for each
        return Problem("overloaded", "Too many forecasts wait; ask again in a moment.", retry_after=error.retry_after)
    if isinstance(error, TimeoutError):
        return Problem("timed-out", "Ask again later, or for less at once.", retry_after=1.0)
    if isinstance(error, TradewindError) and not isinstance(error, (InputError, MissingExtraError)):
        _LOG.warning("an answer cannot be computed: %s", error, extra={"request_id": request_id})
        return Problem("unavailable", "Ask again in a moment.", retry_after=1.0)
    _LOG.error("a request failed", exc_info=error, extra={"request_id": request_id})
    return Problem("internal", "Ask again; where it stays, tell the operators the instance of this problem.")


def _sentence(error: InputError) -> str:
    text = error.problem[:1].upper() + error.problem[1:] + "."
    return f"{text} {error.fix[:1].upper()}{error.fix[1:]}." if error.fix else text
