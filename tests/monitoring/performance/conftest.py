"""Outcomes of slices, and what a watcher tells of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tradewind.core import Outcomes
from tradewind.monitoring.performance import LabelJoin
from tradewind.monitoring.slices import Slice
from tradewind.monitoring.watcher import Watcher


@pytest.fixture(scope="session")
def outcomes_of() -> Callable[..., Outcomes]:
    """Return a function from slices to the outcomes of a version."""

    def of(slices: list[Slice], version: str = "demo/1", regime: str = "") -> Outcomes:
        join = LabelJoin(days=10_000)
        for one in slices:
            join.add(one)
        return join.rows(version).to_outcomes(version, regime)

    return of


@pytest.fixture(scope="session")
def told() -> Callable[..., dict[tuple[str, str], int]]:
    """Return a function from a watcher and slices to the first day of each (kind, subject) told."""

    def tell(watcher: Watcher, slices: list[Slice]) -> dict[tuple[str, str], int]:
        first: dict[tuple[str, str], int] = {}
        for day, one in enumerate(slices):
            for finding in watcher.observe(one):
                assert finding.known_at == one.known_at
                first.setdefault((finding.kind, finding.about), day)
        return first

    return tell


@pytest.fixture(scope="session")
def past_is_fixed() -> Callable[[Callable[[], Watcher], list[Slice], int], list[Any]]:
    """Return a check that slices after the ``cut``-th change no finding before it; it returns the findings."""

    def check(make: Callable[[], Watcher], slices: list[Slice], cut: int) -> list[Any]:
        def told_by(some: list[Slice]) -> list[list[Any]]:
            watcher = make()
            return [[finding.to_dict() for finding in watcher.observe(one)] for one in some]

        whole = told_by(slices)
        assert told_by(slices) == whole  # equal slices give equal findings
        assert told_by(slices[:cut]) == whole[:cut]
        return [finding for day in whole[:cut] for finding in day]

    return check
