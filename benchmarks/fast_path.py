"""The fast path of the API beside what the bare server does for a constant answer, by wrk on this machine.

Both run in processes of their own, granian over ASGI in an embedded loop, one after the other and several times in
turn, so that what else the machine does falls on both. Prints requests/s, latencies and the median ratio of pairs.

    .venv/bin/python benchmarks/fast_path.py --seconds 5 --rounds 3
"""

# ruff: noqa: ARG002 - stands in for protocols whose arguments it does not need
from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tradewind.serving.access import KeyAccess, KeyStore, KeyTerms, create_key
from tradewind.serving.api import Api, ApiSettings, ServerSettings, build_api, forecast_json, run_server
from tradewind.serving.api.asgi import Receive, Scope, Send
from tradewind.serving.contracts import Caller, Status
from tradewind.streaming.records import Prediction

SYMBOLS = tuple(f"S{number:03d}" for number in range(500))


class Ready:
    """Forecasts that lie ready and are counted, as a node with a warm cache has them; no audit log behind."""

    def __init__(self) -> None:
        self.served = 0
        self._bodies = {symbol: forecast_json(_prediction(symbol)) for symbol in SYMBOLS}

    def symbols(self) -> Sequence[str]:
        return SYMBOLS

    def models(self) -> Sequence[Mapping[str, Any]]:
        return []

    def body(self, symbol: str, caller: Caller, request_id: str) -> bytes | None:
        self.served += 1
        return self._bodies.get(symbol)

    async def forecast(self, symbol: str, *args: Any, **options: Any) -> Prediction:
        return _prediction(symbol)

    async def forecast_many(self, symbols: Sequence[str], *args: Any, **options: Any) -> Sequence[Prediction]:
        return [_prediction(symbol) for symbol in symbols]

    async def compute(self, rows: Sequence[Mapping[str, float]], *args: Any, **options: Any) -> list[dict[str, Any]]:
        return [{"probability": 0.5} for _ in rows]

    async def explain(self, symbol: str, *args: Any, **options: Any) -> Mapping[str, Any]:
        return {}

    async def history(self, symbol: str, **options: Any) -> Sequence[Prediction]:
        return [_prediction(symbol)]

    async def subscribe(self, symbols: frozenset[str] | None, *, buffer: int = 1000) -> AsyncIterator[Prediction]:
        await asyncio.Event().wait()
        yield _prediction(SYMBOLS[0])

    def status(self) -> Status:
        return Status(ready=True)


class Constant:
    """The bare server: one answer to everything."""

    needs_key = True

    def __init__(self) -> None:
        body = forecast_json(_prediction(SYMBOLS[0]))
        heads = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        self._start = {"type": "http.response.start", "status": 200, "headers": heads}
        self._body = {"type": "http.response.body", "body": body}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send(self._start)
        await send(self._body)

    async def start(self) -> None: ...

    def not_ready(self) -> None: ...

    async def drain(self, deadline: float) -> bool:
        return True

    async def stop(self) -> None: ...


def _prediction(symbol: str) -> Prediction:
    return Prediction(
        id=f"{symbol}-0",
        symbol=symbol,
        time=1_443_571_200_000_000,
        known_at=1_443_643_200_000_000,
        made_at=1_443_643_200_005_000,
        model="ensemble/1",
        probability=0.5371,
        expected_return=0.0008,
        lower=-0.031,
        upper=0.033,
        inputs_id="0123456789abcdef",
    )


def serve(what: str, port: int, keys: Path) -> None:
    """Serve until told to stop."""

    async def make() -> Api | Constant:
        if what == "constant":
            return Constant()
        return build_api(Ready(), KeyAccess(KeyStore(keys)), ApiSettings())

    run_server(make, ServerSettings(port=port), started=lambda server: print(server.url, flush=True))


def measure(what: str, keys: Path, key: str, seconds: int) -> tuple[float, str, str]:
    """Return requests/s, median and 99th percentile of the latency, as wrk tells them."""
    command = [sys.executable, __file__, "--serve", what, "--keys", str(keys)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().strip()
        shown = subprocess.run(
            ["wrk", "-t1", "-c64", f"-d{seconds}", "--latency", "-H", f"X-API-Key: {key}", f"{url}/v1/forecasts/S042"],
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        server.terminate()
    if "Non-2xx" in shown:
        raise SystemExit(shown)

    def found(pattern: str) -> str:
        match = re.search(pattern, shown, re.MULTILINE)
        assert match is not None, shown
        return match[1]

    return float(found(r"Requests/sec:\s+([\d.]+)")), found(r"^\s+50%\s+(\S+)"), found(r"^\s+99%\s+(\S+)")


def in_python(keys: Path, key: str) -> float:
    """Return the microseconds of Python a request on the fast path."""
    api = build_api(Ready(), KeyAccess(KeyStore(keys)), ApiSettings())
    heads = [(b"host", b"127.0.0.1:8000"), (b"x-api-key", key.encode())]
    scopes: list[Scope] = [
        {"type": "http", "method": "GET", "path": f"/v1/forecasts/{s}", "query_string": b"", "headers": heads}
        for s in SYMBOLS
    ]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request"}

    async def send(message: Any) -> None: ...

    async def loop(rounds: int) -> float:
        began = time.perf_counter()
        for _ in range(rounds):
            for scope in scopes:
                await api(scope, receive, send)
        return (time.perf_counter() - began) / rounds / len(scopes) * 1e6

    return min(asyncio.run(loop(20)) for _ in range(5))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--serve", choices=("constant", "api"))
    parser.add_argument("--keys", type=Path)
    parser.add_argument("--port", type=int, default=0)
    given = parser.parse_args()
    if given.serve:
        serve(given.serve, given.port, given.keys)
        return
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: apt-get install wrk")
    with tempfile.TemporaryDirectory() as folder:
        keys = Path(folder) / "keys.json"
        key, _ = create_key(keys, KeyTerms(rate=1e7, burst=10**7))
        print(f"Python on the fast path: {in_python(keys, key):.2f} µs a request")
        rates: dict[str, list[float]] = {"constant": [], "api": []}
        print(f"load before: {os.getloadavg()[0]:.2f}\n{'':10}{'requests/s':>12}{'p50':>10}{'p99':>10}")
        for _ in range(given.rounds):
            for what, found in rates.items():
                rate, middle, high = measure(what, keys, key, given.seconds)
                found.append(rate)
                print(f"{what:10}{rate:12,.0f}{middle:>10}{high:>10}")
        bare, api = (statistics.median(rates[what]) for what in ("constant", "api"))
        ratios = [one / other for one, other in zip(rates["api"], rates["constant"], strict=True)]
        print(f"medians: bare {bare:,.0f}/s, fast path {api:,.0f}/s; ratio of pairs {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
