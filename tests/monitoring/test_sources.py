"""Files as slices: everything once, nothing early."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Forecast, News, UsageError
from tradewind.core.arrays import IntArray
from tradewind.data import MarketSettings, simulate
from tradewind.features import compute_features, make_labels
from tradewind.monitoring.sources import Answered, Observed, late_arrivals, slices_from_files

pytestmark = pytest.mark.slow

MARKET = simulate(
    MarketSettings(kind="news", n_symbols=12, n_days=160, late_listing=0.4, early_delisting=0.6, turnover_horizon=120)
)
PANEL = MARKET.panel
NAMES = ("return_1", "volatility_rank_20")
MATRIX = compute_features(PANEL, names=NAMES)


def seen(**changes: object) -> Observed:
    rows: IntArray = np.flatnonzero(PANEL.time >= PANEL.times[30])
    chance = np.random.default_rng(0).random(len(rows))
    given = Observed(
        panel=PANEL,
        names=MATRIX.names,
        features=MATRIX.values,
        answers=(Answered(version="m/1", role="champion", forecast=Forecast.point(rows, chance, chance - 0.5)),),
        labels=make_labels(PANEL),
        arrives=make_labels(PANEL).end,
        news=MARKET.news,
        champion="m/1",
    )
    return replace(given, **changes)  # type: ignore[arg-type]


def test_every_bar_answer_label_and_item_comes_once_and_not_before_it_is_known() -> None:
    slices = list(seen().slices())
    assert sum(map(len, slices)) == len(PANEL)
    bars = {(s, one.time.item()) for one in slices for s in one.symbol.tolist()}
    assert len(bars) == len(PANEL)
    labels = make_labels(PANEL)
    arrived = [(s, t) for one in slices if one.labels for s, t in zip(one.labels.symbol, one.labels.time, strict=True)]
    assert len(arrived) == len(set(arrived)) == int((~np.isnat(labels.end)).sum())
    for one in slices:
        if one.labels is not None:
            assert (one.labels.time < one.time).all()
        if one.news is not None:
            known = np.datetime64(one.known_at.replace(tzinfo=None))
            assert (one.news.published_at <= known).all()
    assert MARKET.news is not None
    assert sum(len(one.news) for one in slices if one.news is not None) == int(
        (MARKET.news.published_at <= PANEL.known_at.max()).sum()
    )
    answers = {(s, one.time.item()) for one in slices for part in one.served for s in part.symbol.tolist()}
    assert answers == {key for key in bars if np.datetime64(key[1]) >= PANEL.times[30]}


def test_rows_of_a_slice_belong_together() -> None:
    for one in list(seen().slices())[40:60]:
        for at, symbol in enumerate(one.symbol.tolist()):
            rows = PANEL.rows_of(symbol)
            row = rows.start + int(np.searchsorted(PANEL.time[rows], one.time))
            assert one.bars.close[at] == PANEL.close[row]
            assert one.sector[at] == PANEL.sectors[PANEL.symbols.index(symbol)]
            np.testing.assert_array_equal(one.features[at], MATRIX.values[row])


@settings(max_examples=15, deadline=None)
@given(start=st.integers(0, 89), length=st.integers(0, 40))
def test_a_span_is_part_of_the_whole(start: int, length: int) -> None:
    whole, times = list(seen().slices()), PANEL.times
    stop = min(start + length, len(times) - 1)
    part = list(seen().slices(times[start], times[stop]))
    assert [one.time for one in part] == [one.time for one in whole[start : stop + 1]]
    for one, other in zip(part, whole[start : stop + 1], strict=True):
        assert one.expected == other.expected
        assert (0 if one.labels is None else len(one.labels)) == (0 if other.labels is None else len(other.labels))


@pytest.mark.parametrize("cut", [45, 60])
def test_the_future_changes_no_slice(cut: int) -> None:
    """Bars after a time are not known at it: slices of the truncated panel are the first ones of the whole."""
    short = PANEL.until(PANEL.times[cut])
    matrix = compute_features(short, names=NAMES)
    labels = make_labels(short)
    given = replace(seen(), panel=short, features=matrix.values, labels=labels, arrives=labels.end, answers=())
    for one, other in zip(given.slices(), seen().slices(), strict=False):
        assert one.symbol.tolist() == other.symbol.tolist()
        assert one.expected == other.expected
        assert one.known_at == other.known_at
        np.testing.assert_array_equal(one.features, other.features)
        assert (one.labels is None) == (other.labels is None)
        if one.labels is not None and other.labels is not None:
            np.testing.assert_allclose(one.labels.forward_return, other.labels.forward_return, rtol=1e-9)


def test_a_delisted_symbol_is_expected_for_a_while_and_a_silent_session_has_a_slice() -> None:
    last = {s: PANEL.time[PANEL.rows_of(s)].max() for s in PANEL.symbols}
    gone = [s for s in PANEL.symbols if last[s] < PANEL.times[125]]
    assert gone, "the market has a symbol that leaves early"
    for one in seen().slices(PANEL.times[130]):
        after = int(np.searchsorted(PANEL.times, one.time)) - int(np.searchsorted(PANEL.times, last[gone[0]]))
        assert (gone[0] in one.expected) == (after <= 20)
    hole = PANEL.select(PANEL.time != PANEL.times[50])
    labels = make_labels(hole)
    features = compute_features(hole, names=NAMES).values
    given = seen(panel=hole, features=features, labels=labels, arrives=labels.end, answers=(), sessions=PANEL.times)
    empty = list(given.slices())[50]
    assert (len(empty), empty.time) == (0, PANEL.times[50])
    assert len(empty.expected) > 0


@settings(max_examples=30, deadline=None)
@given(late=st.integers(1, 30), first=st.integers(0, 80), span=st.integers(0, 20))
def test_late_labels_are_late_by_as_many_slices_and_none_is_early(late: int, first: int, span: int) -> None:
    labels, times = make_labels(PANEL), PANEL.times
    delay = np.zeros(len(times), dtype=np.int64)
    delay[first : first + span] = late
    arrives = late_arrivals(labels, times, delay)
    for row in np.flatnonzero(~np.isnat(labels.end)):
        due = int(np.searchsorted(times, labels.end[row]))
        place = due + int(delay[due])
        assert np.isnat(arrives[row]) if place >= len(times) else arrives[row] == times[place]


def test_files_of_a_model_begin_after_what_it_learned(fitted) -> None:  # type: ignore[no-untyped-def]
    model, panel = fitted.model, fitted.data.panel
    with pytest.raises(UsageError, match="learned from labels up to 2012-12-31"):
        next(slices_from_files(model, panel, start="2012-12-03", end="2013-02-01"))
    with pytest.raises(UsageError, match="no bar lies between"):
        next(slices_from_files(model, panel, start="2031-12-03", end="2033-02-01"))
    slices = list(slices_from_files(model, panel, start="2013-01-02", end="2013-01-31", version="m/7"))
    rows = np.flatnonzero((panel.time >= np.datetime64("2013-01-02")) & (panel.time <= np.datetime64("2013-01-31")))
    assert sum(len(one.served[0]) for one in slices) == len(rows)
    assert {one.served[0].version for one in slices} == {one.champion for one in slices} == {"m/7"}


def test_news_of_a_market_without_any_are_none() -> None:
    one = next(seen(news=None).slices())
    assert one.news is None
    none = News(
        symbol=np.empty(0, dtype=str),
        published_at=np.empty(0, dtype="datetime64[us]"),
        source=np.empty(0, dtype=str),
        text=np.empty(0, dtype=object),
    )
    news = next(seen(news=none).slices()).news
    assert news is not None
    assert len(news) == 0
