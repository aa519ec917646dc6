"""What changes is told to every open page; streams end when the server does."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from pathlib import Path

import pytest

from tradewind.web.live import Live
from tradewind.web.watcher import Watcher, topics_of
from tradewind.web.workspace import Workspace


def test_every_page_hears_what_any_thread_tells() -> None:
    async def scene() -> list[list[str]]:
        live = Live()
        live.bind()
        pages = [live.events(), live.events()]
        heard = [[await anext(page)] for page in pages]
        assert live.listeners == 2
        teller = threading.Thread(target=live.tell, args=("alerts", {"id": 7}))
        teller.start()
        for page, words in zip(pages, heard, strict=True):
            words.append(await asyncio.wait_for(anext(page), 5))
        teller.join()
        live.close()
        for page in pages:
            with pytest.raises(StopAsyncIteration):
                await asyncio.wait_for(anext(page), 5)
        assert live.listeners == 0
        return heard

    assert asyncio.run(scene()) == [["retry: 2000\n\n", 'event: alerts\ndata: {"id": 7}\n\n']] * 2


def test_what_a_slow_page_does_not_take_is_dropped_oldest_first() -> None:
    async def scene() -> str:
        live = Live()
        live.bind()
        page = live.events()
        await anext(page)
        for i in range(300):
            live.tell("jobs", i)
        await asyncio.sleep(0)
        first = await anext(page)
        await page.aclose()
        return first

    assert asyncio.run(scene()) == "event: jobs\ndata: 44\n\n"


def test_nothing_is_told_before_the_start() -> None:
    Live().tell("alerts")


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.of(tmp_path / "home")


def test_the_watcher_tells_what_other_programs_change(workspace: Workspace) -> None:
    watcher = Watcher(workspace, lambda _: None)
    assert watcher.look() == []
    assert watcher.look() == []
    workspace.alerts.parent.mkdir(parents=True)
    with sqlite3.connect(workspace.alerts) as db:
        db.execute("PRAGMA journal_mode=WAL")
        db.execute("CREATE TABLE t (x)")
        db.commit()
        assert watcher.look() == ["alerts"]
        before = workspace.alerts.stat().st_size, workspace.alerts.stat().st_mtime_ns
        db.execute("INSERT INTO t VALUES (1)")
        db.commit()
        assert (workspace.alerts.stat().st_size, workspace.alerts.stat().st_mtime_ns) == before
        assert watcher.look() == ["alerts"]  # the change is in the write-ahead log alone
        assert watcher.look() == []
    db.close()


@pytest.mark.parametrize(
    ("topic", "place"),
    [
        ("cases", "surveillance/cases.db"),
        ("models", "registry/ledgers/m.jsonl"),
        ("audit", "audit/audit.db"),
        ("journal", "monitor/journal/2026/day.parquet"),
        ("forecasts", "serving/predictions.db"),
        ("rollout", "serving/deployment.json"),
        ("reports", "reports/a/report.json"),
        ("monitor", "monitor/drift/a.json"),
        ("jobs", "projects/one/work/state.json"),
        ("projects", "projects/one/evaluation/metrics.json"),
        ("projects", "projects/one/project.toml"),
    ],
)
def test_every_store_has_its_topic(workspace: Workspace, topic: str, place: str) -> None:
    path = workspace.home / place
    path.parent.mkdir(parents=True)
    watcher = Watcher(workspace, lambda _: None)
    watcher.look()
    path.write_text("one")
    assert watcher.look() == [topic]
    path.write_text("two and more")
    assert watcher.look() == [topic]
    path.unlink()
    assert watcher.look() == [topic]


def test_addresses_of_databases_are_not_watched(tmp_path: Path) -> None:
    workspace = Workspace.of(tmp_path, registry="postgresql://db/tradewind", audit="postgresql://db/tradewind")
    topics = topics_of(workspace)
    assert list(topics["models"]()) == []
    assert list(topics["audit"]()) == []


def test_the_watcher_runs_on_a_thread_and_stops(workspace: Workspace) -> None:
    heard: list[str] = []
    told = threading.Event()

    def hear(topic: str) -> None:
        heard.append(topic)
        told.set()

    watcher = Watcher(workspace, hear, seconds=0.02)
    watcher.look()
    watcher.start()
    workspace.reports.mkdir(parents=True)
    assert told.wait(10)
    watcher.stop()
    assert heard == ["reports"]
    assert all(thread.name != "tradewind-watcher" for thread in threading.enumerate())
