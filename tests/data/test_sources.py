"""Sources of bars; only the network call is replaced."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from tradewind.core import InputError, MissingExtraError, Panel, SchemaError
from tradewind.core.clock import FixedClock
from tradewind.data import BarSource, FileSource, Universe, YFinanceSource, normalise_yfinance, write_prices

CLOCK = FixedClock(datetime(2020, 1, 1, tzinfo=UTC))
NAN = np.nan


def yahoo_frame(zone: str | None = None) -> pd.DataFrame:
    """The shape of ``yfinance.download(["MSFT", "NEWCO"], auto_adjust=False)`` as version 1 gives it.

    NEWCO was listed on the second day; nothing traded on the last day's row of MSFT.
    """
    index = pd.DatetimeIndex(["2014-01-02", "2014-01-03", "2014-01-06"], name="Date", tz=zone)
    columns = pd.MultiIndex.from_product(
        [["Adj Close", "Close", "High", "Low", "Open", "Volume"], ["MSFT", "NEWCO"]], names=["Price", "Ticker"]
    )
    values = [
        [31.0, NAN, 37.2, NAN, 37.4, NAN, 37.1, NAN, 37.3, NAN, 30632200.0, NAN],
        [30.8, 10.0, 36.9, 10.0, 37.2, 10.5, 36.6, 9.5, 37.2, 9.9, 31134800.0, 500.0],
        [NAN, 11.0, NAN, 11.0, NAN, 11.5, NAN, 10.5, NAN, 10.0, NAN, 700.0],
    ]
    return pd.DataFrame(values, index=index, columns=columns)


def source(answer: Any, **options: Any) -> tuple[YFinanceSource, list[Any]]:
    """A source whose network call gives ``answer``, and the list of its calls."""
    calls: list[Any] = []

    def download(symbols: list[str], **given: Any) -> Any:
        calls.append((symbols, given))
        return answer

    return YFinanceSource(download=download, **{"clock": CLOCK, **options}), calls


@pytest.mark.parametrize("zone", [None, "America/New_York"])
def test_a_yahoo_frame_becomes_a_panel(zone: str | None) -> None:
    universe = Universe(symbols=("MSFT",), names=("M",), sectors=("Tech",), market_caps=np.array([3e11]))
    yahoo, calls = source(yahoo_frame(zone), universe=universe)
    panel = yahoo.bars(["MSFT", "NEWCO"], "2014-01-02", "2014-01-06")
    assert panel.symbols == ("MSFT", "NEWCO")
    assert panel.offsets.tolist() == [0, 2, 4]
    assert panel.sectors == ("Tech", "unknown")
    assert [str(t)[:10] for t in panel.time] == ["2014-01-02", "2014-01-03", "2014-01-03", "2014-01-06"]
    assert panel.adj_close.tolist() == [31.0, 30.8, 10.0, 11.0]
    assert panel.open.tolist() == [37.3, 37.2, 9.9, 10.0]
    assert panel.volume.tolist() == [30632200.0, 31134800.0, 500.0, 700.0]
    assert str(panel.known_at[0]) == "2014-01-02T21:00:00.000000"
    symbols, given = calls[0]
    assert symbols == ["MSFT", "NEWCO"]
    assert (given["start"], given["end"]) == ("2014-01-02", "2014-01-07")  # Yahoo leaves the end out
    assert given["auto_adjust"] is False


def test_ticker_first_gives_the_same_table() -> None:
    frame = yahoo_frame()
    assert normalise_yfinance(frame.swaplevel(axis=1)).equals(normalise_yfinance(frame))


def test_the_bar_of_an_open_session_is_left_out() -> None:
    yahoo, _ = source(yahoo_frame(), clock=FixedClock(datetime(2014, 1, 6, 18, tzinfo=UTC)))
    panel = yahoo.bars(["NEWCO"], "2014-01-02", "2014-01-06")
    assert [str(t)[:10] for t in panel.time] == ["2014-01-03"]


@pytest.mark.parametrize("answer", [None, pd.DataFrame(), yahoo_frame().iloc[:0], yahoo_frame() * np.nan])
def test_an_empty_answer_is_an_input_error(answer: Any) -> None:
    yahoo, _ = source(answer)
    with pytest.raises(InputError, match="no bars of MSFT from 2014-01-02 to 2014-01-06"):
        yahoo.bars(["MSFT"], "2014-01-02", "2014-01-06")


def test_a_symbol_without_bars_is_named() -> None:
    yahoo, _ = source(yahoo_frame())
    with pytest.raises(InputError, match="no bars of GONE from"):
        yahoo.bars(["MSFT", "GONE"], "2014-01-02", "2014-01-06")


def test_a_bad_cell_from_the_network_is_named() -> None:
    frame = yahoo_frame()
    frame.loc["2014-01-03", ("Close", "MSFT")] = -1.0
    yahoo, _ = source(frame)
    with pytest.raises(SchemaError, match=r"yfinance, row 2, column 'close': -1\.0 is not above zero"):
        yahoo.bars(["MSFT"], "2014-01-02", "2014-01-06")


@pytest.mark.parametrize(("symbols", "end"), [([], "2014-01-06"), (["MSFT"], "2013-01-01")])
def test_nothing_to_fetch_makes_no_call(symbols: list[str], end: str) -> None:
    yahoo, calls = source(yahoo_frame())
    with pytest.raises(InputError, match="nothing to fetch"):
        yahoo.bars(symbols, "2014-01-02", end)
    assert not calls


def test_without_yfinance_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yfinance", None)
    with pytest.raises(MissingExtraError, match=r"pip install 'tradewind\[yfinance\]'"):
        YFinanceSource().bars(["MSFT"], "2014-01-02", "2014-01-06")


def test_a_network_failure_is_an_input_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class YFException(Exception):
        pass

    def download(*args: Any, **options: Any) -> Any:
        raise YFException("rate limited")

    package, errors = ModuleType("yfinance"), ModuleType("yfinance.exceptions")
    package.download, errors.YFException = download, YFException  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "yfinance", package)
    monkeypatch.setitem(sys.modules, "yfinance.exceptions", errors)
    with pytest.raises(InputError, match="rate limited"):
        YFinanceSource().bars(["MSFT"], "2014-01-02", "2014-01-06")


def test_a_file_is_a_source(tmp_path: Path, make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(3, 100, gaps=True)
    files: BarSource = FileSource(path=write_prices(panel, tmp_path / "p.parquet"))
    first, last = panel.times[40], panel.times[60]
    part = files.bars(["S002", "S000"], first, last)
    expected = panel.select((panel.symbol_code != 1) & (panel.time >= first) & (panel.time <= last))
    assert part.symbols == ("S000", "S002")
    np.testing.assert_array_equal(part.time, expected.time)
    np.testing.assert_array_equal(part.close, expected.close)
    assert files.bars([], first, last).symbols == panel.symbols
    with pytest.raises(InputError, match=r"p\.parquet, column 'symbol': no bars of QQ"):
        files.bars(["QQ"], first, last)
