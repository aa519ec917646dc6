"""`tradewind parity` and the night's comparison, on features that a feature service left."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.cli.nights import Nights
from tradewind.cli.standing import FEATURES, Computed
from tradewind.data import MarketSettings, simulate, write_news, write_prices
from tradewind.features.online import OnlineFeatures
from tradewind.serving.node.parity import last_parity
from tradewind.streaming.features import FeatureService, FeatureServiceSettings, SqliteStore
from tradewind.streaming.log import EmbeddedLog
from tradewind.streaming.seeding import seed_log

NAMES = ("return_1", "return_5", "rsi_14", "sma_ratio_5", "sector_return_5")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a state folder whose features were computed from its log, with its files beside it."""
    folder = tmp_path_factory.mktemp("served")
    market = simulate(MarketSettings(kind="news", n_symbols=4, n_days=90, seed=5))
    panel, news = market.panel, market.news
    write_prices(panel, folder / "prices.parquet")
    assert news is not None
    write_news(news, folder / "news.parquet")
    state = folder / "state"
    names = (*NAMES, "sentiment_news", "item_count_all")
    kept = Computed(
        names=names,
        plain=names,
        symbols=panel.symbols,
        sectors=panel.sectors,
        fear=False,
        news=True,
        scorer="lexicon",
        log=str(state / "log"),
    )
    with EmbeddedLog.open(state / "log") as log:
        seed_log(log, panel, news, folder=state / "seeded")
        store = SqliteStore(state / "features.db", panel.symbols, names)
        engine = OnlineFeatures(panel.symbols, panel.sectors, names, fear=False, news=True)
        service = FeatureService(log, engine, store, FeatureServiceSettings(news=True, grace=0.0))
        service.drain()
        service.close()
        store.close()
    (state / FEATURES).write_text(kept.model_dump_json())
    return folder


@pytest.mark.slow
def test_what_a_service_left_is_what_batch_gives_from_the_log_and_from_files(
    tradewind: Any, served: Path, tmp_path: Path
) -> None:
    log = tradewind("parity", "--state", served / "state", "--out", tmp_path, "--json")
    assert log.code == 0, log.err
    assert log.json["verdict"] == "equal"
    assert log.json["compared"] > 300
    assert json.loads((tmp_path / "parity.json").read_text())["verdict"] == "equal"
    assert (tmp_path / "parity.html").stat().st_size > 1000
    files = ("--prices", served / "prices.parquet", "--news", served / "news.parquet")
    assert tradewind("parity", "--state", served / "state", *files, "--json").json["compared"] == log.json["compared"]


@pytest.mark.slow
def test_a_span_is_compared_alone(tradewind: Any, served: Path) -> None:
    whole = tradewind("parity", "--state", served / "state", "--json").json
    part = tradewind("parity", "--state", served / "state", "--since", whole["stop"][:10], "--json").json
    assert 0 < part["compared"] < whole["compared"]
    refused = tradewind("parity", "--state", served / "state", "--since", "monday")
    assert refused.code == 2
    assert "--since 'monday'" in refused.err


@pytest.fixture
def off(served: Path, tmp_path: Path) -> Path:
    """Return a state folder in which one value is not what the log says."""
    state = tmp_path / "state"
    subprocess.run(["cp", "-r", str(served / "state"), str(state)], check=True)
    kept = Computed.model_validate_json((state / FEATURES).read_bytes())
    store = SqliteStore(state / "features.db", kept.symbols, kept.names)
    block = store.at(store.times()[-1])
    assert block is not None
    values = np.array(block.values)
    values[0, 0] += 0.01
    store.put(type(block)(**{**vars(block), "values": values}))
    store.close()
    (state / FEATURES).write_text(kept.model_copy(update={"log": str(state / "log")}).model_dump_json())
    return state


@pytest.mark.slow
def test_a_value_that_is_off_fails_the_report(tradewind: Any, off: Path) -> None:
    said = tradewind("parity", "--state", off)
    assert said.code == 1
    assert "differs" in said.out
    assert "return_1" in said.out


@pytest.mark.slow
def test_a_night_that_differs_ends_with_1_and_is_done(off: Path) -> None:
    command = [sys.executable, "-m", "tradewind.cli.compared", "--state", off, "--at", "00:00"]
    first = subprocess.run(command, check=False, capture_output=True, text=True)
    assert first.returncode == 1, first.stderr
    night = last_parity(off)
    assert night is not None
    assert night["verdict"] == "differs"
    assert subprocess.run(command, check=False).returncode == 0


def test_no_server_ran_here(tradewind: Any, tmp_path: Path) -> None:
    said = tradewind("parity", "--state", tmp_path)
    assert said.code == 2
    assert "no server has computed features here" in said.err


def test_a_server_without_stored_features_is_told(tradewind: Any, served: Path, tmp_path: Path) -> None:
    (tmp_path / FEATURES).write_bytes((served / "state" / FEATURES).read_bytes())
    said = tradewind("parity", "--state", tmp_path)
    assert said.code == 2
    assert "no features are stored here" in said.err


@pytest.mark.slow
def test_a_night_is_done_once_and_not_before_the_server_is_ready(served: Path, tmp_path: Path) -> None:
    state = tmp_path / "state"
    subprocess.run(["cp", "-r", str(served / "state"), str(state)], check=True)
    ready = False
    nights = Nights(state, str(state / "log"), "00:00", lambda: ready, every=0.05)
    nights.start()
    time.sleep(0.5)
    assert last_parity(state) is None
    ready = True
    until = time.monotonic() + 60
    while last_parity(state) is None and time.monotonic() < until:
        time.sleep(0.05)
    nights.stop()
    assert (last_parity(state) or {}).get("verdict") == "equal"
    (report,) = (state / "parity").glob("parity-*.json")
    written = report.stat().st_mtime_ns
    again = Nights(state, str(state / "log"), "00:00", lambda: True, every=0.05)
    again.start()
    time.sleep(1.0)
    again.stop()
    assert report.stat().st_mtime_ns == written
