"""Who may read a file that holds a secret."""

from __future__ import annotations

import os
import stat


def others_may_read(found: os.stat_result, user: int | None = None) -> bool:
    """Return whether users other than ``user`` (None: this process's) and root may read or change a file.

    Mode 0600 or less keeps a secret. Of a file of root's, its group may read it too (0640) where the user is not root,
    the rule of PostgreSQL for its keys (libpq, ``sslkey``): an orchestrator lays secrets into a container as root, and
    by its group alone can the server read them.
    """
    if os.name != "posix":
        return False
    user = os.geteuid() if user is None else user
    allowed = 0o640 if found.st_uid == 0 and user != 0 else 0o600
    return bool(stat.S_IMODE(found.st_mode) & 0o077 & ~allowed)
