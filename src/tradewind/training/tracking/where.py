"""Where runs are kept, and how that place is shown without its credentials."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from tradewind.core import UsageError

OFF = "off"
FLAG = "TRADEWIND_TRACK"
HOME = "TRADEWIND_HOME"

SCHEMES = ("http", "https", "sqlite", "postgresql", "mysql", "mssql")
_LOGIN = re.compile(r"(\w[\w+.-]*://)[^\s]*@")
_SECRET = re.compile(r"(?i)((?:pass(?:word|wd)?|pwd|token|secret|signature|sig|[\w-]*key)=)[^&\s]+")


@dataclass(frozen=True, kw_only=True)
class Place:
    """A store of runs.

    Attributes
    ----------
    uri : MLflow tracking URI; it may hold credentials, so show :attr:`shown` instead.
    folder : folder of the database, its lock and its artefacts; None for a store that is not a local SQLite file.
    """

    uri: str
    folder: Path | None

    @property
    def shown(self) -> str:
        """The URI without credentials."""
        return masked(self.uri)

    @property
    def files(self) -> Path | None:
        """Folder of the files of runs; None where a server keeps them."""
        if self.uri.startswith("http"):
            return None
        return (self.folder or _home()) / "artifacts"

    @property
    def database(self) -> Path | None:
        """The SQLite file; None for another kind of store."""
        return None if self.folder is None else Path(self.uri.removeprefix("sqlite:///"))


def place_of(flag: str | None = None) -> Place | None:
    """Return where runs are kept, None where they are not.

    ``flag`` counts first, then ``TRADEWIND_TRACK``, then ``runs.db`` in ``TRADEWIND_HOME`` or in ``.tradewind`` under
    the current folder. Both take ``off``, a folder, or an MLflow tracking URI such as ``sqlite:////data/runs.db``.

    Raises
    ------
    UsageError : the URI is of a kind that no store is.
    """
    asked = flag or os.environ.get(FLAG) or str(_home())
    if asked.strip().lower() == OFF:
        return None
    if asked.startswith("sqlite:///"):
        file = Path(asked.removeprefix("sqlite:///")).absolute()
        return Place(uri=f"sqlite:///{file}", folder=file.parent)
    if "://" in asked:
        scheme = asked.partition("://")[0]
        if scheme.partition("+")[0] not in SCHEMES:
            raise UsageError(
                f"runs cannot be kept at {masked(asked)!r}",
                fix=f"give --track (or {FLAG}) a folder, 'off', or a URI that begins with one of {', '.join(SCHEMES)}",
            )
        return Place(uri=asked, folder=None)
    folder = Path(asked).expanduser().absolute()
    return Place(uri=f"sqlite:///{folder / 'runs.db'}", folder=folder)


def _home() -> Path:
    return Path(os.environ.get(HOME) or ".tradewind").expanduser().absolute()


def masked(text: str) -> str:
    """Return ``text`` with the logins, passwords and tokens of URIs in it replaced by stars."""
    return _SECRET.sub(r"\1***", _LOGIN.sub(r"\1***@", text))
