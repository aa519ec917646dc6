"""All watchers as one: a slice in, findings out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tradewind.core import Severity
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.slices import Slice
from tradewind.monitoring.watcher import Watcher


class Monitor:
    """Shows each slice to every watcher, in order.

    A watcher that fails is told of (``watcher_failed``) and never stops the others: what is wrong with the monitor must
    not hide what is wrong with the model.
    """

    name = "monitor"

    def __init__(self, watchers: Sequence[Watcher]) -> None:
        names = [one.name for one in watchers]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"two watchers are named {twice[0]!r}")
        self.watchers = tuple(watchers)

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Return what the watchers notice with ``one``; slices come in the order of time."""
        found: list[Finding] = []
        for watcher in self.watchers:
            try:
                found.extend(watcher.observe(one))
            except Exception as error:  # noqa: BLE001 - told as a finding, with the watcher's name
                found.append(_failed(watcher.name, error, one))
        return found

    def state(self) -> Mapping[str, Any]:
        """Return the newest figures of every watcher, by its name."""
        return {watcher.name: dict(watcher.state()) for watcher in self.watchers}


def _failed(name: str, error: Exception, one: Slice) -> Finding:
    return Finding(
        kind="watcher_failed",
        area=Area.SERVICE,
        severity=Severity.ERROR,
        message=f"the watcher {name!r} failed ({type(error).__name__}: {error}): what it watches is not watched",
        time=bar_time(one),
        known_at=one.known_at,
        subject={"metric": name},
        evidence={"error": type(error).__name__},
    )
