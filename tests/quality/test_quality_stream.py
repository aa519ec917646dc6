"""A history bar by bar gives the events of the batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tradewind.core import Event, Panel
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data.simulator import inject_faults, inject_panel_faults, simulate
from tradewind.data.simulator.settings import MarketSettings
from tradewind.quality import Bar, QualitySettings, StreamChecker, check_panel

pytestmark = pytest.mark.filterwarnings("ignore:Series.values returning")  # exchange_calendars under new pandas
ONLY_BATCH = {"date_shift", "missing_session"}


def bars_of(panel: Panel) -> list[Bar]:
    return [
        Bar(
            symbol=panel.symbols[panel.symbol_code[row]],
            time=panel.time[row],
            known_at=panel.known_at[row],
            **{name: float(getattr(panel, name)[row]) for name in PRICE_FIELDS},
        )
        for row in np.argsort(panel.time, kind="stable")
    ]


def keys(events: list[Event] | tuple[Event, ...]) -> list[tuple[Any, ...]]:
    return sorted(
        (e.symbol or "", str(e.known_at), e.kind, str(e.event_time), e.message, e.field or "", str(e.evidence))
        for e in events
        if e.kind not in ONLY_BATCH
    )


@pytest.mark.parametrize("seed", [3, pytest.param(4, marks=pytest.mark.slow)])
def test_stream_equals_batch_on_a_faulty_market(seed: int) -> None:
    market = simulate(MarketSettings(n_symbols=6, n_days=300, seed=seed, splits=0.5, dividends=4.0))
    panel = inject_faults(market, seed=seed, per_kind=1).panel
    settings = QualitySettings(outlier_alerts=True)
    checker = StreamChecker(settings)
    streamed: list[Event] = []
    for bar in bars_of(panel):
        found = checker.check(bar)
        assert all(event.known_at == bar.known_at.item() for event in found)
        streamed += found
    batch = check_panel(panel, settings).events
    assert keys(streamed) == keys(batch)
    assert len({event.kind for event in streamed}) >= 14


def test_batch_is_point_in_time(make_panel: Any) -> None:
    panel = inject_panel(make_panel(4, 260, seed=5))
    moment = panel.times[200]
    whole = [e for e in check_panel(panel, calendar=None).events if e.known_at <= moment.item()]
    early = [e for e in check_panel(panel.until(moment), calendar=None).events if e.known_at <= moment.item()]
    assert keys(tuple(whole)) == keys(tuple(early))
    assert early


def inject_panel(panel: Panel) -> Panel:
    return inject_panel_faults(panel, ["price_spike", "zero_volume", "volume_spike", "missing_field"], seed=1).panel


def test_memory_is_bounded_and_late_bars_are_told() -> None:
    checker = StreamChecker(calendar=None)
    day = np.datetime64("2020-01-06")
    for i in range(200):
        assert not checker.check(bar_at(np.busday_offset(day, i), 50 + 0.1 * (i % 3)))
    assert len(checker._bars["A"]) == checker.settings.memory
    (late,) = checker.check(bar_at(day, 50.0))
    assert late.kind == "out_of_order"
    assert len(checker._bars["A"]) == checker.settings.memory
    checker.forget("A")
    assert not checker.check(bar_at(day, 50.0))


def bar_at(day: np.datetime64, price: float) -> Bar:
    return Bar(
        symbol="A",
        time=day,
        open=price,
        high=price * 1.01,
        low=price * 0.99,
        close=price,
        adj_close=price,
        volume=1000.0,
    )
