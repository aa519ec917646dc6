"""Servers that give one constant answer: what there is to reach.

granian --interface asgi --workers 1 serving_bare:asgi
uvicorn serving_bare:fastapi_app
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ANSWER = {
    "id": "S042-1443571200000000", "symbol": "S042", "time": "2015-09-30T00:00:00Z", "model": "ensemble/1",
    "known_at": "2015-09-30T20:00:00Z", "made_at": "2015-09-30T20:00:00.005000Z", "probability": 0.5371,
    "expected_return": 0.0008, "lower": -0.031, "upper": 0.033, "confidence": 0.0742, "inputs_id": "0123456789abcdef",
    "revision": 0, "how": "champion",
}  # fmt: skip
BODY = JSONResponse(ANSWER).body
START = {
    "type": "http.response.start",
    "status": 200,
    "headers": [(b"content-type", b"application/json"), (b"content-length", str(len(BODY)).encode())],
}
END = {"type": "http.response.body", "body": BODY}


async def asgi(scope: Any, receive: Any, send: Callable[[Any], Awaitable[None]]) -> None:  # noqa: ARG001
    """Answer without looking."""
    if scope["type"] == "http":
        await send(START)
        await send(END)


async def _starlette(request: Request) -> JSONResponse:  # noqa: ARG001
    return JSONResponse(ANSWER)


starlette_app = Starlette(routes=[Route("/v1/forecasts/{symbol}", _starlette)])
fastapi_app = FastAPI()


@fastapi_app.get("/v1/forecasts/{symbol}")
async def forecast(symbol: str) -> dict[str, Any]:  # noqa: ARG001
    """Answer through FastAPI's usual way."""
    return ANSWER
