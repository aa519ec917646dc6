"""The fixed cut, the tail and the blocks inside training rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import UsageError
from tradewind.features.labels import LabelSettings, make_labels
from tradewind.validation import holdout, purged_blocks, purged_tail

DAY = np.timedelta64(1, "D")


def test_holdout_is_the_contract_of_the_command_line(make_panel):
    panel = make_panel(n_symbols=4, n_days=300, gaps=True)
    labels = make_labels(panel, LabelSettings(horizon=3))
    split = holdout(labels.start, labels.end, "2014-08-01", "2014-10-01", "2014-12-31", train_start="2014-03-01")
    assert (labels.end[split.train] <= np.datetime64("2014-08-01")).all()
    assert labels.start[split.train].min() >= np.datetime64("2014-03-01")
    expected = (panel.time >= np.datetime64("2014-10-01")) & (panel.time <= np.datetime64("2014-12-31"))
    np.testing.assert_array_equal(split.test, np.flatnonzero(expected))
    assert split.train_end == np.datetime64("2014-08-01")


def test_holdout_counts_the_last_day_whole_within_the_day():
    start = np.datetime64("2015-01-01T09:30", "m") + np.arange(0, 3 * 1440, 30)
    split = holdout(start, start + 30, "2015-01-01T20:00", "2015-01-02", "2015-01-02")
    assert str(split.test_end)[:16] == "2015-01-02T23:30"


@pytest.mark.parametrize(
    ("dates", "text"),
    [
        (("2015-02-01", "2015-02-01", "2015-02-10"), "not before the test"),
        (("2015-01-10", "2015-02-01", "2015-01-20"), "before it starts"),
        (("2014-01-10", "2015-02-01", "2015-02-20"), "no label is known"),
        (("2015-01-10", "2016-02-01", "2016-02-20"), "no row lies"),
        (("2015-13-10", "2016-02-01", "2016-02-20"), "not a date"),
    ],
)
def test_holdout_names_bad_dates(dates, text):
    days = np.datetime64("2015-01-01") + np.arange(60)
    with pytest.raises(UsageError, match=text):
        holdout(days, days + 1, *dates)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.floats(0.05, 0.6), st.integers(1, 5), st.integers(0, 4))
def test_tail_is_later_than_every_fitted_label(seed, share, horizon, embargo):
    rng = np.random.default_rng(seed)
    days = np.datetime64("2015-01-01") + np.sort(rng.integers(0, 90, 300))
    end = (days + horizon).astype("datetime64[us]")
    end[rng.random(300) < 0.05] = np.datetime64("NaT")
    rows = rng.permutation(300)[:250]
    fit, tail = purged_tail(rows, days, end, share, embargo * DAY)
    assert end[fit].max() + embargo * DAY < days[tail].min()
    assert len(tail) >= share * len(rows)
    assert len(tail) - np.sum(days[tail] == days[tail].min()) < share * len(rows)  # the tail is no longer than it must
    assert set(fit) | set(tail) <= set(rows)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(2, 5), st.integers(0, 4), st.booleans())
def test_blocks_are_forecast_from_labels_that_do_not_touch_them(seed, n_blocks, embargo, expanding):
    rng = np.random.default_rng(seed)
    days = (np.datetime64("2015-01-01") + np.arange(120)).repeat(2)
    end = days + 2
    rows = rng.permutation(240)[:200]
    pairs = list(purged_blocks(rows, days, end, n_blocks, embargo, expanding))
    assert len(pairs) == n_blocks
    for fit, block in pairs:
        for row in fit:
            apart = (end[row] < days[block]) | (days[row] > end[block] + embargo * DAY)
            assert apart.all()
            if expanding:
                assert end[row] + embargo * DAY < days[block].min()
    tested = np.concatenate([block for _, block in pairs])
    assert len(np.unique(tested)) == len(tested)
    if not expanding:
        assert set(tested) == set(rows)


def test_too_few_rows_are_refused():
    days = np.datetime64("2015-01-01") + np.arange(3)
    with pytest.raises(UsageError, match="too few"):
        purged_tail(np.arange(3), days, days + 9, 0.2)
    with pytest.raises(UsageError, match="share"):
        purged_tail(np.arange(3), days, days + 1, 1.0)
    with pytest.raises(UsageError, match="no row to fit"):
        list(purged_blocks(np.arange(3), days, days + 9, 2))
    with pytest.raises(UsageError, match="blocks cannot be cut"):
        list(purged_blocks(np.arange(3), days, days, 9))
