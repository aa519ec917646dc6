"""Labels against a plain pandas oracle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tradewind.core import UsageError
from tradewind.features.labels import LabelSettings, make_labels


@given(
    horizon=st.integers(1, 30),
    up=st.floats(0.0, 0.02),
    down=st.floats(-0.02, 0.0),
    seed=st.integers(0, 20),
)
@settings(max_examples=30, deadline=None)
def test_labels_equal_pandas(make_panel, horizon, up, down, seed):
    panel = make_panel(4, 60, seed=seed, gaps=True)
    labels = make_labels(panel, LabelSettings(horizon=horizon, up=up, down=down))
    frame = pd.DataFrame({"symbol": panel.symbol_code, "time": panel.time, "price": panel.adj_close})
    by = frame.groupby("symbol")
    expected = by["price"].shift(-horizon) / frame["price"] - 1
    np.testing.assert_allclose(labels.forward_return, expected, rtol=1e-12)
    np.testing.assert_array_equal(labels.end, by["time"].shift(-horizon).to_numpy())
    direction = [
        np.nan if np.isnan(r) else 0.0 if r <= down else 1.0 if r >= up else np.nan for r in labels.forward_return
    ]
    np.testing.assert_array_equal(labels.direction, direction)
    assert labels.horizon == horizon
    np.testing.assert_array_equal(labels.start, panel.time)


def test_last_rows_of_every_symbol_are_unknown(make_panel):
    panel = make_panel(3, 10)
    labels = make_labels(panel, LabelSettings(horizon=2))
    last = np.concatenate([panel.offsets[1:] - 1, panel.offsets[1:] - 2])
    assert np.isnat(labels.end[last]).all()
    assert np.isnan(labels.direction[last]).all()
    assert np.isnat(labels.end).sum() == 6


def test_unchanged_price_is_a_fall_and_a_missing_one_unknown(make_panel):
    panel = make_panel(1, 5)
    panel.adj_close[:] = [1.0, 1.0, np.nan, 2.0, 3.0]
    labels = make_labels(panel)
    np.testing.assert_array_equal(labels.direction, [0.0, np.nan, np.nan, 1.0, np.nan])
    assert not np.isnat(labels.end[1])


def test_labels_do_not_change_with_the_level_of_adjusted_prices(make_panel):
    panel = make_panel(2, 30)
    before = make_labels(panel)
    panel.adj_close[:] *= 4.0
    np.testing.assert_array_equal(before.direction, make_labels(panel).direction)


def test_crossed_thresholds_are_refused_with_a_fix():
    with pytest.raises(UsageError, match=r"lies below the fall threshold.*Fix: give up >= down"):
        LabelSettings(up=-0.01, down=0.01)


@pytest.mark.parametrize("bad", [{"horizon": 0}, {"up": float("nan")}, {"down": float("-inf")}, {"hors": 1}])
def test_values_out_of_range_are_refused(bad):
    with pytest.raises(ValidationError):
        LabelSettings(**bad)


def test_settings_read_from_toml(tmp_path):
    path = tmp_path / "label.toml"
    path.write_text("horizon = 5\nup = 0.0055\ndown = -0.005\n")
    assert LabelSettings.from_toml(path) == LabelSettings(horizon=5, up=0.0055, down=-0.005)
