"""How fast surveillance is on one core: events a second of each part, delay of alerts under load, memory.

    python benchmarks/surveillance_speed.py speed --events 500000
    python benchmarks/surveillance_speed.py delay --rate 20000 --seconds 20
    python benchmarks/surveillance_speed.py memory --accounts 1000000 --events 5000000

Times are CPU seconds of the thread that works, so that other work on the machine does not count; kernels are compiled
before. Delay is measured open loop on the wall clock: events are written into the event log when they are due, whether
or not the engine keeps up, and a delay runs from the log taking an event to the alert being durable.
"""

from __future__ import annotations

import argparse
import json
import resource
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from tradewind.core.arrays import Float32Array
from tradewind.surveillance.book import BookReplay, Tape, detect_style
from tradewind.surveillance.detectors.protocol import Candidate, View
from tradewind.surveillance.events import EventTable, Problems, read_events, write_events
from tradewind.surveillance.learning import Described, SurveillanceModel, bundled_model
from tradewind.surveillance.live.demo import demo_market
from tradewind.surveillance.live.engine import Judge, LiveEngine
from tradewind.surveillance.live.player import BATCH
from tradewind.surveillance.live.rules_only import rules_only
from tradewind.surveillance.live.warming import warm
from tradewind.surveillance.parts import make_detectors, make_views
from tradewind.surveillance.pipeline import Surveillance
from tradewind.surveillance.reading import CHUNK, in_order, told_by_all
from tradewind.surveillance.venue import Market

CHOOSING = "choosing what is asked"


def _model(path: str | None) -> SurveillanceModel:
    if path == "rules":
        return rules_only()
    return bundled_model() if path is None else SurveillanceModel.load(Path(path))


class Timed:
    """A view that notes the CPU seconds it takes; they are taken off whoever calls it."""

    def __init__(self, view: View, spent: dict[str, float]) -> None:
        self.feature_names, self.hears_all, self.dear = view.feature_names, view.hears_all, view.dear
        self._view, self._spent = view, spent

    def advance(self, tape: Tape, candidates: Sequence[Candidate]) -> Float32Array:
        """Let the view read the next rows."""
        began = time.thread_time()
        told = self._view.advance(tape, candidates)
        took, name = time.thread_time() - began, f"view {type(self._view).__name__}"
        self._spent[name] = self._spent.get(name, 0.0) + took
        self._spent[CHOOSING] = self._spent.get(CHOOSING, 0.0) - took
        return told


def speed(market: Market, model: SurveillanceModel) -> dict[str, float]:
    """Return microseconds of CPU an event in each part."""
    events, spent = market.events, {}

    def timed(name: str, began: float) -> None:
        spent[name] = spent.get(name, 0.0) + time.thread_time() - began

    with tempfile.TemporaryDirectory() as folder:
        path = write_events(events, Path(folder) / "events.parquet")
        began = time.thread_time()
        for _ in read_events(path, problems=Problems()):
            pass
        timed("reader", began)
    replay = BookReplay(events.symbols, events.accounts, style=detect_style(events))
    detectors, views = make_detectors(market.sessions), make_views(market.sessions)
    for start in range(0, len(events), CHUNK):
        began = time.thread_time()
        tape = replay.update(events.take(slice(start, start + CHUNK)))
        timed("book", began)
        found = []
        for scheme, detector in detectors.items():
            began = time.thread_time()
            found += detector.update(tape)
            timed(f"detector {scheme.value}", began)
        began = time.thread_time()
        found = in_order(found)
        told, asked = told_by_all([Timed(view, spent) for view in views], tape, found, model)
        timed(CHOOSING, began)
        began = time.thread_time()
        rows = np.array([c.row - tape.first_row for c in found], dtype=np.int64)
        model.score(Described(candidates=found, known_at=tape.time[rows], views=told, asked=asked))
        timed("model", began)
    return {name: 1e6 * seconds / len(events) for name, seconds in spent.items()}


