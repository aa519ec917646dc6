"""Processes beside the server come back, and answers belong to their questions."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from tradewind.serving.node.children import Answering, Child, ChildFailed

WAITS = "import sys; open(sys.argv[1], 'a').write('x'); sys.stdin.read(); open(sys.argv[1], 'a').write('end')"
ECHO = """
import json, sys, time
for line in sys.stdin:
    asked = json.loads(line)
    if asked.get("die"):
        sys.exit(3)
    time.sleep(asked.get("sleep", 0))
    print(json.dumps({"of": asked["n"]}), flush=True)
"""


def until(holds: object, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_child_that_was_killed_is_started_again_and_ends_with_its_input(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    child = Child([sys.executable, "-c", WAITS, str(mark)], "the child")
    until(mark.exists)
    child._process.kill()
    until(lambda: mark.read_text() == "xx")
    assert child.restarts == 1
    assert child.close()
    assert mark.read_text() == "xxend"
    assert not child.alive


def test_answers_belong_to_their_questions_also_after_a_death_and_a_cancelled_one() -> None:
    async def run() -> None:
        child = Answering([sys.executable, "-c", ECHO], "the echo", timeout=5.0)
        found = await asyncio.gather(*(child.ask({"n": n}) for n in range(5)))
        assert [one["of"] for one in found] == list(range(5))
        slow = asyncio.create_task(child.ask({"n": 99, "sleep": 30}))
        await asyncio.sleep(0.05)
        slow.cancel()
        await asyncio.gather(slow, return_exceptions=True)
        assert (await child.ask({"n": 6}))["of"] == 6
        with pytest.raises(ChildFailed):
            await child.ask({"n": 7, "die": True})
        assert (await child.ask({"n": 8}))["of"] == 8
        await child.close()

    asyncio.run(run())
