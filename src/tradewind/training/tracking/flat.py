"""Nested settings as the flat names and short texts that MLflow keeps."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

import numpy as np

from tradewind.training.tracking.where import masked

LONGEST = 5000
"""Characters of one kept text; MLflow refuses 6000 for a parameter."""


def flat(values: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """Return ``values`` with nested mappings as dotted names and everything else as text; credentials are masked.

    Lists become JSON. A text longer than :data:`LONGEST` is cut, and says so.
    """
    found: dict[str, str] = {}
    for key, value in values.items():
        name = key_name(f"{prefix}{key}")
        if isinstance(value, Mapping):
            found.update(flat(value, f"{name}."))
        else:
            found[name] = text_of(value)
    return found


def text_of(value: Any) -> str:
    """Return ``value`` as masked text of at most :data:`LONGEST` characters."""
    plain = value is None or isinstance(value, bool | int | float | list | tuple)
    text = json.dumps(value, default=str) if plain else str(value)
    text = masked(text)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 20]}... ({len(text)} in all)"


def numbers(values: Mapping[str, Any], prefix: str = "") -> dict[str, float]:
    """Return the finite numbers of ``values`` by dotted name; NaN, infinities, truth values and texts are left out."""
    found: dict[str, float] = {}
    for key, value in values.items():
        name = key_name(f"{prefix}{key}")
        if isinstance(value, Mapping):
            found.update(numbers(value, f"{name}."))
        elif isinstance(value, bool | np.bool_):
            continue
        elif isinstance(value, int | float | np.number) and math.isfinite(value):
            found[name] = float(value)
    return found


def key_name(text: str) -> str:
    """Return ``text`` with characters that MLflow refuses in names replaced by underscores."""
    return re.sub(r"[^\w./ -]", "_", text)
