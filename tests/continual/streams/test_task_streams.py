"""Streams of simulated regimes and of periods: purged, in order, without the future."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from tradewind.continual.streams import (
    KDD17_PERIODS,
    Period,
    SimulatedStreamSettings,
    equal_periods,
    period_stream,
    simulated_stream,
)
from tradewind.core import InputError
from tradewind.data import MarketSettings, read_prices, simulate

pytestmark = pytest.mark.slow

SMALL = SimulatedStreamSettings(n_symbols=20, n_days=250, seed=3)


@pytest.fixture(scope="module")
def stream():
    """Return a small simulated stream."""
    return simulated_stream(SMALL)


def test_every_label_is_known_before_what_follows_it(stream) -> None:
    for task in stream.tasks:
        assert task.train.known_at.max() <= task.test.time.min()
    for before, after in zip(stream.tasks[:-1], stream.tasks[1:], strict=True):
        assert before.test.known_at.max() <= after.train.time.min()


def test_momentum_and_reversal_conflict_and_volatility_tells_them_apart(stream) -> None:
    momentum, reversal = stream.tasks[0].test, stream.tasks[1].test
    back, calm = stream.names.index("return_5"), stream.names.index("dispersion_1")

    def follows(one) -> float:
        return float(((one.features[:, back] > 0) == (one.direction > 0.5)).mean())

    assert follows(momentum) == pytest.approx(0.7, abs=0.06)
    assert follows(reversal) == pytest.approx(0.3, abs=0.06)
    border = np.sqrt(np.median(momentum.features[:, calm]) * np.median(reversal.features[:, calm]))
    assert (momentum.features[:, calm] < border).mean() > 0.9
    assert (reversal.features[:, calm] > border).mean() > 0.9


def test_filtered_regimes_are_probabilities_that_differ_between_regimes(stream) -> None:
    means = [task.test.regimes.mean(axis=0) for task in stream.tasks]
    for one in means:
        assert one.sum() == pytest.approx(1.0)
    assert 0.5 * np.abs(means[0] - means[1]).sum() > 0.8


def test_the_same_seed_gives_the_same_stream(stream) -> None:
    again = simulated_stream(SMALL)
    for one, other in zip(stream.tasks, again.tasks, strict=True):
        np.testing.assert_array_equal(one.train.features, other.train.features)
        np.testing.assert_array_equal(one.train.regimes, other.train.regimes)


PERIODS = (
    Period(name="a", first=date(2012, 4, 2), last=date(2012, 8, 31)),
    Period(name="b", first=date(2012, 9, 3), last=date(2013, 2, 28)),
)


def test_a_changed_future_moves_no_earlier_row() -> None:
    market = simulate(MarketSettings(kind="momentum", n_symbols=6, n_days=330, seed=2))
    panel = market.panel
    late = panel.time >= np.datetime64("2013-01-02")
    spoiled = replace(panel, adj_close=np.where(late, panel.adj_close * 3.0, panel.adj_close))
    one = period_stream(panel, PERIODS, name="p")
    other = period_stream(spoiled, PERIODS, name="p")
    for mine, theirs in zip(one.tasks, other.tasks, strict=True):
        for part in ("train", "test"):
            a, b = getattr(mine, part), getattr(theirs, part)
            early = a.known_at < np.datetime64("2013-01-02")
            np.testing.assert_array_equal(a.features[early], b.features[early])
            np.testing.assert_array_equal(a.regimes[early], b.regimes[early])
            np.testing.assert_array_equal(a.direction[early], b.direction[early])


@pytest.mark.parametrize("share", [0.5, 0.61, 0.7, 0.83])
def test_the_regime_model_sees_no_session_of_the_first_test_part(share) -> None:
    """The label of the last Friday is known after Saturday, when the next period begins: that day is left out."""
    panel = simulate(MarketSettings(kind="momentum", n_symbols=6, n_days=330, seed=2)).panel
    periods = (PERIODS[0], replace(PERIODS[1], first=date(2012, 9, 1)))
    one = period_stream(panel, periods, name="p", share=share).tasks[0]
    late = panel.time >= one.test.time[0]
    spoiled = replace(panel, adj_close=np.where(late, panel.adj_close * 3.0, panel.adj_close))
    other = period_stream(spoiled, periods, name="p", share=share).tasks[0]
    early = one.train.known_at < one.test.time[0]
    np.testing.assert_array_equal(one.train.regimes[early], other.train.regimes[: len(early)][early])


def test_periods_that_overlap_are_refused(make_panel) -> None:
    with pytest.raises(InputError, match="before 'a' ends"):
        period_stream(make_panel(), (PERIODS[0], replace(PERIODS[1], first=date(2012, 8, 1))), name="p")


def test_periods_without_bars_are_refused(make_panel) -> None:
    with pytest.raises(InputError, match="no bars"):
        period_stream(make_panel(), PERIODS, name="p")


def test_equal_periods_hold_as_many_sessions_each(make_panel) -> None:
    panel = make_panel(n_symbols=3, n_days=300)
    sizes = [
        int(((panel.times >= np.datetime64(one.first)) & (panel.times <= np.datetime64(one.last))).sum())
        for one in equal_periods(panel, 4)
    ]
    assert sum(sizes) == 240
    assert max(sizes) - min(sizes) <= 1
    with pytest.raises(InputError, match="too few"):
        equal_periods(panel, 20)


def test_the_crises_of_real_years_make_a_stream(research_data) -> None:
    found = period_stream(read_prices(research_data / "kdd17" / "prices.parquet"), KDD17_PERIODS, name="kdd17")
    assert len(found.tasks) == 6
    assert min(len(task.test) for task in found.tasks) > 2000
