"""A monitor that is killed between telling people and keeping the slice tells nobody twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from tradewind.core.panel import PRICE_FIELDS
from tradewind.data.simulator import MarketSettings, simulate
from tradewind.monitoring.alerts import AlertManager, AlertSettings, AlertStore
from tradewind.monitoring.journal import Journal
from tradewind.monitoring.live import LiveLoop, LiveSettings, LiveSlices
from tradewind.monitoring.quality import FeedWatcher
from tradewind.streaming.log import open_log
from tradewind.streaming.records import Bar

MARKET = MarketSettings(n_symbols=6, n_days=20, seed=4)
SILENT = 12
"""Bar of which half of the symbols are missing."""


def write(place: Path) -> None:
    panel = simulate(MARKET).panel
    rows = np.lexsort((panel.symbol_code, panel.time))
    rows = rows[~((panel.time_code[rows] == SILENT) & (panel.symbol_code[rows] < 3))]
    at, known = (one.astype("datetime64[us]").astype(np.int64).tolist() for one in (panel.time, panel.known_at))
    with open_log(str(place / "log")) as log:
        producer = log.producer()
        producer.send_many(
            Bar(
                symbol=panel.symbols[panel.symbol_code[row]],
                time=at[row],
                known_at=known[row],
                source="venue",
                **{name: float(getattr(panel, name)[row]) for name in PRICE_FIELDS},
            )
            for row in rows.tolist()
        )
        producer.close()


def monitored(place: Path, *, killed: bool = False) -> int:
    """Look at all that the log holds; ``killed``: die right after people were told of something. Return slices."""
    panel = simulate(MARKET).panel
    settings = LiveSettings(symbols=panel.symbols, sectors=panel.sectors, grace=0.0, patience=0.0)
    journal, manager = Journal(place / "journal"), AlertManager(AlertSettings(), AlertStore(place / "alerts.db"))

    def take(found, now):
        told = manager.take(found, now)
        if killed and told:
            os.kill(os.getpid(), signal.SIGKILL)
        return told

    with open_log(str(place / "log")) as log:
        source = LiveSlices(log, settings, after=journal.last())
        loop = LiveLoop(live=source, watcher=FeedWatcher(), journal=journal, take=take)
        loop.remember()
        loop.once()
        source.close()
    return loop.slices


@pytest.mark.slow
def test_a_kill_between_the_alert_and_the_journal_tells_nobody_twice(tmp_path: Path) -> None:
    write(tmp_path)
    call = f"runpy.run_path({__file__!r})['monitored'](pathlib.Path({str(tmp_path)!r}), killed=True)"
    code = f"import runpy, pathlib; {call}"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    journal = Journal(tmp_path / "journal")
    panel = simulate(MARKET).panel
    assert journal.last() == panel.times[SILENT - 1]
    waiting = notifications(tmp_path)
    assert waiting
    monitored(tmp_path)
    assert journal.last() == panel.times[-1]
    assert [one.kind for one in journal.findings(panel.times[SILENT], panel.times[SILENT])] == ["bars_missing"]
    assert notifications(tmp_path) == waiting


def notifications(place: Path) -> list[str]:
    """Return the ids of what people are told, in order."""
    import sqlite3

    with sqlite3.connect(place / "alerts.db") as database:
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        outbox = next(name for name in tables if "outbox" in name or "notification" in name or "deliver" in name)
        return [str(row) for row in database.execute(f"SELECT id FROM {outbox} ORDER BY 1")]


def test_run_goes_on_until_it_is_told_to_stop_and_tells_by_time_alone(tmp_path: Path) -> None:
    write(tmp_path)
    panel = simulate(MARKET).panel
    settings = LiveSettings(symbols=panel.symbols, sectors=panel.sectors, grace=0.0, patience=0.0)
    journal, stop, calls = Journal(tmp_path / "journal"), threading.Event(), []

    def take(found, now):
        calls.append(len(found))
        if journal.last() == panel.times[-1] and calls[-1] == 0 and len(calls) > len(panel.times):
            stop.set()
        return found

    with open_log(str(tmp_path / "log")) as log:
        source = LiveSlices(log, settings)
        loop = LiveLoop(live=source, watcher=FeedWatcher(), journal=journal, take=take)
        running = threading.Thread(target=loop.run, args=(stop,), kwargs={"every": 0.0})
        running.start()
        running.join(30)
        assert not running.is_alive()
        source.close()
    assert loop.slices == len(panel.times)
    assert loop.metrics.alerts._value.get() == loop.findings > 0
