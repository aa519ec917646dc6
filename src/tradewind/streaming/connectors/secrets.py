"""Credentials that settings only name: ``env:NAME`` and ``file:PATH`` become values that no log or repr shows."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tradewind.core import UsageError

_ENV, _FILE = "env:", "file:"


def is_secret(text: str) -> bool:
    """Return whether ``text`` names a secret."""
    return text.startswith((_ENV, _FILE))


class Secrets:
    """The values of the secrets one connector names.

    Raises
    ------
    UsageError : a variable is not set or empty, or a file cannot be read; the message names it, never a value.
    """

    def __init__(self, texts: Iterable[str] = ()) -> None:
        self._values = {text: _read(text) for text in texts if is_secret(text)}

    def __repr__(self) -> str:
        return f"Secrets({', '.join(sorted(self._values)) or 'none'})"

    def reveal(self, text: str) -> str:
        """Return the value that ``text`` names, or ``text`` itself where it names none."""
        return self._values.get(text, text)

    def reveal_all(self, texts: Mapping[str, str]) -> dict[str, str]:
        """Return ``texts`` with every secret revealed."""
        return {name: self.reveal(text) for name, text in texts.items()}

    def reveal_within(self, value: Any) -> Any:
        """Return a JSON-like ``value`` with the secrets anywhere in it revealed."""
        if isinstance(value, Mapping):
            return {name: self.reveal_within(part) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.reveal_within(part) for part in value]
        return self.reveal(value) if isinstance(value, str) else value

    def redact(self, text: str) -> str:
        """Return ``text`` with every secret value in it replaced by its name."""
        for name, value in self._values.items():
            text = text.replace(value, f"<{name}>")
        return text


class RedactingFilter(logging.Filter):
    """Keeps secret values out of what libraries log of requests and handshakes."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    def filter(self, record: logging.LogRecord) -> bool:
        """Rewrite the record in place; it is always kept."""
        text = record.getMessage()
        clean = self._secrets.redact(text)
        if clean != text:
            record.msg, record.args = clean, None
        return True


def _read(text: str) -> str:
    if text.startswith(_ENV):
        name = text.removeprefix(_ENV)
        value = os.environ.get(name, "")
        if not value:
            raise UsageError(f"the environment variable {name} is not set", fix=f"export {name} before starting")
        return value
    path = Path(text.removeprefix(_FILE))
    try:
        value = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError("a secret cannot be read", file=path, fix="lay the secret into that file") from error
    if not value:
        raise UsageError("holds no secret", file=path, fix="lay the secret into that file")
    return value
