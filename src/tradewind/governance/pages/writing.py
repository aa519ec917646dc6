"""Documents to files: HTML and JSON always, Markdown and PDF where asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tradewind.core.files import write_text
from tradewind.core.plain import finite
from tradewind.governance.pages.blocks import Document
from tradewind.governance.pages.html import to_html
from tradewind.governance.pages.markdown import to_markdown
from tradewind.governance.pages.pdf import write_pdf


def write_document(
    document: Document,
    data: Mapping[str, Any],
    folder: Path,
    stem: str,
    *,
    markdown: bool = False,
    pdf: bool = False,
) -> tuple[Path, ...]:
    """Write ``stem``.html and ``stem``.json (``data``), and .md and .pdf where asked for; return the files.

    The PDF is drawn first: where its library is absent nothing is written at all.

    Raises
    ------
    MissingExtraError, PdfEngineError : a PDF is asked for and cannot be drawn here.
    OutputError : a file cannot be written.
    """
    page = to_html(document)
    files = [write_pdf(page, folder / f"{stem}.pdf")] if pdf else []
    files.append(write_text(folder / f"{stem}.html", page))
    if markdown:
        files.append(write_text(folder / f"{stem}.md", to_markdown(document)))
    content = json.dumps(finite(dict(data)), indent=2, allow_nan=False, default=str)
    files.append(write_text(folder / f"{stem}.json", content + "\n"))
    return tuple(files)
