"""The API: REST, GraphQL and streams over one protocol of forecasts, with a path for the most frequent question."""

from tradewind.serving.api.app import Api, build_api
from tradewind.serving.api.counters import Counters
from tradewind.serving.api.hooks import ApiHooks
from tradewind.serving.api.idempotency import IdempotencyStore, MemoryIdempotency, RedisIdempotency
from tradewind.serving.api.problems import KINDS, Problem
from tradewind.serving.api.server import Server, ServerSettings, run_server
from tradewind.serving.api.settings import ApiSettings
from tradewind.serving.api.shapes import forecast_json

__all__ = [
    "KINDS",
    "Api",
    "ApiHooks",
    "ApiSettings",
    "Counters",
    "IdempotencyStore",
    "MemoryIdempotency",
    "Problem",
    "RedisIdempotency",
    "Server",
    "ServerSettings",
    "build_api",
    "forecast_json",
    "run_server",
]
