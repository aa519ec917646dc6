"""What each operation does: ask the forecasts, and shape the answer."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import msgspec

from tradewind.serving.api.hooks import ApiHooks
from tradewind.serving.api.operations import Operation
from tradewind.serving.api.problems import Problem
from tradewind.serving.api.requests import Reply, Request
from tradewind.serving.api.shapes import (
    AdminParams,
    Alive,
    Batch,
    Compute,
    Computed,
    ExplainParams,
    Forecast,
    ForecastList,
    ForecastParams,
    HistoryParams,
    Models,
    State,
    Symbols,
    forecast_json,
    forecasts_of,
)
from tradewind.serving.contracts import Forecasts

_ENCODER = msgspec.json.Encoder()
_NAN = float("nan")


def reply(answer: Any, status: int = 200) -> Reply:
    """Return ``answer`` as JSON."""
    return Reply(status, _ENCODER.encode(answer))


def _numbers(row: dict[str, float | None]) -> dict[str, float]:
    return {name: _NAN if value is None else value for name, value in row.items()} if None in row.values() else row  # type: ignore[return-value]


class Handlers:
    """The operations over ``forecasts``; ``is_draining`` says whether the server is going down."""

    def __init__(self, forecasts: Forecasts, hooks: ApiHooks) -> None:
        self._forecasts, self._hooks = forecasts, hooks
        self.draining = False

    async def forecast(self, request: Request) -> Reply:
        """Answer with the newest forecast of one symbol."""
        params: ForecastParams = request.params
        prediction = await self._forecasts.forecast(
            params.symbol, request.caller, request.id, model=params.model, fresh=params.fresh
        )
        return Reply(200, forecast_json(prediction))

    async def batch(self, request: Request) -> Reply:
        """Answer with the newest forecasts of many symbols."""
        body: Batch = request.body
        predictions = await self._forecasts.forecast_many(
            body.symbols, request.caller, request.id, model=body.model, fresh=body.fresh
        )
        return reply(forecasts_of(predictions))

    async def history(self, request: Request) -> Reply:
        """Answer with past forecasts of one symbol."""
        params: HistoryParams = request.params
        return reply(forecasts_of(await self._forecasts.history(params.symbol, limit=params.limit, model=params.model)))

    async def explain(self, request: Request) -> Reply:
        """Answer with the newest forecast of one symbol and what it rests on."""
        params: ExplainParams = request.params
        return reply(await self._forecasts.explain(params.symbol, request.caller, request.id, model=params.model))

    async def compute(self, request: Request) -> Reply:
        """Answer with forecasts from the caller's features."""
        body: Compute = request.body
        loaded = [str(model["ref"]) for model in self._forecasts.models()]
        if body.model is not None and body.model not in loaded:
            raise Problem("not-found", f"There is no version {body.model}; there is {', '.join(loaded) or 'none'}.")
        rows = [_numbers(row) for row in body.rows]
        answers = await self._forecasts.compute(rows, request.caller, request.id, model=body.model)
        return reply(Computed(answers=[dict(answer) for answer in answers]))

    async def symbols(self, request: Request) -> Reply:  # noqa: ARG002
        """Answer with the universe."""
        return reply(Symbols(symbols=list(self._forecasts.symbols())))

    async def models(self, request: Request) -> Reply:  # noqa: ARG002
        """Answer with the loaded versions."""
        return reply(Models(models=[dict(model) for model in self._forecasts.models()]))

    async def state(self, request: Request) -> Reply:  # noqa: ARG002
        """Answer with the state of the server in detail."""
        status = self._forecasts.status()
        found = asdict(status)
        return reply(
            State(
                ready=status.ready and not self.draining,
                reasons=[*status.reasons, *(["draining"] if self.draining else [])],
                detail=dict(found["detail"]),
            )
        )

    async def live(self, request: Request) -> Reply:  # noqa: ARG002
        """Answer that the process runs."""
        return reply(Alive(status="ok"))

    async def ready(self, request: Request) -> Reply:  # noqa: ARG002
        """Answer whether requests may come; reasons alone, since anyone may ask."""
        status = self._forecasts.status()
        reasons = [*status.reasons, *(["draining"] if self.draining else [])]
        if self.draining or not status.ready:
            raise Problem(
                "not-ready", "Send requests elsewhere for now.", retry_after=1.0, members={"reasons": reasons}
            )
        return reply(State(ready=True, reasons=reasons, detail={}))

    async def metrics(self, request: Request) -> Reply:  # noqa: ARG002
        """Answer with what is counted, as Prometheus reads it."""
        assert self._hooks.metrics is not None
        text, media = self._hooks.metrics()
        return Reply(200, text, media.encode())

    async def admin(self, request: Request) -> Reply:
        """Do what an operator asked for."""
        params: AdminParams = request.params
        action = self._hooks.actions.get(params.action)
        if action is None:
            raise Problem("not-found", f"There is no such action; there is {', '.join(self._hooks.actions) or 'none'}.")
        return reply(await action())


