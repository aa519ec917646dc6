"""Surveillance as it is promised: a file of events in, alerts that are right out, on markets nobody learned from."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from tradewind.cli.main import app
from tradewind.surveillance.alerting.files import read_alerts
from tradewind.surveillance.evaluation import match
from tradewind.surveillance.events import write_events
from tradewind.surveillance.planting import sample_market

SEEDS = (18_101, 18_102, 18_103, 18_104)


@pytest.mark.slow
def test_alerts_on_strangers_are_mostly_right_and_find_most_of_what_was_done(tmp_path: Path) -> None:
    alerts = true = found = planted = 0
    for seed in SEEDS:
        market = sample_market(seed, family="unseen", events=40_000, episodes=8)
        events, out = tmp_path / f"{seed}.parquet", tmp_path / str(seed)
        write_events(market.events, events)
        result = CliRunner().invoke(app, ["surveil", "run", "--events", str(events), "--out", str(out)])
        assert result.exit_code == 0, result.output
        table = pl.read_parquet(out / "alerts.parquet")
        assert table.columns[:7] == ["scheme", "start", "end", "symbol", "accounts", "score", "tier"]
        raised = read_alerts(out / "alerts.parquet")
        met = match(raised, market.truth)
        unsettled = match(raised, market.attempts, any_scheme=True).true & ~met.true
        alerts += int((~unsettled).sum())
        true += int(met.true.sum())
        found += int(met.found.sum())
        planted += len(market.truth)
    assert planted >= 20
    assert true / alerts >= 0.8
    assert found / planted >= 0.4
