"""Selection inside the fold: finds what was planted, drops what repeats, and sees nothing but its rows."""

from __future__ import annotations

import json
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr
from sklearn.metrics import mutual_info_score

from tradewind.core import Dataset, NotFittedError, UsageError
from tradewind.features.labels import make_labels
from tradewind.features.selection import FeatureSelector, SelectionSettings
from tradewind.features.selection.elimination import Candidates, correlated, eliminate, ridge_t
from tradewind.features.selection.relevance import (
    cells,
    centred_ranks,
    clustered_t,
    information_coefficient,
    moved_targets,
    mutual_information,
    stability,
    time_blocks,
    volatility_regimes,
)


def planted(make_panel, n_noise=20, n_symbols=8, n_days=300, seed=1):
    panel = make_panel(n_symbols, n_days, seed=seed)
    labels = make_labels(panel)
    rng = np.random.default_rng(seed)
    n = len(panel)
    future = np.nan_to_num(labels.forward_return) / 0.015
    signal = future + rng.normal(0, 3, n)
    flip = future * np.where(panel.time < np.median(panel.time.astype(np.int64)).astype("M8[us]"), 1, -1)
    columns = {
        "signal": signal,
        "twin": signal + rng.normal(0, 0.05, n),
        "curved": np.abs(future) * np.where(future > 0, 1.0, 0.6) + rng.normal(0, 0.2, n),
        "flipping": flip + rng.normal(0, 1, n),
        "constant": np.full(n, 3.0),
        "rare": np.where(rng.random(n) < 0.8, np.nan, signal),
        **{f"noise_{i}": rng.normal(size=n) for i in range(n_noise)},
    }
    matrix = np.column_stack(list(columns.values())).astype(np.float32)
    return Dataset(panel=panel, features=matrix, names=tuple(columns), labels=labels)


def reasons(selector):
    return {row.feature: row.reason for row in selector.report}


def test_finds_the_signal_and_says_why_the_others_fell(make_panel):
    data = planted(make_panel)
    selector = FeatureSelector(SelectionSettings(n_features=6)).fit(data, np.arange(len(data)), seed=0)
    why = reasons(selector)
    assert len(selector.names) == 6
    assert "curved" in selector.names
    assert ("signal" in selector.names) != ("twin" in selector.names)
    assert {why["signal"], why["twin"]} & {"repeats signal", "repeats twin"}
    assert why["constant"] == "nearly constant"
    assert why["rare"].startswith("missing in 8")
    assert {row.feature for row in selector.report if row.kept} == set(selector.names)
    assert [row.feature for row in selector.report] == list(data.names)
    assert all(row.reason for row in selector.report)


def test_a_feature_that_changes_sides_is_less_stable_than_a_steady_one(make_panel):
    data = planted(make_panel)
    selector = FeatureSelector().fit(data, np.arange(len(data)), seed=0)
    by = {row.feature: row for row in selector.report}
    assert by["signal"].stability > 0.9
    assert by["flipping"].stability < by["signal"].stability - 0.2


def test_changing_other_rows_changes_nothing(make_panel):
    data = planted(make_panel, n_noise=60)
    rows = np.flatnonzero(data.panel.time < np.datetime64("2014-10-01"))
    rows = rows[np.random.default_rng(0).random(len(rows)) < 0.8]
    other = np.setdiff1d(np.arange(len(data)), rows)
    first = FeatureSelector(SelectionSettings(n_features=20)).fit(data, rows, seed=3).to_dict()
    rng = np.random.default_rng(9)
    data.features[other] = rng.normal(size=(len(other), len(data.names)))
    data.labels.direction[other] = rng.integers(0, 2, len(other))
    data.labels.forward_return[other] = rng.normal(size=len(other))
    for column in (data.panel.close, data.panel.adj_close, data.panel.volume):
        column[other] = rng.lognormal(size=len(other))
    assert FeatureSelector(SelectionSettings(n_features=20)).fit(data, rows, seed=3).to_dict() == first


def test_order_and_repetition_of_rows_do_not_matter(make_panel):
    data = planted(make_panel)
    rows = np.arange(len(data))
    mixed = np.random.default_rng(0).permutation(np.concatenate([rows, rows[:50]]))
    one = FeatureSelector(SelectionSettings(max_rows=500)).fit(data, rows, seed=5)
    two = FeatureSelector(SelectionSettings(max_rows=500)).fit(data, mixed, seed=5)
    assert one.to_dict() == two.to_dict()


