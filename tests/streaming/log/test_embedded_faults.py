"""Writers that are killed, disks that are full: what was acknowledged is there, once."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tradewind.streaming.log import EmbeddedLog, LogError, LogSettings, Message, dead_letters, replay
from tradewind.streaming.records import Bar

Make = Callable[..., Bar]
Drain = Callable[..., list[Message]]

WRITER = """
import sys
from tradewind.streaming.log import EmbeddedLog
from tradewind.streaming.records import Bar
folder, name, count, each = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
T0 = 1_700_000_000_000_000
log = EmbeddedLog.open(folder, 2)
producer = log.producer()
for start in range(0, count, each):
    for i in range(start, start + each):
        prices = dict.fromkeys(("open", "high", "low", "close", "adj_close", "volume"), 1.0)
        producer.send(Bar(symbol=name, time=T0 + i, known_at=T0 + i, **prices))
    producer.flush()
    print(start + each, flush=True)
log.close()
"""


def start_writer(folder: Path, name: str, count: int, each: int) -> subprocess.Popen[str]:
    """Start a process that writes ``count`` bars of symbol ``name`` and prints how many it knows to be durable."""
    arguments = [str(folder), name, str(count), str(each)]
    return subprocess.Popen([sys.executable, "-c", WRITER, *arguments], stdout=subprocess.PIPE, text=True)


def numbers(messages: list[Message]) -> dict[str, list[int]]:
    """Return symbol -> the numbers of its bars as they came."""
    found = defaultdict(list)
    for message in messages:
        found[message.key].append(message.record.time - 1_700_000_000_000_000)
    return found


@pytest.mark.slow
def test_what_a_killed_writer_acknowledged_is_all_there_once(tmp_path: Path, drain: Drain) -> None:
    for trial in range(6):
        folder, rng = tmp_path / str(trial), random.Random(trial)
        writer = start_writer(folder, "A", 10_000_000, 50)
        assert writer.stdout is not None
        acknowledged = 0
        for _ in range(rng.randrange(3, 60)):
            acknowledged = int(writer.stdout.readline())
        time.sleep(rng.random() * 0.01)
        writer.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(line) for line in writer.stdout.read().split())])
        writer.wait()
        writer.stdout.close()
        with EmbeddedLog.open(folder) as log:
            after = start_writer(folder, "A2", 100, 50)
            after.communicate(timeout=30)
            assert after.returncode == 0
            total = sum(log.ends("bars").values())
            found = numbers(drain(log.consumer(["bars"], group=None), total))
        assert found["A"] == list(range(len(found["A"])))
        assert acknowledged <= len(found["A"]) <= acknowledged + 100
        assert found["A2"] == list(range(100))


@pytest.mark.slow
def test_several_processes_write_and_read_one_log(tmp_path: Path, drain: Drain) -> None:
    with EmbeddedLog.open(tmp_path, 2, LogSettings(segment_bytes=65_536)) as log:
        consumer = log.consumer(["bars"], group="g")
        writers = [start_writer(tmp_path, name, 2_000, 40) for name in "ABC"]
        messages = drain(consumer, 6_000)
        for writer in writers:
            writer.communicate(timeout=30)  # reads to the end: a closed pipe would fail the writer
            assert writer.returncode == 0
        assert numbers(messages) == {name: list(range(2_000)) for name in "ABC"}
        assert consumer.poll(1, 0.05) == []


@pytest.mark.slow
def test_a_reader_of_another_process_hears_of_a_message_in_milliseconds(tmp_path: Path, make_bar: Make) -> None:
    reader = """
