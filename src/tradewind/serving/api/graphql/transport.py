"""The WebSocket transport of GraphQL, with the context that the handshake made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import strawberry
from msgspec import Struct, ValidationError, convert
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import BaseGraphQLTransportWSHandler

from tradewind.serving.api.asgi import App
from tradewind.serving.api.graphql.schema import graphql_error

if TYPE_CHECKING:
    from strawberry.subscriptions.protocols.graphql_transport_ws.types import Message


class _Payload(Struct, rename="camel"):
    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None


class _Subscribe(Struct, tag_field="type", tag="subscribe"):
    id: str
    payload: _Payload


class _Handler(BaseGraphQLTransportWSHandler[Any, Any]):
    """Takes a token for each operation, closes on what is no message, and logs no reader that is slow."""

    async def handle_message(self, message: Any) -> None:
        try:
            if not isinstance(message, dict):
                raise ValidationError("Expected an object")
            if message.get("type") == "subscribe":
                convert(message, _Subscribe)
            if message.get("type") == "complete":
                convert(message.get("id"), str)
        except ValidationError as error:
            await self.handle_invalid_message(f"Invalid message: {error}"[:120])
            return
        await super().handle_message(cast("Message", message))

    async def run_operation(self, operation: Any) -> None:
        try:
            await self.context.pay()
        except Exception as error:  # noqa: BLE001 - the caller is told
            await operation.send_initial_errors([graphql_error(error, self.context.request_id)])
            return
        await super().run_operation(operation)

    async def handle_task_exception(self, error: Exception) -> None:
        if not isinstance(error, TimeoutError):
            await super().handle_task_exception(error)


class _Transport(GraphQL[Any, Any]):
    graphql_transport_ws_handler_class = _Handler

    async def get_context(self, request: Any, response: Any) -> Any:  # noqa: ARG002
        return request.scope["tradewind.asked"]


def transport(schema: strawberry.Schema) -> App:
    """Return an ASGI application for WebSocket connections; it reads the context from ``tradewind.asked``."""
    found: Any = _Transport(
        schema,
        graphql_ide=None,
        subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
        max_subscriptions_per_connection=16,
    )
    app: App = found
    return app
