"""Answers that people must give: what counts as one, and settings that refuse an unfilled skeleton."""

from __future__ import annotations

import re
from typing import Any

from pydantic import field_validator

from tradewind.core import Settings

FILL = "FILL IN"
"""How an unfilled answer of a skeleton begins."""

_PLACEHOLDER = re.compile(
    r"^\W*((fill[ _-]?in|todo|tbd|tbc|tba|fixme|xxx+|lorem ipsum|placeholder|not known yet|"
    r"to be (done|defined|decided|determined|added))\b|(n/?a|none|null|nan|unknown)\W*$)",
    re.IGNORECASE,
)


def is_placeholder(text: str) -> bool:
    """Return whether ``text`` says nothing: no letter or digit in it, or it begins as an answer still to be written."""
    return not re.search(r"\w", text) or _PLACEHOLDER.match(text) is not None


class Filled(Settings):
    """Settings whose texts must be answers; a field that has a default may be empty."""

    @field_validator("*", mode="after")
    @classmethod
    def _no_placeholder(cls, value: Any) -> Any:
        texts = [value] if isinstance(value, str) else value if isinstance(value, tuple) else ()
        for text in texts:
            if isinstance(text, str) and is_placeholder(text):
                raise ValueError(f"is not filled in ({text!r})" if text else "is empty")
        return value
