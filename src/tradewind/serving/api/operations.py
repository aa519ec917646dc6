"""Every operation of the API in one table: requests are routed by it, and the published schema is written from it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tradewind.serving.api.problems import Problem
from tradewind.serving.api.requests import Reply, Request
from tradewind.serving.api.shapes import NoParams
from tradewind.serving.contracts import Scope

Handler = Callable[[Request], Awaitable[Reply]]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One method of one path.

    Attributes
    ----------
    name : of the operation in the schema and of the route in metrics.
    path : with names of parameters in braces, each a whole segment.
    scope : what a key must allow; None: no key is needed.
    params, body, answer : structs of what comes in and goes out; None: no body, or one that is not JSON.
    free : whether the body may hold any JSON somewhere, so that its depth must be measured.
    media : of the answer.
    refusal : kind of problem where the forecasts refuse what was asked.
    once : whether an Idempotency-Key is honoured.
    stream : whether the handler answers by itself, over time.
    patient : whether it may take ``ApiSettings.patience`` seconds.
    choices : the values a parameter may have, where the server knows them only once it runs.
    statuses : of problems beside those every operation may have.
    """

    name: str
    method: str
    path: str
    summary: str
    handler: Handler
    scope: Scope | None = "read"
    params: type = NoParams
    body: type | None = None
    free: bool = False
    answer: type | None = None
    media: str = "application/json"
    refusal: str = "invalid"
    once: bool = False
    stream: bool = False
    patient: bool = False
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    statuses: tuple[int, ...] = ()


class Router:
    """Finds the operation of a method and path."""

    def __init__(self, operations: Sequence[Operation]) -> None:
        self.operations = tuple(operations)
        self._exact: dict[str, dict[str, Operation]] = {}
        self._patterns: dict[tuple[str, ...], dict[str, Operation]] = {}
        for operation in operations:
            if "{" in operation.path:
                self._patterns.setdefault(_segments(operation.path), {})[operation.method] = operation
            else:
                self._exact.setdefault(operation.path, {})[operation.method] = operation

    def find(self, method: str, path: str) -> tuple[Operation, dict[str, str]]:
        """Return the operation and the parameters in the path.

        Raises
        ------
        Problem : there is no such path, or it has not this method.
        """
        methods, values = self.methods(path)
        if methods is None:
            raise Problem("not-found", "There is nothing at this path; GET /openapi.json lists what there is.")
        operation = methods.get(method)
        if operation is None:
            allowed = ", ".join(sorted({*methods, *(["HEAD"] if "GET" in methods else [])}))
            raise Problem("method-not-allowed", f"Use {allowed}.", headers={"allow": allowed})
        return operation, values

    def methods(self, path: str) -> tuple[dict[str, Operation] | None, dict[str, str]]:
        """Return the operations of a path by method, and the parameters in it; None where there is no such path."""
        exact = self._exact.get(path)
        if exact is not None:
            return exact, {}
        given = _segments(path)
        for pattern, methods in self._patterns.items():
            values = _match(pattern, given)
            if values is not None:
                return methods, values
        return None, {}


def _segments(path: str) -> tuple[str, ...]:
    return tuple(path.split("/"))


def _match(pattern: tuple[str, ...], given: tuple[str, ...]) -> dict[str, str] | None:
    if len(pattern) != len(given):
        return None
    values: dict[str, str] = {}
    for want, have in zip(pattern, given, strict=True):
        if want[:1] == "{":
            if not have:
                return None
            values[want[1:-1]] = have
        elif want != have:
            return None
    return values
