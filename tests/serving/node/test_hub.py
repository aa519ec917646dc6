"""Readers of new predictions get all of theirs in order, or are told that they fell behind."""

from __future__ import annotations

import asyncio
import threading

import pytest

from tradewind.serving.node.hub import Hub, SlowReader
from tradewind.streaming.records import Prediction


def made(symbol: str, time: int) -> Prediction:
    return Prediction(
        id=f"{symbol}{time}",
        symbol=symbol,
        time=time,
        known_at=time,
        made_at=time,
        model="m/1",
        probability=0.5,
        expected_return=0.0,
        lower=-0.1,
        upper=0.1,
        inputs_id="0" * 64,
    )


async def _read(hub: Hub, symbols: frozenset[str] | None, into: list[int], buffer: int = 1000) -> None:
    async for prediction in hub.subscribe(symbols, buffer=buffer):
        into += [prediction.time]


def test_each_reader_gets_its_symbols_in_order_from_another_thread() -> None:
    async def run() -> None:
        hub = Hub(asyncio.get_running_loop())
        everything: list[int] = []
        some: list[int] = []
        readers = [
            asyncio.create_task(_read(hub, None, everything)),
            asyncio.create_task(_read(hub, frozenset({"A"}), some)),
        ]
        await asyncio.sleep(0)
        assert hub.readers == 2

        def write() -> None:
            for time in range(200):
                hub.publish([made("A" if time % 2 else "B", time)])

        thread = threading.Thread(target=write)
        thread.start()
        while len(everything) < 200:
            await asyncio.sleep(0.001)
        thread.join()
        hub.close()
        await asyncio.gather(*readers)
        assert everything == list(range(200))
        assert some == list(range(1, 200, 2))
        assert hub.readers == 0

    asyncio.run(run())


def test_a_slow_reader_is_told_and_the_others_go_on() -> None:
    async def run() -> None:
        hub = Hub(asyncio.get_running_loop())
        read: list[int] = []
        fast = asyncio.create_task(_read(hub, None, read))
        slow = hub.subscribe(None, buffer=5)
        first = asyncio.create_task(anext(slow))
        await asyncio.sleep(0)
        hub.publish([made("A", 0)])
        assert (await first).time == 0
        hub.publish([made("A", time) for time in range(1, 10)])
        await asyncio.sleep(0.01)
        with pytest.raises(SlowReader):
            await anext(slow)
        assert hub.slow == 1
        hub.publish([made("A", 10)])
        hub.close()
        await fast
        assert read == list(range(11))

    asyncio.run(run())


def test_a_reader_that_leaves_is_forgotten_and_a_closed_hub_ends_at_once() -> None:
    async def run() -> None:
        hub = Hub(asyncio.get_running_loop())
        reader = hub.subscribe(None)
        waiting = asyncio.create_task(anext(reader))
        await asyncio.sleep(0)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        await reader.aclose()
        assert hub.readers == 0
        hub.close()
        assert [p async for p in hub.subscribe(None)] == []

    asyncio.run(run())
