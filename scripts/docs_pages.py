"""The pages that people wrote, and the blocks of code on them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"(?P<mark><!--[^\n]*-->\n+)?^```(?P<kind>\w*)[^\n]*\n(?P<body>.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A block of code on a page: the word after its fence, its text, the remark before it, the line it begins at."""

    kind: str
    body: str
    mark: str
    line: int


def pages() -> list[Path]:
    """Return every page that people wrote: those of docs/ and those of the root."""
    return sorted([*(ROOT / "docs").rglob("*.md"), *ROOT.glob("*.md")])


def blocks_of(page: Path) -> list[Block]:
    """Return the blocks of code of a page."""
    text = page.read_text(encoding="utf-8")
    return [
        Block(found["kind"], found["body"], found["mark"] or "", text.count("\n", 0, found.start("body")) + 1)
        for found in FENCE.finditer(text)
    ]
