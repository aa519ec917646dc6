"""What is kept between requests, one of each kind for an application."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request

T = TypeVar("T")
_LOCK = threading.Lock()


def held(request: Request, kind: type[T], make: Callable[[], T]) -> T:
    """Return the application's object of ``kind``, made when it is first asked for."""
    with _LOCK:
        state = request.app.state
        kept: dict[type[object], object] = getattr(state, "oncall", {})
        if kind not in kept:
            kept[kind] = make()
            state.oncall = kept
        found = kept[kind]
    assert isinstance(found, kind)
    return found
