"""Forecasts are in the audit log, with their inputs, before they are shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewind.cli.audited import caller
from tradewind.data import read_prices, write_prices
from tradewind.governance.audit import AuditLog
from tradewind.registry import files_sha256, folder_files

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def model_folder(fitted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models") / "first"
    fitted.model.save(folder)
    return folder


@pytest.fixture(scope="module")
def prices(fitted, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("prices") / "prices.parquet"
    write_prices(fitted.data.panel, file)
    return file


def test_each_forecast_is_recorded_with_its_inputs(tradewind, model_folder, prices, fitted, tmp_path) -> None:
    log = tmp_path / "audit.db"
    table = tmp_path / "forecasts.parquet"
    done = tradewind("predict", "--model", model_folder, "--prices", prices, "--audit", log, "--out", table)
    assert done.code == 0, done.err
    frame = pl.read_parquet(table)
    with AuditLog.open(log, readonly=True) as opened:
        assert opened.verify().ok
        entries = [entry.body for entry in opened.query(kind="prediction")]
    assert len(entries) == len(frame) == 8
    by_symbol = {body["symbol"]: body for body in entries}
    for symbol, probability in frame.select("symbol", "probability").iter_rows():
        assert by_symbol[symbol]["output"]["probability"] == probability
    body = by_symbol[fitted.data.panel.symbols[0]]
    assert body["stage"] == "unregistered"
    assert body["model_version"] == files_sha256(folder_files(model_folder))[:16]
    assert body["data_version"] == read_prices(prices).id
    assert body["caller"].startswith("cli:")
    row = int(fitted.data.panel.offsets[1] - 1)
    column = fitted.data.names.index("rsi_14")
    assert body["inputs"]["rsi_14"] == pytest.approx(float(fitted.data.features[row, column]), rel=1e-6)
    assert body["as_of"].startswith(str(fitted.data.panel.known_at[row].astype("datetime64[s]")))


def test_a_log_that_cannot_be_written_stops_the_forecast(tradewind, model_folder, prices, tmp_path) -> None:
    (tmp_path / "file").write_text("not a folder")
    done = tradewind("predict", "--model", model_folder, "--prices", prices, "--audit", tmp_path / "file" / "audit.db")
    assert done.code == 2
    assert "error" in done.err
    assert "probability" not in done.out


def test_a_user_without_a_name_still_forecasts(monkeypatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", nameless)
    monkeypatch.setattr("os.getuid", lambda: 1234)
    assert caller() == "cli:uid 1234"


def test_off_leaves_no_log(tradewind, model_folder, prices, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    done = tradewind("predict", "--model", model_folder, "--prices", prices, "--audit", "off", "--json")
    assert done.code == 0
    assert len(done.json) == 8
    assert not np.any([path.suffix == ".db" for path in tmp_path.rglob("*")])
