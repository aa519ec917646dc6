"""A connector's process killed again and again, with a real log on disk."""

from __future__ import annotations

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

import pytest

from tradewind.streaming.log import open_log

PROGRAM = """
import asyncio, sys
from tradewind.streaming.connectors import load_connectors, run_connectors
from tradewind.streaming.log import open_log

async def main():
    with open_log(sys.argv[2]) as log:
        print("up", flush=True)
        await run_connectors(load_connectors(sys.argv[1]), log, asyncio.Event())

asyncio.run(main())
"""
TABLE = """
[[connector]]
kind = "http"
name = "tape"
topic = "trades"
url = "{url}/"
items = "rows"
fields = {{ symbol = "s", time = "t", price = "p", size = "q", id = "n" }}
time = {{ format = "s" }}
interval = 0.005
limits = {{ rate = 100000.0 }}
pages = {{ cursor = "next", keep = true, most = 1 }}
"""


class Tape:
    """Pages of 20 trades, of which every page repeats the last five of the one before."""

    def __init__(self, reply: Any) -> None:
        self.reply, self.most, self.reached = reply, 10**9, 0

    def page(self, path: str) -> bytes:
        at = int(path.split("cursor=")[1]) if "cursor=" in path else 0
        numbers = range(max(0, at - 5), min(at + 15, self.most))
        self.reached = max(self.reached, min(at + 15, self.most))
        rows = [{"s": f"S{n % 3}", "t": 1_700_000_000 + n, "p": 1.0, "q": 1, "n": n} for n in numbers]
        answer: bytes = self.reply({"rows": rows, "next": str(min(at + 15, self.most))})
        return answer


@pytest.mark.slow
def test_kills_under_load_lose_and_repeat_no_item(workshop: Any, tmp_path: Path) -> None:
    rng = random.Random(3)
    tape = Tape(workshop.reply)

    async def go() -> None:
        async with workshop.server(b"") as server:

            async def answer(writer: asyncio.StreamWriter) -> None:
                writer.write(tape.page(server.asked[-1].path))
                await writer.drain()

            server.script[0] = answer
            (tmp_path / "c.toml").write_text(TABLE.format(url=server.url))
            for kill in range(6):
                command = [sys.executable, "-c", PROGRAM, str(tmp_path / "c.toml"), str(tmp_path / "log")]
                process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
                assert process.stdout is not None
                await process.stdout.readline()
                if kill < 5:
                    await asyncio.sleep(rng.uniform(0.2, 0.8))
                else:
                    tape.most = tape.reached + 30
                    while tape.reached < tape.most:
                        await asyncio.sleep(0.02)
                    await asyncio.sleep(0.5)
                process.kill()
                await process.wait()

    asyncio.run(go())
    with open_log(str(tmp_path / "log")) as log:
        reader = log.consumer(["trades"], group="check")
        found: list[int] = []
        while batch := reader.poll(10_000, 1.0):
            found += [int(message.record.id) for message in batch]  # type: ignore[union-attr]
        reader.close()
    assert tape.most > 100
    assert sorted(found) == list(range(tape.most)), json.dumps({"found": len(found), "served": tape.most})
