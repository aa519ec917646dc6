"""Whole files or none: results are written beside their place and then renamed."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tradewind.core.errors import InputError, OutputError
from tradewind.core.plain import finite


@contextmanager
def atomic_path(target: str | Path) -> Iterator[Path]:
    """Yield a temporary path beside ``target``; on success it takes the target's name, on error it is removed.

    Raises
    ------
    OutputError : the folder cannot be made or written.
    """
    goal = Path(target)
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{goal.name}.", suffix=goal.suffix, dir=goal.parent)
        os.close(handle)
    except OSError as error:
        raise OutputError(
            f"cannot write here ({error.strerror or error})",
            file=goal,
            fix="choose a folder you may write to",
        ) from error
    draft = Path(name)
    try:
        yield draft
        umask = os.umask(0)
        os.umask(umask)
        draft.chmod(0o666 & ~umask)  # mkstemp makes the file private; results are ordinary files
        draft.replace(goal)
    except OSError as error:
        raise OutputError(
            f"cannot write here ({error.strerror or error})", file=goal, fix="choose a path you may write to"
        ) from error
    finally:
        with suppress(FileNotFoundError):
            draft.unlink()


def write_text(target: str | Path, text: str) -> Path:
    """Write ``text`` as UTF-8 to ``target``, whole or not at all."""
    with atomic_path(target) as draft:
        draft.write_text(text, encoding="utf-8")
    return Path(target)


def write_json_file(target: str | Path, value: Any) -> Path:
    """Write ``value`` as JSON to ``target``, whole or not at all; NaN and infinity become null."""
    return write_text(target, json.dumps(finite(value), indent=2, allow_nan=False, default=str) + "\n")


def read_json(path: Path, *, what: str) -> dict[str, Any]:
    """Read a JSON file that holds one object.

    Parameters
    ----------
    what : the file that is wanted, in words, such as "metrics.json of `tradewind evaluate`".

    Raises
    ------
    InputError : the file is absent, is no JSON, or holds something else.
    """
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror or error})", file=path, fix=f"give {what}") from error
    except ValueError as error:
        raise InputError(f"is not valid JSON ({error})", file=path, fix=f"give {what}") from error
    if not isinstance(content, dict):
        raise InputError("holds no JSON object", file=path, fix=f"give {what}")
    return content
