"""A finished drawing in its three uses: inline in the page, as an SVG file and as a PNG file."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from matplotlib.artist import getp, setp
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex, to_rgba
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text

from tradewind.core.files import atomic_path, write_text
from tradewind.evaluation.report.drawing import FAINT, INK, SERIES, Drawing, standalone

_PAPER = {
    INK: "#1b1f24",
    FAINT: "#a9b1ba",
    **dict(zip(SERIES, ("#0b63b0", "#c2571a", "#2a7d46", "#8250a8"), strict=True)),
}
"""Colours on paper, in place of those that stand for the page's style variables."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Picture:
    """A drawing. ``svg`` : element for the page; ``alt`` : what it shows, in words."""

    svg: str
    alt: str
    figure: Figure

    @cached_property
    def png(self) -> bytes:
        """The drawing on white, 160 dots an inch; it is drawn when asked for, with paper's colours from then on."""
        for text in self.figure.findobj(Text):
            text.set_color(_paper(text.get_color()))
        for line in self.figure.findobj(Line2D):
            for part in ("color", "markerfacecolor", "markeredgecolor"):
                setp(line, **{part: _paper(getp(line, part))})
        for patch in self.figure.findobj(Patch):
            for part in ("edgecolor", "facecolor"):
                setp(patch, **{part: _paper(getp(patch, part))})
        self.figure.patch.set_facecolor("white")
        self.figure.patch.set_alpha(1.0)
        FigureCanvasAgg(self.figure)
        sink = io.BytesIO()
        self.figure.savefig(sink, format="png", dpi=160, metadata={"Software": None})
        return sink.getvalue()

    def save(self, folder: Path, name: str) -> tuple[Path, Path]:
        """Write ``name``.svg and ``name``.png into ``folder``, each whole or not at all; return their paths."""
        vector = write_text(folder / f"{name}.svg", standalone(self.svg))
        with atomic_path(folder / f"{name}.png") as draft:
            draft.write_bytes(self.png)
        return vector, folder / f"{name}.png"


def picture(one: Drawing, alt: str) -> Picture:
    """Return ``one`` as a picture."""
    return Picture(svg=one.svg(alt), alt=alt, figure=one.figure)


def _paper(colour: Any) -> Any:
    """Return the paper colour where ``colour`` stands for a style variable, else itself (see-through stays so)."""
    if isinstance(colour, str) and colour.lower() == "none":
        return colour
    found = _PAPER.get(to_hex(colour))
    return colour if found is None else to_rgba(found, to_rgba(colour)[3])
