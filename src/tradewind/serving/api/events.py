"""New predictions for one reader: with those it missed while it was away, and signs of life while nothing happens."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import dataclass

from tradewind.core import TradewindError
from tradewind.serving.api.asgi import Receive
from tradewind.serving.api.problems import Problem
from tradewind.serving.contracts import Forecasts
from tradewind.streaming.records import Prediction


@dataclass(frozen=True)
class Last:
    """The last event a reader saw; its text is ``<made_at>.<id>``."""

    made_at: int
    id: str

    @classmethod
    def parse(cls, text: str) -> Last | None:
        """Return what ``text`` names, None where it is no id of an event."""
        made, _, id = text.partition(".")
        if not made.isascii() or not made.isdigit() or len(made) > 18 or not id or len(id) > 128:
            return None
        return cls(int(made), id)


def event_id(prediction: Prediction) -> str:
    """Return the id of the event that tells of ``prediction``."""
    return f"{prediction.made_at}.{prediction.id}"


async def follow(
    forecasts: Forecasts,
    symbols: frozenset[str] | None,
    *,
    buffer: int,
    heartbeat: float,
    closing: asyncio.Event,
    missed: tuple[Last, int] | None = None,
) -> AsyncGenerator[Sequence[Prediction], None]:
    """Yield the new predictions that wait, together; none of them after ``heartbeat`` quiet seconds; until ``closing``.

    ``missed`` (the last event seen, how many a symbol at most) comes first, oldest first: at least once, since several
    predictions may be made in the same microsecond.
    """
    source = forecasts.subscribe(symbols, buffer=buffer)
    # The subscription begins with the first step, so it is taken before the past is read: nothing falls between.
    intake = _Intake()
    step = asyncio.ensure_future(intake.read(source))
    end = asyncio.ensure_future(closing.wait())
    for task in (step, end):
        task.add_done_callback(lambda _: intake.come.set())
    try:
        await asyncio.sleep(0)
        given: set[str] = set()
        if missed is not None:
            past = await _missed(forecasts, symbols, *missed)
            given = {prediction.id for prediction in past}
            for start in range(0, len(past), _Intake.MOST):
                yield past[start : start + _Intake.MOST]
        while not closing.is_set():
            try:
                # not wait_for, which in Python 3.11 forgets that it was cancelled where something came at that moment
                async with asyncio.timeout(heartbeat):
                    await intake.come.wait()
            except TimeoutError:
                yield ()
                continue
            found = intake.take()
            if not step.done():
                intake.come.clear()
            if found:
                yield [prediction for prediction in found if prediction.id not in given]
            elif step.done():
                step.result()
                return
    finally:
        end.cancel()
        step.cancel()
        await asyncio.gather(step, end, return_exceptions=True)
        close = getattr(source, "aclose", None)
        if close is not None:
            await close()


class _Intake:
    """What has come and is not taken yet: at most ``MOST`` predictions, the others wait in the subscription."""

    MOST = 256

    def __init__(self) -> None:
        self.waiting: list[Prediction] = []
        self.come, self._room = asyncio.Event(), asyncio.Event()

    async def read(self, source: AsyncIterator[Prediction]) -> None:
        """Read ``source`` to its end."""
        async for prediction in source:
            self.waiting.append(prediction)
            self.come.set()
            if len(self.waiting) >= self.MOST:
                self._room.clear()
                await self._room.wait()

    def take(self) -> Sequence[Prediction]:
        """Return what has come, and make room."""
        found, self.waiting = self.waiting, []
        self._room.set()
        return found


async def _missed(forecasts: Forecasts, symbols: frozenset[str] | None, last: Last, limit: int) -> Sequence[Prediction]:
    champions = {model["ref"] for model in forecasts.models() if model.get("role") == "champion"}
    found: list[Prediction] = []
    for symbol in sorted(symbols) if symbols is not None else forecasts.symbols():
        past = await forecasts.history(symbol, limit=limit)
        told = [p for p in past if p.model in champions or p.how == "champion"]  # others look on, and are not streamed
        found += [p for p in told if p.made_at >= last.made_at and p.id != last.id]
    return sorted(found, key=lambda p: (p.made_at, p.id))


def slow_reader(error: TradewindError) -> Problem:
    """Return what a reader that fell behind is told."""
    if isinstance(error, Problem):
        return error
    return Problem("overloaded", f"{error}. Read faster, or ask for fewer symbols; connect again to go on.")


def check_symbols(forecasts: Forecasts, symbols: frozenset[str] | None) -> None:
    """Refuse symbols that are not in the universe."""
    unknown = sorted(symbols - set(forecasts.symbols())) if symbols else []
    if unknown:
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        raise Problem("not-found", f"{', '.join(unknown[:3])}{more}: not in the universe; GET /v1/symbols lists it.")


async def gone(receive: Receive) -> None:
    """Return when the reader has left."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
