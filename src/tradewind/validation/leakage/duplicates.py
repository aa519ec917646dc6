"""Rows that stand in the table twice, and so can stand on both sides of a split."""

from __future__ import annotations

import numpy as np
import polars as pl

from tradewind.core import Severity
from tradewind.core.arrays import IntArray
from tradewind.validation.leakage.finding import Finding
from tradewind.validation.leakage.settings import AuditSettings
from tradewind.validation.leakage.subject import Subject

FEWEST_COLUMNS = 2


def detect(subject: Subject, settings: AuditSettings) -> list[Finding]:
    """Find repeated (symbol, date) rows, and rows equal in every continuous feature.

    It is an error where copies stand on both sides of a fold, else a warning. Equal rows are looked for when at least
    two features are continuous (distinct in at least half their rows); rows with a missing value are not compared.
    """
    del settings
    found = []
    keys = pl.DataFrame({"symbol": subject.symbol_code, "time": subject.time})
    keyed = _groups(keys)
    found.extend(_report(subject, keyed, "duplicate_keys", "rows repeat a symbol and date"))
    continuous = [c for _, c in subject.columns() if len(np.unique(c[~np.isnan(c)])) > 0.5 * (~np.isnan(c)).sum()]
    if len(continuous) >= FEWEST_COLUMNS:
        table = pl.DataFrame({str(i): column for i, column in enumerate(continuous)})
        equal = _groups(table)
        equal[np.isnan(np.column_stack(continuous)).any(axis=1)] = -1
        equal[keyed >= 0] = -1  # reported above
        found.extend(_report(subject, equal, "duplicate_rows", "rows equal another in every continuous feature"))
    return found


def _groups(table: pl.DataFrame) -> IntArray:
    """(n,) number of the group of equal rows each row is in; -1 where it has no equal."""
    order = table.with_row_index("_row").group_by(table.columns, maintain_order=True).agg("_row")
    code = np.full(table.height, -1, dtype=np.int64)
    for number, rows in enumerate(order.filter(pl.col("_row").list.len() > 1)["_row"]):
        code[rows.to_numpy()] = number
    return code


def _report(subject: Subject, group: IntArray, kind: str, text: str) -> list[Finding]:
    copies = int((group >= 0).sum())
    if copies == 0:
        return []
    across = 0
    for train, test in subject.folds:
        trained = group[train]
        across += int(np.isin(group[test], trained[trained >= 0]).sum())
    return [
        Finding(
            kind=kind,
            severity=Severity.ERROR if across else Severity.WARNING,
            message=f"{copies} {text}"
            + (f"; {across} of them have a copy in the other part of a fold" if across else ""),
            statistic=float(across or copies),
            threshold=0.0,
            rows=copies,
            advice="Keep one row per symbol and date before the data are split.",
        )
    ]
