"""Properties that every splitter holds on ragged panels, and golden comparisons with scikit-learn."""

from __future__ import annotations

from math import comb

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, TimeSeriesSplit, cross_val_score

from tradewind.core import Labels, UsageError
from tradewind.validation import CombinatorialPurgedKFold, PurgedKFold, PurgedTimeSeriesSplit, WalkForward

DAY = np.timedelta64(1, "D")
NAT = np.datetime64("NaT", "us")


def stacked(seed: int, n_symbols: int, n_days: int, horizon: int) -> tuple[np.ndarray, np.ndarray]:
    """Label times of a ragged panel: symbols start late, end early and miss days."""
    rng = np.random.default_rng(seed)
    days = (np.datetime64("2015-01-01") + np.arange(n_days)).astype("datetime64[us]")
    days = days[np.is_busday(days.astype("datetime64[D]"))]
    starts, ends = [], []
    for _ in range(n_symbols):
        low = int(rng.integers(0, len(days) // 3))
        own = days[low : len(days) - int(rng.integers(0, len(days) // 3))]
        own = own[rng.random(len(own)) > 0.1]
        end = np.full(len(own), NAT)
        end[: len(own) - horizon] = own[horizon:]
        starts.append(own)
        ends.append(end)
    return np.concatenate(starts), np.concatenate(ends)


panels = st.tuples(st.integers(0, 10_000), st.integers(1, 5), st.integers(200, 420), st.integers(1, 8)).map(
    lambda p: stacked(*p)
)


def meets(start: np.ndarray, end: np.ndarray, train: np.ndarray, test: np.ndarray, embargo: np.timedelta64) -> bool:
    """The plain definition: any pair of closed intervals that meet, tests reaching ``embargo`` further."""
    reach = np.where(np.isnat(end[test]), start[test], end[test]) + embargo
    before = start[train][:, None] <= reach[None, :]
    after = end[train][:, None] >= start[test][None, :]
    return bool((before & after).any())


@settings(max_examples=25, deadline=None)
@given(panels, st.integers(2, 6), st.integers(0, 6))
def test_purged_k_fold_keeps_labels_apart_and_tests_every_row_once(panel, n_splits, embargo):
    start, end = panel
    splitter = PurgedKFold(start, end, n_splits=n_splits, embargo=embargo * DAY)
    tested = np.zeros(len(start), dtype=int)
    for train, test in splitter.split(np.zeros((len(start), 1))):
        assert not meets(start, end, train, test, embargo * DAY)
        assert not np.isnat(end[train]).any()
        tested[test] += 1
    assert (tested == 1).all()
    assert splitter.get_n_splits() == n_splits


@settings(max_examples=25, deadline=None)
@given(panels, st.integers(2, 4), st.integers(0, 5))
def test_purged_k_fold_drops_no_row_without_a_reason(panel, n_splits, embargo):
    start, end = panel
    for train, test in PurgedKFold(start, end, n_splits=n_splits, embargo=embargo * DAY).split():
        dropped = np.setdiff1d(np.flatnonzero(~np.isnat(end)), np.concatenate([train, test]))
        assert all(meets(start, end, np.array([row]), test, embargo * DAY) for row in dropped)


def rows_to_test(start: np.ndarray, end: np.ndarray, splitter: WalkForward) -> set[int]:
    """By plain loops: rows of the spans from April on that have any row to train on."""
    rows: set[int] = set()
    month = np.datetime64("2015-04", "M")
    while month <= start.max().astype("datetime64[M]"):
        low, high = month.astype("datetime64[D]"), (month + splitter.test_months).astype("datetime64[D]")
        window = (month - splitter.train_months).astype("datetime64[D]")
        past = [moment for moment in start if moment < low]
        if not past:  # nothing was known yet: there is nothing to train on
            month = month + splitter.test_months
            continue
        known_by = max(past) - splitter.embargo
        fitted = [e <= known_by and (splitter.expanding or s >= window) for s, e in zip(start, end, strict=True)]
        if any(fitted):
            rows |= {int(row) for row in np.flatnonzero((start >= low) & (start < high))}
        month = month + splitter.test_months
    return rows


@settings(max_examples=25, deadline=None)
@given(panels, st.integers(1, 4), st.integers(1, 3), st.booleans(), st.integers(0, 6))
def test_walk_forward_trains_on_what_was_known(panel, train_months, test_months, expanding, embargo):
    start, end = panel
    splitter = WalkForward(
        start,
        end,
        train_months=train_months,
        test_months=test_months,
        expanding=expanding,
        embargo=embargo * DAY,
        first_test="2015-04",
    )
    tested = []
    for fold in splitter.folds():
        assert (start[fold.test] > fold.train_end).all()
        assert (end[fold.train] <= fold.train_end).all()
        assert fold.train_end + embargo * DAY < fold.test_start
        assert not meets(start, end, fold.train, fold.test, 0 * DAY)
        if not expanding:
            span = fold.test_start - start[fold.train].min()
            assert span <= np.timedelta64(31 * (train_months + test_months), "D")
        tested.append(fold.test)
    rows = np.concatenate(tested)
    assert len(np.unique(rows)) == len(rows)
    wanted = rows_to_test(start, end, splitter)
    assert set(rows) == wanted


@settings(max_examples=15, deadline=None)
@given(panels, st.integers(3, 6), st.integers(1, 2), st.integers(0, 5))
def test_combinatorial_paths_cover_every_row_once_each(panel, n_groups, n_test, embargo):
    start, end = panel
    splitter = CombinatorialPurgedKFold(start, end, n_groups=n_groups, n_test_groups=n_test, embargo=embargo * DAY)
    forecasts = []
    for number, fold in enumerate(splitter.folds()):
        assert not meets(start, end, fold.train, fold.test, embargo * DAY)
        forecasts.append(np.full(len(fold.test), float(number)))
    assert len(forecasts) == splitter.get_n_splits() == comb(n_groups, n_test)
    paths = splitter.paths()
    assert paths.shape == (comb(n_groups, n_test) * n_test // n_groups, n_groups)
    whole = splitter.reconstruct(forecasts)
    assert (whole == paths[:, splitter.group]).all()
    used = {(group, split) for path in paths for group, split in enumerate(path)}
    assert len(used) == paths.size  # each forecast of a block is in one path only


@settings(max_examples=15, deadline=None)
@given(panels, st.integers(2, 5), st.integers(0, 5))
def test_time_series_split_trains_on_what_was_known(panel, n_splits, embargo):
    start, end = panel
    for fold in PurgedTimeSeriesSplit(start, end, n_splits=n_splits, embargo=embargo * DAY).folds():
        assert (end[fold.train] <= fold.train_end).all()
        assert fold.train_end + embargo * DAY < fold.test_start


@pytest.mark.parametrize("n", [50, 97])
@pytest.mark.parametrize("k", [2, 5, 7])
def test_without_horizon_one_symbol_splits_as_in_scikit_learn(n, k):
    days = np.datetime64("2015-01-01") + np.arange(n)
    pairs = [
        (KFold(k), PurgedKFold(days, days, n_splits=k)),
        (TimeSeriesSplit(k), PurgedTimeSeriesSplit(days, days, n_splits=k)),
    ]
    for theirs, ours in pairs:
        for (train, test), (own_train, own_test) in zip(theirs.split(days), ours.split(days), strict=True):
            np.testing.assert_array_equal(train, own_train)
            np.testing.assert_array_equal(test, own_test)


@pytest.mark.parametrize(("n", "k", "splits", "paths"), [(6, 2, 15, 5), (10, 2, 45, 9), (10, 3, 120, 36), (5, 1, 5, 1)])
def test_combinatorial_counts_are_those_of_the_book(n, k, splits, paths):
    days = np.datetime64("2015-01-01") + np.arange(60)
    splitter = CombinatorialPurgedKFold(days, days, n_groups=n, n_test_groups=k)
    assert (splitter.get_n_splits(), len(splitter.paths())) == (splits, paths)


def test_purging_by_row_count_leaks_on_a_stacked_panel_and_ours_does_not():
    start, end = stacked(1, 4, 400, 5)
    order = np.argsort(start, kind="stable")  # the best case for a row count: the stack sorted by time
    start, end = start[order], end[order]
    cut, horizon = len(start) // 2, 5
    test = np.arange(cut, len(start))
    by_count = np.arange(cut - horizon)  # drops the last `horizon` rows: one or two days of four symbols
    assert meets(start, end, by_count, test, 0 * DAY)
    for train, test in PurgedTimeSeriesSplit(start, end, n_splits=4).split():
        assert not meets(start, end, train, test, 0 * DAY)


def test_an_embargo_in_sessions_counts_the_panels_own_days():
    days = np.array(
        ["2015-01-01", "2015-01-02", "2015-01-05", "2015-01-06", "2015-01-07", "2015-01-08"], "datetime64[D]"
    )
    (first, second), _ = PurgedKFold(days, days, n_splits=2, embargo=1).split()
    assert (first.tolist(), second.tolist()) == ([4, 5], [0, 1, 2])
    fold = next(WalkForward(days, days, first_test="2015-01-05", embargo=1).folds())
    assert str(fold.train_end)[:10] == "2015-01-01"


@pytest.mark.slow
@pytest.mark.parametrize("kind", [WalkForward, PurgedKFold, CombinatorialPurgedKFold, PurgedTimeSeriesSplit])
def test_scikit_learn_accepts_the_splitter(kind):
    start, end = stacked(3, 3, 500, 1)
    labels = Labels(
        start=start, end=end, direction=np.zeros(len(start)), forward_return=np.zeros(len(start)), horizon=1
    )
    rng = np.random.default_rng(0)
    values, target = rng.normal(size=(len(start), 2)), rng.integers(0, 2, len(start))
    splitter = kind.of(labels, embargo=2)
    scores = cross_val_score(LogisticRegression(), values, target, cv=splitter)
    assert len(scores) == splitter.get_n_splits()
    search = GridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=splitter).fit(values, target)
    assert search.n_splits_ == splitter.get_n_splits()
    rows = np.flatnonzero(~np.isnat(end))
    part = kind.of(labels, rows=rows)
    assert max(test.max() for _, test in part.split(values[rows])) < len(rows)


def test_walk_forward_spans_are_calendar_months():
    days = np.arange(np.datetime64("2014-01-01"), np.datetime64("2015-07-11"))
    folds = list(WalkForward(days, days + 1, last_test="2015-06").folds())
    months = [(str(f.test_start)[:10], str(f.test_end)[:10]) for f in folds]
    assert months[0] == ("2015-01-01", "2015-01-31")
    assert months[-1] == ("2015-06-01", "2015-06-30")
    assert [str(days[f.train].min()) for f in folds[:2]] == ["2014-01-01", "2014-02-01"]
    assert {str(days[f.train].min()) for f in WalkForward(days, days + 1, expanding=True).folds()} == {"2014-01-01"}


def test_bad_input_is_named():
    days = np.datetime64("2015-01-01") + np.arange(10)
    cases = [
        (lambda: PurgedKFold(days, days[:5]), "one start and one end"),
        (lambda: PurgedKFold(days, days - 1), "row 1"),
        (lambda: PurgedKFold(np.full(3, np.datetime64("NaT", "D")), days[:3]), "no start"),
        (lambda: list(PurgedKFold(days, days, n_splits=11).folds()), "11 blocks"),
        (lambda: list(PurgedKFold(days, days, embargo=-1 * DAY).folds()), "embargo"),
        (lambda: list(PurgedKFold(days, days, n_splits=2, embargo=30 * DAY).folds()), "no row to train"),
        (lambda: list(PurgedKFold(days, days + 30, n_splits=2).folds()), "no row to train"),
        (lambda: list(PurgedKFold(days, days).split(np.zeros((3, 1)))), "3 rows"),
        (lambda: list(WalkForward(days, days).folds()), "no fold"),
        (lambda: WalkForward(days, days, train_months=0), "train_months"),
        (lambda: list(WalkForward(days, days, first_test="soon").folds()), "not a date"),
        (lambda: CombinatorialPurgedKFold(days, days, n_groups=3, n_test_groups=3), "3 of 3"),
        (lambda: list(PurgedTimeSeriesSplit(days, days, n_splits=10).folds()), "10 splits"),
        (lambda: list(PurgedTimeSeriesSplit(days, days + 5, n_splits=4).folds()), "cannot be trained"),
        (lambda: CombinatorialPurgedKFold(days, days).reconstruct([]), "0 forecasts"),
    ]
    for make, text in cases:
        with pytest.raises(UsageError, match=text):
            make()
