"""A bar that the server has not read again yet is told from one that does not exist."""

from __future__ import annotations

import asyncio

import pytest

from tradewind.serving.contracts import Status
from tradewind.serving.node import NodeSettings

from .conftest import Market, served, until


@pytest.mark.slow
def test_a_symbol_without_a_bar_is_unavailable_until_the_log_is_read_and_not_found_after(
    market: Market, settings: NodeSettings
) -> None:
    async def run() -> None:
        symbol = market.universe.symbols[0]
        async with served(settings) as (app, client):
            assert app.node is not None
            ready, app.node.forecasts.ready = (
                app.node.forecasts.ready,
                lambda: Status(ready=False, reasons=("reading",)),
            )
            early = await client.get(f"/v1/forecasts/{symbol}")
            assert early.status_code == 503
            assert int(early.headers["retry-after"]) >= 1
            app.node.forecasts.ready = ready
            await until(lambda: app.node is not None and app.node.status().ready)
            late = await client.get(f"/v1/forecasts/{symbol}?fresh=true")
            assert late.status_code == 404
            assert "has no bar yet" in late.json()["detail"]

    asyncio.run(run())
