"""The pieces of an explanation: layers of sentences and tables, every cell of which is a sentence of facts too."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.sentences import Sentence, say

LAYERS = ("executive", "attribution", "technical", "internals")


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: ``columns`` are headings, every cell of ``rows`` is made of facts; ``numeric`` columns are set right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Sentence, ...], ...]
    numeric: tuple[bool, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "title": self.title,
            "columns": list(self.columns),
            "numeric": list(self.numeric),
            "rows": [[cell.to_dict() for cell in row] for row in self.rows],
        }


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer: for whom, in which words."""

    name: str
    title: str
    sentences: tuple[Sentence, ...]
    tables: tuple[Table, ...] = ()

    def every(self) -> Iterator[Sentence]:
        """Yield every sentence, those in tables included."""
        yield from self.sentences
        for table in self.tables:
            for row in table.rows:
                yield from row

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "name": self.name,
            "title": self.title,
            "sentences": [sentence.to_dict() for sentence in self.sentences],
            "tables": [table.to_dict() for table in self.tables],
        }


def cells(facts: Facts, *templates: str) -> tuple[Sentence, ...]:
    """Return a row of a table; an empty template is an empty cell."""
    return tuple(say(facts, template, "cell") for template in templates)


def listed(parts: list[str]) -> str:
    """Return template parts as one: "a", "a and b" or "a, b and c"."""
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def level_form(facts: Facts) -> str:
    """Return the form of the interval's level: without decimals only where it has none, so 99.5 % is not 100 %."""
    percent = 100.0 * float(facts.value("forecast.level"))
    return "pct0" if abs(percent - round(percent)) < 1e-9 else "pct1"
