"""Makes the passwords that deploy/compose.yaml reads, where there are none yet."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FOLDER = Path(__file__).parent / "secrets"
NAMES = ("redis_password", "postgres_password", "grafana_password")


def make(folder: Path = FOLDER) -> list[str]:
    """Make the missing ones and return their names; those that exist stay as they are."""
    folder.mkdir(mode=0o711, exist_ok=True)
    made = []
    for name in NAMES:
        try:
            # containers read them as other users: the folder lists nothing, the names are all that leads to them
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
        made.append(name)
    return made


if __name__ == "__main__":
    print(f"made {', '.join(make()) or 'none: all are there'} in {FOLDER}")
