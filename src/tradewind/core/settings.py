"""The base of every settings object: frozen, typed, refusing unknown keys, and hashed to an id."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from tradewind.core.errors import UsageError
from tradewind.core.ids import content_id
from tradewind.core.toml import to_toml


class Settings(BaseModel):
    """Frozen settings; subclasses live beside the code they configure."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)

    @property
    def id(self) -> str:
        """16 hex digits that change when, and only when, a value changes."""
        return content_id(type(self).__name__, self.model_dump(mode="json"))

    def to_toml(self) -> str:
        """Return the settings as TOML text, every value in it, that :meth:`from_toml` reads back."""
        return to_toml(self.model_dump(mode="json"))

    @classmethod
    def from_toml(cls, path: str | Path) -> Self:
        """Read settings from a TOML file.

        Raises
        ------
        UsageError : the file is absent, is not TOML, or holds a key or value that does not fit.
        """
        try:
            values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except OSError as error:
            raise UsageError(
                f"cannot be read ({error.strerror})", file=path, fix="give a readable TOML file"
            ) from error
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"is not valid TOML ({error})", file=path, fix="mend the syntax there") from error
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise UsageError(first["msg"], file=path, field=name, fix="see `tradewind train --help`") from error
