"""Groups of correlated columns, and shuffles that keep days and paths whole."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from tradewind.core import InputError
from tradewind.explain.importance import correlated_groups, rank_correlation
from tradewind.explain.importance.shuffle import between_blocks, between_symbols, differs_within_day, with_shuffled


def test_rank_correlation_is_scipys():
    rng = np.random.default_rng(0)
    table = rng.standard_normal((80, 4))
    table[:, 3] = np.round(table[:, 0])  # ties
    assert rank_correlation(table) == pytest.approx(np.asarray(spearmanr(table).statistic), abs=1e-12)
    table[:, 1] = 7.0
    assert rank_correlation(table)[1].tolist() == [0.0, 1.0, 0.0, 0.0]


def test_correlated_columns_share_a_group_whatever_their_sign(plain_data):
    data = plain_data(q=5)
    features = data.features.copy()
    features[:, 2] = np.exp(features[:, 0]) + 0.05 * features[:, 2]
    features[:, 4] = -features[:, 0] + 0.1 * features[:, 4]
    data = data.with_features(features, data.names)
    rows = np.arange(len(data))
    assert correlated_groups(data, rows, 0.7) == (("x0", "x2", "x4"), ("x1",), ("x3",))
    assert len(correlated_groups(data, rows, 0.999)) == 5
    with pytest.raises(InputError, match="training rows"):
        correlated_groups(data, rows[:2])


def test_groups_are_learned_from_training_rows_alone(plain_data):
    data = plain_data(q=3)
    train, later = np.arange(len(data) // 2), np.arange(len(data) // 2, len(data))
    features = data.features.copy()
    features[later, 1] = features[later, 0]
    assert len(correlated_groups(data.with_features(features, data.names), train)) == 3


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), block=st.integers(1, 400))
def test_a_shuffle_between_symbols_keeps_every_day_and_moves_every_row(make_panel, seed: int, block: int):
    panel = make_panel(5, 90, seed=3, gaps=True)
    source = between_symbols(panel, block, np.random.default_rng(seed))
    assert sorted(source) == list(range(len(panel)))
    assert np.array_equal(panel.time[source], panel.time)
    crowd = np.bincount(panel.time_code)[panel.time_code] > 1
    assert np.all(panel.symbol_code[source][crowd] != panel.symbol_code[crowd])


def test_inside_a_block_a_symbol_takes_one_path(make_panel):
    panel = make_panel(5, 60)
    giver = panel.symbol_code[between_symbols(panel, 20, np.random.default_rng(0))]
    for block in range(3):
        inside = panel.time_code // 20 == block
        assert len(set(zip(panel.symbol_code[inside], giver[inside], strict=True))) == 5
    assert len(set(zip(panel.symbol_code, giver, strict=True))) > 5


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 1000), block=st.integers(1, 200))
def test_a_shuffle_of_blocks_keeps_symbols_and_what_a_day_shares(make_panel, seed: int, block: int):
    panel = make_panel(4, 80)
    source = between_blocks(panel, block, np.random.default_rng(seed))
    assert sorted(source) == list(range(len(panel)))
    assert np.array_equal(panel.symbol_code[source], panel.symbol_code)
    pairs = set(zip(panel.time_code, panel.time_code[source], strict=True))
    assert len(pairs) == 80  # every symbol takes the same day
    ragged = make_panel(4, 80, seed=1, gaps=True)
    source = between_blocks(ragged, block, np.random.default_rng(seed))
    assert np.array_equal(ragged.symbol_code[source], ragged.symbol_code)


def test_what_a_day_shares_is_told_from_what_differs(plain_data):
    data = plain_data(q=2)
    features = data.features.copy()
    features[:, 1] = np.sin(data.panel.time_code)
    data = data.with_features(features, data.names)
    assert differs_within_day(data, np.array([0]))
    assert not differs_within_day(data, np.array([1]))
    assert not differs_within_day(data, np.array([0, 1]))  # a shuffle between symbols would leave the second in place
    flat = data.with_features(np.column_stack([data.features[:, 0], np.ones(len(data))]), data.names)
    assert differs_within_day(flat, np.array([0, 1]))  # what never varies has no say
    moved = with_shuffled(data, np.array([1]), between_symbols(data.panel, 5, np.random.default_rng(0)))
    assert np.array_equal(moved.features, data.features)  # so such columns are shuffled by blocks
