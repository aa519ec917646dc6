"""Whatever order records come in, however often, wherever the service dies: equal features."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace as Kit

import msgspec
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core import Panel
from tradewind.core.clock import SystemClock
from tradewind.streaming.features.stores.memory import MemoryStore
from tradewind.streaming.features.stores.sqlite import SqliteStore
from tradewind.streaming.log import EmbeddedLog, KafkaSettings
from tradewind.streaming.log.kafka import KafkaLog
from tradewind.streaming.records import Bar, NewsItem

PanelMaker = Callable[..., Panel]


def disturbed(records: list[Bar | NewsItem], seed: int, reach: int) -> list[Bar | NewsItem]:
    """Return ``records`` out of order by up to ``reach`` places, some twice, some first with wrong values.

    The last record of each key is the true one: a wrong one always comes before it.
    """
    rng = np.random.default_rng(seed)
    place = np.arange(len(records)) + rng.uniform(0, reach, len(records))
    entries: list[tuple[float, Bar | NewsItem]] = list(zip(place.tolist(), records, strict=True))
    for at, record in list(entries):
        kind = rng.random()
        if kind < 0.05:
            entries.append((at + float(rng.uniform(0, 2 * reach)), record))
        elif kind < 0.1 and isinstance(record, Bar):
            wrong = msgspec.structs.replace(
                record,
                volume=record.volume + 1e6,
                adj_close=record.adj_close * 1.1,
                known_at=record.known_at + int(rng.integers(-5, 6)) * 3_600_000_000,  # moves news between bars
            )
            entries.append((at - 0.5 - float(rng.uniform(0, reach)), wrong))
    return [record for _, record in sorted(entries, key=lambda entry: entry[0])]


@pytest.mark.slow
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32 - 1),
    reach=st.sampled_from([0, 3, 40]),
    restarts=st.lists(st.tuples(st.integers(1, 30), st.booleans()), max_size=4),
    batch=st.sampled_from([7, 30, 200]),
    news_first=st.booleans(),
)
def test_any_order_repetition_and_restart_leaves_equal_features(
    kit: Kit,
    make_panel: PanelMaker,
    seed: int,
    reach: int,
    restarts: list[tuple[int, bool]],
    batch: int,
    news_first: bool,
) -> None:
    panel = make_panel(4, 30, gaps=True, seed=seed % 1000)
    news = kit.make_news(panel, 25, seed)
    bars = disturbed(kit.bars_of(panel), seed, reach)
    items = disturbed(kit.items_of(news), seed + 1, reach)
    log, clock = kit.log(2), kit.clock()
    log.write_all([*items, *bars] if news_first else [*bars, *items])
    outlives = MemoryStore(panel.symbols, kit.across, keep=100_000)
    with tempfile.TemporaryDirectory() as folder:

        def start(store: MemoryStore | None) -> object:
            return kit.service(
                log, panel, names=kit.across, news=True, batch=batch, keep=200, snapshot_every=3, clock=clock,
                folder=folder, checkpoint_every=0.0, most_open=4, store=store,
            )  # fmt: skip

        service = start(outlives)
        for steps, clean in restarts:
            for _ in range(steps):
                clock.advance(0.01)
                service.step(0.0)
            if clean:
                service.close()
            else:
                service.abandon()  # up to the last checkpoint all is lost
            service = start(outlives)
        service.drain()
        kit.assert_equals_batch(outlives, panel, news)
        service.close()


KILLS = 4


@pytest.mark.slow
def test_a_process_killed_at_random_moments_goes_on_to_equal_features(
    kit: Kit, make_panel: PanelMaker, tmp_path: Path
) -> None:
    panel = make_panel(8, 300, gaps=True, seed=9)
    bars = disturbed(kit.bars_of(panel), 5, 60)
    with EmbeddedLog.open(tmp_path / "log") as log:
        producer = log.producer()
        producer.send_many(bars)
        producer.flush()
        producer.close()
    worker = [sys.executable, str(Path(__file__).parent / "kill_worker.py"), str(tmp_path), ",".join(panel.symbols)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    rng = np.random.default_rng(0)
    killed = 0
    for _ in range(KILLS):
        process = subprocess.Popen(worker, env=environment, stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"begun\n"
        time.sleep(float(rng.uniform(0.01, 0.6)))
        process.send_signal(signal.SIGKILL)
        process.communicate()
        killed += process.returncode == -signal.SIGKILL
    assert killed >= KILLS // 2
    done = subprocess.run(worker, env=environment, capture_output=True, timeout=120, check=True)
    assert done.stdout.endswith(b"done\n")
    store = SqliteStore(tmp_path / "history.db", panel.symbols, kit.names)
    kit.assert_equals_batch(store, panel)
    store.close()


@pytest.mark.slow
def test_over_kafka_a_restart_leaves_equal_features(
    kit: Kit, make_panel: PanelMaker, kafka_broker: str, tmp_path: Path
) -> None:
    panel = make_panel(5, 60, gaps=True, seed=2)
    news = kit.make_news(panel, 40)
    records = [*disturbed(kit.items_of(news), 1, 10), *disturbed(kit.bars_of(panel), 2, 10)]
    settings = KafkaSettings(prefix=f"f{uuid.uuid4().hex}.", fetch_wait_ms=20)
    store = MemoryStore(panel.symbols, kit.across, keep=1000)
    with KafkaLog(kafka_broker, settings) as log:
        producer = log.producer()
        producer.send_many(records)
        producer.flush()
        read = 0
        for _ in range(2):
            service = kit.service(
                log, panel, names=kit.across, news=True, store=store, folder=tmp_path, batch=50, clock=SystemClock()
            )
            until = time.monotonic() + 20
            half = read == 0
            while read < len(records) // (2 if half else 1) and time.monotonic() < until:
                read += service.step(0.1)
            if half:
                service.checkpoint()
                service.abandon()
        service.drain()
        assert read == len(records)
        kit.assert_equals_batch(store, panel, news)
        service.close()
        producer.close()
