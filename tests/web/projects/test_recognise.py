"""Common shapes of price tables are recognised, told, or refused with what to do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tradewind.core import InputError
from tradewind.web.intake.reading import read_given
from tradewind.web.intake.recognise import recognise
from tradewind.web.intake.spans import spans_of


def test_a_yahoo_download_asks_for_its_symbol_and_suggests_the_files_name(yahoo: Any, tmp_path: Path) -> None:
    found = recognise(yahoo(tmp_path / "AAPL.csv"))
    assert found.table is None
    assert found.suggested == "AAPL"
    assert found.header[0] == "Date"


def test_a_yahoo_download_with_its_symbol_is_read(yahoo: Any, days: list[str], tmp_path: Path) -> None:
    reading = read_given(yahoo(tmp_path / "AAPL.csv"), symbol="AAPL")
    assert reading.problem is None
    assert reading.panel is not None
    assert reading.panel.symbols == ("AAPL",)
    assert len(reading.panel) == len(days)


def test_a_missing_adjusted_close_is_the_close_and_said_so(write: Any, days: list[str], tmp_path: Path) -> None:
    rows = [f"AAA,{day},10,11,9,10.5,100" for day in days]
    reading = read_given(write(tmp_path / "p.csv", "Ticker,DATE,Open,High,Low,Last,Vol", rows))
    assert reading.panel is not None
    assert (reading.panel.adj_close == reading.panel.close).all()
    assert reading.recognised is not None
    said = " ".join(reading.recognised.notes)
    assert "no adjusted close" in said
    assert "Ticker as symbol" in said
    assert "Vol as volume" in said


def test_newest_first_is_turned_round_and_faults_keep_the_rows_of_the_file(
    write: Any, days: list[str], tmp_path: Path
) -> None:
    turned = days[::-1]
    rows = [f"AAA,{day},10,11,9,{'-1' if at == 2 else '10'},10,100" for at, day in enumerate(turned)]
    file = write(tmp_path / "p.csv", "symbol,date,open,high,low,close,adj_close,volume", rows)
    reading = read_given(file)
    assert reading.panel is None
    assert [(one.row, one.column) for one in reading.faults] == [(3, "close")]
    without = read_given(file, without=tmp_path / "left-out.csv")
    assert without.panel is not None
    assert len(without.panel) == len(days) - 1
    assert without.bad_rows == 1


@pytest.mark.parametrize("day", ["27/03/2015", "3.4.2015", "03-04-15", "1/2/2015 10:00"])
def test_dates_that_mean_two_days_are_refused(yahoo: Any, days: list[str], tmp_path: Path, day: str) -> None:
    reading = read_given(yahoo(tmp_path / "p.csv", [day, *days]), symbol="AAA")
    assert reading.panel is None
    assert reading.problem is not None
    assert "two days" in reading.problem.problem
    assert "YYYY-MM-DD" in (reading.problem.fix or "")


def test_three_header_rows_of_yfinance_become_columns(days: list[str], tmp_path: Path) -> None:
    file = tmp_path / "two.csv"
    lines = [
        "Price,Close,Close,Open,Open,High,High,Low,Low,Volume,Volume",
        "Ticker,A,B,A,B,A,B,A,B,A,B",
        "Date" + "," * 10,
    ]
    lines += [f"{day},10,20,10,20,11,21,9,19,100,{'' if at == 0 else 200}" for at, day in enumerate(days)]
    file.write_text("\n".join(lines) + "\n")
    reading = read_given(file)
    assert reading.panel is not None
    assert reading.panel.symbols == ("A", "B")
    assert (reading.panel.close[reading.panel.symbol_code == 1] == 20).all()


def test_midnights_with_a_zone_are_days(write: Any, days: list[str], tmp_path: Path) -> None:
    rows = [f"AAA,{day} 00:00:00-05:00,10,11,9,10,10,100" for day in days]
    reading = read_given(write(tmp_path / "p.csv", "symbol,Datetime,open,high,low,close,adj_close,volume", rows))
    assert reading.panel is not None
    assert str(reading.panel.times[0])[:10] == days[0]


def test_a_short_table_says_how_much_is_needed(yahoo: Any, days: list[str], tmp_path: Path) -> None:
    reading = read_given(yahoo(tmp_path / "p.csv", days[:40]), symbol="AAA")
    assert reading.panel is None
    assert reading.problem is not None
    assert "61" in reading.problem.problem


def test_spans_test_on_the_last_quarter_and_refuse_too_little(yahoo: Any, tmp_path: Path) -> None:
    panel = read_given(yahoo(tmp_path / "p.csv"), symbol="AAA").panel
    assert panel is not None
    spans = spans_of(panel)
    assert (spans.train_days, spans.test_days) == (270, 90)
    assert spans.train_end < spans.test_start
    assert spans_of(panel, "2015-01-01").test_start == "2015-01-01"
    with pytest.raises(InputError, match="days lie before the test"):
        spans_of(panel, "2014-02-01")
    with pytest.raises(InputError, match="days lie in the test"):
        spans_of(panel, "2015-12-10")
