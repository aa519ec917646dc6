"""GraphQL among the operations: POST /graphql for queries, WebSocket /graphql for subscriptions."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any

from tradewind.core import MissingExtraError
from tradewind.serving.access import Access
from tradewind.serving.api.admission import Admission
from tradewind.serving.api.asgi import Message, Receive, Send
from tradewind.serving.api.handlers import reply
from tradewind.serving.api.operations import Operation
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.requests import Reply, Request
from tradewind.serving.api.settings import ApiSettings
from tradewind.serving.api.shapes import Query
from tradewind.serving.api.sockets import SocketHandler, limited, until
from tradewind.serving.contracts import Forecasts

if TYPE_CHECKING:
    from graphql import GraphQLError

    from tradewind.serving.api.graphql.schema import Asked


class GraphQL:
    """Answers GraphQL."""

    def __init__(self, forecasts: Forecasts, settings: ApiSettings, admission: Admission, access: Access) -> None:
        try:
            from tradewind.serving.api.graphql.schema import make_schema
            from tradewind.serving.api.graphql.transport import transport
        except ImportError as error:
            raise MissingExtraError("strawberry-graphql", "serve") from error
        self._forecasts, self._settings, self._admission, self._access = forecasts, settings, admission, access
        self._schema = make_schema(settings)
        self._transport = transport(self._schema)

    def operation(self) -> Operation:
        """Return POST /graphql."""
        return Operation(
            name="graphql",
            method="POST",
            path="/graphql",
            summary="GraphQL queries; subscriptions are at the same path over WebSocket (graphql-transport-ws)",
            handler=self.query,
            body=Query,
            free=True,
            answer=dict,
        )

    def socket(self) -> SocketHandler:
        """Return what answers WebSocket /graphql."""
        return self.follow

    async def query(self, request: Request) -> Reply:
        """Answer one query; what failed is told in ``errors``, each with the members of a problem."""
        body: Query = request.body
        result: Any = await self._schema.execute(
            body.query,
            variable_values=body.variables,
            operation_name=body.operation_name,
            context_value=self._asked(request),
        )
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_formatted(error, request.id) for error in result.errors]
        return reply(answer)

    async def follow(self, request: Request, receive: Receive, send: Send) -> None:
        """Keep a connection of the protocol ``graphql-transport-ws``; one whose reader takes nothing is given up."""
        slow: list[Problem] = []

        async def put(message: Message) -> None:
            try:
                async with asyncio.timeout(self._settings.send_timeout):
                    await send(message)
            except TimeoutError:
                slow.append(Problem("overloaded", "Read faster, or ask for fewer symbols."))
                request.closing.set()
                raise

        def why() -> Problem:
            return slow[0] if slow else self._admission.why_ended()

        request.scope["tradewind.asked"] = self._asked(request, pay=partial(self._pay, request))
        with suppress(TimeoutError):  # it does not even take that the connection is closed
            following = until(request.closing, why, receive, put)
            await self._transport(request.scope, limited(self._settings.max_depth, following, put), put)

    async def _pay(self, request: Request) -> None:
        assert request.grant is not None
        wait = await self._access.limiter.take(request.grant)
        if wait > 0.0:
            raise Problem("rate-limited", "This key asks too often.", retry_after=wait)

    def _asked(self, request: Request, pay: Callable[[], Awaitable[None]] | None = None) -> Asked:
        from tradewind.serving.api.graphql.schema import Asked

        budget = self._settings.graphql_cost
        return Asked(self._forecasts, request.caller, request.id, self._settings, budget=budget, pay=pay)


def _formatted(error: GraphQLError, request_id: str) -> dict[str, Any]:
    found: dict[str, Any] = dict(error.formatted)
    if "type" not in (error.extensions or {}):
        members = Problem("invalid", error.message).members_of(request_id)
        members.pop("detail")
        found["extensions"] = members
    return found
