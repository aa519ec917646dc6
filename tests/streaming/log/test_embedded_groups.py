"""Consumer groups of the embedded log: partitions are shared among the living and nobody reads over another."""

from __future__ import annotations

import logging
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.streaming.log import EmbeddedLog, LogError, LogSettings, Message
from tradewind.streaming.log.groups import Groups, share
from tradewind.streaming.records import Bar

Make = Callable[..., Bar]
Drain = Callable[..., list[Message]]


@pytest.fixture
def groups(tmp_path: Path) -> Iterator[Groups]:
    """Return an empty store of groups."""
    with closing(Groups(tmp_path / "groups.sqlite")) as store:
        yield store


PLACES = [(topic, part) for topic in ("bars", "news") for part in range(4)]


@given(st.lists(st.tuples(st.integers(0, 5), st.sets(st.sampled_from(["bars", "news"]), min_size=1)), min_size=1))
def test_every_partition_falls_to_one_of_those_who_read_its_topic(drawn: list[tuple[int, set[str]]]) -> None:
    members = [(f"m{k}", frozenset(topics)) for k, topics in dict(drawn).items()]
    owner: dict[tuple[str, int], str] = {}
    for name, topics in members:
        mine = share(name, members, [place for place in PLACES if place[0] in topics])
        assert not mine & owner.keys()
        owner |= dict.fromkeys(mine, name)
    assert owner.keys() == {place for place in PLACES if any(place[0] in topics for _, topics in members)}
    counts = [sum(name == who for name in owner.values()) for who, topics in members if topics == {"bars", "news"}]
    if len(counts) == len(members):
        assert max(counts) - min(counts) <= 2  # one partition of each topic


def test_a_partition_changes_hands_only_when_it_is_let_go(groups: Groups) -> None:
    assert groups.beat("g", "a", PLACES, 10.0) == set(PLACES)
    assert groups.beat("g", "b", PLACES, 10.0) == set()  # a has not heard of b yet
    kept = groups.beat("g", "a", PLACES, 10.0)
    assert len(kept) == 4
    assert groups.beat("g", "b", PLACES, 10.0) == set(PLACES) - kept
    groups.leave("g", "a")
    assert groups.beat("g", "b", PLACES, 10.0) == set(PLACES)


def test_a_member_that_gives_no_sign_loses_its_partitions_and_cannot_commit_them(groups: Groups) -> None:
    groups.beat("g", "a", PLACES, 0.05)
    time.sleep(0.08)
    assert groups.members("g") == []
    assert groups.beat("g", "b", PLACES, 10.0) == set(PLACES)
    assert groups.commit("g", "a", {("bars", 0): 5}) == [("bars", 0)]
    assert groups.committed("g") == {}
    assert groups.commit("g", "b", {("bars", 0): 7}) == []
    assert groups.committed("g") == {("bars", 0): 7}


def test_a_member_nobody_took_over_from_keeps_what_it_had(groups: Groups) -> None:
    groups.beat("g", "a", PLACES, 0.02)
    time.sleep(0.05)
    assert groups.beat("g", "a", PLACES, 10.0) == set(PLACES)


def test_leases_of_an_earlier_boot_do_not_count(groups: Groups, tmp_path: Path) -> None:
    groups.beat("g", "a", PLACES, 1e9)
    with closing(sqlite3.connect(tmp_path / "groups.sqlite")) as other:
        other.execute("UPDATE members SET boot = 'earlier'")
        other.commit()
    assert groups.members("g") == []
    assert groups.beat("g", "b", PLACES, 10.0) == set(PLACES)


def test_a_store_that_is_no_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "groups.sqlite").write_bytes(b"x" * 5000)
    with pytest.raises(LogError, match=r"cannot open the store of consumer groups .*not a database"):
        Groups(tmp_path / "groups.sqlite")


def test_a_locked_store_stops_no_reader_and_a_commit_says_so(
    tmp_path: Path, make_bar: Make, drain: Drain, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    real = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda path, **options: real(path, **{**options, "timeout": 0.02}))
    with EmbeddedLog.open(tmp_path) as log, caplog.at_level(logging.WARNING):
        log.producer().send_many([make_bar(i) for i in range(10)])
        consumer = log.consumer(["bars"], group="g")
        with closing(real(tmp_path / "groups.sqlite", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(0.6)  # past the next sign of life
            assert len(drain(consumer, 10)) == 10
            with pytest.raises(LogError, match="cannot commit of group 'g': database is locked"):
                consumer.commit()
            other.execute("ROLLBACK")
        consumer.commit()
    assert "keeping the partitions at hand" in caplog.text


@pytest.mark.slow
def test_a_killed_process_is_taken_over_from_and_all_is_read(tmp_path: Path, make_bar: Make) -> None:
    reader = """
import sys
import time
from tradewind.streaming.log import EmbeddedLog, LogSettings
log = EmbeddedLog.open(sys.argv[1], settings=LogSettings(lease_seconds=2.0))
consumer = log.consumer(["bars"], group="g")
while True:
    found = consumer.poll(5, 0.1)
    for message in found:
        print(message.partition, message.offset, flush=True)
    if found:
        time.sleep(0.02)
        consumer.commit()
"""
    with EmbeddedLog.open(tmp_path, settings=LogSettings(lease_seconds=2.0)) as log:
        producer, consumer = log.producer(), log.consumer(["bars"], group="g")
        child = subprocess.Popen([sys.executable, "-c", reader, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        until = time.monotonic() + 20
        while len(consumer.positions()) == 4 and time.monotonic() < until:
            consumer.poll(1, 0.05)
        producer.send_many([make_bar(i) for i in range(400)])
        producer.flush()
        theirs = {tuple(map(int, child.stdout.readline().split())) for _ in range(30)}
        child.send_signal(signal.SIGKILL)
        theirs |= {tuple(map(int, line.split())) for line in child.stdout if len(line.split()) == 2}
        child.wait()
        child.stdout.close()
        mine, until = set(), time.monotonic() + 20
        while (len(mine | theirs) < 400 or len(consumer.positions()) < 4) and time.monotonic() < until:
            mine |= {(message.partition, message.offset) for message in consumer.poll(1000, 0.1)}
        assert len(mine | theirs) == 400
        assert len(consumer.positions()) == 4
        assert len(mine & theirs) <= 10  # at most what the killed one had read and not committed
