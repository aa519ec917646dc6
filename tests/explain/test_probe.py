"""Rows cut out with their past: unchanged they give the model's own forecasts, changed they touch nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.core import UsageError
from tradewind.explain.probe import Probe, ensemble_odds, look_back, sampled
from tradewind.models import Ensemble
from tradewind.models.nets.graph import GraphForecaster


@pytest.fixture(scope="module")
def prepared(fitted):
    return fitted.model.prepare(fitted.data, None)


def test_rows_cut_out_give_the_forecasts_they_give_in_the_panel(fitted, prepared):
    odds = ensemble_odds(fitted.model)
    first = prepared.panel.offsets[:-1]
    rows = np.concatenate([fitted.test[::40], first, first + 3])  # the first bars have less than a window behind them
    probe = Probe(prepared, rows, odds, look_back=look_back(fitted.model))
    assert look_back(fitted.model) == 20
    assert probe.length.min() == 1
    assert probe.own_odds() == pytest.approx(odds(prepared, rows), abs=1e-6)
    assert np.array_equal(probe.inputs, prepared.features[rows])
    again = probe.odds_of(probe.values[[2, 2, 0]], np.array([2, 2, 0]))
    assert again == pytest.approx(odds(prepared, rows[[2, 2, 0]]), abs=1e-6)


def test_a_row_is_moved_with_its_whole_path_and_alone(prepared):
    seen = []

    def odds(data, rows):
        seen.append(data)
        return data.features[rows, 0].astype(np.float64)

    rows = np.array([40, 41])
    probe = Probe(prepared, rows, odds, look_back=5)
    moved = probe.moved(np.array([0, 1]), 0, np.array([9.0, -9.0]))
    assert probe.odds_of(moved, np.array([0, 1])) == pytest.approx([9.0, -9.0])
    first, second = seen[0].features[:5], seen[0].features[5:]
    for cut, row, goal in ((first, 40, 9.0), (second, 41, -9.0)):
        own = prepared.features[row - 4 : row + 1]
        shift = goal - own[-1, 0]
        assert cut[:, 0] == pytest.approx(own[:, 0] + shift, abs=1e-5)
        assert np.array_equal(cut[:, 1:], own[:, 1:])
    assert np.array_equal(seen[0].panel.close[:5], prepared.panel.close[36:41])
    assert np.isnan(seen[0].labels.direction).all()


def test_a_flag_is_moved_to_its_very_other_level(prepared):
    share = np.random.default_rng(0).uniform(0.02, 0.5, 200)
    scale = np.sqrt(share * (1.0 - share)).astype(np.float32)
    off, on = -share.astype(np.float32) / scale, (np.float32(1.0) - share.astype(np.float32)) / scale
    rows = np.arange(100, 300)
    features = prepared.features.copy()
    features[rows, 0] = off
    probe = Probe(prepared.with_features(features, prepared.names), rows, lambda data, r: data.features[r, 0])
    assert np.array_equal(probe.moved(np.arange(200), 0, on.astype(np.float64))[:, -1, 0], on)


def test_questions_are_asked_in_parts_that_fit_in_memory(prepared, monkeypatch):
    sizes = []

    def odds(data, rows):
        sizes.append(len(rows))
        return data.features[rows, 0].astype(np.float64)

    probe = Probe(prepared, np.arange(100, 110), odds)
    monkeypatch.setattr("tradewind.explain.probe.MOST_VALUES", 3 * len(prepared.names))
    assert np.array_equal(probe.own_odds(), prepared.features[100:110, 0].astype(np.float64))
    assert sizes == [3, 3, 3, 1]


def test_a_member_that_reads_other_stocks_is_refused(fitted):
    class Model:
        ensemble = Ensemble([GraphForecaster()])

    Model.ensemble._members = Model.ensemble._templates
    with pytest.raises(UsageError, match="'graph' reads the bars of other stocks"):
        look_back(Model)


def test_a_sample_is_seeded_ordered_and_never_larger():
    rows = np.arange(10, 60)
    assert np.array_equal(sampled(rows, 50, 0), rows)
    some = sampled(rows, 7, 3)
    assert len(set(some)) == 7
    assert np.all(np.diff(some) > 0)
    assert np.array_equal(some, sampled(rows, 7, 3))
    assert not np.array_equal(some, sampled(rows, 7, 4))
