"""Documents made of plain blocks, and their forms: HTML, Markdown, PDF."""

from tradewind.governance.pages.blocks import (
    Block,
    Cell,
    Code,
    Document,
    Figure,
    Items,
    Mark,
    Notice,
    Pairs,
    Section,
    Table,
    Text,
    Tone,
    table,
)
from tradewind.governance.pages.html import to_html
from tradewind.governance.pages.markdown import to_markdown
from tradewind.governance.pages.pdf import PdfEngineError, write_pdf
from tradewind.governance.pages.writing import write_document

__all__ = [
    "Block",
    "Cell",
    "Code",
    "Document",
    "Figure",
    "Items",
    "Mark",
    "Notice",
    "Pairs",
    "PdfEngineError",
    "Section",
    "Table",
    "Text",
    "Tone",
    "table",
    "to_html",
    "to_markdown",
    "write_document",
    "write_pdf",
]
