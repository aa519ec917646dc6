"""Cards and reports as the page draws them: the blocks of a document as shapes."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from tradewind.governance.pages import (
    Block,
    Code,
    Document,
    Figure,
    Items,
    Mark,
    Notice,
    Pairs,
    Table,
    Text,
    Tone,
)
from tradewind.governance.pages.blocks import Cell


class DocumentMark(BaseModel):
    """A word, and the judgement it carries."""

    text: str
    tone: Tone = "plain"


class DocumentText(BaseModel):
    """A paragraph; a notice must not be overlooked."""

    kind: Literal["text", "notice"]
    text: str
    tone: Tone


class DocumentItems(BaseModel):
    """A list of sentences."""

    kind: Literal["items"] = "items"
    items: list[str]


class DocumentCode(BaseModel):
    """Text to copy."""

    kind: Literal["code"] = "code"
    text: str


class DocumentPair(BaseModel):
    """A name and its value."""

    name: str
    value: DocumentMark


class DocumentPairs(BaseModel):
    """Names and values."""

    kind: Literal["pairs"] = "pairs"
    rows: list[DocumentPair]


class DocumentTable(BaseModel):
    """A table; the first ``left`` columns are words."""

    kind: Literal["table"] = "table"
    columns: list[str]
    rows: list[list[DocumentMark]]
    left: int
    note: str


class DocumentFigure(BaseModel):
    """A drawing and the words that stand for it."""

    kind: Literal["figure"] = "figure"
    svg: str
    alt: str
    note: str


DocumentBlock = Annotated[
    DocumentText | DocumentItems | DocumentCode | DocumentPairs | DocumentTable | DocumentFigure,
    Field(discriminator="kind"),
]


class DocumentSection(BaseModel):
    """A heading and what stands below it."""

    title: str
    anchor: str
    blocks: list[DocumentBlock]


class DocumentShape(BaseModel):
    """A whole card or report."""

    kind: str
    title: str
    status: DocumentMark | None
    lead: list[str]
    facts: list[DocumentPair]
    sections: list[DocumentSection]
    foot: str


def document_shape(document: Document) -> DocumentShape:
    """Return ``document`` as the page draws it."""
    return DocumentShape(
        kind=document.kind,
        title=document.title,
        status=None if document.status is None else _mark(document.status),
        lead=list(document.lead),
        facts=[DocumentPair(name=name, value=_mark(value)) for name, value in document.facts],
        sections=[
            DocumentSection(title=one.title, anchor=one.anchor, blocks=[_block(block) for block in one.blocks])
            for one in document.sections
        ],
        foot=document.foot,
    )


def _mark(cell: Cell) -> DocumentMark:
    return DocumentMark(text=cell.text, tone=cell.tone) if isinstance(cell, Mark) else DocumentMark(text=cell)


def _block(block: Block) -> DocumentBlock:
    match block:
        case Text():
            return DocumentText(kind="text", text=block.text, tone=block.tone)
        case Notice():
            return DocumentText(kind="notice", text=block.text, tone=block.tone)
        case Items():
            return DocumentItems(items=list(block.items))
        case Code():
            return DocumentCode(text=block.text)
        case Pairs():
            return DocumentPairs(rows=[DocumentPair(name=name, value=_mark(value)) for name, value in block.rows])
        case Table():
            rows = [[_mark(cell) for cell in row] for row in block.rows]
            return DocumentTable(columns=list(block.columns), rows=rows, left=block.left, note=block.note)
        case Figure():
            return DocumentFigure(svg=block.svg, alt=block.alt, note=block.note)
