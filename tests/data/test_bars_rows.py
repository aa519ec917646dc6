"""Prices files: a bad row is named, or set aside while the rest is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from tradewind.core import OutputError, SchemaError, UsageError
from tradewind.core.clock import FixedClock
from tradewind.data import read_prices

CLOCK = FixedClock(datetime(2020, 1, 1, tzinfo=UTC))
HEADER = ["symbol", "date", "open", "high", "low", "close", "adj_close", "volume"]
Rows = list[list[str]]


def set_cell(row: int, column: str, value: str) -> Callable[[Rows], None]:
    """Change the cell in 1-based data row ``row``."""

    def change(rows: Rows) -> None:
        rows[row - 1][HEADER.index(column)] = value

    return change


def several(*changes: Callable[[Rows], None]) -> Callable[[Rows], None]:
    """Make all ``changes``."""

    def change(rows: Rows) -> None:
        for step in changes:
            step(rows)

    return change


def repeat_row(rows: Rows) -> None:
    """Put a copy of row 5 behind it."""
    rows.insert(5, list(rows[4]))


def swap_rows(rows: Rows) -> None:
    """Exchange rows 5 and 6, so that row 6 runs backwards."""
    rows[4], rows[5] = rows[5], rows[4]


@dataclass(frozen=True)
class Case:
    """A planted fault and the place that must be named."""

    name: str
    change: Callable[[Rows], None]
    row: int
    field: str
    says: str


CASES = [
    Case("text in a price", set_cell(7, "close", "abc"), 7, "close", "'abc' is not a number"),
    Case("text in volume", set_cell(9, "volume", "1k"), 9, "volume", "'1k' is not a number"),
    Case("currency sign", set_cell(3, "open", "$10"), 3, "open", "'$10' is not a number"),
    Case("infinite price", set_cell(11, "close", "inf"), 11, "close", "'inf' is infinite"),
    Case("minus infinite high", set_cell(11, "high", "-inf"), 11, "high", "'-inf' is infinite"),
    Case("infinite volume", set_cell(12, "volume", "inf"), 12, "volume", "'inf' is infinite"),
    Case("negative price", set_cell(4, "low", "-9.5"), 4, "low", "'-9.5' is not above zero"),
    Case("zero price", set_cell(4, "close", "0"), 4, "close", "'0' is not above zero"),
    Case("zero adjusted price", set_cell(8, "adj_close", "0.0"), 8, "adj_close", "'0.0' is not above zero"),
    Case("negative volume", set_cell(70, "volume", "-1"), 70, "volume", "'-1' is negative"),
    Case("missing symbol", set_cell(2, "symbol", ""), 2, "symbol", "the symbol is missing"),
    Case("blank symbol", set_cell(2, "symbol", "  "), 2, "symbol", "the symbol is missing"),
    Case("missing date", set_cell(6, "date", ""), 6, "date", "the date is missing"),
    Case("missing close", set_cell(6, "close", ""), 6, "close", "the close is missing"),
    Case("missing adjusted close", set_cell(6, "adj_close", "NaN"), 6, "adj_close", "the adj_close is missing"),
    Case("day first", set_cell(5, "date", "08/01/2014"), 5, "date", "'08/01/2014' is not a date"),
    Case("no such day", set_cell(5, "date", "2014-02-30"), 5, "date", "'2014-02-30' is not a date"),
    Case("prose for a date", set_cell(5, "date", "soon"), 5, "date", "'soon' is not a date"),
    Case("future date", set_cell(140, "date", "2031-01-02"), 140, "date", "'2031-01-02' lies in the future"),
    Case("duplicate bar", repeat_row, 6, "date", "already has a bar of 2014-01-08 in row 5"),
    Case("unsorted", swap_rows, 6, "date", "2014-01-08 comes after 2014-01-09 (row 5)"),
    Case(
        "one aware date",
        set_cell(8, "date", "2014-01-13T00:00:00+00:00"),
        8,
        "date",
        "time zone +00:00 and most rows have no time zone",
    ),
    Case("zoned midnight", set_cell(8, "date", "2014-01-13 00:00:00-05:00"), 8, "date", "time zones are mixed"),
]


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_bad_row_is_named(case: Case, sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows()
    case.change(rows)
    file = sheet.save(tmp_path / "p.csv", rows)
    with pytest.raises(SchemaError) as caught:
        read_prices(file, clock=CLOCK)
    error = caught.value
    assert (error.file, error.row, error.field) == (file, case.row, case.field)
    assert case.says in error.problem
    assert error.fix
    assert "more bad row" not in error.problem


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_bad_row_goes_to_quarantine_and_the_rest_is_read(case: Case, sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows()
    case.change(rows)
    file, aside = sheet.save(tmp_path / "p.csv", rows), tmp_path / "bad.csv"
    panel = read_prices(file, quarantine=aside, clock=CLOCK)
    assert len(panel) == len(rows) - 1
    bad = pl.read_csv(aside, infer_schema=False)
    assert bad["row"].to_list() == [str(case.row)]
    assert case.says in bad["reasons"][0]
    raw = rows[case.row - 1]
    assert [cell or "" for cell in bad.row(0)[2:]] == raw


def test_the_count_of_further_bad_rows_is_told(sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows()
    several(set_cell(9, "close", "x"), set_cell(9, "open", "y"), set_cell(20, "high", "-1"))(rows)
    with pytest.raises(SchemaError) as caught:
        read_prices(sheet.save(tmp_path / "p.csv", rows), clock=CLOCK)
    assert caught.value.row == 9
    assert caught.value.field == "open"
    assert "'y' is not a number (1 more bad row)" in str(caught.value)


def test_a_row_lists_all_its_reasons(sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows()
    several(set_cell(9, "close", "x"), set_cell(9, "date", "never"), set_cell(20, "high", "-1"))(rows)
    aside = tmp_path / "deep" / "bad.parquet"
    panel = read_prices(sheet.save(tmp_path / "p.csv", rows), quarantine=aside, clock=CLOCK)
    assert len(panel) == 138
    bad = pl.read_parquet(aside)
    assert bad["row"].to_list() == [9, 20]
    assert bad["reasons"][0] == "date: 'never' is not a date; close: 'x' is not a number"


def test_columns_a_csv_cannot_hold_do_not_stop_the_quarantine(sheet: SimpleNamespace, tmp_path: Path) -> None:
    frame = sheet.typed(sheet.rows()).with_columns(
        pl.lit(b"x").alias("blob"),
        pl.lit([1, 2]).alias("list"),
        pl.col("date").cast(pl.Datetime("ms", "UTC")),
        pl.when(pl.int_range(pl.len()) == 3).then(-1.0).otherwise(pl.col("close")).alias("close"),
    )
    frame.write_parquet(tmp_path / "p.parquet")
    panel = read_prices(tmp_path / "p.parquet", quarantine=tmp_path / "bad.csv", clock=CLOCK)
    assert len(panel) == 139
    bad = pl.read_csv(tmp_path / "bad.csv")
    assert bad["row"].to_list() == [4]
    assert bad.columns == ["row", "reasons", *HEADER]


def test_offsets_that_differ_name_the_rarer(sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows()
    for row in rows:
        row[1] += "T00:00:00+00:00"
    rows[29][1] = rows[29][1].replace("+00:00", "-05:00")
    with pytest.raises(SchemaError, match=r"row 30.*-05:00 and most rows have time zone \+00:00"):
        read_prices(sheet.save(tmp_path / "p.csv", rows), clock=CLOCK)


def test_a_descending_file_is_refused_with_its_first_step_back(sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows(symbols=("AA",))[::-1]
    with pytest.raises(SchemaError, match=r"row 2, column 'date'.*run backwards \(68 more bad rows\)"):
        read_prices(sheet.save(tmp_path / "p.csv", rows), clock=CLOCK)


def test_order_by_date_and_by_symbol_give_one_panel(sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows()
    by_symbol = read_prices(sheet.save(tmp_path / "a.csv", rows), clock=CLOCK)
    by_date = read_prices(sheet.save(tmp_path / "b.csv", sorted(rows, key=lambda r: r[1])), clock=CLOCK)
    assert by_symbol.id == by_date.id
    assert by_symbol.symbols == ("AA", "BB")


def test_no_row_left_is_an_error(sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows()
    for row in rows:
        row[5] = "-1"
    aside = tmp_path / "bad.csv"
    with pytest.raises(SchemaError, match="no good row is left"):
        read_prices(sheet.save(tmp_path / "p.csv", rows), quarantine=aside, clock=CLOCK)
    assert pl.read_csv(aside).height == 140


def test_a_clean_file_leaves_no_quarantine_of_an_earlier_run(sheet: SimpleNamespace, tmp_path: Path) -> None:
    aside = tmp_path / "bad.csv"
    aside.write_text("row,reasons\n1,old\n")
    read_prices(sheet.save(tmp_path / "p.csv", sheet.rows()), quarantine=aside, clock=CLOCK)
    assert not aside.exists()


def test_the_quarantine_may_not_be_the_input(sheet: SimpleNamespace, tmp_path: Path) -> None:
    file = sheet.save(tmp_path / "p.csv", sheet.rows())
    with pytest.raises(UsageError, match="input file itself"):
        read_prices(file, quarantine=file, clock=CLOCK)
    assert file.exists()


def test_a_quarantine_that_cannot_be_written_is_an_output_error(sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows()
    set_cell(9, "close", "x")(rows)
    blocker = tmp_path / "blocker"
    blocker.write_text("a file where a folder is asked for")
    with pytest.raises(OutputError):
        read_prices(sheet.save(tmp_path / "p.csv", rows), quarantine=blocker / "bad.csv", clock=CLOCK)
