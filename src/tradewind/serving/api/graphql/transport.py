"""The WebSocket transport of GraphQL, with the context that the handshake made."""

from __future__ import annotations

from typing import Any

import strawberry
from strawberry.asgi import GraphQL
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL

from tradewind.serving.api.asgi import App


class _Transport(GraphQL[Any, Any]):
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
