"""The GraphQL schema: the types of REST, the same forecasts behind them, the same problems when they fail."""

# Strawberry reads the annotations of this module while it runs, so they are not postponed; its decorators are untyped.
# mypy: disable-error-code="untyped-decorator"

import functools
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ParamSpec, TypeVar

import msgspec
import strawberry
from graphql import GraphQLError
from strawberry.extensions import (
    DisableIntrospection,
    MaxTokensLimiter,
    SchemaExtension,
)
from strawberry.scalars import JSON
from strawberry.schema.config import StrawberryConfig

from tradewind.serving.api.graphql.limits import QuerySizeLimiter
from tradewind.serving.api.problems import Problem, as_problem
from tradewind.serving.api.settings import ApiSettings
from tradewind.serving.api.shapes import MAX_BATCH, MAX_HISTORY, ModelRef, Symbol, forecast_of
from tradewind.serving.contracts import Caller, Forecasts, Scope
from tradewind.streaming.records import Prediction

P = ParamSpec("P")
T = TypeVar("T")


@dataclass
class Asked:
    """What resolvers know of the request.

    ``budget`` : how many forecasts it may still ask for. ``pay`` : over a WebSocket, takes the token that each
    operation costs; None where the request has paid already.
    """

    forecasts: Forecasts
    caller: Caller
    request_id: str
    settings: ApiSettings
    budget: int
    pay: Callable[[], Awaitable[None]] | None = None

    def query(self) -> None:
        """Refuse queries over a WebSocket: they belong to requests, which are counted and bounded."""
        if self.pay is not None:
            raise Problem("invalid", "Over WebSocket there are subscriptions alone; send queries by POST /graphql.")
        self.need("read")

    def spend(self, cost: int) -> None:
        """Take ``cost`` from the budget; Problem where it does not suffice."""
        self.budget -= cost
        if self.budget < 0:
            raise Problem("invalid", f"Ask for at most {self.settings.graphql_cost} forecasts in a request.")

    def need(self, scope: Scope) -> None:
        """Refuse a key without ``scope``."""
        if scope not in self.caller.scopes:
            raise Problem("forbidden", f"This needs a key with the scope {scope!r}.", members={"scope": scope})


Info = strawberry.Info[Asked, None]


def graphql_error(error: Exception, request_id: str) -> GraphQLError:
    """Return ``error`` as GraphQL tells it, with the members of a problem as its extensions.

    ``retry_after`` among them are the seconds that a request alone would be told in its header.
    """
    problem = as_problem(error, refusal="not-found", request_id=request_id)
    members = problem.members_of(request_id)
    if "retry-after" in problem.headers:
        members["retry_after"] = int(problem.headers["retry-after"])
    return GraphQLError(members.pop("detail"), extensions=members)


