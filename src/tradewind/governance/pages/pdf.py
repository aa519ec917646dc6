"""A page as PDF, by WeasyPrint (extra ``pdf``)."""

from __future__ import annotations

import logging
import re
from pathlib import Path

from tradewind.core.errors import MissingExtraError, TradewindError
from tradewind.core.files import atomic_path

DEBIAN = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
_COLOURS = {
    "currentColor": "#1b1f24",
    "var(--faint)": "#a9b1ba",
    "var(--series-1)": "#0b63b0",
    "var(--series-2)": "#c2571a",
    "var(--series-3)": "#2a7d46",
    "var(--series-4)": "#8250a8",
}
"""The page's light theme: variables of the style sheet do not reach into a drawing in WeasyPrint."""


class PdfEngineError(TradewindError):
    """WeasyPrint is installed, and a library of the system that it needs is not."""

    exit_code = 2


def write_pdf(page: str, path: str | Path) -> Path:
    """Write HTML ``page`` to ``path`` as PDF, whole or not at all; nothing is fetched from anywhere.

    Raises
    ------
    MissingExtraError : WeasyPrint is not installed (extra ``pdf``).
    PdfEngineError : Pango, the system's text layout library, is absent.
    OutputError : the file cannot be written.
    """
    try:
        import weasyprint
    except ImportError as error:
        raise MissingExtraError("weasyprint", "pdf") from error
    except OSError as error:  # cffi finds no libpango at import
        raise PdfEngineError(
            f"WeasyPrint cannot load Pango ({str(error).splitlines()[0]}). Fix: on Debian or Ubuntu, "
            f"apt install {DEBIAN}; the HTML page needs none of it."
        ) from error
    logging.getLogger("weasyprint").setLevel(logging.ERROR)  # it warns of every rule meant for screens
    drawn = weasyprint.HTML(
        string=_plain_drawings(page), url_fetcher=weasyprint.URLFetcher(allowed_protocols=())
    ).write_pdf()
    with atomic_path(path) as draft:
        draft.write_bytes(drawn)
    return Path(path)


def _plain_drawings(page: str) -> str:
    def plain(found: re.Match[str]) -> str:
        drawing = found.group(0)
        for variable, colour in _COLOURS.items():
            drawing = drawing.replace(variable, colour)
        return drawing

    return re.sub(r"<svg.*?</svg>", plain, page, flags=re.S)
