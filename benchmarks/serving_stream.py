"""Bars sent into the server's event log, and when their forecasts are seen."""

from __future__ import annotations

import argparse
import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from serving_load import Call
from serving_world import ENVIRONMENT, World
from stream_features import replay, slice_bars
from tradewind.streaming.log import open_log

SLICE = 0.1
"""Seconds between the bars of a symbol."""
SETTLING = 10
"""Slices at the start that are not counted."""
SCRIPT = Path(__file__)


def follow(call: Call, log: Path, symbols: tuple[str, ...], seconds: int) -> dict[str, Any]:
    """Send ten bars a second of each symbol and read the stream of forecasts; return milliseconds between the two.

    A bar's clock starts before it is handed to the log; it ends when its forecast has been read from the stream of
    server-sent events. Sender and reader are processes of their own.
    """
    slices = int(seconds / SLICE)
    with tempfile.TemporaryDirectory() as folder:
        sent_file = Path(folder) / "sent.json"
        before = _counts(call.url)  # of the history it began with
        reader = _open_stream(call)
        send = [sys.executable, str(SCRIPT), str(log), str(slices), str(sent_file), str(len(symbols))]
        with subprocess.Popen([*send, symbols[0]], env=ENVIRONMENT) as sender:
            seen = _read(reader, slices * len(symbols), seconds + 30.0, sender)
        sent: dict[str, float] = json.loads(sent_file.read_text())
    known = sorted(sent)[SETTLING:]
    counted = set(known)
    lags = np.array([1e3 * (at - sent[moment]) for moment, at in seen if moment in counted])
    p50, p99 = (float(np.quantile(lags, share)) for share in (0.5, 0.99))
    return {
        "bars": len(known) * len(symbols),
        "seen": len(lags),
        "p50_ms": round(p50, 2),
        "p99_ms": round(p99, 2),
        "max_ms": round(float(lags.max()), 2),
        "server": _within(before, _counts(call.url)),
    }


def _open_stream(call: Call) -> socket.socket:
    parts = urlsplit(call.url)
    link = socket.create_connection((parts.hostname or "", parts.port or 80))
    heads = "".join(f"{name}: {value}\r\n" for name, value in call.headers.items())
    link.sendall(f"GET /v1/stream HTTP/1.1\r\nhost: {parts.netloc}\r\n{heads}\r\n".encode())
    if b" 200 " not in link.recv(4096):
        raise RuntimeError("the stream of forecasts was refused")
    return link


def _read(link: socket.socket, wanted: int, seconds: float, sender: subprocess.Popen[bytes]) -> list[tuple[str, float]]:
    """Return the bar's time and the moment of each forecast that comes."""
    end, rest, seen = time.time() + seconds, b"", []
    link.settimeout(2.0)
    while len(seen) < wanted and time.time() < end:
        try:
            data = link.recv(1 << 18)
        except TimeoutError:
            if sender.poll() is not None:
                break
            continue
        now = time.time()
        if not data:
            raise RuntimeError("the stream of forecasts was ended by the server")
        rest += data
        whole = rest.rfind(b"\n\n")
        if whole < 0:
            continue
        part, rest = rest[:whole], rest[whole:]
        place = part.find(b'"time":"')
        while place >= 0:
            seen.append((part[place + 8 : part.find(b'"', place + 8)].decode(), now))
            place = part.find(b'"time":"', place + 8)
    link.close()
    return seen


def _counts(url: str) -> dict[float, float]:
    """Return how many bars had their forecast within some seconds, by the server's own metric."""
    with urllib.request.urlopen(f"{url}/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    counts = {}
    for line in lines:
        if line.startswith('tradewind_bar_to_prediction_seconds_bucket{le="'):
            bound, _, count = line.partition('le="')[2].partition('"} ')
            counts[float(bound)] = float(count)
    return counts


def _within(before: dict[float, float], after: dict[float, float]) -> dict[str, float]:
    """Return the share of the bars between two counts that had their forecast within some milliseconds."""
    new = {bound: count - before.get(bound, 0.0) for bound, count in after.items()}
    total = new.pop(float("inf"), 0.0)
    return {f"within_{1e3 * bound:g}_ms": round(new[bound] / total, 4) for bound in new if bound <= 0.25 and total}


def send(log_place: str, slices: int, out: Path, symbols: list[str], *, pace: float = SLICE) -> None:
    """Send ``slices`` times one bar of each symbol; keep when each slice was handed over, by the bar's time."""
    rng = np.random.default_rng(0)
    close, volume = np.full(len(symbols), 50.0), np.full(len(symbols), 1e6)
    sent = {}
    with open_log(log_place) as log:
        producer = log.producer()
        began = time.perf_counter()
        for count in range(slices):
            bars = slice_bars(symbols, int(time.time() * 1e6) - 100_000, close, volume, rng)
            sent[_iso(bars[0].time)] = time.time()
            producer.send_many(bars)
            producer.flush()
            time.sleep(max(0.0, began + (count + 1) * pace - time.perf_counter()))
        producer.close()
    out.write_text(json.dumps(sent))


def _iso(micros: int) -> str:
    text = datetime.fromtimestamp(micros / 1e6, UTC).replace(microsecond=micros % 1_000_000).isoformat()
    return text.replace("+00:00", "Z")


def replay_rates(world: World, rounds: int) -> dict[str, list[float]]:
    """Return bars a second (min, median, max) through log, 47 features and store, without predictions."""
    found = {}
    for name, on_disk in (("features in memory", False), ("features in SQLite", True)):
        rates = []
        for _ in range(rounds + 1):  # the first compiles
            with tempfile.TemporaryDirectory() as folder:
                rates.append(replay(len(world.symbols), 300, Path(folder), on_disk=on_disk)[0])
        found[name] = [round(float(f(rates[1:]))) for f in (min, np.median, max)]
    return found


def main() -> None:
    """Send, in a process of its own; the symbols are read from the name of the first and their number."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("log", "slices", "out", "count", "first"):
        parser.add_argument(name)
    given = parser.parse_args()
    symbols = list(World().symbols)
    if len(symbols) != int(given.count) or symbols[0] != given.first:
        sys.exit("the world has other symbols")
    send(given.log, int(given.slices), Path(given.out), symbols)


if __name__ == "__main__":
    main()