def rest(handlers: Handlers, hooks: ApiHooks) -> list[Operation]:
    """Return the table of the REST operations."""
    table = [
        Operation(
            name="forecast",
            method="GET",
            path="/v1/forecasts/{symbol}",
            summary="The newest forecast of a symbol",
            handler=handlers.forecast,
            params=ForecastParams,
            answer=Forecast,
            refusal="not-found",
            statuses=(304, 404),
        ),
        Operation(
            name="forecasts",
            method="POST",
            path="/v1/forecasts",
            summary="The newest forecasts of many symbols",
            handler=handlers.batch,
            body=Batch,
            answer=ForecastList,
            refusal="not-found",
            once=True,
            statuses=(404,),
        ),
        Operation(
            name="history",
            method="GET",
            path="/v1/forecasts/{symbol}/history",
            summary="Past forecasts of a symbol, newest first",
            handler=handlers.history,
            params=HistoryParams,
            answer=ForecastList,
            refusal="not-found",
            statuses=(404,),
        ),
        Operation(
            name="explanation",
            patient=True,
            method="GET",
            path="/v1/forecasts/{symbol}/explanation",
            summary="The newest forecast of a symbol and what it rests on",
            handler=handlers.explain,
            scope="explain",
            params=ExplainParams,
            answer=dict,
            refusal="not-found",
            statuses=(404,),
        ),
        Operation(
            name="compute",
            method="POST",
            path="/v1/compute",
            summary="Forecasts from features that the caller gives",
            handler=handlers.compute,
            scope="compute",
            body=Compute,
            answer=Computed,
            once=True,
            statuses=(404,),
        ),
        Operation(
            name="symbols",
            method="GET",
            path="/v1/symbols",
            summary="The universe",
            handler=handlers.symbols,
            answer=Symbols,
        ),
        Operation(
            name="models",
            method="GET",
            path="/v1/models",
            summary="The loaded versions of models",
            handler=handlers.models,
            answer=Models,
        ),
        Operation(
            name="status",
            method="GET",
            path="/v1/status",
            summary="The state of the server in detail",
            handler=handlers.state,
            answer=State,
        ),
        Operation(
            name="live",
            method="GET",
            path="/health/live",
            summary="Whether the process runs",
            handler=handlers.live,
            scope=None,
            answer=Alive,
        ),
        Operation(
            name="ready",
            method="GET",
            path="/health/ready",
            summary="Whether requests may come",
            handler=handlers.ready,
            scope=None,
            answer=State,
        ),
    ]
    if hooks.actions:
        table.append(
            Operation(
                name="admin",
                method="POST",
                path="/v1/admin/{action}",
                summary=f"What operators do: {', '.join(sorted(hooks.actions))}",
                handler=handlers.admin,
                scope="admin",
                params=AdminParams,
                choices={"action": tuple(sorted(hooks.actions))},
                answer=dict,
                once=True,
                statuses=(404,),
            )
        )
    if hooks.metrics is not None:
        table.append(
            Operation(
                name="metrics",
                method="GET",
                path="/metrics",
                summary="What is counted, for Prometheus",
                handler=handlers.metrics,
                scope=None,
                media="text/plain",
            )
        )
    return table
