"""Which alerts a rule or a silence means: labels against patterns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache

SUBJECT_KEYS = frozenset(
    {"feed", "feature", "sector", "symbol", "regime", "version", "dependency", "source", "metric", "job"}
)
"""Keys that the subject of a finding may have."""
LABELS = frozenset({"kind", "area", "severity"}) | SUBJECT_KEYS
"""Names that a rule or a silence may ask for."""


def matches(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    """Return whether every name in ``wanted`` is a label whose value fits.

    A wanted value is one or more patterns with commas between: ``feed_silent,unit_change`` or ``rsi_*``, with the
    wildcards of the shell. An empty ``wanted`` fits everything.
    """
    for name, patterns in wanted.items():
        value = labels.get(name)
        if value is None or not _fits(value, patterns):
            return False
    return True


def _fits(value: str, patterns: str) -> bool:
    if value == patterns:
        return True
    return any(value == one or fnmatchcase(value, one) for one in _parts(patterns))


@lru_cache(maxsize=1024)
def _parts(patterns: str) -> tuple[str, ...]:
    return tuple(re.split(r"\s*,\s*", patterns.strip()))


def unknown(wanted: Mapping[str, str]) -> list[str]:
    """Return the names in ``wanted`` that no alert has as a label."""
    return sorted(set(wanted) - LABELS)
