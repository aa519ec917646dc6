"""Planted faults: exactly the listed bars are changed, everything else is the clean market."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from tradewind.core import UsageError
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data.simulator import (
    Fault,
    FaultKind,
    FaultyPanel,
    MarketKind,
    MarketSettings,
    SimulatedMarket,
    inject_faults,
    inject_panel_faults,
    simulate,
)

COLUMNS = ("time", "known_at", *PRICE_FIELDS)


@lru_cache(maxsize=1)
def clean() -> SimulatedMarket:
    return simulate(
        MarketSettings(
            kind=MarketKind.MOMENTUM, n_symbols=12, n_days=700, splits=0.2, dividends=2, late_listing=0.2, seed=9
        )
    )


def listed_rows(faults: tuple[Fault, ...]) -> dict[FaultKind, set[int]]:
    """Rows of the clean panel that each kind of fault lists."""
    panel = clean().panel
    out: dict[FaultKind, set[int]] = {}
    for fault in faults:
        rows = panel.rows_of(fault.symbol)
        first = rows.start + int(np.searchsorted(panel.time[rows], np.datetime64(fault.time)))
        assert panel.time[first + fault.bars - 1] == np.datetime64(fault.end)
        out.setdefault(fault.kind, set()).update(range(first, first + fault.bars))
    return out


def changed_rows(faulty: FaultyPanel) -> set[int]:
    """Rows of the clean panel that differ, are gone or are repeated."""
    panel = clean().panel
    copies = np.bincount(faulty.source, minlength=len(panel))
    changed = set(np.flatnonzero(copies != 1).tolist())
    for name in COLUMNS:
        was, now = getattr(panel, name)[faulty.source], getattr(faulty.panel, name)
        changed |= set(faulty.source[was != now].tolist())
    return changed


@pytest.mark.parametrize("kind", list(FaultKind))
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_exactly_the_listed_rows_are_changed(kind: FaultKind, seed: int) -> None:
    faulty = inject_panel_faults(clean().panel, [kind], seed=seed, per_kind=4)
    assert [fault.kind for fault in faulty.faults] == [kind] * 4
    assert changed_rows(faulty) == listed_rows(faulty.faults)[kind]


def test_all_kinds_together_change_only_listed_rows_and_stay_apart() -> None:
    before = clean().panel.id
    faulty = inject_panel_faults(clean().panel, seed=4, per_kind=5)
    assert clean().panel.id == before
    assert len(faulty.faults) == 5 * len(FaultKind)
    by_kind = listed_rows(faulty.faults)
    assert changed_rows(faulty) == set().union(*by_kind.values())
    assert sum(len(rows) for rows in by_kind.values()) == sum(fault.bars for fault in faulty.faults)
    panel = clean().panel
    for symbol in panel.symbols:
        mine = [fault for fault in faulty.faults if fault.symbol == symbol]
        time = panel.time[panel.rows_of(symbol)]
        for one, two in pairwise(mine):
            gap = np.searchsorted(time, np.datetime64(two.time)) - np.searchsorted(time, np.datetime64(one.end))
            assert gap > 30


def test_a_faulty_market_carries_its_truth_along() -> None:
    market = clean()
    faulty = inject_faults(market, seed=4, per_kind=3)
    assert faulty.ceiling == market.ceiling
    assert len(faulty.probability) == len(faulty.regime) == len(faulty.panel) != len(market.panel)
    source = inject_panel_faults(market.panel, seed=4, per_kind=3).source
    np.testing.assert_array_equal(faulty.probability, market.probability[source])
    again = inject_faults(market, seed=4, per_kind=3)
    assert again.faults == faulty.faults
    assert again.panel.id == faulty.panel.id
    assert inject_faults(market, seed=5, per_kind=3).faults != faulty.faults


def planted(kind: FaultKind) -> list[tuple[Fault, np.ndarray, FaultyPanel]]:
    """Faults of one kind with the rows of the faulty panel they touch."""
    faulty = inject_panel_faults(clean().panel, [kind], seed=7, per_kind=6)
    panel = clean().panel
    out = []
    for fault in faulty.faults:
        rows = panel.rows_of(fault.symbol)
        first = rows.start + int(np.searchsorted(panel.time[rows], np.datetime64(fault.time)))
        out.append((fault, np.flatnonzero((faulty.source >= first) & (faulty.source < first + fault.bars)), faulty))
    return out


def test_stale_price() -> None:
    for fault, rows, faulty in planted(FaultKind.STALE_PRICE):
        p, before = faulty.panel, rows[0] - 1
        assert fault.bars >= 5
        for name in ("open", "high", "low", "close"):
            assert (getattr(p, name)[rows] == p.close[before]).all()
        assert (p.volume[rows] == p.volume[before]).all()
        assert (p.adj_close[rows] == p.adj_close[before]).all()


def test_single_bar_kinds() -> None:
    for _, rows, faulty in planted(FaultKind.ZERO_VOLUME):
        assert (faulty.panel.volume[rows] == 0).all()
    for _, rows, faulty in planted(FaultKind.HIGH_BELOW_LOW):
        assert (faulty.panel.high[rows] < faulty.panel.low[rows]).all()
    for fault, rows, faulty in planted(FaultKind.MISSING_FIELD):
        missing = [name for name in PRICE_FIELDS if np.isnan(getattr(faulty.panel, name)[rows[0]])]
        assert missing == [fault.field]
    for fault, rows, faulty in planted(FaultKind.NEGATIVE_OR_ZERO_PRICE):
        assert fault.field is not None
        assert (getattr(faulty.panel, fault.field)[rows] <= 0).all()
    for _, rows, faulty in planted(FaultKind.CLOSE_OUTSIDE_RANGE):
        p = faulty.panel
        assert ((p.close[rows] > p.high[rows]) | (p.close[rows] < p.low[rows])).all()


def test_bars_gone_and_bars_twice() -> None:
    for fault, rows, _ in planted(FaultKind.MISSING_BAR):
        assert fault.bars >= 3
        assert len(rows) == 0
    for _, rows, faulty in planted(FaultKind.DUPLICATE_BAR):
        assert len(rows) == 2
        assert faulty.panel.time[rows[0]] == faulty.panel.time[rows[1]]


def test_time_zone_slip_lands_on_sundays_and_keeps_the_order() -> None:
    for _, rows, faulty in planted(FaultKind.TIME_ZONE_SLIP):
        p = faulty.panel
        assert (~np.is_busday(p.time[rows].astype("datetime64[D]"))).any()
        span = p.time[p.rows_of(p.symbols[p.symbol_code[rows[0]]])]
        assert (np.diff(span) > np.timedelta64(0)).all()


def test_price_spike_is_large_and_comes_back() -> None:
    for _, rows, faulty in planted(FaultKind.PRICE_SPIKE):
        log, at = np.log(faulty.panel.adj_close), rows[0]
        usual = np.diff(log[at - 30 : at]).std()
        assert abs(log[at] - log[at - 1]) > 8 * usual
        assert abs(log[at + 1] - log[at - 1]) < 8 * usual
        p = faulty.panel
        assert p.low[at] <= p.close[at] <= p.high[at]


def test_unadjusted_split_moves_both_closes() -> None:
    for fault, rows, faulty in planted(FaultKind.UNADJUSTED_SPLIT):
        p, at = faulty.panel, rows[0]
        assert rows[-1] + 1 == p.rows_of(fault.symbol).stop
        for name in ("close", "adj_close"):
            assert getattr(p, name)[at] / getattr(p, name)[at - 1] < 0.65


def test_unit_change_volume_spike_and_adjustment() -> None:
    was = clean().panel
    for fault, rows, faulty in planted(FaultKind.UNIT_CHANGE):
        assert fault.field in {"volume", "close"}
        ratio = getattr(faulty.panel, str(fault.field))[rows] / getattr(was, str(fault.field))[faulty.source[rows]]
        np.testing.assert_allclose(ratio, 100.0)
    for _, rows, faulty in planted(FaultKind.VOLUME_SPIKE):
        np.testing.assert_allclose(faulty.panel.volume[rows] / was.volume[faulty.source[rows]], 60.0)
    for _, rows, faulty in planted(FaultKind.ADJ_CLOSE_INCONSISTENT):
        assert (faulty.panel.close[rows] == was.close[faulty.source[rows]]).all()
        np.testing.assert_allclose(faulty.panel.adj_close[rows] / was.adj_close[faulty.source[rows]], 1.15)


def test_faults_that_cannot_be_planted() -> None:
    with pytest.raises(UsageError, match="room for"):
        inject_panel_faults(clean().panel, per_kind=500)
    with pytest.raises(UsageError, match="lasting"):
        inject_panel_faults(clean().panel, ["unadjusted_split"], per_kind=13)
    with pytest.raises(UsageError, match="choose from stale_price"):
        inject_panel_faults(clean().panel, ["stale"])
