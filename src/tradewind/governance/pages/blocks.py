"""What a card or a report is made of: sections of plain blocks, drawn as HTML, Markdown or PDF by others.

A block holds text that is ready to read; numbers are formatted once, so that every form of a document shows the same
digits. Nothing here is markup: whatever a person wrote is escaped by the form that shows it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

Tone: TypeAlias = Literal["plain", "good", "warn", "bad", "soft"]


@dataclass(frozen=True)
class Mark:
    """A word that carries a judgement, such as PASS; ``tone`` colours it where colours can be shown."""

    text: str
    tone: Tone = "plain"

    def __str__(self) -> str:
        return self.text


Cell: TypeAlias = str | Mark


@dataclass(frozen=True)
class Text:
    """One paragraph."""

    text: str
    tone: Tone = "plain"


@dataclass(frozen=True)
class Notice:
    """A paragraph that must not be overlooked."""

    text: str
    tone: Tone = "warn"


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True)
class Code:
    """Text to copy, kept as it is."""

    text: str


@dataclass(frozen=True)
class Pairs:
    """Names and values, one pair a row."""

    rows: tuple[tuple[str, Cell], ...]


@dataclass(frozen=True)
class Table:
    """A table; the first ``left`` columns are words, the others numbers."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left: int = 1
    note: str = ""

    def __post_init__(self) -> None:
        """Refuse rows that do not fit the columns."""
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row has {len(row)} cells where the table has {len(self.columns)} columns")


@dataclass(frozen=True)
class Figure:
    """A drawing (an SVG element this package made itself), the words that stand for it, and a note below."""

    svg: str
    alt: str
    note: str = ""


Block: TypeAlias = Text | Notice | Items | Code | Pairs | Table | Figure


@dataclass(frozen=True)
class Section:
    """One heading and what stands below it; ``anchor`` is its stable name in links."""

    title: str
    anchor: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, kw_only=True)
class Document:
    """A whole card or report.

    Attributes
    ----------
    kind : what it is, such as "Model card"; ``title`` : what it is about.
    status : the judgement a reader must see first; None shows none.
    lead : the first sentences, before any section.
    facts : short names and values at the top (version, stage, date).
    foot : one line that says what the document was made from.
    """

    kind: str
    title: str
    sections: tuple[Section, ...]
    status: Mark | None = None
    lead: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    foot: str = ""


def table(rows: Iterable[Mapping[str, Any]], *, left: int = 1, note: str = "") -> Table:
    """Return a table of mappings with equal keys; values that are not cells yet become text."""
    found = list(rows)
    columns = tuple(found[0]) if found else ()
    return Table(columns, tuple(tuple(_cell(row[name]) for name in columns) for row in found), left, note)


def _cell(value: Any) -> Cell:
    return value if isinstance(value, Mark) else str(value)
