"""Summaries that other packages hand over as plain mappings, as rows a reader can follow."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tradewind.governance.pages import Pairs
from tradewind.governance.pages.numbers import DASH, count, known, number, text

MOST = 40
"""Rows of a digest; a summary is no data set."""
SEPARATED = 10_000
"""Whole numbers from here on are shown with separators; years are not."""


def digest(summary: Mapping[str, Any]) -> Pairs:
    """Return the scalar values of nested ``summary`` by dotted name, lists of records by their number of entries."""
    rows = list(_rows(summary, ""))
    shown = rows[:MOST]
    if len(rows) > MOST:
        shown.append((f"and {len(rows) - MOST} more", "see the JSON file"))
    return Pairs(tuple(shown))


def _rows(values: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    for key, value in values.items():
        name = f"{prefix}{key}".replace("_", " ")
        if isinstance(value, Mapping) and {"value", "lower", "upper"} <= value.keys():
            bounds = f"{_scalar(value['lower'])} to {_scalar(value['upper'])}"
            yield name, f"{_scalar(value['value'])} (95 % interval {bounds})"
        elif isinstance(value, Mapping):
            yield from _rows(value, f"{prefix}{key}: ")
        elif isinstance(value, list | tuple) and any(isinstance(one, Mapping | list | tuple) for one in value):
            yield name, f"{len(value)} entries"
        elif isinstance(value, list | tuple):
            yield name, ", ".join(map(_scalar, value)) or DASH
        else:
            yield name, _scalar(value)


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int) and abs(value) >= SEPARATED:
        return count(value)
    if isinstance(value, float) and known(value):
        return number(value, 4)
    return text(value)
