"""When to ask again: retries with full jitter, and a circuit that leaves a failing server alone.

Full jitter after M. Brooker, "Exponential Backoff and Jitter", AWS Architecture Blog 2015; the circuit after
M. Nygard, "Release It!", 2007.
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt
from tenacity.wait import wait_base

from tradewind.core import TradewindError
from tradewind.streaming.connectors.pace import Pace
from tradewind.streaming.connectors.settings import RetrySettings

T = TypeVar("T")


class FetchError(TradewindError):
    """A server did not give what was asked for.

    ``again``: asking again soon may help. ``after``: seconds that the server asked us to wait.
    """

    def __init__(self, problem: str, *, again: bool, after: float | None = None) -> None:
        super().__init__(problem)
        self.again, self.after = again, after


class FullJitter(wait_base):
    """Wait a random time up to ``first`` doubled with every attempt, and never less than the server asked for."""

    def __init__(self, settings: RetrySettings, rng: random.Random) -> None:
        self._settings, self._rng = settings, rng

    def __call__(self, retry_state: RetryCallState) -> float:
        """Return seconds to wait after the failed attempt."""
        error = retry_state.outcome.exception() if retry_state.outcome else None
        asked = getattr(error, "after", None)
        return self.after(retry_state.attempt_number, asked)

    def after(self, attempt: int, asked: float | None = None) -> float:
        """Return seconds to wait after failed attempt number ``attempt``, which begins at 1."""
        top = min(self._settings.most, self._settings.first * 2.0 ** min(attempt - 1, 60))
        return max(self._rng.uniform(0.0, top), min(asked or 0.0, self._settings.after_at_most))


async def persist(
    work: Callable[[], Awaitable[T]],
    jitter: FullJitter,
    *,
    attempts: int,
    sleep: Callable[[float], Awaitable[None]],
    before: Callable[[BaseException], None],
) -> T:
    """Return what ``work`` gives, trying up to ``attempts`` times while its :class:`FetchError` says ``again``.

    ``before`` is told the fault ahead of every wait. The last fault is raised.
    """

    def note(state: RetryCallState) -> None:
        if state.outcome is not None and (error := state.outcome.exception()) is not None:
            before(error)

    retrying = AsyncRetrying(
        stop=stop_after_attempt(attempts),
        wait=jitter,
        retry=retry_if_exception(lambda error: isinstance(error, FetchError) and error.again),
        sleep=sleep,
        before_sleep=note,
        reraise=True,
    )
    result: T = await retrying(work)
    return result


class Circuit:
    """Opens after failures in a row, and lets one try through (half-open) when its cool-down is over."""

    def __init__(self, settings: RetrySettings, pace: Pace) -> None:
        self._settings, self._pace = settings, pace
        self._failures = 0
        self._until: float | None = None

    @property
    def open(self) -> bool:
        """Whether the server is to be left alone, but for the one try when :meth:`wait` is over."""
        return self._until is not None

    def failed(self, asked: float | None = None) -> None:
        """Count a failure; a failed try while half-open doubles the cool-down."""
        self._failures += 1
        over = self._failures - self._settings.open_after
        if over >= 0 or asked is not None:
            cool = min(self._settings.cool_down_most, self._settings.cool_down * 2.0 ** min(max(over, 0), 60))
            if over < 0:
                cool = 0.0
            self._until = self._pace.monotonic() + max(cool, min(asked or 0.0, self._settings.after_at_most))

    def succeeded(self) -> None:
        """Close."""
        self._failures, self._until = 0, None

    def wait(self) -> float:
        """Return seconds until the next try is allowed."""
        return 0.0 if self._until is None else max(0.0, self._until - self._pace.monotonic())
