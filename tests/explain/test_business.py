"""Shares of a signal by feature group: each side sums to one, and the words say the numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tradewind.explain.attribution import Attribution
from tradewind.explain.business import portfolio_shares, signal_shares

NAMES = ("rsi_14", "return_5", "sma_ratio_5", "realised_volatility_20", "rsi_14_missing")


def attribution(values) -> Attribution:
    """Return an attribution of ``values`` around a base of 0.5."""
    values = np.atleast_2d(np.asarray(values, dtype=np.float64))
    return Attribution(
        rows=np.arange(len(values)),
        names=NAMES,
        inputs=np.zeros_like(values),
        base=0.5,
        probability=0.5 + values.sum(axis=1),
        values=values,
        base_log_odds=0.0,
        log_odds=values,
        members={},
    )


def test_momentum_gives_thirty_per_cent_of_the_bullish_signal():
    one = signal_shares(attribution([0.02, 0.01, 0.07, -0.04, 0.0]), 0, what="AAA on 2015-06-01")
    assert one.side == "bullish"
    assert {push.group: round(push.share, 12) for push in one.bullish} == {"trend": 0.7, "momentum": 0.3}
    assert [(push.group, push.share) for push in one.bearish] == [("volatility", 1.0)]
    assert one.words == (
        "AAA on 2015-06-01: trend gives 70% and momentum gives 30% of the bullish signal. "
        "Against it stands a bearish push 40% as large, led by volatility (100% of it)."
    )


def test_a_group_is_netted_within_a_row_and_not_between_rows():
    one = signal_shares(attribution([0.05, -0.02, 0.0, 0.0, 0.0]), 0, what="x")
    assert one.bullish[0].push == pytest.approx(0.03)
    both = portfolio_shares(attribution([[0.03, 0, 0, 0, 0], [-0.01, 0, 0, 0, 0]]))
    assert both.bullish[0].push == pytest.approx(0.015)
    assert both.bearish[0].push == pytest.approx(0.005)
    assert both.probability == pytest.approx(0.51)


def test_positions_weigh_by_their_size():
    both = portfolio_shares(attribution([[0.03, 0, 0, 0, 0], [0, 0, 0.06, 0, 0]]), np.array([0.75, -0.25]))
    assert {push.group: push.share for push in both.bullish} == pytest.approx({"momentum": 0.6, "trend": 0.4})


@given(arrays(np.float64, (4, 5), elements=st.floats(-0.1, 0.1)))
def test_shares_of_each_side_sum_to_one(values):
    explained = attribution(values)
    found = [signal_shares(explained, row, what="x") for row in range(4)] + [portfolio_shares(explained)]
    for one in found:
        for side in (one.bullish, one.bearish):
            if side:
                assert sum(push.share for push in side) == pytest.approx(1.0)
                assert all(push.push > 0 for push in side)
        net = sum(p.push for p in one.bullish) - sum(p.push for p in one.bearish)
        assert net == pytest.approx(one.probability - one.base, abs=1e-9)


def test_nothing_to_explain():
    flat = signal_shares(attribution(np.zeros(5)), 0, what="x")
    assert "nothing moves the forecast" in flat.words
    with pytest.raises(ValueError, match="no row"):
        portfolio_shares(attribution(np.zeros((0, 5))))
    with pytest.raises(ValueError, match="are zero"):
        portfolio_shares(attribution(np.zeros(5)), np.zeros(1))
