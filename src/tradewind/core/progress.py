"""How long work tells its progress, without knowing who shows it."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Receives progress of one long job."""

    def update(self, stage: str, done: int, total: int) -> None:
        """Say that ``done`` of ``total`` steps of ``stage`` are finished."""
        ...


class NoProgress:
    """Shows nothing; the default in libraries and tests."""

    def update(self, stage: str, done: int, total: int) -> None:
        """Ignore the news."""
