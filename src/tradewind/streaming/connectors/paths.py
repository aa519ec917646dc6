"""Dotted paths into what JSON decodes to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final


class _Missing:
    def __repr__(self) -> str:
        return "MISSING"


MISSING: Final = _Missing()
"""What a path that leads nowhere gives; None is a value that JSON may hold."""


def look_up(item: Any, path: str) -> Any:
    """Return what lies at ``path`` (``a.b.0.c``; empty: the item itself; ``=text``: that text), or ``MISSING``."""
    if path.startswith("="):
        return path[1:]
    value = item
    for step in path.split(".") if path else ():
        if isinstance(value, Mapping):
            value = value.get(step, MISSING)
        elif isinstance(value, list) and step.lstrip("-").isdigit() and -len(value) <= int(step) < len(value):
            value = value[int(step)]
        else:
            return MISSING
    return value


def items_at(answer: Any, path: str, *, keyed: bool) -> Iterator[tuple[str | None, Any]]:
    """Yield the items at ``path``, each with its key where the answer is an object of lists (``keyed``).

    Raises
    ------
    LookupError : there is no list (or, ``keyed``, no object) at ``path``; the message says what there is.
    """
    found = look_up(answer, path)
    place = f"at {path!r}" if path else "at the top"
    if keyed:
        if not isinstance(found, Mapping):
            raise LookupError(f"no object of lists {place} but {_word(found)}")
        for key, value in found.items():
            for item in value if isinstance(value, list) else (value,):
                yield key, item
        return
    if not isinstance(found, list):
        raise LookupError(f"no list of items {place} but {_word(found)}")
    for item in found:
        yield None, item


def _word(value: Any) -> str:
    if value is MISSING:
        return "nothing"
    return "null" if value is None else f"a {type(value).__name__}"
