"""Any course of sending, reading, restarting and dying leaves the log as a plain list would be."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from tradewind.streaming.log import EmbeddedLog, LogSettings
from tradewind.streaming.log.hashing import partition_of
from tradewind.streaming.log.protocol import Consumer
from tradewind.streaming.records import Bar

PARTS = 3
SETTINGS = LogSettings(partitions=PARTS, segment_bytes=4096, read_bytes=4096, sync_seconds=60.0)


class LogModel(RuleBasedStateMachine):
    """The model: a list of bars for each partition, and what the group committed."""

    @initialize()
    def begin(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="log-model-"))
        self.lists: dict[int, list[Bar]] = defaultdict(list)
        self.committed = dict.fromkeys(range(PARTS), 0)
        self.torn: set[int] = set()
        self.sent = 0
        self.open()

    def open(self) -> None:
        self.log = EmbeddedLog.open(self.folder, settings=SETTINGS)
        self.producer = self.log.producer()
        self.consumer: Consumer = self.log.consumer(["bars"], group="g")
        self.place = dict(self.committed)

    def bar(self, symbol: int) -> Bar:
        self.sent += 1
        return Bar(
            symbol=f"S{symbol}", time=self.sent, known_at=self.sent, open=1.0, high=1.0, low=1.0, close=1.0,
            adj_close=1.0, volume=float(self.sent),
        )  # fmt: skip

    def wrote(self, bar: Bar) -> None:
        part = partition_of(bar.symbol, PARTS)
        self.lists[part].append(bar)
        self.torn.discard(part)

    @rule(symbols=st.lists(st.integers(0, 6), min_size=1, max_size=40))
    def send(self, symbols: list[int]) -> None:
        bars = [self.bar(symbol) for symbol in symbols]
        self.producer.send_many(bars)
        for bar in bars:
            self.wrote(bar)

    @rule(symbols=st.lists(st.integers(0, 6), min_size=1, max_size=5))
    def send_by_another_hand(self, symbols: list[int]) -> None:
        with EmbeddedLog.open(self.folder, settings=SETTINGS) as other:
            producer = other.producer()
            for symbol in symbols:
                bar = self.bar(symbol)
                producer.send(bar)
                self.wrote(bar)

    @rule(limit=st.integers(1, 60))
    def poll(self, limit: int) -> None:
        ahead = sum(len(self.lists[part]) - self.place[part] for part in range(PARTS))
        messages = self.consumer.poll(limit, 0.0)
        assert len(messages) == min(limit, ahead)
        for message in messages:
            assert message.offset == self.place[message.partition]
            assert message.record == self.lists[message.partition][message.offset]
            self.place[message.partition] += 1

    @rule()
    def commit(self) -> None:
        self.consumer.commit()
        self.committed = dict(self.place)

    @rule(part=st.integers(0, PARTS - 1), share=st.floats(0, 1))
    def seek(self, part: int, share: float) -> None:
        self.place[part] = round(share * len(self.lists[part]))
        self.consumer.seek({("bars", part): self.place[part]})

    @rule()
    def restart(self) -> None:
        self.log.close()
        self.open()

    @rule(part=st.integers(0, PARTS - 1), cut=st.integers(1, 51))
    def die_half_way(self, part: int, cut: int) -> None:
        """Leave the first bytes of a frame, as a writer does that is killed; the next one cuts them off first."""
        if part in self.torn or not self.lists[part]:
            return
        self.log.close()
        file = max((self.folder / "topics" / "bars" / str(part)).glob("*.seg"))
        data = file.read_bytes()
        file.write_bytes(data + data[:cut])
        self.torn.add(part)
        self.open()

    @invariant()
    def knows_where_it_stands(self) -> None:
        if hasattr(self, "log"):
            assert self.consumer.positions() == {("bars", part): self.place[part] for part in range(PARTS)}
            assert self.log.ends("bars") == {("bars", part): len(self.lists[part]) for part in range(PARTS)}

    def teardown(self) -> None:
        if hasattr(self, "log"):
            self.log.close()
            with EmbeddedLog.open(self.folder) as log:
                consumer, found = log.consumer(["bars"], group=None), defaultdict(list)
                for message in consumer.poll(100_000, 0.0):
                    found[message.partition].append(message.record)
            assert {k: v for k, v in self.lists.items() if v} == found
            shutil.rmtree(self.folder)


TestLogModel = LogModel.TestCase
TestLogModel.settings = settings(
    max_examples=int(os.environ.get("TRADEWIND_MODEL_EXAMPLES", "15")),
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
