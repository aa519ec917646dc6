"""Tables of unknown columns."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from tradewind.core import SchemaError
from tradewind.data.typed import read_table


def test_types_are_found_by_the_cells(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(
        "n,date,symbol,x,flag,end,word,none\n1,2014-01-02,NA,1.5,true,2014-01-03,up,\n,2014-01-03,B,nan,False,,2,\n"
    )
    frame = read_table(file)
    assert frame.columns == ["n", "date", "symbol", "x", "flag", "end", "word", "none"]
    types = dict(frame.schema)
    assert types == {
        "n": pl.Int64,
        "date": pl.Datetime("us"),
        "symbol": pl.String,
        "x": pl.Float64,
        "flag": pl.Boolean,
        "end": pl.Datetime("us"),
        "word": pl.String,
        "none": pl.Float64,
    }
    assert frame["symbol"].to_list() == ["NA", "B"]
    assert frame["date"].to_list() == [datetime(2014, 1, 2), datetime(2014, 1, 3)]
    assert frame["n"].to_list() == [1, None]
    assert frame["flag"].to_list() == [True, False]


def test_parquet_keeps_its_types_and_hours(tmp_path: Path) -> None:
    at = datetime(2014, 1, 2, 15, 30)
    frame = pl.DataFrame({"symbol": ["A"], "date": [at], "p": [0.5]}, schema_overrides={"p": pl.Float32})
    frame.with_columns(pl.col("date").dt.replace_time_zone("UTC")).write_parquet(tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet").equals(frame)


@pytest.mark.parametrize(
    ("text", "row", "field"),
    [
        ("symbol,date\nA,nope\n", 1, "date"),
        ("symbol,date\nA,2014-01-02\nA,\n", 2, "date"),
        ("symbol,date\nA,2014-01-02\nA,20140103\n", 2, "date"),
        ("symbol,date\n,2014-01-02\n", 1, "symbol"),
        ("symbol,x\nA,1\n", None, "date"),
        ("symbol,date\n", None, None),
    ],
)
def test_a_bad_key_is_named(text: str, row: int | None, field: str | None, tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(text)
    with pytest.raises(SchemaError) as caught:
        read_table(file)
    assert (caught.value.file, caught.value.row, caught.value.field) == (file, row, field)


def test_a_column_of_lists_is_refused(tmp_path: Path) -> None:
    pl.DataFrame({"symbol": [["A"]], "date": ["2014-01-02"]}).write_parquet(tmp_path / "t.parquet")
    with pytest.raises(SchemaError, match="column 'symbol'"):
        read_table(tmp_path / "t.parquet")
