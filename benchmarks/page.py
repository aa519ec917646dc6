"""The page docs/benchmarks.md: each benchmark owns the part between its two marks and leaves the others alone."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tradewind.core.files import write_text

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
RESULTS = ROOT / "benchmarks" / "results"
ORDER = ("real_data", "tuned", "zoo", "qlib")


def write_part(name: str, text: str, file: Path | None = None) -> None:
    """Put ``text`` into a page, this one by default, as the part ``name``; a new part goes where :data:`ORDER` says."""
    file = file or PAGE
    page = file.read_text(encoding="utf-8") if file.exists() else "# Benchmarks\n"
    block = f"{opening(name)}\n{text.strip()}\n{closing(name)}\n"
    start = page.find(opening(name))
    if start >= 0:
        end = page.index(closing(name), start) + len(closing(name)) + 1
        page = page[:start] + block + page[end:]
    else:
        place = _place(page, name)
        before = page[:place].rstrip("\n")
        page = f"{before}\n\n{block}\n{page[place:]}"
    write_text(file, page.rstrip("\n") + "\n")
    print(f"wrote the part {name!r} of {file.relative_to(ROOT)}")


def opening(name: str) -> str:
    """Return the mark before the part ``name``."""
    return f"<!-- begin {name}: written by benchmarks/, do not edit -->"


def closing(name: str) -> str:
    """Return the mark after the part ``name``."""
    return f"<!-- end {name} -->"


def _place(page: str, name: str) -> int:
    """Return where a new part belongs: before the first part that comes after it in order, else at the end."""
    later = ORDER[ORDER.index(name) + 1 :] if name in ORDER else ()
    starts = [page.find(opening(other)) for other in later]
    return min((start for start in starts if start >= 0), default=len(page))


def table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Return a Markdown table; the first column is text, the others numbers."""
    lines = ["| " + " | ".join(columns) + " |", "| --- |" + " ---: |" * (len(columns) - 1)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def machine() -> dict[str, Any]:
    """Return what the seconds depend on."""
    packages = ("tradewind", "numpy", "scikit-learn", "torch", "xgboost-cpu", "lightgbm", "catboost")
    model = [line for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    return {
        "cpu": model[0].split(":")[1].strip() if model else platform.processor(),
        "cores": len(os.sched_getaffinity(0)),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in packages},
    }


def card(found: dict[str, Any]) -> str:
    """Return what :func:`machine` found as one line."""
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    return f"{found['cpu']}, {found['cores']} cores, Python {found['python']}, {versions}."
