"""The audit spool: nothing that was answered is lost, nothing is written twice, and a full one refuses."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from tradewind.serving.watch.drain import Block, Drain
from tradewind.serving.watch.spool import Spool, SpoolSettings, segments
from tradewind.streaming.records import Prediction


def made(number: int, *, revision: int = 0) -> Prediction:
    return Prediction(
        id=f"p{number}",
        symbol="AAPL",
        time=1,
        known_at=2,
        made_at=3,
        model="m/1",
        probability=0.5,
        expected_return=0.0,
        lower=float("nan"),
        upper=0.1,
        inputs_id="0" * 64,
        revision=revision,
    )


class Log:
    """Keeps blocks; tells how far each writer came, as the audit log does."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []

    def reached(self) -> dict[str, tuple[str, int]]:
        return {block.writer: (block.segment, block.end) for block in self.blocks}

    @property
    def served(self) -> list[list[str]]:
        return [line.split("\t") for block in self.blocks for line in block.served]


def drain(folder: Path, log: Log, **settings: int) -> Drain:
    return Drain(folder=folder, write=log.blocks.append, reached=log.reached, **settings)


def test_every_line_comes_out_once_and_in_order(tmp_path: Path) -> None:
    spool, log = Spool(tmp_path, SpoolSettings(segment_bytes=4096, segments=1000)), Log()
    one = drain(tmp_path, log, block_lines=7)
    for number in range(300):
        assert spool.record(made(number % 5), "key1", f"r{number}")
        if number % 50 == 0:
            one.step()
    one.step()
    assert [line[4] for line in log.served] == [f"r{number}" for number in range(300)]
    assert [p.id for block in log.blocks for p in block.made] == [f"p{n}" for n in range(5)]
    assert len(segments(tmp_path)[spool.name]) == 1  # the drained ones are gone


def test_a_new_revision_is_written_in_full_again(tmp_path: Path) -> None:
    spool, log = Spool(tmp_path), Log()
    for revision in (0, 0, 1):
        spool.record(made(1, revision=revision), "k", "r")
    drain(tmp_path, log).step()
    assert [p.revision for block in log.blocks for p in block.made] == [0, 1]
    assert len(log.served) == 3


def test_a_drain_that_starts_anew_goes_on_where_the_log_ends(tmp_path: Path) -> None:
    spool, log = Spool(tmp_path, SpoolSettings(segment_bytes=4096)), Log()
    for number in range(100):
        spool.record(made(1), "k", f"r{number}")
        drain(tmp_path, log, block_lines=3).step()  # each a new one, as after a kill
    assert [line[4] for line in log.served] == [f"r{number}" for number in range(100)]


def test_a_full_spool_refuses_and_takes_again_after_the_drain(tmp_path: Path) -> None:
    spool, log = Spool(tmp_path, SpoolSettings(segment_bytes=4096, segments=2)), Log()
    count = 0
    while spool.record(made(1), "k", f"r{count}"):
        count += 1
    assert count > 50
    assert spool.stats()["refused"] > 0

    async def waits() -> None:
        waiting = asyncio.create_task(spool.room())
        await asyncio.sleep(0.03)
        assert not waiting.done()
        drain(tmp_path, log).step()
        await asyncio.wait_for(waiting, 2.0)

    asyncio.run(waits())
    assert spool.record(made(1), "k", f"r{count}")
    drain(tmp_path, log).step()
    assert [line[4] for line in log.served] == [f"r{number}" for number in range(count + 1)]


def test_the_segments_of_writers_that_ended_are_removed(tmp_path: Path) -> None:
    spool, log = Spool(tmp_path), Log()
    spool.record(made(1), "k", "r")
    spool.close()
    drain(tmp_path, log).step(ended={spool.name})
    assert len(log.served) == 1
    assert not list(tmp_path.iterdir())


WRITER = """
import sys
from pathlib import Path
from test_spool import made
from tradewind.serving.watch.spool import Spool, SpoolSettings
spool = Spool(Path(sys.argv[1]), SpoolSettings(segment_bytes=65536, segments=100000))
number = 0
while True:
    assert spool.record(made(number), "k", f"r{number}")
    number += 1
    if number % 100 == 0:
        print(number, flush=True)
"""


@pytest.mark.slow
def test_a_killed_writer_loses_no_line_it_reported(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parent)}
    for turn in range(5):
        folder = tmp_path / str(turn)
        process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(WRITER), str(folder)], stdout=subprocess.PIPE, env=environment
        )
        assert process.stdout is not None
        last = int(process.stdout.readline())
        time.sleep(0.02 * turn)
        process.send_signal(signal.SIGKILL)
        last = max([last, *map(int, process.communicate()[0].split())])
        log = Log()
        one = drain(folder, log)
        one.step(ended=one.writers())
        numbers = [int(line[4][1:]) for line in log.served]
        assert numbers == list(range(len(numbers)))
        assert len(numbers) >= last
