"""Make pictures small: few colours are enough for a page, and a repository keeps each picture for good."""

from __future__ import annotations

import sys
from pathlib import Path

from PIL import Image


def shrink(path: Path, colours: int) -> None:
    """Write the picture anew with a palette, where that makes it smaller."""
    before = path.stat().st_size
    with Image.open(path) as picture:
        if picture.mode == "P":
            return
        few = picture.convert("RGB").quantize(colours, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small = path.with_suffix(".small")
    few.save(small, format="PNG", optimize=True)
    if small.stat().st_size < before:
        small.replace(path)
    else:
        small.unlink()


if __name__ == "__main__":
    for name in sys.argv[2:]:
        shrink(Path(name), int(sys.argv[1]))
