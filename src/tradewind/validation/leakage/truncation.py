"""Truncated history: recompute the features without the future; what changes has seen it."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

from tradewind.core import Panel, SchemaError, Severity
from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.validation.leakage.finding import Finding
from tradewind.validation.leakage.settings import AuditColumns
from tradewind.validation.leakage.subject import Subject

Recompute = Callable[[Panel], pl.DataFrame]
CUTS = (0.5, 0.75, 0.95)
TOLERANCE = 1e-5


def detect(
    subject: Subject, panel: Panel, recompute: Recompute, columns: AuditColumns
) -> tuple[list[Finding], frozenset[str]]:
    """Recompute on the panel as it stood at three past moments and compare with the table.

    This is proof, not statistics: a feature that is point in time has the same value at a row whether or not the
    bars after it exist. Values may differ by 1e-5 of the feature's standard deviation (float32 columns).

    Returns
    -------
    findings, and the names of the features that came out equal every time.

    Raises
    ------
    SchemaError : ``recompute`` returns a table without the key columns.
    """
    days = panel.times
    worst: dict[str, tuple[int, int, np.datetime64]] = {}
    tested: set[str] = set()
    for share in CUTS:
        moment = days[min(int(share * len(days)), len(days) - 1)]
        again = recompute(panel.until(moment))
        for key in (columns.symbol, columns.date):
            if key not in again.columns:
                raise SchemaError("the recomputed table lacks this column", field=key, fix="return the same keys")
        old_rows, new = _align(subject, again, moment, columns)
        for i, name in enumerate(subject.names):
            if name not in new.columns or not len(old_rows):
                continue
            tested.add(name)
            values = new[name].cast(pl.Float64).to_numpy().astype(np.float64)
            changed = int(_differ(subject.values[old_rows, i], values).sum())
            if changed > worst.get(name, (0, 0, moment))[0]:
                worst[name] = (changed, len(old_rows), moment)
    findings = [
        Finding(
            kind="changes_with_the_future",
            severity=Severity.ERROR,
            feature=name,
            message=(
                f"{changed} of {rows} values up to {moment.astype('datetime64[D]')} change "
                "when the bars after that day are taken away"
            ),
            statistic=changed / rows,
            threshold=0.0,
            rows=changed,
            advice="Compute the feature from bars up to its own row only.",
        )
        for name, (changed, rows, moment) in worst.items()
    ]
    return findings, frozenset(tested - set(worst))


def _align(
    subject: Subject, again: pl.DataFrame, moment: np.datetime64, columns: AuditColumns
) -> tuple[FloatArray, pl.DataFrame]:
    """Return the rows of the subject up to ``moment`` that the new table holds, and the new table in their order."""
    rows = np.flatnonzero(subject.time <= moment)
    keys = pl.DataFrame(
        {
            columns.symbol: np.array(subject.symbols)[subject.symbol_code[rows]],
            columns.date: subject.time[rows],
            "_row": rows,
        }
    )
    date = pl.col(columns.date).cast(pl.Datetime("us")).dt.replace_time_zone(None)
    cast = again.with_columns(pl.col(columns.symbol).cast(pl.String), date)
    both = keys.join(cast, on=[columns.symbol, columns.date], how="inner").sort("_row")
    return both["_row"].to_numpy(), both


def _differ(old: FloatArray, new: FloatArray) -> BoolArray:
    new = np.where(np.isfinite(new), new, np.nan)
    known = old[~np.isnan(old)]
    scale = float(known.std()) if len(known) else 0.0
    same_gap = np.isnan(old) & np.isnan(new)
    with np.errstate(invalid="ignore"):
        mask: BoolArray = ~(same_gap | (np.abs(old - new) <= TOLERANCE * max(scale, 1e-12) + 1e-6 * np.abs(old)))
    return mask
