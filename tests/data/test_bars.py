"""Prices files: what is kept, what is joined, and that written bars come back the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core import InputError, OutputError, Panel, SchemaError
from tradewind.core.clock import FixedClock
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data import Universe, bars_frame, read_prices, read_universe, write_prices, write_universe

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


def test_date_types_give_equal_panels(sheet: SimpleNamespace, tmp_path: Path) -> None:
    frame = sheet.typed(sheet.rows())
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


def test_missing_open_high_low_volume_are_kept_as_nan(sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows()
    several(set_cell(3, "open", ""), set_cell(3, "high", "NaN"), set_cell(4, "volume", "null"))(rows)
    panel = read_prices(sheet.save(tmp_path / "p.csv", rows), clock=CLOCK)
    assert len(panel) == 140
    assert np.flatnonzero(np.isnan(panel.open)).tolist() == [2]
    assert np.flatnonzero(np.isnan(panel.high)).tolist() == [2]
    assert np.flatnonzero(np.isnan(panel.volume)).tolist() == [3]


def test_a_symbol_called_na_and_a_byte_order_mark_are_read(sheet: SimpleNamespace, tmp_path: Path) -> None:
    file = sheet.save(tmp_path / "p.csv", sheet.rows(symbols=("NA", "null")))
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes().replace(b"\n", b"\r\n"))
    assert read_prices(file, clock=CLOCK).symbols == ("NA", "null")


def test_a_short_symbol_stays_beside_a_long_one(sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows(symbols=("AA",)) + sheet.rows(3, ("ZZ",))
    panel = read_prices(sheet.save(tmp_path / "p.csv", rows), clock=CLOCK)
    assert np.diff(panel.offsets).tolist() == [70, 3]


def test_intraday_bars_are_known_at_their_utc_time(sheet: SimpleNamespace, tmp_path: Path) -> None:
    rows = sheet.rows(symbols=("AA",))
    for row in rows:
        row[1] += "T10:30:00-05:00"
    header = [h if h != "date" else "timestamp" for h in HEADER]
    panel = read_prices(sheet.save(tmp_path / "p.csv", rows, header), clock=CLOCK)
    assert panel.time[0] == np.datetime64("2014-01-02T15:30")
    assert np.array_equal(panel.time, panel.known_at)


def test_universe_gives_sectors_and_must_meet_the_prices(sheet: SimpleNamespace, tmp_path: Path) -> None:
    file = sheet.save(tmp_path / "p.csv", sheet.rows())
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


@pytest.mark.slow
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


def test_fear_is_known_at_its_sessions_close(sheet: SimpleNamespace, tmp_path: Path) -> None:
    fear = tmp_path / "vix.csv"
    fear.write_text("date,open,close\n2014-01-06,1,20\n2014-01-07,1,21\n2014-01-09,1,22\n")
    panel = read_prices(sheet.save(tmp_path / "p.csv", sheet.rows(symbols=("AA",))), fear=fear, clock=CLOCK)
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
def test_a_bad_fear_file_is_named(
    text: str, row: int | None, field: str, sheet: SimpleNamespace, tmp_path: Path
) -> None:
    fear = tmp_path / "vix.csv"
    fear.write_text(text)
    with pytest.raises(SchemaError) as caught:
        read_prices(sheet.save(tmp_path / "p.csv", sheet.rows()), fear=fear, clock=CLOCK)
    assert (caught.value.file, caught.value.row, caught.value.field) == (fear, row, field)
