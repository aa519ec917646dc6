"""Score, JSON and page of the report."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tradewind.core import Event, OutputError, Panel, Severity
from tradewind.quality import check_panel
from tradewind.quality.report import score


def test_score_formula() -> None:
    warning = Event(kind="x", severity=Severity.WARNING, message="")
    critical = replace(warning, severity=Severity.CRITICAL)
    assert score([warning], 100) == 90.0
    assert score([critical], 1000) == 90.0
    assert score([replace(warning, severity=Severity.INFO)], 10) == 100.0
    assert score([critical] * 50, 10) == 0.0
    assert score([], 0) == 0.0


def test_page_is_self_contained_and_escaped(make_panel: Callable[..., Panel], tmp_path: Path) -> None:
    panel = make_panel(2, 100)
    panel = replace(panel, symbols=("<script>alert(1)</script>", "B&B"))
    volume = panel.volume.copy()
    volume[[30, 31]] = 0.0
    report = check_panel(replace(panel, volume=volume), calendar=None)
    page = report.write_html(tmp_path / "q.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "http" not in page
    assert "zero_volume" in page
    assert page.count("<svg") == 2
    again = json.loads(json.dumps(report.to_dict()))
    assert again["kinds"] == {"zero_volume": 2}
    assert again["symbols"][0]["score"] == 80.0
    assert again["score"] == 90.0


def test_unwritable_page(make_panel: Callable[..., Panel], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError):
        check_panel(make_panel(1, 50), calendar=None).write_html(tmp_path / "file" / "q.html")


@pytest.mark.data
@pytest.mark.filterwarnings("ignore:Series.values returning")  # exchange_calendars under new pandas
def test_few_alarms_on_real_prices(research_data: Path) -> None:
    from tradewind.data import read_prices

    report = check_panel(read_prices(research_data / "kdd17" / "prices.parquet"))
    alarms = [event for event in report.events if event.severity is not Severity.INFO]
    assert len(alarms) < 0.001 * report.bars
    assert np.median(list(report.scores.values())) > 98
