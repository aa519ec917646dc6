"""How far the server is with what takes it long, for pages that wait."""

from __future__ import annotations

import threading

from fastapi import APIRouter, Request
from pydantic import BaseModel, Field

from tradewind.web.views.oncall.held import held

router = APIRouter()


class OncallWork(BaseModel):
    """One thing the server is at."""

    what: str = Field(description="drift or diagnosis.")
    done: int
    of: int


class AtWork:
    """Keeps what is told of; a :class:`~tradewind.core.Progress`. What is done is forgotten."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._going: dict[str, tuple[int, int]] = {}

    def update(self, what: str, done: int, total: int) -> None:
        """Take note that ``done`` of ``total`` steps are made."""
        with self._lock:
            if done < total:
                self._going[what] = (done, total)
            else:
                self._going.pop(what, None)

    def going(self) -> list[OncallWork]:
        """Return what is at work."""
        with self._lock:
            return [OncallWork(what=what, done=done, of=of) for what, (done, of) in self._going.items()]


@router.get("/progress")
def oncall_progress(request: Request) -> list[OncallWork]:
    """What the server works out at present; a page that waits for it says how far it is."""
    return held(request, AtWork, AtWork).going()
