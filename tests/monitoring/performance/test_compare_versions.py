"""Champion against challenger: who is better, whenever one looks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tradewind.monitoring.performance import CompareSettings, LabelJoin, compare_versions
from tradewind.monitoring.performance.daily import daily_figures


def joined(slices: Any) -> LabelJoin:
    join = LabelJoin(days=10_000)
    for one in slices:
        join.add(one)
    return join


@pytest.mark.slow
def test_a_better_challenger_is_found_and_the_sides_can_be_changed(make_slices: Any) -> None:
    join = joined(make_slices(250, 25, 1, challengers={"demo/2": 0.3}))
    first, second = join.rows("demo/1"), join.rows("demo/2")
    found, turned = compare_versions(first, second), compare_versions(second, first)
    assert found.verdict == "challenger"
    assert turned.verdict == "champion"
    for name, one in found.differences.items():
        assert one.mean == pytest.approx(-turned.differences[name].mean)
        assert one.p_value == pytest.approx(turned.differences[name].p_value)
        assert one.lower < one.mean < one.upper
        assert one.days == 249
    assert found.differences["accuracy"].once < 0.01
    assert found.betting[0] < found.differences["accuracy"].mean < found.betting[1]


def test_the_gap_is_the_difference_of_the_daily_figures(make_slices: Any) -> None:
    join = joined(make_slices(40, 25, 2, challengers={"demo/2": 0.2}))
    a, b = (daily_figures(join.rows(name).to_outcomes(name), 5).values for name in ("demo/1", "demo/2"))
    gaps = compare_versions(join.rows("demo/1"), join.rows("demo/2")).gaps
    np.testing.assert_allclose(gaps["accuracy"], (b["accuracy"] - a["accuracy"])[:39])
    np.testing.assert_allclose(gaps["log_loss"], (a["log_loss"] - b["log_loss"])[:39])
    np.testing.assert_allclose(gaps["ic"], (b["ic"] - a["ic"])[:39])


def test_only_shared_rows_are_compared(make_slices: Any) -> None:
    join = joined(make_slices(40, 25, 3, challengers={"demo/2": 0.2}))
    second = join.rows("demo/2")
    half = second.select(second.symbol >= "S010")
    found = compare_versions(join.rows("demo/1"), half)
    assert found.shared == 39 * 15
    nothing = compare_versions(join.rows("demo/1"), second.select(second.symbol == "nobody"))
    assert nothing.verdict == "undecided"
    assert nothing.shared == 0


@pytest.mark.slow
def test_looking_every_day_does_not_find_what_is_not_there(make_slices: Any) -> None:
    """Neither version knows anything: the challenger says of each row what the champion says of another."""
    wrong = 0
    for seed in range(30):
        rng = np.random.default_rng(seed)
        join = joined(make_slices(120, 12, seed, true_skill=lambda _: 0.0))
        first = join.rows("demo/1")
        second = first.select(np.arange(len(first)))
        second.probability[:] = first.probability[rng.permutation(len(first))]
        found = compare_versions(first, second, CompareSettings(alpha=0.1))
        # p-values are running minima: at the end they tell whether any day would have rejected.
        wrong += found.verdict != "undecided"
    assert wrong <= 7  # 3 of 30 at most are expected; with three standard errors


def test_later_days_change_no_earlier_gap(make_slices: Any) -> None:
    slices = make_slices(60, 12, 4, challengers={"demo/2": 0.2})
    short, long = joined(slices[:40]), joined(slices)
    a = compare_versions(short.rows("demo/1"), short.rows("demo/2"))
    b = compare_versions(long.rows("demo/1"), long.rows("demo/2"))
    for name, gap in a.gaps.items():
        np.testing.assert_array_equal(gap, b.gaps[name][: len(gap)])
    assert a.to_dict()["days"] == 39
