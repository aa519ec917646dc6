"""Read a given table with the checks that every command makes, and say what came of it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from tradewind.core import InputError, Panel
from tradewind.core.clock import SystemClock
from tradewind.data.bars import MIN_BARS, panel_of
from tradewind.data.faults import FaultyRowsError, RowFault
from tradewind.data.universe import Universe, check_universe_meets
from tradewind.web.intake.recognise import Recognised, recognise


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """What came of reading a table.

    Attributes
    ----------
    recognised : None where the file cannot be read at all. panel : the bars; None while something stands against them.
    problem : what stands against the table as a whole. faults : faulty cells, at most 200; bad_rows : faulty rows.
    short : symbols with fewer than 61 bars, of which nothing can be forecast.
    """

    recognised: Recognised | None = None
    panel: Panel | None = None
    problem: InputError | None = None
    faults: tuple[RowFault, ...] = ()
    bad_rows: int = 0
    short: tuple[str, ...] = ()


def read_given(
    file: Path, *, symbol: str | None = None, without: Path | None = None, universe: Universe | None = None
) -> Reading:
    """Return the bars of ``file``, or what stands against them.

    Parameters
    ----------
    symbol : whose bars they are, for a file that does not say.
    without : where faulty rows are written to, to go on without them; None: they stand against the table.
    """
    try:
        found = recognise(file, symbol)
    except InputError as error:
        return Reading(problem=error)
    if found.table is None:
        return Reading(recognised=found)
    now = SystemClock().now()
    faults: tuple[RowFault, ...] = ()
    bad = 0
    try:
        panel = panel_of(found.table, now=now, universe=universe)
    except FaultyRowsError as error:
        faults, bad = _own_rows(error.faults, found), error.bad_rows
        if without is None:
            return Reading(recognised=found, faults=faults, bad_rows=bad)
        try:
            panel = panel_of(found.table, now=now, universe=universe, quarantine=without)
        except InputError as still:
            return Reading(recognised=found, problem=still, faults=faults, bad_rows=bad)
    except InputError as error:
        return Reading(recognised=found, problem=error)
    counts = np.diff(panel.offsets)
    short = tuple(name for name, count in zip(panel.symbols, counts, strict=True) if count < MIN_BARS)
    reading = Reading(recognised=found, panel=panel, faults=faults, bad_rows=bad, short=short)
    try:
        if len(short) == panel.n_symbols:
            raise InputError(
                f"too few bars: the longest symbol has {counts.max()} where at least one needs {MIN_BARS}",
                file=file.name,
                fix="give a longer history",
            )
        if universe is not None:
            check_universe_meets(universe, panel.symbols, Path(file.name))
    except InputError as error:
        return replace(reading, panel=None, problem=error)
    return reading


def _own_rows(faults: tuple[RowFault, ...], found: Recognised) -> tuple[RowFault, ...]:
    """Return ``faults`` with rows as the file counts them, where rows were turned round."""
    if not found.turned or found.table is None:
        return faults
    height = found.table.frame.height
    return tuple(replace(fault, row=height + 1 - fault.row) for fault in reversed(faults))
