"""Two sources side by side."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Panel
from tradewind.quality import ReconcileSettings, reconcile


@pytest.fixture
def panel(make_panel: Callable[..., Panel]) -> Panel:
    return make_panel(3, 120, seed=2)


def scaled(panel: Panel, factor: np.ndarray | float, name: str = "close") -> Panel:
    return replace(panel, **{name: getattr(panel, name) * factor})


def middle(panel: Panel) -> np.ndarray:
    """Rows of the second symbol."""
    return panel.symbol_code == 1


def test_equal_sources_agree(panel: Panel) -> None:
    report = reconcile(panel, scaled(panel, 1.0005))
    assert report.agrees
    assert [line.explanation for line in report.symbols] == ["equal"] * 3


def test_single_differences_are_listed(panel: Panel) -> None:
    factor = np.ones(len(panel))
    factor[[130, 140]] = 1.01
    other = scaled(scaled(panel, factor), np.where(np.arange(len(panel)) == 150, 2.0, 1.0), "volume")
    report = reconcile(panel, other)
    assert report.kinds == {"price_difference": 2, "volume_difference": 1}
    event = report.events[0]
    assert event.symbol == "S001"
    assert event.event_time == panel.time[130].item()
    assert event.evidence["basis_points"] == pytest.approx(100)
    assert [line.explanation for line in report.symbols] == ["equal", "differs", "equal"]
    assert json.loads(json.dumps(report.to_dict()))["agrees"] is False


def test_missing_rows_and_symbols(panel: Panel) -> None:
    keep = np.ones(len(panel), dtype=bool)
    keep[[5, 6]] = False
    report = reconcile(panel.select(keep), panel.select(~middle(panel)))
    assert report.kinds == {"only_in_a": 120, "only_in_b": 2}
    assert [line.explanation for line in report.symbols] == ["equal", "absent", "equal"]
    assert report.to_dict()["symbols"][1]["ratio"] is None


@pytest.mark.parametrize(
    ("ratio", "kind", "explanation"),
    [(0.9, "constant_ratio", "adjustment"), (100.0, "unit_difference", "unit"), (0.01, "unit_difference", "unit")],
)
def test_constant_ratios_are_said_once(panel: Panel, ratio: float, kind: str, explanation: str) -> None:
    report = reconcile(panel, scaled(panel, np.where(middle(panel), ratio, 1.0)))
    (event,) = report.events
    assert (event.kind, event.symbol) == (kind, "S001")
    assert event.evidence["ratio"] == pytest.approx(ratio)
    assert report.symbols[1].explanation == explanation
    assert report.symbols[1].price_differences == 0


def test_a_split_adjusted_in_one_source_alone(panel: Panel) -> None:
    before = middle(panel) & (panel.time < panel.times[60])
    report = reconcile(panel, scaled(panel, np.where(before, 0.5, 1.0)))
    (event,) = report.events
    assert event.kind == "split_difference"
    assert event.evidence == {"ratios": [0.5, 1.0], "steps": 1}


@pytest.mark.parametrize("lag", [1, -1])
def test_shifted_dates(panel: Panel, lag: int) -> None:
    close = panel.close.copy()
    rows = panel.rows_of("S001")
    close[rows] = np.roll(close[rows], lag)
    report = reconcile(panel, replace(panel, close=close))
    (event,) = report.events
    assert (event.kind, event.evidence["bars"]) == ("date_shift", lag)
    assert report.symbols[1].explanation == "date_shift"


def test_volumes_in_another_unit_and_missing_prices(panel: Panel) -> None:
    other = scaled(panel, np.where(middle(panel), 0.01, 1.0), "volume")
    close = other.close.copy()
    close[3] = np.nan
    report = reconcile(panel, replace(other, close=close))
    assert report.kinds == {"price_difference": 1, "volume_ratio": 1}


def test_tolerances(panel: Panel) -> None:
    other = scaled(panel, np.where(np.arange(len(panel)) % 7 == 0, 1.002, 1.0))
    assert not reconcile(panel, other).agrees
    assert reconcile(panel, other, ReconcileSettings(price_bp=25)).agrees
