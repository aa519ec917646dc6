"""Puts live surveillance together: log, engine, cases, metrics, the view for an analyst."""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from prometheus_client import start_http_server
from rich.live import Live
from rich.table import Table

from tradewind.cli import show
from tradewind.cli.surveilling import live_sessions
from tradewind.core.clock import SystemClock
from tradewind.streaming.log import EmbeddedLog, LogSettings, open_log
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.events import Problems
from tradewind.surveillance.learning import SurveillanceModel
from tradewind.surveillance.live.engine import Judge, LiveEngine, LiveSettings, Sink
from tradewind.surveillance.live.player import play
from tradewind.surveillance.live.report import clock
from tradewind.surveillance.live.sources import EventFiles
from tradewind.surveillance.pipeline import SurveillanceSettings

SHOWN = 15
"""Alerts in the live view."""


@dataclass(frozen=True, kw_only=True)
class LivePlaces:
    """Where everything is, as the flags of `tradewind surveil watch` say."""

    log: str
    state: Path
    cases: Path | None
    port: int | None
    sessions: str
    warm_up: int | None


def watched(
    places: LivePlaces, model: SurveillanceModel, settings: SurveillanceSettings, *, once: bool
) -> dict[str, Any]:
    """Run until the log ends (``once``) or a signal comes; return counts."""
    judge = Judge(model=model, sessions=live_sessions(places.sessions, SystemClock().now()), settings=settings)
    stop = threading.Event()
    with open_log(places.log) as log:
        engine = LiveEngine(
            log, judge, places.state, settings=LiveSettings(warm_up=places.warm_up), sinks=_sinks(places.cases)
        )
        try:
            if places.port is not None:
                start_http_server(places.port, addr="127.0.0.1", registry=engine.metrics.registry)
            if once:
                engine.once()
            else:
                for number in (signal.SIGINT, signal.SIGTERM):
                    signal.signal(number, lambda *_: stop.set())
                show.note(f"Watching {places.log}; stop with Ctrl-C")
                engine.run(stop)
        finally:
            engine.close()
    return {
        "events": engine.events,
        "alerts": len(engine.alerts),
        "problems": engine.problems.counts(),
        **_delays(engine.delays),
    }


def _sinks(cases: Path | None) -> Sequence[Sink]:
    if cases is None:
        return ()
    from tradewind.surveillance.cases import CaseStore

    store = CaseStore(cases)
    return (lambda alerts: store.ingest(alerts, run="live"),)


def played(files: EventFiles, place: str, speed: float | None) -> int:
    """Write the events of ``files`` into the log at ``place``; return how many."""
    with open_log(place) as log:
        return play(files.chunks(Problems()), log, speed=speed)


def replayed(
    files: EventFiles, speed: float | None, model: SurveillanceModel, settings: SurveillanceSettings, *, live: bool
) -> dict[str, Any]:
    """Play ``files`` through a log of its own and the live engine, and show the alerts as they are raised."""
    sessions, total = files.look()
    stop, began = threading.Event(), time.monotonic()
    problem: list[Exception] = []
    with (
        tempfile.TemporaryDirectory(prefix="tradewind-replay-") as folder,
        EmbeddedLog.open(Path(folder) / "log", settings=LogSettings(partitions=1)) as log,
    ):
        engine = LiveEngine(log, Judge(model=model, sessions=sessions, settings=settings), Path(folder) / "state")
        board = _Board(total)

        def write() -> None:
            try:
                play(files.chunks(engine.problems), log, speed=speed, stop=stop)
            except Exception as error:  # noqa: BLE001 - told by the thread that waits for it
                problem.append(error)

        player = threading.Thread(target=write, name="player", daemon=True)
        player.start()
        try:
            with Live(board.table(engine), console=show.ERR, refresh_per_second=4, transient=True) as view:
                while player.is_alive() or engine.lag():
                    for alert in engine.step():
                        board.take(alert, plain=live and not show.ERR.is_terminal)
                    view.update(board.table(engine))
            engine.once()
        finally:
            stop.set()
            player.join()
            engine.close()
        if problem:
            raise problem[0]
    seconds = time.monotonic() - began
    return {"events": engine.events, "seconds": seconds, "alerts": len(engine.alerts), **_delays(engine.delays)}


def _delays(delays: Sequence[float] | Any) -> dict[str, float]:
    found = np.asarray(list(delays), dtype=float)
    if not len(found):
        return {"delay_p50": float("nan"), "delay_p99": float("nan"), "delay_max": float("nan")}
    return {
        "delay_p50": float(np.quantile(found, 0.5)),
        "delay_p99": float(np.quantile(found, 0.99)),
        "delay_max": float(found.max()),
    }


class _Board:
    """The newest alerts, as a table that is drawn again and again."""

    def __init__(self, total: int) -> None:
        self._total, self._began = total, time.monotonic()
        self._newest: dict[str, Alert] = {}

    def take(self, alert: Alert, *, plain: bool) -> None:
        """Put an alert on top; in plain lines where no terminal can draw."""
        self._newest.pop(alert.id, None)
        self._newest[alert.id] = alert
        if len(self._newest) > SHOWN:
            del self._newest[next(iter(self._newest))]
        if plain and alert.revision == 0:
            show.say(
                f"{clock(alert.known_at)}  {alert.tier.value:<8} {alert.scheme.value:<20} {alert.symbol}  "
                f"{', '.join(alert.accounts[:3])}  {alert.score:.3f}  {alert.id}"
            )

    def table(self, engine: LiveEngine) -> Table:
        """Return the table as it stands."""
        rate = engine.events / max(time.monotonic() - self._began, 1e-9)
        title = f"{engine.events:,} of {self._total:,} events, {rate:,.0f} a second; {len(engine.alerts)} alerts"
        shown = Table(title=title, title_justify="left", header_style="bold")
        for name in ("known at (UTC)", "tier", "scheme", "symbol", "accounts", "score", "revision"):
            shown.add_column(name)
        for alert in reversed(self._newest.values()):
            shown.add_row(
                clock(alert.known_at),
                alert.tier.value,
                alert.scheme.value,
                alert.symbol,
                ", ".join(alert.accounts[:3]),
                f"{alert.score:.3f}",
                str(alert.revision),
            )
        return shown
