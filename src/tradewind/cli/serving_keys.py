"""Keys of the server's callers, from flags and to tables."""

from __future__ import annotations

import os
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from tradewind.cli import show
from tradewind.serving.access import SCOPES, KeyRecord, KeyTerms, create_key
from tradewind.serving.contracts import Scope

EVERYTHING: tuple[Scope, ...] = SCOPES


def terms_of(scopes: str, *, rate: float, burst: int | None, expires: datetime | None, note: str) -> KeyTerms:
    """Return the terms that flags ask for; what makes no sense is refused where the key is made."""
    names = tuple(name.strip() for name in scopes.split(",") if name.strip())
    return KeyTerms(
        scopes=cast("tuple[Scope, ...]", names),
        rate=rate,
        burst=max(1, round(2 * rate)) if burst is None else burst,
        expires=expires,
        note=note,
    )


def shown(record: KeyRecord) -> dict[str, Any]:
    """Return what a list shows of a key."""
    return {
        "id": record.id,
        "scopes": ", ".join(record.scopes),
        "rate": record.rate,
        "burst": record.burst,
        "created": f"{record.created:%Y-%m-%d %H:%M}",
        "expires": "never" if record.expires is None else f"{record.expires:%Y-%m-%d}",
        "state": "in use" if record.revoked is None else f"revoked {record.revoked:%Y-%m-%d}",
        "note": record.note,
    }


def first_key(path: Path) -> None:
    """Create a key that may do everything, where there is no file of keys yet.

    It is shown on a terminal. Any other output may be kept as a log, so the key goes into a file of its own there.
    """
    if path.exists():
        return
    key, record = create_key(path, KeyTerms(scopes=EVERYTHING, rate=1000.0, burst=2000, note="the first key"))
    if not sys.stdout.isatty():
        file = path.with_name("first-key")
        file.unlink(missing_ok=True)
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
            out.write(key)
        show.note(
            f"There were no keys yet. One ({record.id}) that may do everything lies in {file}: delete it once read"
        )
        return
    show.note(f"There were no keys yet. This one ({record.id}) may do everything and is not shown again:")
    show.say(key)
