"""Prices files whose structure is at fault: always an error that names the place, never a crash."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core import InputError
from tradewind.core.clock import FixedClock
from tradewind.data import read_prices
from tradewind.data.tables import load_table

CLOCK = FixedClock(datetime(2020, 1, 1, tzinfo=UTC))
HEADER = ["symbol", "date", "open", "high", "low", "close", "adj_close", "volume"]


def missing_file(folder: Path, sheet: SimpleNamespace) -> Path:
    return folder / "none.csv"


def folder_for_a_file(folder: Path, sheet: SimpleNamespace) -> Path:
    (folder / "p.csv").mkdir()
    return folder / "p.csv"


def unknown_suffix(folder: Path, sheet: SimpleNamespace) -> Path:
    return sheet.save(folder / "p.xlsx", sheet.rows())


def not_utf8(folder: Path, sheet: SimpleNamespace) -> Path:
    file = sheet.save(folder / "p.csv", sheet.rows())
    content = file.read_bytes().split(b"\n")
    content[4] = content[4].replace(b"AA", b"A\xe9")
    file.write_bytes(b"\n".join(content))
    return file


def empty_file(folder: Path, sheet: SimpleNamespace) -> Path:
    (folder / "p.csv").write_bytes(b"")
    return folder / "p.csv"


def empty_parquet(folder: Path, sheet: SimpleNamespace) -> Path:
    (folder / "p.parquet").write_bytes(b"")
    return folder / "p.parquet"


def header_only(folder: Path, sheet: SimpleNamespace) -> Path:
    return sheet.save(folder / "p.csv", [])


def missing_column(folder: Path, sheet: SimpleNamespace) -> Path:
    return sheet.save(folder / "p.csv", sheet.rows(), [h if h != "adj_close" else "Adj Close" for h in HEADER])


def capital_column(folder: Path, sheet: SimpleNamespace) -> Path:
    return sheet.save(folder / "p.csv", sheet.rows(), [h if h != "date" else "Date" for h in HEADER])


def column_twice(folder: Path, sheet: SimpleNamespace) -> Path:
    return sheet.save(folder / "p.csv", sheet.rows(), [h if h != "high" else "open" for h in HEADER])


def semicolons(folder: Path, sheet: SimpleNamespace) -> Path:
    file = sheet.save(folder / "p.csv", sheet.rows())
    file.write_text(file.read_text().replace(",", ";"))
    return file


def extra_cell(folder: Path, sheet: SimpleNamespace) -> Path:
    rows = sheet.rows()
    rows[7].append("more")
    return sheet.save(folder / "p.csv", rows)


def hollow_column(folder: Path, sheet: SimpleNamespace) -> Path:
    rows = sheet.rows()
    for row in rows:
        row[2] = "NaN"
    return sheet.save(folder / "p.csv", rows)


def hollow_parquet(folder: Path, sheet: SimpleNamespace) -> Path:
    frame = sheet.typed(sheet.rows()).with_columns(pl.lit(float("nan")).alias("adj_close"))
    frame.write_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def truncated_parquet(folder: Path, sheet: SimpleNamespace) -> Path:
    sheet.typed(sheet.rows()).write_parquet(folder / "p.parquet")
    content = (folder / "p.parquet").read_bytes()
    (folder / "p.parquet").write_bytes(content[: len(content) // 2])
    return folder / "p.parquet"


def damaged_parquet(folder: Path, sheet: SimpleNamespace) -> Path:
    (folder / "p.parquet").write_bytes(b"PAR1" + bytes(200) + b"PAR1")
    return folder / "p.parquet"


def torn_parquet(folder: Path, sheet: SimpleNamespace) -> Path:
    file = damaged_parquet(folder, sheet)
    sheet.typed(sheet.rows()).write_parquet(file)
    content = file.read_bytes()
    file.write_bytes(content[:200] + bytes(len(content) // 3) + content[200 + len(content) // 3 :])
    return file


def year_out_of_range(folder: Path, sheet: SimpleNamespace) -> Path:
    frame = sheet.typed(sheet.rows()).with_columns(pl.col("date").cast(pl.Datetime("ms")))
    far = pl.when(pl.int_range(pl.len()) == 4).then(pl.lit(10**15)).otherwise(pl.col("date").to_physical())
    frame.with_columns(far.cast(pl.Datetime("ms")).alias("date")).write_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def blank_first_line(folder: Path, sheet: SimpleNamespace) -> Path:
    file = sheet.save(folder / "p.csv", sheet.rows())
    file.write_text("\nrubbish\n" + file.read_text())
    return file


def text_named_parquet(folder: Path, sheet: SimpleNamespace) -> Path:
    return sheet.save(folder / "p.csv", sheet.rows()).rename(folder / "p.parquet")


def wrong_type(folder: Path, sheet: SimpleNamespace) -> Path:
    sheet.typed(sheet.rows()).with_columns(pl.lit(value=True).alias("close")).write_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def numbers_for_dates(folder: Path, sheet: SimpleNamespace) -> Path:
    sheet.typed(sheet.rows()).with_columns(pl.lit(20140102).alias("date")).write_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def three_bars(folder: Path, sheet: SimpleNamespace) -> Path:
    return sheet.save(folder / "p.csv", sheet.rows(3, ("AA",)))


def sixty_bars(folder: Path, sheet: SimpleNamespace) -> Path:
    return sheet.save(folder / "p.csv", sheet.rows(60))


STRUCTURAL = [
    (missing_file, None, None, "there is no such file"),
    (folder_for_a_file, None, None, "is a folder"),
    (unknown_suffix, None, None, "'.xlsx' is not known"),
    (not_utf8, 4, None, "0xe9 is not UTF-8"),
    (empty_file, None, None, "is empty"),
    (empty_parquet, None, None, "is empty"),
    (header_only, None, None, "no rows"),
    (missing_column, None, "adj_close", "rename column 'Adj Close' to 'adj_close'"),
    (capital_column, None, "date", "rename column 'Date' to 'date'"),
    (column_twice, None, "open", "twice"),
    (semicolons, None, "symbol", "separate the columns with commas"),
    (extra_cell, 8, None, "more cells than the header's 8"),
    (hollow_column, None, "open", "every cell of the column is missing"),
    (hollow_parquet, None, "adj_close", "every cell of the column is missing"),
    (truncated_parquet, None, None, "truncated"),
    (damaged_parquet, None, None, "damaged"),
    (torn_parquet, None, None, "damaged"),
    (year_out_of_range, 5, "date", "outside the years 1 to 9999"),
    (blank_first_line, 1, None, "more cells than the header's 1"),
    (text_named_parquet, None, None, "not a Parquet file"),
    (wrong_type, None, "close", "Boolean where price belongs"),
    (numbers_for_dates, None, "date", "where date belongs"),
    (three_bars, None, None, "'AA', has 3 where at least one symbol needs 61"),
    (sixty_bars, None, None, "has 60 where at least one symbol needs 61"),
]


@pytest.mark.parametrize("quarantined", [False, True], ids=["strict", "quarantine"])
@pytest.mark.parametrize(("make", "row", "field", "says"), STRUCTURAL, ids=lambda v: getattr(v, "__name__", ""))
def test_a_structural_fault_is_always_an_error(
    make: Callable[[Path, SimpleNamespace], Path],
    row: int | None,
    field: str | None,
    says: str,
    quarantined: bool,
    sheet: SimpleNamespace,
    tmp_path: Path,
) -> None:
    file = make(tmp_path, sheet)
    aside = tmp_path / "bad.csv" if quarantined else None
    with pytest.raises(InputError) as caught:
        read_prices(file, quarantine=aside, clock=CLOCK)
    error = caught.value
    assert (error.file, error.row, error.field) == (file, row, field)
    assert says in str(error)
    assert error.fix


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from([".csv", ".parquet"]),
    edits=st.lists(st.tuples(st.floats(0, 1), st.integers(0, 8), st.binary(max_size=6)), min_size=1, max_size=4),
)
def test_any_damage_is_read_or_refused_and_never_a_crash(
    suffix: str, edits: list[tuple[float, int, bytes]], sheet: SimpleNamespace, tmp_path: Path
) -> None:
    file = tmp_path / f"p{suffix}"
    sheet.typed(sheet.rows()).write_parquet(file) if suffix == ".parquet" else sheet.save(file, sheet.rows())
    content = file.read_bytes()
    for place, cut, paste in edits:
        at = 4 + int(place * (len(content) - 8))
        content = content[:at] + paste + content[at + cut :]
    file.write_bytes(content)
    with suppress(InputError):
        panel = read_prices(file, quarantine=tmp_path / "bad.csv", clock=CLOCK)
        assert np.isfinite(panel.close).all()
        assert (panel.close > 0).all()
        assert (panel.time <= np.datetime64("2020-01-01")).all()


def test_the_folder_of_an_unreadable_file_is_no_traceback(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_table(tmp_path / "none" / "p.csv")
