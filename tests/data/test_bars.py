"""Prices files: what is refused and where it is named, what is set aside, what is kept."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core import InputError, OutputError, Panel, SchemaError, UsageError
from tradewind.core.clock import FixedClock
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data import Universe, bars_frame, read_prices, read_universe, write_prices, write_universe
from tradewind.data.tables import load_table

CLOCK = FixedClock(datetime(2020, 1, 1, tzinfo=UTC))
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
def test_a_bad_row_is_named(case: Case, tmp_path: Path) -> None:
    rows = rows_of()
    case.change(rows)
    file = save(tmp_path / "p.csv", rows)
    with pytest.raises(SchemaError) as caught:
        read_prices(file, clock=CLOCK)
    error = caught.value
    assert (error.file, error.row, error.field) == (file, case.row, case.field)
    assert case.says in error.problem
    assert error.fix
    assert "more bad row" not in error.problem


@pytest.mark.parametrize("case", CASES, ids=lambda c: c.name)
def test_a_bad_row_goes_to_quarantine_and_the_rest_is_read(case: Case, tmp_path: Path) -> None:
    rows = rows_of()
    case.change(rows)
    file, aside = save(tmp_path / "p.csv", rows), tmp_path / "bad.csv"
    panel = read_prices(file, quarantine=aside, clock=CLOCK)
    assert len(panel) == len(rows) - 1
    bad = pl.read_csv(aside, infer_schema=False)
    assert bad["row"].to_list() == [str(case.row)]
    assert case.says in bad["reasons"][0]
    raw = rows[case.row - 1]
    assert [cell or "" for cell in bad.row(0)[2:]] == raw


def test_the_count_of_further_bad_rows_is_told(tmp_path: Path) -> None:
    rows = rows_of()
    several(set_cell(9, "close", "x"), set_cell(9, "open", "y"), set_cell(20, "high", "-1"))(rows)
    with pytest.raises(SchemaError) as caught:
        read_prices(save(tmp_path / "p.csv", rows), clock=CLOCK)
    assert caught.value.row == 9
    assert caught.value.field == "open"
    assert "'y' is not a number (1 more bad row)" in str(caught.value)


def test_a_row_lists_all_its_reasons(tmp_path: Path) -> None:
    rows = rows_of()
    several(set_cell(9, "close", "x"), set_cell(9, "date", "never"), set_cell(20, "high", "-1"))(rows)
    aside = tmp_path / "deep" / "bad.parquet"
    panel = read_prices(save(tmp_path / "p.csv", rows), quarantine=aside, clock=CLOCK)
    assert len(panel) == 138
    bad = pl.read_parquet(aside)
    assert bad["row"].to_list() == [9, 20]
    assert bad["reasons"][0] == "date: 'never' is not a date; close: 'x' is not a number"


def test_columns_a_csv_cannot_hold_do_not_stop_the_quarantine(tmp_path: Path) -> None:
    frame = typed(rows_of()).with_columns(
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


def test_offsets_that_differ_name_the_rarer(tmp_path: Path) -> None:
    rows = rows_of()
    for row in rows:
        row[1] += "T00:00:00+00:00"
    rows[29][1] = rows[29][1].replace("+00:00", "-05:00")
    with pytest.raises(SchemaError, match=r"row 30.*-05:00 and most rows have time zone \+00:00"):
        read_prices(save(tmp_path / "p.csv", rows), clock=CLOCK)


def test_a_descending_file_is_refused_with_its_first_step_back(tmp_path: Path) -> None:
    rows = rows_of(symbols=("AA",))[::-1]
    with pytest.raises(SchemaError, match=r"row 2, column 'date'.*run backwards \(68 more bad rows\)"):
        read_prices(save(tmp_path / "p.csv", rows), clock=CLOCK)


def test_order_by_date_and_by_symbol_give_one_panel(tmp_path: Path) -> None:
    rows = rows_of()
    by_symbol = read_prices(save(tmp_path / "a.csv", rows), clock=CLOCK)
    by_date = read_prices(save(tmp_path / "b.csv", sorted(rows, key=lambda r: r[1])), clock=CLOCK)
    assert by_symbol.id == by_date.id
    assert by_symbol.symbols == ("AA", "BB")


def test_no_row_left_is_an_error(tmp_path: Path) -> None:
    rows = rows_of()
    for row in rows:
        row[5] = "-1"
    aside = tmp_path / "bad.csv"
    with pytest.raises(SchemaError, match="no good row is left"):
        read_prices(save(tmp_path / "p.csv", rows), quarantine=aside, clock=CLOCK)
    assert pl.read_csv(aside).height == 140


def test_a_clean_file_leaves_no_quarantine_of_an_earlier_run(tmp_path: Path) -> None:
    aside = tmp_path / "bad.csv"
    aside.write_text("row,reasons\n1,old\n")
    read_prices(save(tmp_path / "p.csv", rows_of()), quarantine=aside, clock=CLOCK)
    assert not aside.exists()


def test_the_quarantine_may_not_be_the_input(tmp_path: Path) -> None:
    file = save(tmp_path / "p.csv", rows_of())
    with pytest.raises(UsageError, match="input file itself"):
        read_prices(file, quarantine=file, clock=CLOCK)
    assert file.exists()


def test_a_quarantine_that_cannot_be_written_is_an_output_error(tmp_path: Path) -> None:
    rows = rows_of()
    set_cell(9, "close", "x")(rows)
    blocker = tmp_path / "blocker"
    blocker.write_text("a file where a folder is asked for")
    with pytest.raises(OutputError):
        read_prices(save(tmp_path / "p.csv", rows), quarantine=blocker / "bad.csv", clock=CLOCK)


def missing_file(folder: Path) -> Path:
    return folder / "none.csv"


def folder_for_a_file(folder: Path) -> Path:
    (folder / "p.csv").mkdir()
    return folder / "p.csv"


def unknown_suffix(folder: Path) -> Path:
    return save(folder / "p.xlsx", rows_of())


def not_utf8(folder: Path) -> Path:
    file = save(folder / "p.csv", rows_of())
    content = file.read_bytes().split(b"\n")
    content[4] = content[4].replace(b"AA", b"A\xe9")
    file.write_bytes(b"\n".join(content))
    return file


def empty_file(folder: Path) -> Path:
    (folder / "p.csv").write_bytes(b"")
    return folder / "p.csv"


def empty_parquet(folder: Path) -> Path:
    (folder / "p.parquet").write_bytes(b"")
    return folder / "p.parquet"


def header_only(folder: Path) -> Path:
    return save(folder / "p.csv", [])


def missing_column(folder: Path) -> Path:
    return save(folder / "p.csv", rows_of(), [h if h != "adj_close" else "Adj Close" for h in HEADER])


def capital_column(folder: Path) -> Path:
    return save(folder / "p.csv", rows_of(), [h if h != "date" else "Date" for h in HEADER])


def column_twice(folder: Path) -> Path:
    return save(folder / "p.csv", rows_of(), [h if h != "high" else "open" for h in HEADER])


def semicolons(folder: Path) -> Path:
    file = save(folder / "p.csv", rows_of())
    file.write_text(file.read_text().replace(",", ";"))
    return file


def extra_cell(folder: Path) -> Path:
    rows = rows_of()
    rows[7].append("more")
    return save(folder / "p.csv", rows)


def hollow_column(folder: Path) -> Path:
    rows = rows_of()
    for row in rows:
        row[2] = "NaN"
    return save(folder / "p.csv", rows)


def hollow_parquet(folder: Path) -> Path:
    frame = typed(rows_of()).with_columns(pl.lit(float("nan")).alias("adj_close"))
    frame.write_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def truncated_parquet(folder: Path) -> Path:
    typed(rows_of()).write_parquet(folder / "p.parquet")
    content = (folder / "p.parquet").read_bytes()
    (folder / "p.parquet").write_bytes(content[: len(content) // 2])
    return folder / "p.parquet"


def damaged_parquet(folder: Path) -> Path:
    (folder / "p.parquet").write_bytes(b"PAR1" + bytes(200) + b"PAR1")
    return folder / "p.parquet"


def torn_parquet(folder: Path) -> Path:
    file = damaged_parquet(folder)
    typed(rows_of()).write_parquet(file)
    content = file.read_bytes()
    file.write_bytes(content[:200] + bytes(len(content) // 3) + content[200 + len(content) // 3 :])
    return file


def year_out_of_range(folder: Path) -> Path:
    frame = typed(rows_of()).with_columns(pl.col("date").cast(pl.Datetime("ms")))
    far = pl.when(pl.int_range(pl.len()) == 4).then(pl.lit(10**15)).otherwise(pl.col("date").to_physical())
    frame.with_columns(far.cast(pl.Datetime("ms")).alias("date")).write_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def blank_first_line(folder: Path) -> Path:
    file = save(folder / "p.csv", rows_of())
    file.write_text("\nrubbish\n" + file.read_text())
    return file


def text_named_parquet(folder: Path) -> Path:
    return save(folder / "p.csv", rows_of()).rename(folder / "p.parquet")


def wrong_type(folder: Path) -> Path:
    typed(rows_of()).with_columns(pl.lit(value=True).alias("close")).write_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def numbers_for_dates(folder: Path) -> Path:
    typed(rows_of()).with_columns(pl.lit(20140102).alias("date")).write_parquet(folder / "p.parquet")
    return folder / "p.parquet"


def three_bars(folder: Path) -> Path:
    return save(folder / "p.csv", rows_of(3, ("AA",)))


def sixty_bars(folder: Path) -> Path:
    return save(folder / "p.csv", rows_of(60))


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
    make: Callable[[Path], Path], row: int | None, field: str | None, says: str, quarantined: bool, tmp_path: Path
) -> None:
    file = make(tmp_path)
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
    suffix: str, edits: list[tuple[float, int, bytes]], tmp_path: Path
) -> None:
    file = tmp_path / f"p{suffix}"
    typed(rows_of()).write_parquet(file) if suffix == ".parquet" else save(file, rows_of())
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


def typed(rows: Rows) -> pl.DataFrame:
    """The cells as a typed table."""
    frame = pl.DataFrame(rows, schema=HEADER, orient="row")
    return frame.with_columns(pl.col("date").str.to_date(), pl.col(HEADER[2:]).cast(pl.Float64))


def test_date_types_give_equal_panels(tmp_path: Path) -> None:
    frame = typed(rows_of())
    forms = {
        "date": pl.col("date"),
        "us": pl.col("date").cast(pl.Datetime("us")),
        "ns": pl.col("date").cast(pl.Datetime("ns")),
        "text": pl.col("date").cast(pl.String),
        "stamped": pl.col("date").cast(pl.String) + " 00:00:00",
        "iso_minutes": pl.col("date").cast(pl.String) + "T00:00",
        "zulu": pl.col("date").cast(pl.String) + "T00:00:00.000Z",
        "new_york": pl.col("date").cast(pl.Datetime("us")).dt.replace_time_zone("America/New_York"),
        "categorical": pl.col("date"),
    }
    ids = set()
    for name, form in forms.items():
        shaped = frame.with_columns(form.alias("date"))
        if name == "categorical":
            shaped = shaped.with_columns(pl.col("symbol").cast(pl.Categorical))
        shaped.write_parquet(tmp_path / f"{name}.parquet")
        ids.add(read_prices(tmp_path / f"{name}.parquet", clock=CLOCK).id)
    assert len(ids) == 1


def test_missing_open_high_low_volume_are_kept_as_nan(tmp_path: Path) -> None:
    rows = rows_of()
    several(set_cell(3, "open", ""), set_cell(3, "high", "NaN"), set_cell(4, "volume", "null"))(rows)
    panel = read_prices(save(tmp_path / "p.csv", rows), clock=CLOCK)
    assert len(panel) == 140
    assert np.flatnonzero(np.isnan(panel.open)).tolist() == [2]
    assert np.flatnonzero(np.isnan(panel.high)).tolist() == [2]
    assert np.flatnonzero(np.isnan(panel.volume)).tolist() == [3]


def test_a_symbol_called_na_and_a_byte_order_mark_are_read(tmp_path: Path) -> None:
    file = save(tmp_path / "p.csv", rows_of(symbols=("NA", "null")))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_prices(file, clock=CLOCK).symbols == ("NA", "null")


def test_a_short_symbol_stays_beside_a_long_one(tmp_path: Path) -> None:
    rows = rows_of(symbols=("AA",)) + rows_of(3, ("ZZ",))
    panel = read_prices(save(tmp_path / "p.csv", rows), clock=CLOCK)
    assert np.diff(panel.offsets).tolist() == [70, 3]


def test_intraday_bars_are_known_at_their_utc_time(tmp_path: Path) -> None:
    rows = rows_of(symbols=("AA",))
    for row in rows:
        row[1] += "T10:30:00-05:00"
    header = [h if h != "date" else "timestamp" for h in HEADER]
    panel = read_prices(save(tmp_path / "p.csv", rows, header), clock=CLOCK)
    assert panel.time[0] == np.datetime64("2014-01-02T15:30")
    assert np.array_equal(panel.time, panel.known_at)


def test_universe_gives_sectors_and_must_meet_the_prices(tmp_path: Path) -> None:
    file = save(tmp_path / "p.csv", rows_of())
    universe = Universe(symbols=("BB", "QQ"), names=("B", "Q"), sectors=("Tech", "x"), market_caps=np.array([5.0, 1.0]))
    panel = read_prices(file, universe=universe, clock=CLOCK)
    assert panel.sectors == ("unknown", "Tech")
    assert np.isnan(panel.market_cap[0])
    assert panel.market_cap[1] == 5.0
    write_universe(replace(universe, symbols=("CC", "QQ")), tmp_path / "u.csv")
    other = read_universe(tmp_path / "u.csv")
    with pytest.raises(SchemaError, match=r"u\.csv, column 'symbol': .*\(CC, QQ, .* in p\.csv \(AA, BB, "):
        read_prices(file, universe=other, clock=CLOCK)


def panels_equal(a: Panel, b: Panel) -> bool:
    """Equal symbols, times and prices, NaN equal to NaN."""
    return a.symbols == b.symbols and all(
        np.array_equal(getattr(a, name), getattr(b, name), equal_nan=name in PRICE_FIELDS)
        for name in ("offsets", "time", "known_at", *PRICE_FIELDS)
    )


price = st.floats(min_value=1e-300, max_value=1e300, allow_nan=False)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    suffix=st.sampled_from([".csv", ".parquet"]),
    names=st.lists(st.text("ABCXYZ.-^=1", min_size=1, max_size=5), min_size=1, max_size=3, unique=True),
    extra=st.lists(st.tuples(price, st.one_of(st.just(np.nan), price)), min_size=1, max_size=4),
    seed=st.integers(0, 2**32 - 1),
)
def test_write_then_read_gives_the_same_panel(
    suffix: str, names: list[str], extra: list[tuple[float, float]], seed: int, tmp_path: Path
) -> None:
    rng = np.random.default_rng(seed)
    days = np.datetime64("2014-01-02") + np.arange(90)
    columns: dict[str, list[np.ndarray]] = {}
    for name in names:
        n = int(rng.integers(61, 90))
        values = {f: rng.lognormal(3, 2, n) for f in PRICE_FIELDS}
        for i, (sure, maybe) in enumerate(extra):
            values["close"][i], values["open"][i], values["volume"][i] = sure, maybe, maybe
        parts = {"symbol": np.full(n, name), "time": days[np.sort(rng.choice(90, n, replace=False))], **values}
        for key, part in parts.items():
            columns.setdefault(key, []).append(part)
    before = Panel.from_columns({key: np.concatenate(parts) for key, parts in columns.items()})
    file = write_prices(before, tmp_path / f"p{suffix}")
    after = read_prices(file, calendar=None, clock=CLOCK)
    assert panels_equal(before, after)


def test_intraday_round_trip(tmp_path: Path, make_panel: Callable[..., Panel]) -> None:
    daily = make_panel(2, 80)
    columns = {f: getattr(daily, f) for f in PRICE_FIELDS}
    stamps = daily.time + np.timedelta64(930, "m")
    before = Panel.from_columns(
        {"symbol": np.array(daily.symbols)[daily.symbol_code], "time": stamps, "known_at": stamps, **columns}
    )
    for suffix in (".csv", ".parquet"):
        assert panels_equal(before, read_prices(write_prices(before, tmp_path / f"i{suffix}"), clock=CLOCK))
    assert "timestamp" in bars_frame(before).columns


def test_writing_where_nothing_can_be_written(tmp_path: Path, make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(1, 70)
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError):
        write_prices(panel, tmp_path / "file" / "p.csv")
    with pytest.raises(InputError, match="suffix"):
        write_prices(panel, tmp_path / "p.txt")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file"]


def test_fear_is_known_at_its_sessions_close(tmp_path: Path) -> None:
    fear = tmp_path / "vix.csv"
    fear.write_text("date,open,close\n2014-01-06,1,20\n2014-01-07,1,21\n2014-01-09,1,22\n")
    panel = read_prices(save(tmp_path / "p.csv", rows_of(symbols=("AA",))), fear=fear, clock=CLOCK)
    assert panel.fear is not None
    assert [str(d)[:10] for d in panel.time[:6]] == [f"2014-01-{d:02d}" for d in (2, 3, 6, 7, 8, 9)]
    np.testing.assert_array_equal(panel.fear[:6], [np.nan, np.nan, 20, 21, 21, 22])
    late = panel.time > np.datetime64("2014-01-20")
    assert np.isnan(panel.fear[late]).all()


@pytest.mark.parametrize(
    ("text", "row", "field"),
    [
        ("date,close\n2014-01-02,20\n2014-01-03,abc\n", 2, "close"),
        ("date,close\n2014-01-02,20\n2014-01-02,21\n", 2, "date"),
        ("date,close\n2014-01-02,20\nx,21\n", 2, "date"),
        ("date,close\n2014-01-02,\n2014-01-03,\n", None, "close"),
        ("date,value\n2014-01-02,20\n", None, "close"),
    ],
)
def test_a_bad_fear_file_is_named(text: str, row: int | None, field: str, tmp_path: Path) -> None:
    fear = tmp_path / "vix.csv"
    fear.write_text(text)
    with pytest.raises(SchemaError) as caught:
        read_prices(save(tmp_path / "p.csv", rows_of()), fear=fear, clock=CLOCK)
    assert (caught.value.file, caught.value.row, caught.value.field) == (fear, row, field)
