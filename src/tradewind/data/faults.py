"""What is wrong with the rows of a table, and what becomes of those rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl
import polars.selectors as cs

from tradewind.core import SchemaError, UsageError
from tradewind.core.arrays import AnyArray, BoolArray
from tradewind.data.tables import Table, save_table

_SHOWN = 60
_LISTED = 200


@dataclass(frozen=True, kw_only=True)
class RowFault:
    """One faulty cell: its data row (1-based), its column, what is wrong and what to do."""

    row: int
    column: str
    problem: str
    fix: str


class FaultyRowsError(SchemaError):
    """The first faulty row, as every command says it; ``faults`` holds the others too.

    Attributes
    ----------
    faults : up to 200 faults, by row. bad_rows : how many rows are faulty.
    """

    faults: tuple[RowFault, ...] = ()
    bad_rows: int = 0


@dataclass(frozen=True, kw_only=True, eq=False)
class _Fault:
    rows: AnyArray
    column: str
    problem: Callable[[int], str]
    fix: str


class FaultLog:
    """Collects the faulty rows of one table, then raises on the first or sets them aside.

    Row numbers count data rows from 1, as a person sees them below the header.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._faults: list[_Fault] = []
        self.bad: BoolArray = np.zeros(table.frame.height, dtype=bool)

    def add(self, mask: BoolArray, column: str, problem: str | Callable[[int], str], fix: str) -> None:
        """Note that rows where ``mask`` (n,) holds are faulty in ``column``.

        ``problem`` is a text that follows the cell's value, or a function from the row's index to the whole text.
        """
        rows = np.flatnonzero(mask)
        if not len(rows):
            return
        tell = problem if callable(problem) else self._about_cell(column, problem)
        self._faults.append(_Fault(rows=rows, column=column, problem=tell, fix=fix))
        self.bad = self.bad | mask

    def _about_cell(self, column: str, problem: str) -> Callable[[int], str]:
        def tell(row: int) -> str:
            text = repr(self._table.frame[column][row])
            if len(text) > _SHOWN:
                text = text[:_SHOWN] + "...'"
            return f"{text} {problem}"

        return tell

    def settle(self, quarantine: str | Path | None) -> BoolArray:
        """Return the mask (n,) of good rows.

        Without ``quarantine`` the first faulty row is an error. With it, the faulty rows are written there with
        their row number and all their reasons; a file left there by an earlier run is removed when no row is faulty.

        Raises
        ------
        SchemaError : a row is faulty and there is no quarantine, or no row is good.
        OutputError : the quarantine cannot be written.
        UsageError : the quarantine is the file that is being read.
        """
        if quarantine is not None:
            self._check_not_input(Path(quarantine))
        if not self._faults:
            if quarantine is not None:
                Path(quarantine).unlink(missing_ok=True)
            return ~self.bad
        if quarantine is None:
            raise self._first()
        save_table(self._quarantined(), quarantine)
        if self.bad.all():
            first = self._first()
            error = FaultyRowsError(
                f"no good row is left (first fault: row {first.row}, {first.problem})",
                file=self._table.file,
                fix=f"see {quarantine}",
            )
            error.faults, error.bad_rows = first.faults, first.bad_rows
            raise error
        return ~self.bad

    def _check_not_input(self, quarantine: Path) -> None:
        if quarantine.exists() and quarantine.resolve() == self._table.file.resolve():
            raise UsageError("the quarantine is the input file itself", file=quarantine, fix="give it another path")

    def _first(self) -> FaultyRowsError:
        fault = min(self._faults, key=lambda f: int(f.rows[0]))
        row = int(fault.rows[0])
        more = int(self.bad.sum()) - 1
        tail = f" ({more} more bad row{'s' if more > 1 else ''})" if more else ""
        error = FaultyRowsError(
            fault.problem(row) + tail, file=self._table.file, row=row + 1, field=fault.column, fix=fault.fix
        )
        error.faults, error.bad_rows = self._listed(), int(self.bad.sum())
        return error

    def _listed(self) -> tuple[RowFault, ...]:
        cells = sorted((int(row), at) for at, fault in enumerate(self._faults) for row in fault.rows[:_LISTED])
        return tuple(
            RowFault(row=row + 1, column=fault.column, problem=fault.problem(row), fix=fault.fix)
            for row, fault in ((row, self._faults[at]) for row, at in cells[:_LISTED])
        )

    def _quarantined(self) -> pl.DataFrame:
        reasons: dict[int, list[str]] = {}
        for fault in self._faults:
            for row in fault.rows.tolist():
                reasons.setdefault(row, []).append(f"{fault.column}: {fault.problem(row)}")
        rows = sorted(reasons)
        plain = self._table.frame.select(~(cs.nested() | cs.binary() | cs.object()))  # a CSV cannot hold the others
        return plain[rows].select(
            pl.Series("row", [row + 1 for row in rows]),
            pl.Series("reasons", ["; ".join(reasons[row]) for row in rows]),
            pl.exclude("row", "reasons"),
        )
