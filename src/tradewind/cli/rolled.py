"""What `tradewind rollout` reads from a server's state folder, and what it leaves there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tradewind.core import UsageError
from tradewind.serving.rollout import ReviewList
from tradewind.serving.rollout.standing import leave_word, standing
from tradewind.serving.rollout.state import load

__all__ = ["ask_to_stop", "close_case", "standing", "waiting"]

STEP = 0.1


def _iso(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1e6, UTC).isoformat(timespec="seconds")


def ask_to_stop(state: Path, name: str | None, reason: str, person: str, *, patience: float) -> tuple[str, bool]:
    """Leave word that the experiment ends, and return its name and whether a server took it up in time.

    Raises
    ------
    UsageError : there is none, or it has ended.
    """
    path = leave_word(state, name, reason, person)
    until = time.monotonic() + patience
    while time.monotonic() < until:
        held = load(path)
        if held is not None and held.status != "running":
            return path.stem, True
        time.sleep(STEP)
    return path.stem, False


@contextmanager
def _cases(state: Path) -> Iterator[ReviewList]:
    path = state / "review.db"
    if not path.exists():
        raise UsageError("no cases were kept here", file=state, fix="name the folder of `tradewind serve` with --state")
    cases = ReviewList(path)
    try:
        yield cases
    finally:
        cases.close()


def waiting(state: Path, limit: int) -> list[dict[str, Any]]:
    """Return the cases that wait, the farthest apart first."""
    with _cases(state) as cases:
        return [
            {
                "prediction": case.prediction,
                "symbol": case.symbol,
                "bar": _iso(case.time),
                "version": case.model,
                "champion": case.champion,
                "student": case.student,
                "cause": case.cause,
                "seen": _iso(case.seen_at),
            }
            for case in cases.waiting(limit)
        ]


def close_case(state: Path, prediction: str, person: str, note: str) -> None:
    """Note who looked at a case; UsageError where no such case waits."""
    with _cases(state) as cases:
        cases.close_case(prediction, person, note)
