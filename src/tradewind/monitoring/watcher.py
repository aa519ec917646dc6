"""The one protocol of everything that looks at slices and tells of what is wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

from tradewind.monitoring.finding import Finding
from tradewind.monitoring.slices import Slice


@runtime_checkable
class Watcher(Protocol):
    """Looks at slices in the order of time and tells of what is wrong.

    A watcher depends on nothing but its settings, its reference and the slices it was shown, in their order: no
    clock, no randomness but from a seed in its settings. Its memory is bounded. Equal slices give equal findings, and
    a finding never depends on a later slice. It never raises for what a slice may hold (no rows, NaN everywhere, new
    symbols, labels of forecasts it never saw).
    """

    name: str

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Take in the next slice and return what is noticed with it; the same trouble may be told again and again."""
        ...

    def state(self) -> Mapping[str, Any]:
        """Return the newest statistics by name, JSON-ready, for people and pages; not the whole memory."""
        ...