def test_features_that_must_stay_stay(make_panel):
    data = planted(make_panel)
    rule = SelectionSettings(n_features=4, keep=("noise_3", "constant", "rare", "twin"))
    selector = FeatureSelector(rule).fit(data, np.arange(len(data)), seed=0)
    assert set(selector.names) == set(rule.keep)
    assert reasons(selector)["noise_3"] == "must stay"
    assert reasons(selector)["signal"] == "repeats twin"


def test_saved_and_read_again(make_panel):
    data = planted(make_panel)
    selector = FeatureSelector(SelectionSettings(n_features=5, keep=("noise_1",))).fit(data, np.arange(999), seed=0)
    again = FeatureSelector.from_dict(json.loads(json.dumps(selector.to_dict(), allow_nan=False)))
    assert again.names == selector.names
    assert again.settings == selector.settings
    assert again.to_dict() == selector.to_dict()


def test_wrong_use_is_told_clearly(make_panel):
    data = planted(make_panel)
    with pytest.raises(NotFittedError):
        _ = FeatureSelector().names
    with pytest.raises(NotFittedError):
        _ = FeatureSelector().report
    with pytest.raises(UsageError, match="did you mean signal"):
        FeatureSelector(SelectionSettings(keep=("signa",))).fit(data, np.arange(len(data)), seed=0)
    with pytest.raises(UsageError, match="needs 50"):
        FeatureSelector().fit(data, np.arange(30), seed=0)
    with pytest.raises(UsageError, match="only 1 may"):
        SelectionSettings(n_features=1, keep=("a", "b"))
    with pytest.raises(UsageError, match="every feature is constant"):
        FeatureSelector().fit(data.columns(["constant"]), np.arange(len(data)), seed=0)


def test_noise_alone_scores_about_nothing(make_panel):
    data = planted(make_panel).columns([f"noise_{i}" for i in range(20)])
    report = FeatureSelector().fit(data, np.arange(len(data)), seed=0).report
    assert abs(np.mean([row.information_score for row in report])) < 1.0


@given(seed=st.integers(0, 1000), ties=st.booleans())
@settings(max_examples=20, deadline=None)
def test_information_coefficient_equals_spearman(seed, ties):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(60, 3)).astype(np.float32)
    if ties:
        x = np.round(x)
    y = rng.normal(size=60)
    expected = [spearmanr(x[:, j], y).statistic for j in range(3)]
    np.testing.assert_allclose(information_coefficient(centred_ranks(x), y), expected, atol=1e-9)


def test_mutual_information_equals_sklearn_above_the_null():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(4000, 2)).astype(np.float32)
    x[:300, 1] = np.nan
    y = (x[:, 0] + rng.normal(size=4000) > 0).astype(float)
    cell = cells(centred_ranks(x), np.isfinite(x))
    others = [rng.permutation(y) for _ in range(8)]
    excess, score = mutual_information(cell, y, others)
    for j, use in ((0, slice(None)), (1, slice(300, None))):
        null = np.mean([mutual_info_score(cell[use, j], other[use]) for other in others])
        assert excess[j] == pytest.approx(mutual_info_score(cell[use, j], y[use]) - null, abs=1e-12)
    assert score[0] > 20 > 5 > abs(score[1])


def test_a_markets_feature_is_not_favoured_because_its_days_share_a_move(make_panel):
    """A coin per day explains nothing, yet its plain mutual information is large: few days, one common move."""
    panel = make_panel(20, 200)
    rng = np.random.default_rng(0)
    common = rng.normal(0, 0.02, 200)[panel.time_code]
    direction = (common + rng.normal(0, 0.01, len(panel)) > 0).astype(float)
    coins = np.column_stack([rng.normal(size=200)[panel.time_code] for _ in range(40)]).astype(np.float32)
    cell = cells(centred_ranks(coins), np.isfinite(coins))
    moved = moved_targets(panel.symbol_code.astype(np.int64), panel.time_code, direction, 0)
    excess, score = mutual_information(cell, direction, moved)
    plain = np.mean([mutual_info_score(cell[:, j], direction) for j in range(40)])
    assert plain > 10 * 9 / (2 * len(panel))  # ten times what independent rows would give by chance
    assert abs(excess.mean()) < 0.2 * plain
    assert (np.abs(score) < 4).all()
    returns = common + rng.normal(0, 0.01, len(panel))
    order = np.argsort(panel.time_code, kind="stable")
    t = clustered_t(centred_ranks(coins)[order], returns[order], panel.time_code[order])
    assert 0.7 < t.std() < 1.4


