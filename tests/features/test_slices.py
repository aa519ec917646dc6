"""Slices of rows: their values, and that they know nothing of the future."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tradewind.core import Panel
from tradewind.features import row_slices

FIELDS = ("sector", "size_bucket", "volatility_regime")


def test_sectors_are_those_given(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(3, 30)
    got = row_slices(panel).sector
    assert got[panel.rows_of("S001")].tolist() == ["Energy"] * 30


def test_size_follows_money_traded_and_not_the_market_cap(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(6, 60)
    volume = panel.volume.copy()
    for place, symbol in enumerate(panel.symbols):  # the greatest market cap trades least
        volume[panel.rows_of(symbol)] = 1e6 * 10.0 ** (5 - place)
    got = row_slices(replace(panel, volume=volume, close=np.full(len(panel), 50.0))).size_bucket
    last = [str(got[panel.rows_of(symbol)][-1]) for symbol in panel.symbols]
    assert last == ["large", "large", "mid", "mid", "small", "small"]
    assert set(got[panel.rows_of("S000")][:19]) == {"unknown"}
    assert "unknown" not in got[panel.rows_of("S000")][19:]


def test_a_market_that_starts_to_swing_is_stressed(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(5, 400, seed=2)
    close = panel.adj_close.copy()
    shake = np.where(np.arange(400) % 2 == 0, 1.05, 1 / 1.05)
    for symbol in panel.symbols:
        rows = panel.rows_of(symbol)
        close[rows][350:] *= shake[350:]
    got = row_slices(replace(panel, adj_close=close)).volatility_regime[panel.rows_of("S000")]
    assert set(got[375:]) == {"stressed"}
    assert set(got[:38]) == {"unknown"}
    assert "unknown" not in got[45:]
    assert {"calm", "normal"} <= set(got[45:345])


def test_no_later_row_changes_a_slice(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(5, 340, seed=3, gaps=True)
    whole = row_slices(panel)
    for moment in (panel.times[45], panel.times[150], panel.times[300]):
        past = row_slices(panel.until(moment))
        keep = panel.time <= moment
        for name in FIELDS:
            assert np.array_equal(getattr(whole, name)[keep], getattr(past, name)), name


def test_one_symbol_has_no_size_and_no_market(make_panel: Callable[..., Panel]) -> None:
    got = row_slices(make_panel(1, 60))
    assert set(got.size_bucket) == {"unknown"}
    assert set(got.volatility_regime) == {"unknown"}
