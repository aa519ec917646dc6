"""Notifications as signed JSON to a web address."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_attempt, wait_exponential, wait_random

from tradewind.monitoring.alerts.channels.protocol import DeliveryError, RefusedError
from tradewind.monitoring.alerts.places import WebhookSettings
from tradewind.monitoring.alerts.records import Notification

if TYPE_CHECKING:
    import httpx

SIGNATURE, TIMESTAMP, KEY = "X-Tradewind-Signature", "X-Tradewind-Timestamp", "Idempotency-Key"
_AGAIN = frozenset({408, 425, 429})
"""Client errors that time mends (RFC 9110, RFC 8470, RFC 6585)."""


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """Return ``sha256=`` and the HMAC-SHA256 over ``TIMESTAMP.BODY`` in hex.

    The time of sending is signed too, so that a receiver can refuse an old message somebody sends again.
    """
    digest = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256)
    return f"sha256={digest.hexdigest()}"


class WebhookChannel:
    """Posts notifications; tries again on faults of the net, 5xx, 408, 425 and 429, never on another 4xx.

    ``sleep`` waits between tries. Redirects are not followed: they could carry the body elsewhere.
    """

    def __init__(self, settings: WebhookSettings, *, sleep: Callable[[float], None] = time.sleep) -> None:
        self.settings, self._sleep = settings, sleep

    def send(self, notification: Notification, now: datetime) -> None:
        """Deliver, with the notification's id as the idempotency key; see :class:`Channel` for errors."""
        import httpx  # a quarter of a second to import

        address = self.settings.address()
        body = json.dumps(notification.to_dict(), ensure_ascii=False, allow_nan=False, sort_keys=True).encode()
        stamp = str(int(now.timestamp()))
        headers = {"Content-Type": "application/json", KEY: notification.id, TIMESTAMP: stamp}
        if self.settings.secret is not None:
            headers[SIGNATURE] = signature(self.settings.secret.read(), stamp, body)
        retrying = Retrying(
            stop=stop_after_attempt(self.settings.attempts),
            wait=self._pause,
            retry=retry_if_exception(lambda error: not isinstance(error, RefusedError)),
            reraise=True,
            sleep=self._sleep,
        )
        with _unlogged(), httpx.Client(timeout=self.settings.timeout, follow_redirects=False) as client:
            retrying(self._post, client, address, headers, body)

    def _post(self, client: httpx.Client, address: str, headers: dict[str, str], body: bytes) -> None:
        import httpx  # a quarter of a second to import

        parts = urlsplit(address)
        place = f"{parts.scheme}://{parts.hostname}"  # the rest may hold a token
        try:
            # the answer's body is not read: only its status counts, and it may be endless
            with client.stream("POST", address, content=body, headers=headers) as answer:
                status, wait = answer.status_code, answer.headers.get("Retry-After", "")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise DeliveryError(f"{place} did not answer ({type(error).__name__})") from None
        if 200 <= status < 300:
            return
        if status >= 500 or status in _AGAIN:
            raise _Later(f"{place} answered {status}", _seconds(wait))
        raise RefusedError(f"{place} refused with {status}")

    def _pause(self, state: RetryCallState) -> float:
        """Return the seconds before the next try: exponential with jitter, at least what the receiver asks."""
        longest = self.settings.longest_pause
        wait = wait_exponential(self.settings.first_pause, longest) + wait_random(0, self.settings.first_pause)
        error = state.outcome.exception() if state.outcome is not None else None
        asked = error.asked if isinstance(error, _Later) else 0.0
        return min(max(wait(state), asked), longest)


@contextmanager
def _unlogged() -> Iterator[None]:
    """Keep what httpx logs in this thread to itself: whole addresses, which may hold a token."""
    mine, logger = threading.get_ident(), logging.getLogger("httpx")

    def others(record: logging.LogRecord) -> bool:
        return record.thread != mine

    logger.addFilter(others)
    try:
        yield
    finally:
        logger.removeFilter(others)


class _Later(DeliveryError):
    """The receiver asks for another try, after ``asked`` seconds."""

    def __init__(self, text: str, asked: float) -> None:
        super().__init__(text)
        self.asked = asked


def _seconds(text: str) -> float:
    """Return the seconds of a Retry-After header; a date, or no number, counts as none."""
    return float(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0.0
