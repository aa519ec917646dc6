"""What the API asks, answered: from ready bytes, or computed; each answer recorded before it is given."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import isfinite
from time import perf_counter
from typing import Any, Protocol

import numpy as np

from tradewind.core import InputError, TradewindError, UsageError
from tradewind.core.arrays import IntArray
from tradewind.core.clock import Clock, SystemClock
from tradewind.serving.cache import PredictionCache
from tradewind.serving.contracts import Answers, Assignment, AuditSink, Caller, ModelRows, Overloaded, Status
from tradewind.serving.node.deployment import Universe
from tradewind.serving.node.hub import Hub
from tradewind.serving.node.making import Subjects, predictions_of
from tradewind.serving.node.rows import Rows
from tradewind.serving.node.versions import Versions, first_honest
from tradewind.serving.runtime import Batcher, LoadedModel
from tradewind.streaming.features.delivery import micros
from tradewind.streaming.records import Prediction

LARGEST = float(np.finfo(np.float32).max)


class NotYet(TradewindError):
    """What is asked cannot be answered before the server has caught up with the log."""


class Explaining(Protocol):
    """Explains one prediction, in whatever process."""

    async def explain(self, prediction: Prediction, code: int) -> Mapping[str, Any]:
        """Return the explanation, JSON-ready."""
        ...


def _champion_only(_caller: str, _symbol: str) -> Assignment | None:
    return None


def _unmeasured(_arm: str, _seconds: float, _failed: bool = False) -> None:
    """Measure nothing."""


@dataclass(kw_only=True, eq=False)
class NodeForecasts:
    """The :class:`~tradewind.serving.contracts.Forecasts` of a server.

    Attributes
    ----------
    choose : (caller, symbol) -> the arm of the experiment that runs, None where none does.
    observe : (arm, seconds, failed), told of each answer of an experiment.
    ready : says why requests should not come; empty where they may.
    """

    universe: Universe
    rows: Rows
    versions: Versions
    cache: PredictionCache
    batcher: Batcher
    audit: AuditSink
    hub: Hub
    explaining: Explaining | None = None
    choose: Callable[[str, str], Assignment | None] = _champion_only
    observe: Callable[[str, float, bool], None] = _unmeasured
    ready: Callable[[], Status] = lambda: Status(ready=True)
    clock: Clock = field(default_factory=SystemClock)
    _codes: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        """Number the symbols."""
        self._codes = {symbol: code for code, symbol in enumerate(self.universe.symbols)}

    def symbols(self) -> Sequence[str]:
        """Return the universe."""
        return self.universe.symbols

    def models(self) -> Sequence[Mapping[str, Any]]:
        """Return the loaded versions."""
        return self.versions.described()

    def body(self, symbol: str, caller: Caller, request_id: str) -> bytes | None:
        """Return ready JSON, audited, or None."""
        arm = self.choose(caller.id, symbol)
        entry = self.cache.entry(symbol, self.versions.champion if arm is None else arm.model)
        if entry is None or not self.audit.record(entry.prediction, caller.id, request_id):
            return None
        if arm is not None:
            self.observe(arm.arm, 0.0, False)
        return entry.body

    async def forecast(
        self, symbol: str, caller: Caller, request_id: str, *, model: str | None = None, fresh: bool = False
    ) -> Prediction:
        """Return the prediction for the newest bar."""
        return (await self.forecast_many([symbol], caller, request_id, model=model, fresh=fresh))[0]

    async def forecast_many(
        self, symbols: Sequence[str], caller: Caller, request_id: str, *, model: str | None = None, fresh: bool = False
    ) -> Sequence[Prediction]:
        """Return predictions in the order of ``symbols``; those of one version are computed together."""
        codes = [self._code(symbol) for symbol in symbols]
        chosen = [self._assigned(symbol, caller, model) for symbol in symbols]
        found: list[Prediction | None] = [None] * len(symbols)
        if not fresh:
            for place, (symbol, arm) in enumerate(zip(symbols, chosen, strict=True)):
                entry = await self.cache.newest(symbol, arm.model)
                found[place] = None if entry is None else entry.prediction
        for arm in dict.fromkeys(arm for arm, held in zip(chosen, found, strict=True) if held is None):
            places = [i for i, held in enumerate(found) if held is None and chosen[i] == arm]
            made = await self._measured(arm, self._computed(arm, np.array([codes[i] for i in places])))
            for place, one in zip(places, made, strict=True):
                found[place] = one
        answers = [one for one in found if one is not None]
        for one in answers:
            await self._recorded(one, caller, request_id)
        return answers

    async def compute(
        self, rows: Sequence[Mapping[str, float]], caller: Caller, request_id: str, *, model: str | None = None
    ) -> Sequence[Mapping[str, Any]]:
        """Forecast from given features; such an answer is about no bar, and says so by its symbol ``-``."""
        ref = model or self.versions.champion
        with self.versions.shelf.hold(ref) as version:
            given = _rows_of(rows, version.features, version.window)
            answers = await self.batcher.submit(given, ref)
        nothing = np.zeros(len(given), dtype=np.int64)
        subjects = Subjects(code=nothing, symbol=["-"] * len(given), time=nothing, known_at=nothing)
        made = predictions_of(ref, "computed", subjects, given, answers, micros(self.clock))
        for one in made:
            await self._recorded(one, caller, request_id)
        return [_answer(one, answers, place) for place, one in enumerate(made)]

    async def explain(
        self, symbol: str, caller: Caller, request_id: str, *, model: str | None = None
    ) -> Mapping[str, Any]:
        """Return the newest prediction with its explanation."""
        if self.explaining is None:
            raise UsageError("this server gives no explanations", field="explain", fix="serve with an explainer")
        one = await self.forecast(symbol, caller, request_id, model=model)
        return await self.explaining.explain(one, self._code(symbol))

    async def history(self, symbol: str, *, limit: int, model: str | None = None) -> Sequence[Prediction]:
        """Return past predictions, newest first."""
        self._code(symbol)
        return await asyncio.to_thread(self.cache.history, symbol, limit=limit, model=model)

    def subscribe(self, symbols: frozenset[str] | None, *, buffer: int = 1000) -> AsyncIterator[Prediction]:
        """Iterate over the champion's new predictions."""
        for symbol in symbols or ():
            self._code(symbol)
        return self.hub.subscribe(symbols, buffer=buffer)

    def status(self) -> Status:
        """Return whether requests may come."""
        return self.ready()

    def _code(self, symbol: str) -> int:
        code = self._codes.get(symbol)
        if code is None:
            raise UsageError(
                f"{symbol!r} is not served", field="symbol", fix="ask for one of those that /v1/symbols lists"
            )
        return code

    def _assigned(self, symbol: str, caller: Caller, model: str | None) -> Assignment:
        if model is not None:
            self.versions.shelf.get(model)  # UsageError where it is not loaded
            return Assignment(model=model, arm="asked")
        return self.choose(caller.id, symbol) or Assignment(model=self.versions.champion)

    async def _computed(self, arm: Assignment, codes: IntArray) -> Sequence[Prediction]:
        with self.versions.shelf.hold(arm.model) as model:
            ticket = self.cache.ticket()
            subjects, rows = self._read(codes, model)
            answers = await self.batcher.submit(rows, arm.model)
        how = self.versions.how(arm.model) if arm.arm == "champion" else arm.arm
        made = predictions_of(arm.model, how, subjects, rows, answers, micros(self.clock))
        found = []
        for one in made:
            entry = self.cache.l1.get(one.symbol, one.model)
            if entry is not None and entry.prediction.id == one.id:
                found.append(entry.prediction)  # the same inputs, the same answer: given under its first making
            else:
                found.append(one)
        missing = [one for one in found if self.cache.l1.get(one.symbol, one.model) is None]
        if missing:
            self.cache.put(missing, ticket=ticket)
        return found

    def _read(self, codes: IntArray, model: LoadedModel) -> tuple[Subjects, ModelRows]:
        try:
            subjects, rows = self.rows.read(codes, model)
            known = subjects.time >= first_honest(model)
            if not known.all():
                symbol = subjects.symbol[int(np.flatnonzero(~known)[0])]
                raise UsageError(
                    f"the newest bar of {symbol} is one that {model.ref} learned from",
                    field="symbol",
                    fix="send newer bars",
                )
        except UsageError as error:
            if self.ready().ready:
                raise
            raise NotYet("the server is still being caught up with the log") from error  # the bar may lie there
        return subjects, rows

    async def _measured(self, arm: Assignment, work: Any) -> Sequence[Prediction]:
        began = perf_counter()
        try:
            found: Sequence[Prediction] = await work
        except (InputError, NotYet, Overloaded, asyncio.CancelledError):
            raise  # the caller's doing, or the hour's, which says nothing about the version
        except BaseException:
            self.observe(arm.arm, perf_counter() - began, True)
            raise
        self.observe(arm.arm, perf_counter() - began, False)
        return found

    async def _recorded(self, one: Prediction, caller: Caller, request_id: str) -> None:
        while not self.audit.record(one, caller.id, request_id):
            await self.audit.room()


