"""Where the audit log, the key that signs it and its anchor are."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

from tradewind.core import UsageError

OFF = "off"
FLAG, HOME = "TRADEWIND_AUDIT", "TRADEWIND_HOME"
KEY, ANCHORS = "TRADEWIND_AUDIT_KEY", "TRADEWIND_AUDIT_ANCHORS"
POSTGRES = ("postgresql", "postgres")


@dataclass(frozen=True, kw_only=True)
class AuditPlace:
    """A log and what belongs to it.

    Attributes
    ----------
    database : path of a SQLite file, or a PostgreSQL URI; it may hold a password, so show :attr:`shown` instead.
    key : file of the secret that signs; the public half lies beside it with the suffix ``.pub``.
    anchor : file of the last signature.
    """

    database: str
    key: Path
    anchor: Path

    def __repr__(self) -> str:
        return f"AuditPlace({self.shown})"

    @property
    def shown(self) -> str:
        """The database without credentials."""
        if not self.remote:
            return self.database
        parts = urlsplit(self.database)
        return f"postgresql://{_host(parts)}{parts.path}"

    @property
    def key_beside(self) -> bool:
        """Whether the key that signs lies in the folder of the log, open to whoever may write the log."""
        return not self.remote and self.key.exists() and self.key.parent == Path(self.database).parent

    @property
    def remote(self) -> bool:
        """Whether it is a PostgreSQL server."""
        return "://" in self.database

    @property
    def public(self) -> Path:
        """File of the public key."""
        return self.key.with_suffix(".pub")


def place_of(flag: str | Path | None = None) -> AuditPlace | None:
    """Return where the audit log is, None where there shall be none.

    ``flag`` counts first, then ``TRADEWIND_AUDIT``, then ``audit.db`` in ``TRADEWIND_HOME`` or in ``.tradewind`` under
    the current folder. Both take ``off``, a file, a folder, or ``postgresql://USER@HOST/DATABASE``. The key is
    ``TRADEWIND_AUDIT_KEY``, else ``audit.key`` beside the file (in the home, for a server); anchors lie in
    ``TRADEWIND_AUDIT_ANCHORS``, else there too.

    Raises
    ------
    UsageError : the URI is of a kind that no log is.
    """
    asked = str(flag or os.environ.get(FLAG) or _home()).strip()
    if asked.lower() == OFF:
        return None
    if "://" in asked:
        if asked.partition("://")[0] not in POSTGRES:
            raise UsageError(
                f"an audit log cannot be kept at {asked.partition('://')[0]}://...",
                fix=f"give --log (or {FLAG}) a file, 'off', or postgresql://USER@HOST/DATABASE",
            )
        parts = _uri(asked)
        options = [(name, value) for name, value in parse_qsl(parts.query) if name not in {"user", "password"}]
        named = f"{_host(parts)}{parts.path}?{urlencode(options)}"  # no login: it may change
        name = f"audit-{hashlib.sha256(named.encode()).hexdigest()[:12]}"
        return _place(asked, _home(), name)
    file = Path(asked).expanduser().absolute()
    if file.is_dir() or not file.suffix:
        file = file / "audit.db"
    return _place(str(file), file.parent, file.name)


def _uri(text: str) -> SplitResult:
    """Return the parts of a URI; a letter that must be escaped would make a piece of the login look like a host."""
    parts = urlsplit(text)
    astray = "@" in parts.path + parts.fragment or (parts.query and "=" not in parts.query)
    if astray or parts.fragment or re.search("%(?![0-9a-fA-F]{2})", text):
        raise UsageError(
            "the URI of the audit log cannot be read",  # not shown: the login would be
            fix="write postgresql://USER@HOST:PORT/DATABASE; a login takes %2F %23 %3F %40 %25 for / # ? @ %",
        )
    return parts


def _host(parts: SplitResult) -> str:
    return parts.netloc.rpartition("@")[2]


def _place(database: str, folder: Path, name: str) -> AuditPlace:
    key = Path(os.environ.get(KEY) or folder / "audit.key").expanduser().absolute()
    anchors = Path(os.environ.get(ANCHORS) or folder).expanduser().absolute()
    return AuditPlace(database=database, key=key, anchor=anchors / f"{name}.anchor")


def _home() -> Path:
    return Path(os.environ.get(HOME) or ".tradewind").expanduser().absolute()
