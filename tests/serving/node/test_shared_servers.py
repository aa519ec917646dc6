"""Two servers that share Redis and a Kafka-protocol broker: one computes, the other answers from what is shared."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradewind.serving.node import NodeSettings

from ...streaming.conftest import make_broker, make_redis
from .conftest import Market, caught_up, send, served, until


@pytest.fixture
def shared(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Yield (URL of a Redis, place of a log on a broker)."""
    for name in ("broker", "redis"):
        (tmp_path / name).mkdir()
    broker, redis = make_broker(tmp_path / "broker"), make_redis(tmp_path / "redis")
    for server in (broker, redis):
        server.start()
    yield f"redis://{redis.address}/0", f"kafka://{broker.address}?fetch_wait_ms=10"
    for server in (broker, redis):
        server.kill()


@pytest.mark.slow
def test_a_server_of_role_api_answers_from_what_the_other_computes(
    market: Market, settings: NodeSettings, shared: tuple[str, str], tmp_path: Path
) -> None:
    redis, log = shared
    common = {"redis": redis, "log": log, "auditor": ()}
    computes = settings.model_copy(update=common)
    answers = settings.model_copy(update={**common, "role": "api", "state": tmp_path / "api"})
    symbols = list(market.universe.symbols)

    async def run() -> None:
        async with served(computes) as (first, one), served(answers) as (second, other):
            send(computes, market.bars[:-8])
            await until(caught_up(first, len(market.bars) - 8), 60.0)
            assert second.node is not None
            follower = second.node.follower
            assert follower is not None
            await until(lambda: follower.caught_up and follower.followed > 0, 60.0)
            hub = second.node.forecasts

            async def newest() -> None:
                async for one in hub.subscribe(None):
                    if one.time == market.bars[-1].time:
                        return

            listening = asyncio.create_task(newest())
            await asyncio.sleep(0.01)  # so that it listens before the bars are sent
            send(computes, market.bars[-8:])
            await until(caught_up(first, len(market.bars)), 60.0)
            await asyncio.wait_for(listening, 30.0)
            expected = {s: (await one.get(f"/v1/forecasts/{s}")).json() for s in symbols}

            async def equal() -> bool:
                return {s: (await other.get(f"/v1/forecasts/{s}")).json() for s in symbols} == expected

            for _ in range(500):
                if await equal():
                    break
                await asyncio.sleep(0.02)
            assert await equal()
            fresh = (await other.get(f"/v1/forecasts/{symbols[0]}?fresh=true")).json()
            assert fresh["id"] == expected[symbols[0]]["id"]  # computed there, from the features in Redis
            assert fresh["probability"] == pytest.approx(expected[symbols[0]]["probability"], abs=1e-9)

    asyncio.run(run())