def delay(market: Market, model: SurveillanceModel, rate: float, seconds: float) -> dict[str, float]:
    """Offer events at ``rate`` a second, open loop, and return the alerts' delays in seconds."""
    from tradewind.streaming.log import EmbeddedLog, LogSettings
    from tradewind.surveillance.events.records import records_from_events

    events = market.events.take(slice(0, int(rate * seconds)))
    records = records_from_events(events)  # made before: it is the sender's work, not the engine's
    late = [0.0]
    with (
        tempfile.TemporaryDirectory() as folder,
        EmbeddedLog.open(Path(folder) / "log", settings=LogSettings(partitions=1)) as log,
    ):
        engine = LiveEngine(log, Judge(model=model, sessions=market.sessions), Path(folder) / "state")

        def offer() -> None:
            producer, began, sent = log.producer(), time.monotonic(), 0
            while sent < len(records):
                due = min(int((time.monotonic() - began) * rate), len(records))
                if due - sent > 0:
                    producer.send_many(records[sent : min(due, sent + BATCH)])
                    sent = min(due, sent + BATCH)
                    late[0] = max(late[0], (time.monotonic() - began) - sent / rate)
                else:
                    time.sleep(0.001)
            producer.flush()

        sender = threading.Thread(target=offer)
        began = time.monotonic()
        sender.start()
        while sender.is_alive() or engine.lag():
            engine.step(0.002)
        took = time.monotonic() - began
        sender.join()
        engine.close()
    found = np.array(engine.delays)
    quantiles = {f"p{q}": float(np.quantile(found, q / 100)) if len(found) else float("nan") for q in (50, 99, 100)}
    return {
        "offered": rate,
        "reached": len(records) / took,
        "alerts": float(len(found)),
        "behind": late[0],
        **quantiles,
    }


def memory(accounts: int, events: int) -> dict[str, float]:
    """Return peak memory in MiB before and after so many accounts were seen, in a market of random orders."""
    from tradewind.surveillance.events import Names
    from tradewind.surveillance.sessions import Sessions

    rng, names, symbols = np.random.default_rng(1), Names(tuple(f"A{i}" for i in range(accounts))), Names(("X", "Y"))
    now, order, told = 1_700_000_000_000_000_000, 1, {}
    surveillance = Surveillance(rules_only(1.0), Sessions(np.array([now]), np.array([now + 86_400 * 10**9])))
    told["before_mib"] = _mib()
    for start in range(0, events, CHUNK):
        n = min(CHUNK, events - start)
        time_ns = now + np.cumsum(rng.integers(1, 20_000_000, n))
        now, entered = int(time_ns[-1]), np.arange(n) % 2 == 0
        ids = order + np.arange(n) // 2  # every order is entered and taken back
        order += n
        account = np.repeat(rng.integers(0, accounts, (n + 1) // 2), 2)[:n].astype(np.int32)
        side = np.where(ids % 2 == 0, 1, -1).astype(np.int8)
        table = EventTable(
            time=time_ns,
            symbol=(ids % 2).astype(np.int32),
            seq=np.arange(start + 1, start + n + 1),
            kind=np.where(entered, 1, 2).astype(np.int8),
            order=ids,
            account=account,
            side=side,
            price=(1_000_000 - side * (100 + 100 * (ids % 7))).astype(np.int64),
            size=np.full(n, 100, dtype=np.int64),
            symbols=symbols,
            accounts=names,
        )
        surveillance.update(table)
        if start == 0:
            told["after_first_chunk_mib"] = _mib()
        if start <= events // 2 < start + n:
            told["half_way_mib"] = _mib()
    return {"accounts": float(accounts), "events": float(events), **told, "after_mib": _mib()}


def _mib() -> float:
    """Return the resident memory now, MiB."""
    status = Path("/proc/self/status").read_text()
    kib = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
    return kib / 1024


def main() -> None:
    """Run one measurement and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("speed", "delay", "memory"))
    parser.add_argument("--model", help="a model's folder, or 'rules'; the bundled one by default")
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=20_000)
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--seed", type=int, default=2_024)
    given = parser.parse_args()
    if given.what == "memory":
        found = memory(given.accounts, given.events)
    else:
        model = _model(given.model)
        warm(model)
        size = given.events if given.what == "speed" else int(1.1 * given.rate * given.seconds)
        market = demo_market(given.seed, size)
        if given.what == "delay":
            found = delay(market, model, given.rate, given.seconds)
        else:
            speed(demo_market(given.seed, 30_000), model)
            parts = speed(market, model)
            rules = sum(value for name, value in parts.items() if name not in ("reader", "model"))
            found = {name: round(value, 3) for name, value in sorted(parts.items(), key=lambda item: -item[1])}
            found["events"] = len(market.events)
            found["rules_and_features_per_second"] = round(1e6 / rules)
            found["all_per_second"] = round(1e6 / sum(parts.values()))
    found["peak_mib"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