def _rows_of(rows: Sequence[Mapping[str, float]], names: Sequence[str], window: int) -> ModelRows:
    """Return given rows as windows of one bar."""
    known = set(names)
    for place, row in enumerate(rows):
        unknown = [name for name in row if name not in known]
        if unknown:
            raise UsageError(
                f"the model reads no feature {unknown[0]!r}",
                row=place + 1,
                field=unknown[0],
                fix="give features that /v1/models lists for the version; what is left out counts as missing",
            )
    m = len(rows)
    history = np.full((m, window, len(names)), np.nan, dtype=np.float32)
    for i, row in enumerate(rows):
        history[i, -1] = [_number(row, name, i) for name in names]
    return ModelRows(
        history=history,
        count=np.ones(m, dtype=np.int64),
        scale=np.full(m, np.nan),
        occasion=np.zeros((m, window), dtype=bool),
        group=["unknown"] * m,
    )


def _number(row: Mapping[str, float], name: str, place: int) -> float:
    value = row.get(name)
    if value is None:
        return float("nan")
    if abs(value) > LARGEST:  # it would be read as infinite; NaN is not larger
        raise UsageError(
            f"{value:g} is more than a feature can be",
            row=place + 1,
            field=name,
            fix=f"give values up to {LARGEST:.1e}, or null where one is not known",
        )
    return float(value)


def _answer(one: Prediction, answers: Answers, place: int) -> dict[str, Any]:
    found = {
        "id": one.id,
        "model": one.model,
        "probability": one.probability,
        "expected_return": one.expected_return,
        "lower": one.lower,
        "upper": one.upper,
        "confidence": one.confidence,
        "inputs_id": one.inputs_id,
        "members": {name: float(values[place]) for name, values in answers.members.items()},
    }
    return {name: None if isinstance(value, float) and not isfinite(value) else value for name, value in found.items()}
