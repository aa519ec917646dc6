"""Small inline SVG drawings whose colours follow the page's light or dark theme."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Colours Matplotlib writes, and the style-sheet variables that take their place.
INK, FAINT = "#010203", "#010204"
SERIES = ("#010211", "#010212", "#010213", "#010214")
_VARIABLES = {
    INK: "currentColor",
    FAINT: "var(--faint)",
    **{colour: f"var(--series-{number})" for number, colour in enumerate(SERIES, 1)},
}
_LIGHT = {
    "currentColor": "#1b1f24",
    "var(--faint)": "#a9b1ba",
    "var(--series-1)": "#0b63b0",
    "var(--series-2)": "#c2571a",
    "var(--series-3)": "#2a7d46",
    "var(--series-4)": "#8250a8",
}
"""What the variables mean on the page's light theme, for drawings that leave the page."""
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tradewind",
    "font.family": "sans-serif",
    "font.size": 10,
    "text.color": INK,
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.4,
    "xtick.color": FAINT,
    "ytick.color": FAINT,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "path.simplify_threshold": 0.5,
}


class Drawing:
    """One set of axes that becomes an SVG element."""

    def __init__(self, height: float) -> None:
        from matplotlib.backends.backend_svg import FigureCanvasSVG  # here: half a second for whoever draws nothing
        from matplotlib.figure import Figure

        self.figure = Figure(figsize=(7.6, height), layout="constrained")
        FigureCanvasSVG(self.figure)
        self.axes: Axes = self.figure.add_subplot()

    def legend(self, columns: int = 4) -> None:
        """Put the legend above the axes, where it hides no line."""
        self.axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=columns, borderaxespad=0.2)

    def svg(self, alt: str) -> str:
        """Return the SVG element with ``alt`` as its text for those who cannot see it."""
        sink = io.StringIO()
        self.figure.patch.set_alpha(0)
        self.axes.patch.set_alpha(0)
        self.figure.savefig(sink, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
        return _inline(sink.getvalue(), alt)


@contextmanager
def drawing(height: float = 2.7) -> Iterator[Drawing]:
    """Yield a :class:`Drawing` in the report's style, ``height`` inches high."""
    from matplotlib import rc_context

    with rc_context(_STYLE):
        yield Drawing(height)


def standalone(svg: str) -> str:
    """Return a drawing of the page as an SVG file of its own: on white, with colours in place of style variables."""
    for variable, colour in _LIGHT.items():
        svg = svg.replace(variable, colour)
    return svg.replace(
        "<svg", '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'style="background: white; font-family: sans-serif"', 1,
    )  # fmt: skip


def _inline(text: str, alt: str) -> str:
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.S)
    text = re.sub(r"<style.*?</style>", "", text, flags=re.S)  # it would rule the whole page
    text = re.sub(r"<!--.*?-->", "", text, flags=re.S)
    text = re.sub(r'<g id="[^"]*"', "<g", text)  # no group is referred to, and ids of several drawings would clash
    box = re.search(r'viewBox="[^"]*"', text)
    words = html.escape(alt, quote=True)
    text = re.sub(
        r"<svg[^>]*>", f'<svg {box.group(0) if box else ""} role="img" aria-label="{words}">', text, count=1, flags=re.S
    )
    for colour, variable in _VARIABLES.items():
        text = text.replace(colour, variable)
    text = re.sub(r"<[^>]*>", lambda tag: re.sub(r"(\d+\.\d\d)\d+", r"\1", tag.group(0)), text)  # places, not words
    return re.sub(r"\s*\n\s*", "\n", text).strip()
