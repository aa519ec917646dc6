"""Files that people write for governance: notes, incidents, validations, policies, schedules, all TOML."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError

from tradewind.core import InputError, Settings

Model = TypeVar("Model", bound=Settings)


def read_toml(path: Path, model: type[Model], *, what: str) -> Model:
    """Read a TOML file as ``model``; every field that does not fit is named in one error.

    Parameters
    ----------
    what : the kind of file in words, such as "an incident".

    Raises
    ------
    InputError : the file is absent, is no TOML, or holds fields that do not fit.
    """
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})", file=path, fix=f"give the TOML file of {what}"
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise InputError(f"is not valid TOML ({error})", file=path, fix="mend the syntax there") from error
    try:
        return model.model_validate(values)
    except ValidationError as error:
        found = error.errors()
        # a list whose entries are at fault is also called too short: only the entries say something
        told = [one for one in found if not (one["type"] == "too_short" and _within(one, found))]
        faults = [f"{_name(one['loc'])}: {_words(one)}" for one in told]
        raise InputError(
            f"is not {what} that can be used: {'; '.join(faults)}", file=path, fix="write these fields"
        ) from error


def _within(one: Mapping[str, Any], found: Sequence[Mapping[str, Any]]) -> bool:
    size = len(one["loc"])
    return any(len(other["loc"]) > size and other["loc"][:size] == one["loc"] for other in found)


def _name(place: tuple[int | str, ...]) -> str:
    return ".".join(str(part + 1) if isinstance(part, int) else part for part in place) or "file"


def _words(error: Mapping[str, Any]) -> str:
    if error["type"] == "too_short":
        return "needs at least one entry"
    words = str(error["msg"]).removeprefix("Value error, ")
    return f"{words[0].lower()}{words[1:]}"
