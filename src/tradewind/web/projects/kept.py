"""Answers that take seconds to work out, kept on disk beside the project: who comes after a restart need not wait."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from tradewind import __version__
from tradewind.core.errors import OutputError
from tradewind.core.files import write_text
from tradewind.core.ids import content_id
from tradewind.web.projects.project import Project

FOLDER = "kept"
_LOG = logging.getLogger("tradewind.web")
A = TypeVar("A", bound=BaseModel)


def kept_answer(project: Project, what: str, files: tuple[Path, ...], shape: type[A], make: Callable[[], A]) -> A:
    """Return what ``make`` works out from ``files``, in memory and on disk until one of them changes.

    What was kept by another version, or in another shape, is worked out again. A folder that cannot be written only
    costs the time. Raises what ``make`` raises; nothing is kept then.
    """
    return project.derived(what, files, lambda: _from_disk(project, what, files, shape, make))


def _from_disk(project: Project, what: str, files: tuple[Path, ...], shape: type[A], make: Callable[[], A]) -> A:
    return kept_on_disk(project.folder / FOLDER, what, [_state(path) for path in files], shape, make)


def kept_on_disk(folder: Path, what: str, content: object, shape: type[A], make: Callable[[], A]) -> A:
    """Return what ``make`` works out, from ``folder`` where it was kept for the same ``content`` (plain values)."""
    state = content_id(__version__, shape.model_json_schema(), content)
    file = folder / f"{what.replace(' ', '-')}.json"
    found = _read(file, state, shape)
    if found is not None:
        return found
    answer = make()
    try:
        write_text(file, f"{state}\n{answer.model_dump_json()}")
    except OutputError as error:
        _LOG.info("an answer cannot be kept: %s", error)
    return answer


def _read(file: Path, state: str, shape: type[A]) -> A | None:
    """Return the answer in ``file`` if it is of ``state``; None where it is of another, broken or absent."""
    try:
        said, _, text = file.read_text(encoding="utf-8").partition("\n")
        return shape.model_validate_json(text) if said == state else None
    except (OSError, UnicodeDecodeError, ValidationError):
        return None


def _state(path: Path) -> tuple[str, int, int]:
    """Return name, size and time of change of a file; zeros where it is absent."""
    if not path.exists():
        return path.name, 0, 0
    stat = path.stat()
    return path.name, stat.st_size, stat.st_mtime_ns
