"""A monitor beside a real served node: what it is shown is what was served."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from tradewind.monitoring.live import Beside, LiveSettings, LiveSlices
from tradewind.monitoring.live.scrape import Series, read_series, sample_between
from tradewind.serving.node import NodeSettings
from tradewind.streaming.log import open_log

from .conftest import Market, caught_up, send, served, until


@pytest.mark.slow
def test_the_monitor_sees_what_the_server_served(market: Market, settings: NodeSettings) -> None:
    before, after = asyncio.run(_serve(market, settings))
    sample = sample_between(before, after, 10.0)
    assert sample.requests >= 5
    assert sample.memory > 1e6
    universe = market.universe
    live_settings = LiveSettings(symbols=universe.symbols, sectors=universe.sectors, patience=0.0, grace=0.0)
    with open_log(settings.log_place) as log:
        live = LiveSlices(log, live_settings, beside=Beside(champion=lambda: "demo/1"))
        found, quiet = [], 0
        while quiet < 10:
            some = list(live.step(0.02))
            found += some
            quiet = 0 if some else quiet + 1
        live.close()
    assert len(found) == len({bar.time for bar in market.bars})
    answered = [one for one in found if one.served]
    assert answered
    for one in answered:
        given, time = one.served[0], int(one.time.astype(np.int64))
        assert given.version == "demo/1"
        assert given.role == "champion"
        for symbol, probability in zip(given.symbol.tolist(), given.probability.tolist(), strict=True):
            if (symbol, time) in market.expected:
                assert probability == pytest.approx(market.expected[symbol, time], abs=1e-4)


async def _serve(market: Market, settings: NodeSettings) -> tuple[Series, Series]:
    """Serve every bar of ``market`` and return the metrics before and after."""
    async with served(settings) as (app, client):
        before = read_series((await client.get("/metrics")).text)
        send(settings, market.bars)
        await until(caught_up(app, len(market.bars)), 120.0)
        for _ in range(5):
            await client.get("/v1/health")
        after = read_series((await client.get("/metrics")).text)
    return before, after
