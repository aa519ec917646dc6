"""Makes the passwords that deploy/compose.yaml reads, where there are none yet."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

FOLDER = Path(__file__).parent / "secrets"
NAMES = ("redis_password", "postgres_password", "grafana_password")


def make(folder: Path = FOLDER) -> list[str]:
    """Make the missing ones and return their names; those that exist stay as they are."""
    folder.mkdir(mode=0o700, exist_ok=True)
    folder.chmod(0o700)
    made = []
    for name in NAMES:
        try:
            # containers read them as other users, mounted one by one; on this machine the folder lets nobody else in
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
        except FileExistsError:
            continue
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(32))
        made.append(name)
    return made


if __name__ == "__main__":
    print(f"made {', '.join(make()) or 'none: all are there'} in {FOLDER}")
