"""Connectors in a thread and an event loop of their own, so that a large page never keeps callers waiting."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tradewind.core import TradewindError
from tradewind.streaming.connectors.load import run_connectors
from tradewind.streaming.connectors.protocol import Connector
from tradewind.streaming.log.protocol import EventLog


class RunningConnectors:
    """Runs ``connectors`` into ``log`` from now on, until :meth:`stop`."""

    def __init__(self, connectors: Sequence[Connector], log: EventLog) -> None:
        self._connectors, self._log = tuple(connectors), log
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="connectors", daemon=True)
        self._thread.start()
        self._ready.wait()

    @property
    def problem(self) -> BaseException | None:
        """Return what ended all of them, None while they run or after :meth:`stop`."""
        return self._problem

    def snapshots(self) -> list[dict[str, Any]]:
        """Return the status of each connector, JSON-ready."""
        return [connector.status.snapshot() for connector in self._connectors]

    def stop(self, timeout: float = 30.0) -> None:
        """Return when every connector has finished the page it was delivering.

        Raises
        ------
        TradewindError : they did not end within ``timeout`` seconds.
        """
        if self._thread.is_alive() and self._loop is not None and self._stop is not None:
            with suppress(RuntimeError):  # the loop has ended by itself in this moment
                self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(timeout)
        if self._thread.is_alive():
            raise TradewindError(f"the connectors did not end within {timeout:g} s")

    def _run(self) -> None:
        try:
            asyncio.run(self._main())
        except Exception as error:  # noqa: BLE001 - kept for whoever asks: a thread has nobody to raise to
            self._problem = error
        finally:
            self._ready.set()

    async def _main(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        self._ready.set()
        await run_connectors(self._connectors, self._log, self._stop)
