"""What every report is: a document for people, the same facts as JSON for programs, and its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.governance.pages import Document, write_document


@dataclass(frozen=True, kw_only=True)
class Report:
    """A report: ``name`` is the stem of its files, ``data`` the facts it shows."""

    name: str
    document: Document
    data: Mapping[str, Any]

    def write(self, folder: Path, *, pdf: bool = False) -> tuple[Path, ...]:
        """Write the report as HTML and JSON (and PDF) into ``folder`` and return the files.

        Raises
        ------
        OutputError, MissingExtraError : as of :func:`~tradewind.governance.pages.write_document`.
        """
        return write_document(self.document, self.data, folder, self.name, pdf=pdf)
