"""The API over a market in memory: called in process, or served by granian on a free port."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from tradewind.core import TradewindError, UsageError
from tradewind.serving.access import SCOPES, KeyAccess, KeyStore, KeyTerms, create_key
from tradewind.serving.api import Api, ApiHooks, ApiSettings, Server, ServerSettings, build_api, forecast_json
from tradewind.serving.api.server import serving
from tradewind.serving.contracts import Caller, Status
from tradewind.streaming.records import Prediction

DAY = 86_400_000_000
START = 1_443_571_200_000_000
MODEL = "ensemble/1"


class Behind(TradewindError):
    """A reader fell behind."""


def prediction(symbol: str, day: int = 0, *, model: str = MODEL, revision: int = 0) -> Prediction:
    """Return the prediction of a symbol for a day."""
    level = (sum(map(ord, symbol)) * 7 + day * 13) % 100 / 100
    return Prediction(
        id=f"{symbol}-{day}-{revision}",
        symbol=symbol,
        time=START + day * DAY,
        known_at=START + day * DAY + 72_000_000_000,
        made_at=START + day * DAY + 72_000_000_000 + 5_000,
        model=model,
        probability=level,
        expected_return=(level - 0.5) / 50,
        lower=float("nan"),
        upper=float("nan"),
        inputs_id=f"{symbol}{day:04d}",
        revision=revision,
    )


class Market:
    """Forecasts of a few symbols: an answer awaits ``gate``, then ``delay`` seconds, then raises ``fault``."""

    def __init__(self, symbols: Sequence[str] = ("AAPL", "BRK.B", "MSFT"), *, days: int = 5) -> None:
        self._symbols = tuple(sorted(symbols))
        self.past = {symbol: [prediction(symbol, day) for day in range(days)] for symbol in self._symbols}
        self.bodies = {symbol: forecast_json(past[-1]) for symbol, past in self.past.items()}
        self.gate: asyncio.Event | None = None
        self.delay = 0.0
        self.fault: Exception | None = None
        self.ready = True
        self.audited: list[tuple[str, str, str]] = []
        self.calls = 0
        self.working = self.most = 0
        self.readers: list[tuple[frozenset[str] | None, asyncio.Queue[Prediction | Exception], int]] = []

    def symbols(self) -> Sequence[str]:
        return self._symbols

    def models(self) -> Sequence[Mapping[str, Any]]:
        return [{"ref": MODEL, "role": "champion", "features": ["ret_1", "ret_5"]}]

    def body(self, symbol: str, caller: Caller, request_id: str) -> bytes | None:
        body = self.bodies.get(symbol)
        if body is not None:
            self.audited.append((symbol, caller.id, request_id))
        return body

    async def forecast(
        self, symbol: str, caller: Caller, request_id: str, *, model: str | None = None, fresh: bool = False
    ) -> Prediction:
        return (await self.forecast_many([symbol], caller, request_id, model=model, fresh=fresh))[0]

    async def forecast_many(
        self, symbols: Sequence[str], caller: Caller, request_id: str, *, model: str | None = None, fresh: bool = False
    ) -> Sequence[Prediction]:
        await self._work()
        for symbol in symbols:
            self._check(symbol, model)
            self.audited.append((symbol, caller.id, request_id))
        return [self.past[symbol][-1] for symbol in symbols]

    async def compute(
        self, rows: Sequence[Mapping[str, float]], caller: Caller, request_id: str, *, model: str | None = None
    ) -> Sequence[Mapping[str, Any]]:
        await self._work()
        self._check(self._symbols[0], model)
        return [{"probability": 0.5, "features": len(row)} for row in rows]

    async def explain(
        self, symbol: str, caller: Caller, request_id: str, *, model: str | None = None
    ) -> Mapping[str, Any]:
        await self._work()
        self._check(symbol, model)
        return {"forecast": {"symbol": symbol}, "base": 0.5, "values": {"ret_1": 0.1}, "sentences": ["It rose."]}

    async def history(self, symbol: str, *, limit: int, model: str | None = None) -> Sequence[Prediction]:
        self._check(symbol, model)
        return self.past[symbol][::-1][:limit]

    async def subscribe(self, symbols: frozenset[str] | None, *, buffer: int = 1000) -> AsyncIterator[Prediction]:
        reader = (symbols, asyncio.Queue[Prediction | Exception](), buffer)
        self.readers.append(reader)
        try:
            while True:
                found = await reader[1].get()
                if isinstance(found, Exception):
                    raise found
                yield found
        finally:
            self.readers.remove(reader)

    def status(self) -> Status:
        return Status(ready=self.ready, reasons=() if self.ready else ("no model",), detail={"lag": 0})

    def publish(self, symbol: str) -> Prediction:
        """Make a new prediction, and tell it."""
        new = prediction(symbol, len(self.past[symbol]))
        self.past[symbol].append(new)
        self.bodies[symbol] = forecast_json(new)
        for symbols, queue, buffer in self.readers:
            if symbols is None or symbol in symbols:
                queue.put_nowait(new if queue.qsize() < buffer else Behind("too many wait"))
        return new

    async def _work(self) -> None:
        self.calls += 1
        self.working += 1
        self.most = max(self.most, self.working)
        try:
            if self.gate is not None:
                await self.gate.wait()
            if self.delay:
                await asyncio.sleep(self.delay)
            if self.fault is not None:
                raise self.fault
        finally:
            self.working -= 1

    def _check(self, symbol: str, model: str | None) -> None:
        if symbol not in self.past:
            raise UsageError(f"{symbol} is not in the universe", fix="take one of GET /v1/symbols")
        if model not in (None, MODEL):
            raise UsageError(f"there is no version {model}", fix="take one of GET /v1/models")


@dataclass
class Desk:
    """An API with what stands behind it, and keys of several kinds."""

    market: Market
    api: Api
    key: str
    reader: str
    beginner: str
    access: KeyAccess
    store: KeyStore
    reloads: list[int] = field(default_factory=list)

    def client(self, key: str | None = "", **options: Any) -> httpx.AsyncClient:
        """Return a client that calls the application in process; it sends the full key unless told otherwise."""
        key = self.key if key == "" else key
        headers = {"x-api-key": key} if key else {}
        transport = httpx.ASGITransport(self.api, raise_app_exceptions=True)
        return httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=headers, **options)

    @asynccontextmanager
    async def listening(self, **options: Any) -> AsyncIterator[Server]:
        """Serve over TCP while the block runs."""
        async with serving(self.api, ServerSettings(**{"port": 0, "deadline": 2.0, **options})) as server:
            yield server


DeskMaker = Callable[..., Desk]


@pytest.fixture
def make_desk(tmp_path: Path) -> DeskMaker:
    """Return a maker of APIs; keyword arguments are settings of the API, ``market`` what is served."""

    def make(market: Market | None = None, **settings: Any) -> Desk:
        path = tmp_path / "keys.json"
        key, _ = create_key(path, KeyTerms(scopes=SCOPES, rate=1e6, burst=10**6))
        reader, _ = create_key(path, KeyTerms(scopes=("read",), rate=1e6, burst=10**6))
        beginner, _ = create_key(path, KeyTerms(scopes=("read",), rate=2.0, burst=3))
        store = KeyStore(path)
        access = KeyAccess(store)
        reloads: list[int] = []

        async def reload() -> dict[str, Any]:
            reloads.append(1)
            return {"reloaded": len(reloads)}

        idempotency = settings.pop("idempotency", None)
        served = market if market is not None else Market()
        api = build_api(
            served,
            access,
            ApiSettings(**settings),
            hooks=ApiHooks(metrics=lambda: (b"up 1\n", "text/plain; version=0.0.4"), actions={"reload": reload}),
            idempotency=idempotency,
        )
        return Desk(served, api, key, reader, beginner, access, store, reloads)

    return make


@pytest.fixture
def desk(make_desk: DeskMaker) -> Desk:
    """The API with default settings."""
    return make_desk()
