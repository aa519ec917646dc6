"""Adjusted prices: the formula by hand, and what may not depend on when one looks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tradewind.core import InputError, Panel
from tradewind.core.arrays import FloatArray, TimeArray
from tradewind.data import Dividend, Split, adjust_panel, adjusted_close, split_adjusted, split_factor

DAY0 = date(2014, 1, 1)
N = 40
TIME: TimeArray = np.datetime64(DAY0, "us") + np.arange(N).astype("timedelta64[D]")


def day(i: int) -> date:
    """The i-th date of the series."""
    return DAY0 + timedelta(days=i)


def test_split_and_dividend_by_hand() -> None:
    close = np.array([100.0, 102.0, 51.0, 50.0, 52.0])
    actions = [
        Split(symbol="A", ex_date=day(2), ratio=2.0),
        Dividend(symbol="A", ex_date=day(4), amount=1.0),
    ]
    paid = 1 - 1.0 / 50.0
    np.testing.assert_allclose(
        adjusted_close(close, actions, time=TIME[:5]), [50 * paid, 51 * paid, 51 * paid, 50 * paid, 52.0], rtol=1e-15
    )
    np.testing.assert_allclose(split_adjusted(close, actions, time=TIME[:5]), [50, 51, 51, 50, 52], rtol=1e-15)
    np.testing.assert_array_equal(split_factor(actions, TIME[:5]), [0.5, 0.5, 1, 1, 1])


def test_apple_2014_split_and_dividend() -> None:
    """AAPL 7-for-1 on 2014-06-09, 0.47 (post-split) on 2014-08-07; the published adjusted returns are the goal."""
    time = np.array(["2014-06-06", "2014-06-09", "2014-08-06", "2014-08-07"], dtype="datetime64[us]")
    close = np.array([645.57, 93.70, 94.96, 94.48])
    actions = [
        Split(symbol="AAPL", ex_date=date(2014, 6, 9), ratio=7.0),
        Dividend(symbol="AAPL", ex_date=date(2014, 8, 7), amount=0.47),
    ]
    adjusted = adjusted_close(close, actions, time=time)
    assert adjusted[1] / adjusted[0] - 1 == pytest.approx(0.0160, abs=1e-4)
    assert adjusted[3] / adjusted[2] - 1 == pytest.approx(94.48 / (94.96 - 0.47) - 1)


def test_a_split_and_a_dividend_of_one_day_are_in_new_shares() -> None:
    close = np.array([100.0, 49.0])
    actions = [
        Split(symbol="A", ex_date=day(1), ratio=2.0),
        Dividend(symbol="A", ex_date=day(1), amount=0.5),
        Dividend(symbol="A", ex_date=day(1), amount=0.5),
    ]
    adjusted = adjusted_close(close, actions, time=TIME[:2])
    assert adjusted.tolist() == pytest.approx([50 * (1 - 2 / 100), 49.0])
    assert adjusted[1] / adjusted[0] == pytest.approx(1.0)


def test_only_what_was_known_is_used() -> None:
    close = np.full(10, 10.0)
    late = Split(symbol="A", ex_date=day(3), ratio=2.0, known_on=day(6))
    early = Dividend(symbol="A", ex_date=day(8), amount=1.0, known_on=day(1))
    seen = adjusted_close(close, [late, early], time=TIME[:10], as_of=day(5))
    np.testing.assert_array_equal(seen, [10.0] * 6 + [np.nan] * 4)
    seen = adjusted_close(close, [late, early], time=TIME[:10], as_of=day(6))
    np.testing.assert_array_equal(seen, [5.0] * 3 + [10.0] * 4 + [np.nan] * 3)
    seen = adjusted_close(close, [late, early], time=TIME[:10], as_of=day(9))
    np.testing.assert_allclose(seen, [4.5] * 3 + [9.0] * 5 + [10.0] * 2)


def test_actions_before_the_first_bar_change_nothing() -> None:
    close = np.array([np.nan, 10.0])
    actions = [Dividend(symbol="A", ex_date=day(1), amount=1.0), Split(symbol="A", ex_date=day(0), ratio=3.0)]
    np.testing.assert_array_equal(adjusted_close(close, actions, time=TIME[:2]), close)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Split(symbol="A", ex_date=DAY0, ratio=0.0), "ratio 0.0"),
        (lambda: Split(symbol="A", ex_date=DAY0, ratio=float("nan")), "ratio nan"),
        (lambda: Dividend(symbol="A", ex_date=DAY0, amount=-1.0), "amount -1.0"),
        (
            lambda: adjusted_close(np.ones(2), [Dividend(symbol="A", ex_date=day(1), amount=1.0)], time=TIME[:2]),
            "not smaller than the close before it",
        ),
        (
            lambda: split_adjusted(
                np.ones(2), [Split(symbol=s, ex_date=day(1), ratio=2.0) for s in "AB"], time=TIME[:2]
            ),
            "several symbols",
        ),
    ],
)
def test_nonsense_is_refused(make: Callable[[], object], says: str) -> None:
    with pytest.raises(InputError, match=says):
        make()


actions_of = st.lists(
    st.one_of(
        st.builds(
            lambda i, r: Split(symbol="A", ex_date=day(i), ratio=r),
            st.integers(0, N + 3),
            st.sampled_from([0.1, 0.5, 1.5, 2.0, 4.0, 7.0]),
        ),
        st.builds(
            lambda i, d, lead: Dividend(symbol="A", ex_date=day(i), amount=d, known_on=day(i - lead)),
            st.integers(0, N + 3),
            st.floats(0.0, 0.05),
            st.integers(0, 20),
        ),
    ),
    max_size=6,
)
closes_of = st.lists(st.floats(20.0, 500.0), min_size=N, max_size=N).map(np.array)


@given(close=closes_of, actions=actions_of, looks=st.tuples(st.integers(1, N + 5), st.integers(1, N + 5)))
def test_returns_do_not_depend_on_when_one_looks(close: FloatArray, actions: list, looks: tuple[int, int]) -> None:
    first, second = sorted(looks)
    a = adjusted_close(close, actions, time=TIME, as_of=day(first))
    b = adjusted_close(close, actions, time=TIME, as_of=day(second))
    whole = adjusted_close(close, actions, time=TIME)
    seen = min(first, N - 1) + 1
    assert np.isnan(a[seen:]).all()
    for other in (b, whole):
        np.testing.assert_allclose(a[1:seen] / a[: seen - 1], other[1:seen] / other[: seen - 1], rtol=1e-12)


@given(close=closes_of, actions=actions_of, look=st.integers(0, N - 1))
def test_the_future_changes_nothing_known(close: FloatArray, actions: list, look: int) -> None:
    changed = close.copy()
    changed[look + 1 :] *= 3.0
    known = [a for a in actions if a.ex_date <= day(look)]
    np.testing.assert_array_equal(
        adjusted_close(close, actions, time=TIME, as_of=day(look)),
        adjusted_close(changed, known, time=TIME, as_of=day(look)),
    )


@pytest.mark.slow
@given(close=closes_of, actions=actions_of)
def test_the_last_price_stays_as_traded_and_returns_are_net_of_cash(close: FloatArray, actions: list) -> None:
    actions = [a for a in actions if day(0) < a.ex_date <= day(N - 1)]
    assume(actions)
    adjusted = adjusted_close(close, actions, time=TIME)
    assert adjusted[-1] == close[-1]
    for i in range(1, N):
        today = [a for a in actions if a.ex_date == day(i)]
        shares = np.prod([a.ratio for a in today if isinstance(a, Split)])
        cash = sum(a.amount for a in today if isinstance(a, Dividend)) * shares
        # one old share before the day is worth `shares` new ones after it, bought without the cash
        assert adjusted[i] / adjusted[i - 1] == pytest.approx(close[i] * shares / (close[i - 1] - cash), rel=1e-11)


def test_a_panel_is_adjusted_symbol_by_symbol(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(2, 80, start="2014-01-01")
    ex_date = panel.time[40].astype("datetime64[D]").astype(date)
    actions = [Split(symbol="S001", ex_date=ex_date, ratio=2.0), Split(symbol="QQ", ex_date=ex_date, ratio=9.0)]
    adjusted = adjust_panel(panel, actions)
    rows = panel.rows_of("S000")
    np.testing.assert_array_equal(adjusted.adj_close[rows], panel.close[rows])
    expected = panel.close[80:] * np.where(np.arange(80) < 40, 0.5, 1.0)
    np.testing.assert_array_equal(adjusted.adj_close[80:], expected)
    early = adjust_panel(panel, actions, as_of=panel.time[39])
    assert len(early) == 80
    np.testing.assert_array_equal(early.adj_close[40:], panel.close[80:120])
