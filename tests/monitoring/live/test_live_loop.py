"""The running monitor over a real log: kept, handed on, and not told twice after a restart."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer import Typer
from typer.testing import CliRunner

from tradewind.cli import monitor
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data.simulator import MarketSettings, MarketShock, simulate
from tradewind.monitoring.journal import Journal
from tradewind.serving.node import Deployed, Deployment, Universe
from tradewind.streaming.log import open_log
from tradewind.streaming.records import Bar


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Return a folder with a deployment and a log of a market that falls into panic."""
    shock = MarketShock(kind="volatility", first=110, last=129, size=4.0)
    panel = simulate(MarketSettings(n_symbols=6, n_days=130, factor_share=0.4, shocks=(shock,), seed=3)).panel
    Deployment(
        universe=Universe.of(dict(zip(panel.symbols, panel.sectors, strict=True))),
        roles={"champion": "demo/1"},
        versions={"demo/1": Deployed(artefact="demo-1", model="-")},
    ).write(tmp_path / "deployment.json")
    times = panel.time.astype("datetime64[us]").astype(np.int64).tolist()
    known = panel.known_at.astype("datetime64[us]").astype(np.int64).tolist()
    rows = np.lexsort((panel.symbol_code, panel.time)).tolist()
    with open_log(str(tmp_path / "log")) as log:
        producer = log.producer()
        producer.send_many(
            Bar(
                symbol=panel.symbols[panel.symbol_code[row]],
                time=times[row],
                known_at=known[row],
                **{name: float(getattr(panel, name)[row]) for name in PRICE_FIELDS},
            )
            for row in rows
        )
        producer.close()
    return tmp_path


@pytest.mark.slow
def test_the_command_tells_once_and_goes_on_where_it_was(place: Path) -> None:
    app = Typer()
    app.callback()(lambda: None)
    monitor.register(app)
    (place / "monitor.toml").write_text("[live]\npatience = 0.0\ngrace = 0.0\n[regime]\nleast = 40\n")
    flags = [
        "monitor",
        "run",
        "--log",
        str(place / "log"),
        "--deployment",
        str(place / "deployment.json"),
        "--once",
        "--json",
    ]
    flags += ["--journal", str(place / "journal"), "--store", str(place / "alerts.db")]
    flags += ["--settings", str(place / "monitor.toml")]
    first = CliRunner().invoke(app, flags)
    assert first.exit_code == 0, first.output
    told = json.loads(first.stdout)
    assert told["slices"] == 130
    assert told["findings"] > 0
    kept = list(Journal(place / "journal").findings())
    assert len(kept) == told["findings"]
    assert {one.kind for one in kept} >= {"volatility_shift"}
    again = json.loads(CliRunner().invoke(app, flags).stdout)
    assert again == {"remembered": 130, "slices": 0, "findings": 0, "actions": 0}
    assert len(list(Journal(place / "journal").findings())) == told["findings"]
