"""What the night's comparison of features found, as the server tells it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tradewind.core import InputError
from tradewind.core.files import read_json


def last_parity(state: Path) -> dict[str, Any] | None:
    """Return the newest night with its verdict; None where there was none. A damaged file is a verdict of its own."""
    path = state / "parity" / "state.json"
    if not path.exists():
        return None
    try:
        found = read_json(path, what="the state of the nightly report")
    except InputError:
        return {"night": None, "verdict": "unreadable"}
    return {"night": found.get("last_night"), "verdict": found.get("verdict")}
