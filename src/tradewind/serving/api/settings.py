"""Limits of the API: how much one request, one caller and all of them may ask of the server."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings


class ApiSettings(Settings):
    """Limits and choices of the API; times in seconds.

    Attributes
    ----------
    max_body : bytes of a request's body. max_headers : lines of its header. max_depth : of its JSON.
    body_timeout : for a body to arrive whole. request_timeout : for an answer.
    patience : for an explanation, whose first one loads the model.
    max_in_flight : requests being answered, of all and of one caller; those beyond are turned away at once.
    max_streams : open streams, of all and of one caller.
    heartbeat : between signs of life on a quiet stream. send_timeout : for a stream's reader to take what was sent.
    stream_buffer : predictions that may wait for one reader. replay : predictions a symbol a returning reader is given.
    idempotency_ttl : how long the answer to an Idempotency-Key is kept.
    graphql_depth, graphql_tokens, graphql_aliases : of one query; ``graphql_cost`` forecasts it may ask for.
    introspection : whether GraphQL tells its schema. docs : whether /docs and /openapi.json are there.
    cors_origins : web pages that may ask, as ``https://host``; none by default.
    hosts : names by which the server may be asked where it needs no key, beside those of the machine itself.
    """

    max_body: int = Field(default=4 << 20, ge=1024, le=1 << 28)
    max_headers: int = Field(default=64, ge=8, le=1000)
    max_depth: int = Field(default=16, ge=4, le=64)
    body_timeout: float = Field(default=10.0, gt=0.0)
    request_timeout: float = Field(default=10.0, gt=0.0)
    patience: float = Field(default=60.0, gt=0.0)
    max_in_flight: int = Field(default=256, ge=1)
    max_in_flight_per_caller: int = Field(default=64, ge=1)
    max_streams: int = Field(default=1000, ge=0)
    max_streams_per_caller: int = Field(default=16, ge=0)
    heartbeat: float = Field(default=15.0, gt=0.0)
    send_timeout: float = Field(default=10.0, gt=0.0)
    stream_buffer: int = Field(default=10_000, ge=1)
    replay: int = Field(default=20, ge=1, le=1000)
    idempotency_ttl: float = Field(default=86_400.0, gt=0.0)
    graphql_depth: int = Field(default=8, ge=1)
    graphql_tokens: int = Field(default=1000, ge=10)
    graphql_aliases: int = Field(default=15, ge=1)
    graphql_cost: int = Field(default=2000, ge=1)
    introspection: bool = True
    docs: bool = True
    cors_origins: tuple[str, ...] = ()
    hosts: tuple[str, ...] = ()
