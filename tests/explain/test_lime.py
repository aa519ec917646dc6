"""LIME: exact on a line, seeded, honest where no line fits, and near Shapley values on the ensemble."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import InputError
from tradewind.explain.lime import LimeSettings, Neighbourhood, explain_by_lime
from tradewind.explain.probe import Probe, ensemble_odds, look_back
from tradewind.explain.shapley import Explainer


@pytest.fixture(scope="module")
def prepared(fitted):
    return fitted.model.prepare(fitted.data, None)


@pytest.fixture(scope="module")
def near(fitted, prepared):
    return Neighbourhood.of(prepared, fitted.train)


def line_probe(prepared, rows, slope):
    return Probe(prepared, rows, lambda data, r: data.features[r].astype(np.float64) @ slope + 0.25, look_back=3)


@pytest.mark.parametrize("neighbours", ["independent", "covariance"])
def test_a_line_is_found_again(fitted, prepared, near, neighbours: str):
    slope = np.zeros(len(prepared.names))
    slope[[0, 3]] = [0.8, -0.5]
    probe = line_probe(prepared, fitted.test[:4], slope)
    found = explain_by_lime(probe, 2, near, LimeSettings(neighbours=neighbours, ridge=0.0, features=19))
    varies = near.scale > 1e-6
    fitted_line = near.root.T @ found.slope  # copies of a column may share its slope; what they do together may not
    assert fitted_line == pytest.approx(near.root.T @ slope, abs=1e-3)
    if neighbours == "independent":
        assert found.slope[varies] == pytest.approx(slope[varies], abs=1e-3)
        assert {name for name, _, _ in found.top(2)} == {"return_1", "return_20"}
    assert found.r2 == pytest.approx(1.0, abs=1e-6)
    assert found.local == pytest.approx(found.log_odds, abs=1e-3)
    assert found.effect == pytest.approx(found.slope * (probe.inputs[2] - near.mean))
    assert found.verdict == "steady" or neighbours == "covariance"


def test_the_lasso_takes_the_columns_that_count(fitted, prepared, near):
    slope = np.zeros(len(prepared.names))
    slope[[1, 6]] = [1.0, 0.6]
    found = explain_by_lime(line_probe(prepared, fitted.test[:1], slope), 0, near, LimeSettings(features=2))
    assert set(np.flatnonzero(found.slope)) == {1, 6}
    assert found.overlap == 1.0
    assert np.all(found.deviation[[1, 6]] < 0.05)


def test_two_copies_of_a_column_are_borne(fitted, prepared):
    features = prepared.features.copy()
    features[:, 1] = features[:, 0]
    data = replace(prepared, features=features)
    slope = np.zeros(len(prepared.names))
    slope[0] = 1.0
    near = Neighbourhood.of(data, fitted.train)
    found = explain_by_lime(
        line_probe(data, fitted.test[:1], slope), 0, near, LimeSettings(neighbours="covariance", features=3)
    )
    assert found.slope[:2].sum() == pytest.approx(1.0, abs=0.05)
    assert found.r2 > 0.99


def test_a_model_that_no_line_describes_is_said_to_be_so(fitted, prepared, near):
    probe = Probe(prepared, fitted.test[:1], lambda data, rows: np.cos(9.0 * data.features[rows].sum(axis=1)))
    found = explain_by_lime(probe, 0, near)
    assert found.r2 < 0.2
    assert found.verdict == "a straight line does not describe the model here"
    assert found.steadiness < 0.5
    assert found.to_dict()["verdict"] == found.verdict


def test_the_seed_decides(fitted, prepared, near):
    probe = Probe(prepared, fitted.test[:2], ensemble_odds(fitted.model), look_back=look_back(fitted.model))
    s = LimeSettings(samples=100, repeats=2)
    first = explain_by_lime(probe, 1, near, s)
    alone = Probe(prepared, fitted.test[1:2], ensemble_odds(fitted.model), look_back=look_back(fitted.model))
    assert explain_by_lime(alone, 0, near, s).slope == pytest.approx(first.slope)  # whatever stands beside the row
    other = explain_by_lime(probe, 1, near, s.model_copy(update={"seed": 8}))
    assert not np.allclose(other.slope, first.slope)


def test_lines_near_the_ensembles_rows_agree_with_shapley_values(fitted, prepared, near):
    rows = fitted.test[::170]
    probe = Probe(prepared, rows, ensemble_odds(fitted.model), look_back=look_back(fitted.model))
    values = Explainer.of_prepared(fitted.model, prepared, fitted.train).explain_prepared(prepared, rows).log_odds
    found = [explain_by_lime(probe, i, near, LimeSettings(samples=400, repeats=3)) for i in range(len(rows))]
    agreement = [one.agreement(v) for one, v in zip(found, values, strict=True)]
    assert np.mean(agreement) > 0.5
    backwards = [one.agreement(-v) for one, v in zip(found, values, strict=True)]
    assert np.mean(backwards) == pytest.approx(-np.mean(agreement))
    assert np.mean([one.r2 for one in found]) > 0.4


def test_a_neighbourhood_needs_rows(prepared):
    with pytest.raises(InputError, match="neighbourhood"):
        Neighbourhood.of(prepared, np.array([0, 1]))


@pytest.mark.parametrize("neighbours", ["independent", "covariance"])
def test_flags_are_drawn_at_their_levels_as_often_as_in_training(fitted, prepared, neighbours: str):
    share, rng = 0.1, np.random.default_rng(0)
    scale = np.sqrt(share * (1.0 - share))
    on = (rng.random(len(prepared)) < share).astype(np.float64)
    features = prepared.features.copy()
    features[:, 0] = (on - share) / scale
    data = replace(prepared, features=features)
    low, high = np.unique(features[:, 0])
    seen = []

    def cut(data, rows):  # a boosted tree cuts at the very upper level
        seen.append(data.features[rows, 0])
        return 2.0 * (data.features[rows, 0] >= high)

    near = Neighbourhood.of(data, fitted.train)
    off = fitted.test[features[fitted.test, 0] == low][:1]
    found = explain_by_lime(Probe(data, off, cut), 0, near, LimeSettings(neighbours=neighbours, ridge=0.0))
    drawn = np.concatenate(seen)
    assert set(np.unique(drawn)) == {low, high}
    assert np.mean(drawn == high) == pytest.approx(share, abs=0.03)
    assert found.slope[0] == pytest.approx(2.0 * scale, rel=0.02)  # two in log odds for the whole step
