"""Checks one by one on hand-made bars: what they flag, and what they let pass."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tradewind.core import Event, Panel
from tradewind.quality import QualitySettings, check_panel

N = 120


@pytest.fixture
def panel(make_panel: Callable[..., Panel]) -> Panel:
    """One calm symbol of 120 bars."""
    return make_panel(1, N, seed=3)


def change(panel: Panel, row: Any, **factors: float) -> Panel:
    columns = {name: getattr(panel, name).copy() for name in factors}
    for name, factor in factors.items():
        columns[name][row] *= factor
    return replace(panel, **columns)


def found(panel: Panel, kind: str, **settings: Any) -> list[Event]:
    report = check_panel(panel, QualitySettings(**settings), calendar=None)
    return [event for event in report.events if event.kind == kind]


def test_calm_bars_raise_nothing(panel: Panel) -> None:
    report = check_panel(panel, calendar=None)
    assert report.events == ()
    assert report.scores == {"S000": 100.0}


def test_empty_panel() -> None:
    empty = Panel.from_columns(
        {name: np.empty(0) for name in ("open", "high", "low", "close", "adj_close", "volume")}
        | {"symbol": np.empty(0, dtype=str), "time": np.empty(0, dtype="datetime64[us]")}
    )
    assert check_panel(empty).events == ()


PRICES = dict.fromkeys(("open", "high", "low", "close", "adj_close"))


@pytest.mark.parametrize("ratio", [0.5, 1.5, 2.0, 3.0, 4.0, 10.0])
@pytest.mark.parametrize("volume", [True, False])
def test_split_nobody_adjusted(panel: Panel, ratio: float, volume: bool) -> None:
    faulty = change(panel, slice(80, None), **dict.fromkeys(PRICES, 1 / ratio), volume=ratio if volume else 1.0)
    (event,) = found(faulty, "unadjusted_split")
    assert event.event_time == panel.time[80].item()
    assert event.evidence["ratio"] == ratio


def test_adjusted_split_is_no_fault(panel: Panel) -> None:
    raw = dict.fromkeys(("open", "high", "low", "close"), 1 / 2)
    assert check_panel(change(panel, slice(80, None), **raw, volume=2.0), calendar=None).events == ()


def test_crash_is_no_split(panel: Panel) -> None:
    crash = change(panel, slice(80, None), **dict.fromkeys(PRICES, 1 / 2))
    wild = change(crash, 80, volume=15.0)
    assert not found(wild, "unadjusted_split")
    assert not found(change(crash, 80, open=1.5, high=1.5), "unadjusted_split")
    assert len(found(wild, "large_move")) == 1


def test_spike_is_known_one_bar_later(panel: Panel) -> None:
    (event,) = found(change(panel, 80, close=1.5, adj_close=1.5, high=1.5), "price_spike")
    assert (event.event_time, event.known_at) == (panel.time[80].item(), panel.known_at[81].item())


def test_dividend_passes_and_a_jump_of_the_factor_does_not(panel: Panel) -> None:
    assert not found(change(panel, slice(80, None), adj_close=1.05), "adjustment_jump")
    assert len(found(change(panel, slice(80, None), adj_close=1.4), "adjustment_jump")) == 1
    assert len(found(change(panel, slice(80, None), adj_close=0.97), "adjustment_jump")) == 1
    (event,) = found(change(panel, 80, adj_close=1.1), "adjustment_jump")
    assert (event.event_time, event.known_at) == (panel.time[80].item(), panel.known_at[81].item())


def test_units(panel: Panel) -> None:
    assert len(found(change(panel, slice(80, 100), **dict.fromkeys(PRICES, 100.0)), "price_unit_change")) == 2
    (event, _) = found(change(panel, slice(80, 100), volume=100.0), "volume_unit_change")
    assert (event.event_time, event.known_at) == (panel.time[80].item(), panel.known_at[84].item())


def test_volumes(panel: Panel) -> None:
    assert len(found(change(panel, 80, volume=60.0), "volume_spike")) == 1
    assert not found(change(panel, 80, volume=5.0), "volume_spike")
    assert len(found(change(panel, 80, volume=0.0), "zero_volume")) == 1


def test_bars_that_contradict_themselves(panel: Panel) -> None:
    assert len(found(change(panel, 80, high=0.5), "high_below_low")) == 1
    assert found(change(panel, 80, close=1.1), "close_outside_range")
    assert found(change(panel, 80, open=0.9), "open_outside_range")
    assert found(change(panel, 80, low=0.5), "extreme_wick")
    (event,) = found(change(panel, 80, low=-1.0), "non_positive_price")
    assert event.field == "low"
    (event,) = found(change(panel, 80, open=np.nan, volume=np.nan), "missing_field")
    assert event.field == "open,volume"


def test_stale_prices(panel: Panel) -> None:
    still = {name: getattr(panel, name).copy() for name in ("open", "high", "low", "close", "adj_close")}
    for values in still.values():
        values[80:86] = panel.close[79]
    (event,) = found(replace(panel, **still), "stale_price")
    assert event.event_time == panel.time[83].item()
    copied = {name: getattr(panel, name).copy() for name in still}
    for values in copied.values():
        values[80] = values[79]
    assert len(found(replace(panel, **copied), "stale_price")) == 1
    close = panel.close.copy()
    close[80] = close[79]
    assert not found(replace(panel, close=close), "stale_price")


def test_dates(panel: Panel) -> None:
    time = panel.time.copy()
    time[80] = time[79]
    assert len(found(replace(panel, time=time), "duplicate_bar")) == 1
    slipped = panel.time + np.timedelta64(-5, "h")
    assert len(found(replace(panel, time=slipped), "time_zone_slip")) == N
    assert not found(replace(panel, time=slipped), "time_zone_slip", daily=False)
    assert len(found(replace(panel, time=panel.time - np.timedelta64(1, "D")), "closed_day")) == 24


def test_missing_bar_against_the_panel(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(4, N, seed=3)
    keep = np.ones(len(panel), dtype=bool)
    keep[N + 50 : N + 53] = False
    (event,) = found(panel.select(keep), "missing_bar")
    assert (event.symbol, event.evidence["sessions"]) == ("S001", 3)
    assert event.event_time == panel.time[50].item()


@pytest.mark.filterwarnings("ignore:Series.values returning")  # exchange_calendars under new pandas
def test_missing_bars_against_the_calendar(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(3, 60, seed=3, start="2014-01-02")
    report = check_panel(panel.select(panel.time != np.datetime64("2014-02-05")))
    assert report.kinds == {"closed_day": 6, "missing_bar": 3, "missing_session": 1}  # two holidays, one lost day
    assert {e.event_time.isoformat()[:10] for e in report.events if e.kind == "closed_day"} == {
        "2014-01-20",
        "2014-02-17",
    }


@pytest.mark.parametrize("late", [1, -1])
def test_dates_off_by_one_session(make_panel: Callable[..., Panel], late: int) -> None:
    panel = make_panel(8, 300, seed=1)
    market = np.cumsum(np.random.default_rng(0).normal(0, 0.02, 300))
    close = np.concatenate([np.roll(market, late if s == 2 else 0) for s in range(8)])
    moved = replace(panel, adj_close=panel.adj_close * np.exp(close))
    events = found(moved, "date_shift")
    assert {event.symbol for event in events} == {"S002"}
    assert {event.evidence["sessions"] for event in events} == {late}
    assert len(events) >= 3
