"""Fills, decay, events and outliers: what they give, and that none looks ahead unless it says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tradewind.core import LeakageError, News, Panel, UsageError
from tradewind.quality import (
    QualitySettings,
    Winsoriser,
    causal_fill,
    count_news,
    decay_sentiment,
    fill_closures,
    forward_fill,
    interpolate_gaps,
    mark_occasions,
    mark_outliers,
)

CELL = st.one_of(st.floats(-1e6, 1e6), st.just(np.nan))
NAN = np.nan


def panel_of(days: list[str], symbol: str = "A") -> Panel:
    n = len(days)
    flat = {name: np.arange(1.0, n + 1) for name in ("open", "high", "low", "close", "adj_close", "volume")}
    return Panel.from_columns({"symbol": np.full(n, symbol), "time": np.array(days, dtype="datetime64[us]"), **flat})


WEEK = [f"2014-03-{day:02d}" for day in (3, 4, 5, 6, 7, 10, 11)]


@given(hnp.arrays(np.float64, st.integers(1, 40), elements=CELL), st.integers(1, 4))
def test_forward_fill_equals_polars(values: np.ndarray, limit: int) -> None:
    ours = forward_fill(values, np.zeros(len(values), dtype=np.int64), limit)
    theirs = pl.Series(values).fill_nan(None).fill_null(strategy="forward", limit=limit).to_numpy()
    np.testing.assert_array_equal(ours, theirs.astype(float))


@given(hnp.arrays(np.float64, 7, elements=CELL))
def test_interpolation_equals_polars_on_short_gaps(values: np.ndarray) -> None:
    ours = interpolate_gaps(panel_of(WEEK), values, longest=7).values
    theirs = pl.Series(values).fill_nan(None).interpolate().to_numpy()
    np.testing.assert_allclose(ours, theirs.astype(float), rtol=1e-9, atol=1e-6)


def test_interpolation_is_refused_inside_its_gap() -> None:
    panel = panel_of(WEEK)
    result = interpolate_gaps(panel, np.array([1.0, NAN, NAN, 4.0, NAN, NAN, NAN]))
    np.testing.assert_array_equal(result.values, [1, 2, 3, 4, NAN, NAN, NAN])
    np.testing.assert_array_equal(result.known_at[1:3], panel.known_at[[3, 3]])
    with pytest.raises(LeakageError, match="interpolated"):
        result.as_of(panel.known_at[1])
    with pytest.raises(LeakageError):
        result.as_of(panel.known_at[2])
    np.testing.assert_array_equal(result.as_of(panel.known_at[0]), [1])
    np.testing.assert_array_equal(result.as_of(panel.known_at[3]), [1, 2, 3, 4])


def test_gaps_of_three_days_stay_open() -> None:
    values = np.array([1.0, NAN, NAN, NAN, 5.0, NAN, 7.0])
    np.testing.assert_array_equal(interpolate_gaps(panel_of(WEEK), values).values, [1, NAN, NAN, NAN, 5, 6, 7])
    np.testing.assert_array_equal(causal_fill(panel_of(WEEK), values), [1, 1, 1, NAN, 5, 5, 7])


@given(hnp.arrays(np.float64, 7, elements=CELL), st.integers(1, 6))
def test_causal_fills_use_nothing_later(values: np.ndarray, cut: int) -> None:
    panel = panel_of(WEEK)
    changed = values.copy()
    changed[cut:] = 77.0
    for fill in (causal_fill, decay_sentiment):
        np.testing.assert_array_equal(fill(panel, values)[:cut], fill(panel, changed)[:cut])


def test_sentiment_halves_by_calendar_days() -> None:
    values = np.array([NAN, 0.8, NAN, NAN, NAN, NAN, -0.4])
    out = decay_sentiment(panel_of(WEEK), values, half_life=2.0)
    np.testing.assert_allclose(out, [NAN, 0.8, 0.8 * 0.5**0.5, 0.4, 0.8 * 0.5**1.5, 0.8 * 0.5**3, -0.4])
    with pytest.raises(UsageError):
        decay_sentiment(panel_of(WEEK), values, half_life=0.0)


@pytest.mark.filterwarnings("ignore:Series.values returning")  # exchange_calendars under new pandas
def test_closures_carry_the_last_close() -> None:
    panel = panel_of([*WEEK[:2], *WEEK[4:]])
    panel = replace(panel, open=np.where(np.arange(5) == 4, NAN, panel.open))
    out = fill_closures(panel)
    assert list(out.panel.time) == list(np.array(WEEK, dtype="datetime64[us]"))
    np.testing.assert_array_equal(out.closed, [0, 0, 1, 1, 0, 0, 0])
    np.testing.assert_array_equal(out.panel.close, [1, 2, 2, 2, 3, 4, 5])
    np.testing.assert_array_equal(out.panel.high, [1, 2, 2, 2, 3, 4, 5])
    np.testing.assert_array_equal(out.panel.volume, [1, 2, 0, 0, 3, 4, 5])
    assert out.panel.open[6] == 4
    np.testing.assert_array_equal(out.filled.any(axis=1), [0, 0, 1, 1, 0, 0, 1])
    np.testing.assert_array_equal(out.filled[6], [1, 0, 0, 0, 0, 0])
    assert out.panel.known_at[2] == np.datetime64("2014-03-05T21:00")


def test_closures_of_a_ragged_panel(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(4, 100, gaps=True)
    out = fill_closures(panel, calendar=None)
    kept = out.panel.select(~out.closed)
    assert kept.id == panel.id
    for s, name in enumerate(out.panel.symbols):
        time = out.panel.time[out.panel.rows_of(name)]
        inside = (panel.times >= time[0]) & (panel.times <= time[-1])
        np.testing.assert_array_equal(time, panel.times[inside])
        assert time[0] == panel.time[panel.offsets[s]]


def test_outliers_equal_a_plain_computation(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(2, 150, seed=1)
    adjusted = panel.adj_close.copy()
    adjusted[[40, 220]] = NAN
    panel = replace(panel, adj_close=adjusted)
    marks = mark_outliers(panel, QualitySettings(outlier_window=30))
    for s in range(2):
        rows = np.arange(panel.offsets[s], panel.offsets[s + 1])
        move = np.concatenate([[NAN], np.diff(np.log(panel.adj_close[rows]))])
        for i, row in enumerate(rows):
            past = move[max(0, i - 30) : i]
            past = past[~np.isnan(past)]
            if len(past) < 15 or np.isnan(move[i]):
                assert not marks.either[row]
                continue
            low, high = np.quantile(past, [0.25, 0.75])
            fence = 1.5 * (high - low)
            assert marks.iqr[row] == (move[i] < low - fence or move[i] > high + fence)
            assert marks.deviation[row] == (abs(move[i] - past.mean()) > 3 * past.std(ddof=1))
    assert marks.iqr.any()


def test_events_are_never_marked_nor_clipped(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(1, 150, seed=1)
    jumped = replace(panel, adj_close=np.where(np.arange(150) >= 100, 1.5, 1.0) * panel.adj_close)
    keep = mark_occasions(jumped, dates={"S000": [panel.time[100].item()], "GONE": ["2014-01-01"]})
    assert list(np.flatnonzero(keep)) == [100]
    assert mark_outliers(jumped).either[100]
    assert not mark_outliers(jumped, keep=keep).either[100]
    values = np.where(keep, 9.0, 0.0)[:, None] + np.linspace(0, 1, 150)[:, None]
    assert Winsoriser().fit(values, np.arange(90)).transform(values, keep=keep)[100, 0] == values[100, 0]


def test_news_bursts_are_known_with_their_bar() -> None:
    days = np.busday_offset("2014-03-03", np.arange(40))
    panel = panel_of([str(day) for day in days])
    quiet = [np.datetime64(f"{day}T12:00", "us") for day in days]
    burst = [np.datetime64(f"{days[30]}T22:00", "us")] * 12  # after the close: the next bar's
    moments = np.array(sorted(quiet + burst))
    news = News(
        symbol=np.full(len(moments), "A"),
        published_at=moments,
        source=np.full(len(moments), "news"),
        text=np.full(len(moments), "x", dtype=object),
    )
    assert count_news(panel, news)[31] == 13
    assert count_news(panel, news).sum() == len(moments)
    mark = mark_occasions(panel, news=news)
    assert list(np.flatnonzero(mark)) == [31]
    early = panel.until(panel.time[31])
    np.testing.assert_array_equal(mark_occasions(early, news=news), mark[:32])
