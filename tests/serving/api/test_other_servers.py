"""The application is plain ASGI: it also runs under uvicorn, life cycle and streams included."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import httpx
import pytest
import uvicorn
import websockets


async def _serving(api: Any) -> tuple[uvicorn.Server, asyncio.Task[None], str]:
    server = uvicorn.Server(uvicorn.Config(api, host="127.0.0.1", port=0, log_config=None, ws="websockets-sansio"))
    task = asyncio.create_task(server.serve())
    async with asyncio.timeout(10):
        while not server.started:
            await asyncio.sleep(0.01)
    return server, task, f"127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"


def test_requests_streams_and_the_end_under_uvicorn(desk: Any) -> None:
    async def use() -> list[Any]:
        server, task, place = await _serving(desk.api)
        headers = {"x-api-key": desk.key}
        async with httpx.AsyncClient(base_url=f"http://{place}", headers=headers) as client:
            answers = [(await client.get("/v1/forecasts/AAPL")).status_code for _ in range(2)]
            batch = await client.post("/v1/forecasts", json={"symbols": ["MSFT"]})
            async with websockets.connect(f"ws://{place}/v1/stream", additional_headers=headers) as socket:
                await socket.send('{"type":"subscribe"}')
                told = json.loads(await socket.recv())
            with pytest.raises(websockets.InvalidStatus) as refused:
                async with websockets.connect(f"ws://{place}/v1/stream"):
                    pass
            async with client.stream("GET", "/v1/stream") as stream:
                lines = stream.aiter_lines()
                first = await anext(lines)
        server.should_exit = True
        await asyncio.wait_for(task, 10)
        return [answers, batch.status_code, told["type"], refused.value.response, first]

    answers, batch, told, response, first = asyncio.run(use())
    assert (answers, batch, told, first) == ([200, 200], 200, "subscribed", "retry: 2000")
    assert desk.api.counters.fast_200 == 1
    assert response.status_code == 401
    assert json.loads(response.body)["type"] == "urn:tradewind:problem:unauthorized"
    assert desk.api.admission.draining, "the life cycle was followed to its end"