import sys, time
from tradewind.streaming.log import EmbeddedLog
log = EmbeddedLog.open(sys.argv[1], 1)
consumer = log.consumer(["bars"], group=None)
print("ready", flush=True)
for _ in range(40):
    while not (found := consumer.poll(10, 5.0)):
        pass
    print(time.time_ns() // 1000 - found[0].written_at, flush=True)
log.close()
"""
    with EmbeddedLog.open(tmp_path, 1) as log:
        producer = log.producer()
        child = subprocess.Popen([sys.executable, "-c", reader, str(tmp_path)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        assert child.stdout.readline() == "ready\n"
        waits = []
        for i in range(40):
            producer.send(make_bar(i))
            waits.append(int(child.stdout.readline()))
        assert child.wait() == 0
        child.stdout.close()
    assert sorted(waits)[20] < 100_000  # microseconds; a few thousand on an idle machine


def test_a_full_disk_is_named_shows_nothing_half_and_goes_on_when_there_is_room(
    tmp_path: Path, make_bar: Make, drain: Drain, small_disk: Path
) -> None:
    ballast = small_disk / "ballast"
    settings = LogSettings(queue_records=3_000, send_seconds=0.1, segment_bytes=1 << 20)
    with EmbeddedLog.open(small_disk / "log", 2, settings) as log:
        producer, consumer = log.producer(), log.consumer(["bars"], group=None)
        bars = [make_bar(i) for i in range(6_000)]
        producer.send_many(bars[:100])
        producer.flush()
        fill(ballast)
        producer.send_many(bars[100:2_000])
        with pytest.raises(LogError, match=r"records are queued and not durable: .*the disk is full"):
            producer.flush(timeout=0.2)
        with pytest.raises(LogError, match=r"none was written for 0.1 s: .*the disk is full"):
            producer.send_many(bars[2_000:])
        waiting = 3_000
        seen = drain(consumer, 6_000, 0.1)
        assert [m.record.time for m in seen] == [m.record.time for m in seen if m.record in bars]
        ballast.unlink()
        producer.flush(timeout=5.0)
        seen += drain(consumer, 6_000 - len(seen), 0.3)
        assert len(seen) >= waiting
        assert sorted(m.record.time for m in seen) == [bar.time for bar in bars[: len(seen)]]
        producer.send_many(bars[len(seen) :])
        producer.flush()
        assert len(drain(consumer, 6_000 - len(seen))) == 6_000 - len(seen)


def fill(path: Path) -> None:
    """Write zeros until the disk is full."""
    fd = os.open(path, os.O_WRONLY | os.O_CREAT)
    with contextlib.suppress(OSError):
        while os.write(fd, bytes(4096)):
            pass
    os.close(fd)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Return a folder on a disk of three megabytes; skip where none can be made."""
    place = tmp_path / "disk"
    place.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(place)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("a small disk can only be mounted by root")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.slow
def test_a_limit_of_file_sizes_is_named_too(tmp_path: Path) -> None:
    script = f"""
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from tradewind.streaming.log import EmbeddedLog, LogError
from tradewind.streaming.records import Bar
log = EmbeddedLog.open({str(tmp_path)!r}, 1)
producer = log.producer()
def bar(i):
    prices = dict.fromkeys(("open", "high", "low", "close", "adj_close", "volume"), 1.0)
    return Bar(symbol="A", time=10**15 + i, known_at=10**15 + i, **prices)
producer.send_many([bar(i) for i in range(10)])
producer.flush()
hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
producer.send_many([bar(i) for i in range(10, 500)])
try:
    producer.flush(0.1)
except LogError as error:
    assert "the file may not grow further" in str(error), error
else:
    raise SystemExit("no error")
assert sum(log.ends("bars").values()) == 10
resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
producer.flush()
found = list(log.consumer(["bars"], group=None).poll(1000, 1.0))
assert [m.record.time - 10**15 for m in found] == list(range(500)), len(found)
log.close()
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_write_that_worked_and_was_reported_as_failed_is_not_made_twice(
    tmp_path: Path, make_bar: Make, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = os.pwrite, [True, False, True, False]

    def flaky(fd: int, data: bytes, place: int) -> int:
        done = real(fd, data, place)
        if len(data) > 100 and failures and failures.pop(0):
            raise OSError(errno.EIO, "Input/output error")
        return done

    def keep(fd: int, size: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with EmbeddedLog.open(tmp_path, 1) as log:
        producer = log.producer()
        producer.send_many([make_bar(0)])
        with monkeypatch.context() as patch:
            patch.setattr("tradewind.streaming.log.writer.os.pwrite", flaky)
            patch.setattr("tradewind.streaming.log.writer.os.ftruncate", keep)
            producer.send_many([make_bar(1), make_bar(2)])
            producer.send_many([make_bar(3)])
            producer.flush()
        producer.send_many([make_bar(4)])
        messages = drain(log.consumer(["bars"], group=None), 10, 0.05)
    assert [m.record for m in messages] == [make_bar(i) for i in range(5)]


def test_a_sync_that_failed_is_not_believed_the_second_time(
    tmp_path: Path, make_bar: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel drops what it could not write and then reports success, so the bytes must be written again."""
    calls: list[str] = []
    real_sync, real_write = os.fsync, os.pwrite
    failures = [OSError(errno.EIO, "Input/output error")]

    def sync(fd: int) -> None:
        calls.append("sync")
        if failures:
            raise failures.pop()
        real_sync(fd)

    def write(fd: int, data: bytes, place: int) -> int:
        calls.append(f"write {place} {len(data)}")
        return real_write(fd, data, place)

    with EmbeddedLog.open(tmp_path, 1, LogSettings(sync_seconds=60.0)) as log:
        producer = log.producer()
        producer.send_many([make_bar(0)])
        size = max((tmp_path / "topics/bars/0").glob("*.seg")).stat().st_size
        monkeypatch.setattr("tradewind.streaming.log.writer.os.fsync", sync)
        monkeypatch.setattr("tradewind.streaming.log.writer.os.pwrite", write)
        producer.flush()
        monkeypatch.undo()
    assert calls[:3] == ["sync", f"write 0 {size}", "sync"]


def test_what_cannot_be_put_aside_is_read_again(
    tmp_path: Path, make_bar: Make, drain: Drain, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int, data: bytes, place: int) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with EmbeddedLog.open(tmp_path, 1) as log:
        log.producer().send_many([make_bar(0), make_bar(1, close=-1.0), make_bar(2)])
        consumer = log.consumer(["bars"], group=None)
        monkeypatch.setattr("tradewind.streaming.log.embedded.BURIAL_SECONDS", 0.05)
        with monkeypatch.context() as patch:
            patch.setattr("tradewind.streaming.log.writer.os.pwrite", full)
            with pytest.raises(LogError, match="the disk is full"):
                consumer.poll(10, 0.1)
            assert consumer.positions() == {("bars", 0): 0}
        assert [m.record for m in drain(consumer, 2)] == [make_bar(0), make_bar(2)]
        assert {letter.offset for letter in dead_letters(log, "bars")} == {1}


def test_readers_that_come_and_go_leave_no_file_open(tmp_path: Path, make_bar: Make) -> None:
    with EmbeddedLog.open(tmp_path) as log:
        producer = log.producer()
        producer.send_many([make_bar(i) for i in range(10)])
        list(replay(log, ["bars"]))
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            assert len(list(replay(log, ["bars"]))) == 10
            member = log.consumer(["bars"], group="g")
            member.poll(100, 1.0)
            member.close()
            log.producer().close()
        assert len(os.listdir("/proc/self/fd")) <= before


@pytest.mark.parametrize("batch", [1, 100])
def test_without_a_flush_it_is_durable_in_time_and_tried_again_after_a_fault(
    tmp_path: Path, make_bar: Make, drain: Drain, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    synced, failures = threading.Event(), [OSError(errno.ENOSPC, "No space left on device")]
    real_sync, real_write = os.fsync, os.pwrite

    def sync(fd: int) -> None:
        real_sync(fd)
        synced.set()

    def write(fd: int, data: bytes, place: int) -> int:
        if failures:
            raise failures.pop()
        return real_write(fd, data, place)

    with EmbeddedLog.open(tmp_path, 1, LogSettings(batch_records=batch, sync_seconds=0.05)) as log:
        monkeypatch.setattr("tradewind.streaming.log.writer.os.pwrite", write)
        monkeypatch.setattr("tradewind.streaming.log.writer.os.fsync", sync)
        log.producer().send(make_bar(0))
        assert [m.record for m in drain(log.consumer(["bars"], group=None), 1, 2.0)] == [make_bar(0)]
        assert synced.wait(2.0)
        monkeypatch.undo()


def test_one_flush_serves_many_threads(tmp_path: Path, make_bar: Make, drain: Drain) -> None:
    with EmbeddedLog.open(tmp_path) as log:
        producer = log.producer()

        def work(k: int) -> None:
            for i in range(100):
                producer.send(make_bar(i, f"T{k}"))
            producer.flush()

        threads = [threading.Thread(target=work, args=(k,)) for k in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        found = numbers(drain(log.consumer(["bars"], group=None), 800))
    assert found == {f"T{k}": list(range(100)) for k in range(8)}


def test_what_could_not_be_written_at_closing_is_handed_back(
    tmp_path: Path, make_bar: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(fd: int, data: bytes, place: int) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    log = EmbeddedLog.open(tmp_path, 1)
    producer = log.producer()
    monkeypatch.setattr("tradewind.streaming.log.writer.os.pwrite", full)
    monkeypatch.setattr("tradewind.streaming.log.embedded_producer.CLOSING_SECONDS", 0.1)
    producer.send(make_bar(1))
    with pytest.raises(LogError, match="the disk is full") as caught:
        log.close()
    assert caught.value.unwritten == (make_bar(1),)


def test_a_position_that_a_power_cut_left_behind_the_end_passes_nothing_over(
    tmp_path: Path, make_bar: Make, drain: Drain
) -> None:
    with EmbeddedLog.open(tmp_path / "log", 1) as log:
        producer = log.producer()
        producer.send_many([make_bar(i) for i in range(5)])
        producer.flush()
        consumer = log.consumer(["bars"], group="g")
        consumer.seek({("bars", 0): 8})  # what a checkpoint says that is more durable than the log was
        assert consumer.positions() == {("bars", 0): 5}
        producer.send_many([make_bar(i) for i in range(5, 9)])
        producer.flush()
        assert [message.record.time - 1_700_000_000_000_000 for message in drain(consumer, 4)] == [5, 6, 7, 8]


def test_a_durable_message_lies_under_durable_names(
    tmp_path: Path, make_bar: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[tuple[str, frozenset[str]]] = []
    sync = os.fsync

    def noted(fd: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{fd}"))
        synced.append((str(path), frozenset(os.listdir(path)) if path.is_dir() else frozenset()))
        sync(fd)

    monkeypatch.setattr(os, "fsync", noted)
    with EmbeddedLog.open(tmp_path / "log", 1) as log:
        producer = log.producer()
        producer.send(make_bar(1))
        producer.flush()
        held: dict[str, frozenset[str]] = defaultdict(frozenset)
        for path, names in synced:
            held[path] |= names
        place = tmp_path / "log/topics/bars/0/00000000000000000000.seg"
        assert str(place) in held
        for path in (place, *place.relative_to(tmp_path / "log").parents[:-1]):
            path = tmp_path / "log" / path
            assert path.name in held[str(path.parent)], path
        assert "topic.json" in held[str(tmp_path / "log/topics/bars")]


def test_a_store_of_groups_that_cannot_be_read_is_an_error_of_the_log(tmp_path: Path) -> None:
    with EmbeddedLog.open(tmp_path / "log", 1) as log:
        with sqlite3.connect(tmp_path / "log" / "groups.sqlite") as other:
            other.execute("DROP TABLE positions")
        other.close()
        with pytest.raises(LogError, match="store of consumer groups"):
            log.consumer(["bars"], group="g")


def test_a_segment_longer_than_one_read_takes_in_is_refused() -> None:
    with pytest.raises(ValueError, match="segment_bytes"):
        LogSettings(segment_bytes=(1 << 30) + 1)
