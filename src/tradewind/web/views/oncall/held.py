"""What is kept between requests, one of each kind for an application."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from starlette.datastructures import State

T = TypeVar("T")
_LOCK = threading.RLock()  # what is made may ask for another


def held(request: Request, kind: type[T], make: Callable[[], T]) -> T:
    """Return the application's object of ``kind``, made when it is first asked for."""
    return held_by(request.app.state, kind, make)


def held_by(state: State, kind: type[T], make: Callable[[], T]) -> T:
    """Return the object of ``kind`` that the application of this ``state`` keeps."""
    with _LOCK:
        kept: dict[type[object], object] = getattr(state, "oncall", {})
        if kind not in kept:
            kept[kind] = make()
            state.oncall = kept
        found = kept[kind]
    assert isinstance(found, kind)
    return found
