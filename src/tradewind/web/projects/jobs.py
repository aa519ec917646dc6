"""The job of a project: which commands make its model and forecasts, and how far they are."""

from __future__ import annotations

from pathlib import Path

from tradewind.web.projects.shapes import JobState


def state_of(folder: Path) -> JobState | None:
    return None