def told(resolve: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Let a resolver of a query fail with a problem."""

    @functools.wraps(resolve)
    async def safe(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            kwargs["info"].context.query()  # type: ignore[attr-defined]
            return await resolve(*args, **kwargs)
        except Exception as error:
            info = kwargs["info"]
            raise graphql_error(error, info.context.request_id) from error  # type: ignore[attr-defined]

    return safe


def _checked(value: Any, shape: Any, name: str) -> Any:
    try:
        return msgspec.convert(value, shape)
    except msgspec.ValidationError as error:
        raise Problem("invalid", f"{name}: {error}.") from None


@strawberry.type(description="A forecast of the symbol's move after its bar `time`.")
class Forecast:
    """See :class:`tradewind.serving.api.shapes.Forecast`."""

    id: strawberry.ID
    symbol: str
    time: datetime
    known_at: datetime
    made_at: datetime
    model: str
    probability: float
    expected_return: float | None
    lower: float | None
    upper: float | None
    confidence: float
    inputs_id: str
    revision: int
    how: str
    flag: str | None


@strawberry.type(description="A loaded version of a model.")
class Model:
    """``facts``: engines, features and whatever else the server tells of it."""

    ref: str
    role: str | None
    facts: JSON


def _forecast(prediction: Prediction) -> Forecast:
    found = msgspec.structs.asdict(forecast_of(prediction))
    return Forecast(**found)


@strawberry.type
class Query:
    """What may be asked."""

    @strawberry.field(description="The newest forecast of a symbol.")
    @told
    async def forecast(self, info: Info, symbol: str, model: str | None = None, fresh: bool = False) -> Forecast | None:
        """Answer with the newest forecast."""
        asked = info.context
        asked.spend(1)
        return _forecast(
            await asked.forecasts.forecast(
                _checked(symbol, Symbol, "symbol"),
                asked.caller,
                asked.request_id,
                model=_checked(model, ModelRef | None, "model"),
                fresh=fresh,
            )
        )

    @strawberry.field(description="The newest forecasts of symbols; of the whole universe where none are named.")
    @told
    async def forecasts(
        self, info: Info, symbols: list[str] | None = None, model: str | None = None, fresh: bool = False
    ) -> list[Forecast] | None:
        """Answer with the newest forecasts, in the order of ``symbols``."""
        asked = info.context
        wanted = list(asked.forecasts.symbols()) if symbols is None else _checked(symbols, list[Symbol], "symbols")
        if symbols is not None and not 1 <= len(wanted) <= MAX_BATCH:
            raise Problem("invalid", f"Name 1 to {MAX_BATCH} symbols.")
        asked.spend(len(wanted))
        found = await asked.forecasts.forecast_many(
            wanted,
            asked.caller,
            asked.request_id,
            model=_checked(model, ModelRef | None, "model"),
            fresh=fresh,
        )
        return [_forecast(prediction) for prediction in found]

    @strawberry.field(description="Past forecasts of a symbol, newest first.")
    @told
    async def history(
        self, info: Info, symbol: str, limit: int = 100, model: str | None = None
    ) -> list[Forecast] | None:
        """Answer with past forecasts."""
        asked = info.context
        if not 1 <= limit <= MAX_HISTORY:
            raise Problem("invalid", f"Take a limit of 1 to {MAX_HISTORY}.")
        asked.spend(limit)
        found = await asked.forecasts.history(
            _checked(symbol, Symbol, "symbol"), limit=limit, model=_checked(model, ModelRef | None, "model")
        )
        return [_forecast(prediction) for prediction in found]

    @strawberry.field(description="The newest forecast of a symbol and what it rests on; needs the scope `explain`.")
    @told
    async def explanation(self, info: Info, symbol: str, model: str | None = None) -> JSON | None:
        """Answer with the explanation."""
        asked = info.context
        asked.need("explain")
        asked.spend(10)
        found = await asked.forecasts.explain(
            _checked(symbol, Symbol, "symbol"),
            asked.caller,
            asked.request_id,
            model=_checked(model, ModelRef | None, "model"),
        )
        return JSON(found)

    @strawberry.field(description="The loaded versions of models.")
    @told
    async def models(self, info: Info) -> list[Model]:
        """Answer with the loaded versions."""
        return [
            Model(ref=str(model["ref"]), role=model.get("role"), facts=JSON(dict(model)))
            for model in info.context.forecasts.models()
        ]

    @strawberry.field(description="The universe, sorted.")
    @told
    async def symbols(self, info: Info) -> list[str]:
        """Answer with the universe."""
        return list(info.context.forecasts.symbols())


@strawberry.type
class Subscription:
    """What may be followed."""

    @strawberry.subscription(description="New forecasts; of the whole universe where no symbols are named.")
    async def forecasts(self, info: Info, symbols: list[str] | None = None) -> AsyncGenerator[Forecast, None]:
        """Tell of new forecasts."""
        asked = info.context
        try:
            asked.need("stream")
            wanted = None if symbols is None else frozenset(_checked(symbols, list[Symbol], "symbols"))
            unknown = sorted(wanted - set(asked.forecasts.symbols())) if wanted else []
            if unknown:
                raise Problem("not-found", f"{unknown[0]} is not in the universe.")
            source: AsyncIterator[Prediction] = asked.forecasts.subscribe(wanted, buffer=asked.settings.stream_buffer)
            async with aclosing(source):  # type: ignore[type-var]
                async for prediction in source:
                    yield _forecast(prediction)
        except Exception as error:
            raise graphql_error(error, asked.request_id) from error


class _Schema(strawberry.Schema):
    def process_errors(self, errors: Any, execution_context: Any = None) -> None:
        """Log nothing: callers are told what they did wrong, and faults of the server are logged where they are met."""


def make_schema(settings: ApiSettings) -> strawberry.Schema:
    """Return the schema with the limits of ``settings``."""
    limits: list[Callable[[], SchemaExtension]] = [
        lambda: MaxTokensLimiter(max_token_count=settings.graphql_tokens),
        lambda: QuerySizeLimiter(depth=settings.graphql_depth, aliases=settings.graphql_aliases),
    ]
    if not settings.introspection:
        limits.append(DisableIntrospection)
    return _Schema(
        query=Query,
        subscription=Subscription,
        extensions=limits,
        config=StrawberryConfig(disable_field_suggestions=not settings.introspection),
    )
