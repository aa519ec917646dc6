"""Write a result table as Parquet or CSV, whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import polars as pl

from tradewind.core import Panel, UsageError
from tradewind.core.arrays import AnyArray
from tradewind.core.files import atomic_path


def key_columns(panel: Panel) -> dict[str, AnyArray]:
    """Return the ``symbol`` and ``date`` columns of ``panel``'s rows."""
    return {"symbol": np.array(panel.symbols)[panel.symbol_code], "date": panel.time}


def write_table(table: Mapping[str, AnyArray] | pl.DataFrame, path: Path) -> None:
    """Write ``table`` by the suffix of ``path``; UsageError for a suffix other than .parquet and .csv."""
    frame = table if isinstance(table, pl.DataFrame) else pl.DataFrame(dict(table))
    if path.suffix not in {".parquet", ".csv"}:
        raise UsageError(f"cannot tell the format of {path} by its name", fix="end it in .parquet or .csv")
    with atomic_path(path) as draft:
        if path.suffix == ".csv":
            frame.write_csv(draft)
        else:
            frame.write_parquet(draft)
