"""A document as one HTML page that needs no other file and prints well."""

from __future__ import annotations

import re

from tradewind.core.page import render
from tradewind.governance.pages.blocks import Document

LONGEST = 34
"""Characters of a word that a narrow column need not hold in one piece."""


def to_html(document: Document) -> str:
    """Return ``document`` as a self-contained page; every text in it is escaped, only its own drawings are markup."""
    return render(
        "tradewind.governance.pages",
        "page.html.j2",
        filters={"kind": _kind, "quoted": _quoted, "wrapped": _wrapped},
        document=document,
    )


def _kind(value: object) -> str:
    return type(value).__name__


def _wrapped(cell: object) -> str:
    """Return the class of a cell: one with a very long word may break it, others keep their words whole."""
    return " long" if any(len(word) > LONGEST for word in str(cell).split()) else ""


def _quoted(text: str) -> str:
    """Return ``text`` as it may stand in a string of a style sheet."""
    return re.sub(r"[^\w ,.()-]", " ", text)
