"""Tables of prices as people have them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Writer = Callable[[Path, str, list[str]], Path]
Yahoo = Callable[..., Path]


@pytest.fixture(scope="session")
def days() -> list[str]:
    """Return 360 days of two years."""
    return [f"{year}-{month:02d}-{day:02d}" for year in (2014, 2015) for month in range(1, 13) for day in range(1, 16)]


@pytest.fixture(scope="session")
def write() -> Writer:
    """Return what writes a header and rows into a file."""

    def make(path: Path, header: str, rows: list[str]) -> Path:
        path.write_text("\n".join([header, *rows]) + "\n")
        return path

    return make


@pytest.fixture(scope="session")
def yahoo(write: Writer, days: list[str]) -> Yahoo:
    """Return what writes a download of Yahoo Finance: one symbol, which it does not name."""

    def make(path: Path, over: list[str] | None = None) -> Path:
        rows = [
            f"{day},10.{at % 90:02d},11.5,9.5,10.{(at * 7) % 90:02d},10.1,{1000 + at}"
            for at, day in enumerate(days if over is None else over)
        ]
        return write(path, "Date,Open,High,Low,Close,Adj Close,Volume", rows)

    return make
