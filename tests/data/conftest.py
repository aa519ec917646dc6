"""What the tests of prices files share: sound files to spoil."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest

HEADER = ["symbol", "date", "open", "high", "low", "close", "adj_close", "volume"]
Rows = list[list[str]]


def rows_of(n_days: int = 70, symbols: tuple[str, ...] = ("AA", "BB")) -> Rows:
    """Cells of a sound file: ``n_days`` business days for each symbol, ordered by symbol."""
    days = np.arange(np.datetime64("2014-01-02"), np.datetime64("2015-01-02"))
    days = days[np.is_busday(days)][:n_days]
    return [
        [name, str(day), "10.0", "11.0", "9.5", f"{10 + 0.01 * i:.2f}", f"{9 + 0.01 * i:.2f}", "1000"]
        for name in symbols
        for i, day in enumerate(days)
    ]


def save(path: Path, rows: Rows, header: list[str] | None = None) -> Path:
    """Write cells as CSV."""
    lines = [",".join(header or HEADER), *(",".join(row) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def typed(rows: Rows) -> pl.DataFrame:
    """The cells as a typed table."""
    frame = pl.DataFrame(rows, schema=HEADER, orient="row")
    return frame.with_columns(pl.col("date").str.to_date(), pl.col(HEADER[2:]).cast(pl.Float64))


@pytest.fixture(scope="session")
def sheet() -> SimpleNamespace:
    """Return makers of prices files: ``rows`` of cells, ``save`` as CSV, ``typed`` as a table."""
    return SimpleNamespace(rows=rows_of, save=save, typed=typed)
