"""GraphQL among the operations: POST /graphql for queries, WebSocket /graphql for subscriptions."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from tradewind.core import MissingExtraError
from tradewind.serving.api.asgi import Receive, Send
from tradewind.serving.api.handlers import reply
from tradewind.serving.api.operations import Operation
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.requests import Reply, Request
from tradewind.serving.api.settings import ApiSettings
from tradewind.serving.api.shapes import Query
from tradewind.serving.api.sockets import SocketHandler, until
from tradewind.serving.contracts import Forecasts

if TYPE_CHECKING:
    from graphql import GraphQLError

    from tradewind.serving.api.graphql.schema import Asked


class GraphQL:
    """Answers GraphQL."""

    def __init__(self, forecasts: Forecasts, settings: ApiSettings, closing: asyncio.Event) -> None:
        try:
            from tradewind.serving.api.graphql.schema import make_schema
            from tradewind.serving.api.graphql.transport import transport
        except ImportError as error:
            raise MissingExtraError("strawberry-graphql", "serve") from error
        self._forecasts, self._settings, self._closing = forecasts, settings, closing
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
        """Keep a connection of the protocol ``graphql-transport-ws``."""
        request.scope["tradewind.asked"] = self._asked(request)
        await self._transport(request.scope, until(self._closing, receive, send), send)

    def _asked(self, request: Request) -> Asked:
        from tradewind.serving.api.graphql.schema import Asked

        return Asked(self._forecasts, request.caller, request.id, self._settings, budget=self._settings.graphql_cost)


def _formatted(error: GraphQLError, request_id: str) -> dict[str, Any]:
    found: dict[str, Any] = dict(error.formatted)
    if "type" not in (error.extensions or {}):
        members = Problem("invalid", error.message).members_of(request_id)
        members.pop("detail")
        found["extensions"] = members
    return found