def test_targets_are_moved_by_the_same_days_for_every_symbol(make_panel):
    panel = make_panel(3, 40)
    code = panel.symbol_code.astype(np.int64)
    for other in moved_targets(code, panel.time_code, panel.time_code.astype(float), 1):
        move = (other - panel.time_code) % 40
        assert len(np.unique(move)) == 1
        assert move[0] > 0


def test_whole_symbols_are_left_out_when_there_are_too_many_rows(make_panel):
    data = planted(make_panel)
    wide = FeatureSelector(SelectionSettings(max_rows=700)).fit(data, np.arange(len(data)), seed=1)
    again = FeatureSelector(SelectionSettings(max_rows=700)).fit(data, np.arange(len(data)), seed=1)
    assert wide.to_dict() == again.to_dict()
    assert "curved" in wide.names


def test_time_blocks_are_in_order_and_regimes_follow_turbulence():
    day = np.repeat(np.arange("2014-01-01", "2014-07-20", dtype="M8[D]").astype("M8[us]"), 5)
    block = time_blocks(day, 4)
    assert (np.diff(block) >= 0).all()
    assert np.bincount(block).min() >= 250 - 5
    returns = np.random.default_rng(0).normal(0, np.where(np.arange(1000) < 500, 0.01, 0.05))
    regime = volatility_regimes(day, returns)
    assert regime[:400].mean() < 1.0 < regime[600:].mean()


def test_stability_is_one_for_the_strongest_everywhere():
    parts = np.array([[0.5, 0.1, -0.1], [0.4, -0.1, 0.1], [0.3, 0.05, 0.01]])
    steady = stability(np.array([0.4, 0.02, 0.01]), parts)
    assert steady[0] == 1.0
    assert steady[1] < 1.0


def test_of_two_twins_the_better_stays_unless_the_other_must():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(500, 1))
    ranks = centred_ranks(np.hstack([a, -a, rng.normal(size=(500, 1))]).astype(np.float32))
    merit = np.array([0.1, 0.2, 0.05])
    assert correlated(ranks, merit, 0.95, np.zeros(3, bool)) == {0: 1}
    assert correlated(ranks, merit, 0.95, np.array([True, False, False])) == {1: 0}


def test_elimination_ends_with_the_wanted_number_and_the_true_columns():
    rng = np.random.default_rng(0)
    x = centred_ranks(rng.normal(size=(3000, 30)).astype(np.float32))
    y = (x[:, 4] - x[:, 17] + rng.normal(0, 1, 3000) > 0).astype(float)
    known = Candidates(ranks=x, target=y, cluster=np.arange(3000), merit=np.zeros(30), keep=np.zeros(30, bool))
    left, dropped = eliminate(known, goal=2, steps=4)
    assert left.tolist() == [4, 17]
    assert set(dropped) == set(range(30)) - {4, 17}
    assert set(dropped.values()) == {1, 2, 3, 4}


def test_ridge_t_is_near_the_ordinary_t_when_the_penalty_is_small():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2000, 3))
    y = 0.1 * x[:, 0] + rng.normal(size=2000)
    centred = x - x.mean(axis=0)
    w, rss, *_ = np.linalg.lstsq(centred, y - y.mean(), rcond=None)
    se = np.sqrt(rss[0] / 1997 * np.diag(np.linalg.inv(centred.T @ centred)))
    np.testing.assert_allclose(ridge_t(x, y, np.arange(2000), 1e-9), np.abs(w / se), rtol=0.1)


@pytest.mark.slow
def test_forty_thousand_rows_by_a_hundred_features_are_quick(make_panel):
    panel = make_panel(40, 1000)
    rng = np.random.default_rng(0)
    x = rng.normal(size=(len(panel), 100)).astype(np.float32)
    data = Dataset(panel=panel, features=x, names=tuple(f"f{i}" for i in range(100)), labels=make_labels(panel))
    start = time.process_time()
    selector = FeatureSelector().fit(data, np.arange(len(panel)), seed=0)
    assert len(selector.names) <= 47
    assert time.process_time() - start < 8.0
