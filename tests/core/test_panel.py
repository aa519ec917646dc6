"""The panel: sorting, ragged symbols, truncation and identity."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import Panel
from tradewind.core.panel import PRICE_FIELDS, concat_symbols


def columns_of(panel: Panel) -> dict[str, np.ndarray]:
    columns = {name: getattr(panel, name) for name in ("time", "known_at", *PRICE_FIELDS)}
    return {"symbol": np.array(panel.symbols)[panel.symbol_code], **columns}


def test_rows_are_sorted_by_symbol_then_time(make_panel):
    panel = make_panel(4, 50, gaps=True)
    shuffled = np.random.default_rng(1).permutation(len(panel))
    again = Panel.from_columns({name: values[shuffled] for name, values in columns_of(panel).items()})
    assert again.symbols == panel.symbols
    for name in ("time", *PRICE_FIELDS):
        np.testing.assert_array_equal(getattr(again, name), getattr(panel, name))


def test_until_keeps_only_the_past_and_drops_symbols_not_yet_listed(make_panel):
    panel = make_panel(4, 80, gaps=True)
    start = {s: panel.time[panel.rows_of(s)][0] for s in panel.symbols}
    moment = np.sort(list(start.values()))[1]
    past = panel.until(moment)
    assert (past.time <= moment).all()
    assert set(past.symbols) == {s for s, first in start.items() if first <= moment}


@given(st.integers(0, 2**32 - 1))
def test_select_keeps_rows_and_their_owners(make_panel, seed):
    panel = make_panel(3, 30)
    mask = np.random.default_rng(seed).random(len(panel)) < 0.4
    if not mask.any():
        return
    chosen = panel.select(mask)
    owners = np.array(panel.symbols)[panel.symbol_code][mask]
    np.testing.assert_array_equal(np.array(chosen.symbols)[chosen.symbol_code], owners)
    np.testing.assert_array_equal(chosen.close, panel.close[mask])


def test_identity_follows_content(make_panel):
    assert make_panel(seed=1).id == make_panel(seed=1).id
    assert make_panel(seed=1).id != make_panel(seed=2).id


def test_time_code_names_the_day(make_panel):
    panel = make_panel(3, 40, gaps=True)
    np.testing.assert_array_equal(panel.times[panel.time_code], panel.time)


def test_joined_panels_keep_sectors(make_panel):
    panel = make_panel(4, 20)
    first = panel.select(panel.symbol_code < 2)
    second = panel.select(panel.symbol_code >= 2)
    whole = concat_symbols([second, first])
    assert whole.symbols == panel.symbols
    assert whole.sectors == panel.sectors
    assert whole.id == panel.id


def test_unknown_symbol_is_named(make_panel):
    with pytest.raises(KeyError, match="NOPE"):
        make_panel(2, 20).rows_of("NOPE")


def test_parts_that_do_not_fit_are_refused(make_panel):
    panel = make_panel(2, 20)
    with pytest.raises(ValueError, match="volume has 3 rows"):
        Panel(**{**{f: getattr(panel, f) for f in panel.__dataclass_fields__}, "volume": np.zeros(3)})
