"""Effects of one column: golden against scikit-learn, lines, and correlated columns."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.inspection import partial_dependence as sklearns

from tradewind.core import Dataset, InputError, Labels
from tradewind.explain.effects import EffectSettings, accumulated_effect, partial_dependence, quantile_grid
from tradewind.explain.probe import Probe, ensemble_odds, look_back

SLOPE = np.array([0.7, -0.3, 0.0])


def raw(column, values):
    return 10.0 * np.asarray(values, dtype=np.float64) + 100.0


def table_of(make_panel, values: np.ndarray) -> Dataset:
    panel = make_panel(4, len(values) // 4)
    nan = np.full(len(panel), np.nan)
    labels = Labels(start=panel.time, end=panel.time, direction=nan, forward_return=nan, horizon=1)
    names = tuple(f"x{i}" for i in range(values.shape[1]))
    return Dataset(panel=panel, features=values.astype(np.float32), names=names, labels=labels)


def probe_of(make_panel, values: np.ndarray, function) -> Probe:
    data = table_of(make_panel, values)
    return Probe(data, np.arange(len(data)), lambda d, rows: function(d.features[rows].astype(np.float64)))


@pytest.fixture(scope="module")
def normal() -> np.ndarray:
    return np.random.default_rng(0).standard_normal((800, 3))


def test_the_effects_of_a_line_are_its_slopes(make_panel, normal):
    probe = probe_of(make_panel, normal, lambda x: x @ SLOPE + 0.4)
    for column, slope in zip(probe.names, SLOPE, strict=True):
        for effect in (accumulated_effect(probe, column, raw), partial_dependence(probe, column, raw)):
            assert np.diff(effect.value) == pytest.approx(slope * np.diff(effect.grid), abs=1e-5)
            assert effect.raw == pytest.approx(10.0 * effect.grid + 100.0)
            assert effect.warning == ""
    ale = accumulated_effect(probe, "x0", raw)
    inside = np.interp(normal[:, 0], ale.grid, ale.value)
    assert abs(inside.mean()) < 0.05  # centred over the rows
    pdp = partial_dependence(probe, "x0", raw)
    assert pdp.ice.shape == (30, len(pdp.grid))
    assert pdp.centred_ice == pytest.approx(np.tile(0.7 * (pdp.grid - pdp.grid[0]), (30, 1)), abs=1e-5)
    assert pdp.spread == pytest.approx(np.zeros(len(pdp.grid)), abs=1e-5)
    assert np.all(pdp.lower <= pdp.value)
    assert np.all(pdp.value <= pdp.upper)


def test_partial_dependence_and_single_rows_agree_with_scikit_learn(make_panel, normal):
    values = normal.astype(np.float32).astype(np.float64)
    values[:, 1] = np.round(2.0 * values[:, 1]).clip(-3, 3)
    rose = values[:, 0] * values[:, 1] + values[:, 2] > 0
    model = GradientBoostingClassifier(n_estimators=20, random_state=0).fit(values, rose)
    theirs = sklearns(
        model, values, [1], kind="both", method="brute", response_method="decision_function", grid_resolution=50
    )
    probe = probe_of(make_panel, values, model.decision_function)
    ours = partial_dependence(probe, "x1", raw, EffectSettings(bins=60, margin=0.0, rows=800, shown=800))
    assert ours.grid == pytest.approx(theirs["grid_values"][0])
    assert ours.value == pytest.approx(theirs["average"][0], abs=1e-6)
    assert ours.ice == pytest.approx(theirs["individual"][0], abs=1e-6)
    assert ours.spread.max() > 0.3  # x1 works through x0: single rows go both ways


def test_accumulated_effects_stay_where_there_are_data(make_panel, normal):
    values = normal.copy()
    values[:, 1] = values[:, 0] + 0.1 * values[:, 1]

    def model(x):  # a cliff where x0 and x1 lie apart, which they never do
        return x[:, 0] + 50.0 * (np.abs(x[:, 0] - x[:, 1]) > 1.0)

    probe = probe_of(make_panel, values, model)
    ale, pdp = accumulated_effect(probe, "x0", raw), partial_dependence(probe, "x0", raw)
    assert np.diff(ale.value) == pytest.approx(np.diff(ale.grid), abs=0.05)
    assert pdp.range > 10.0
    assert "read the accumulated local effect" in pdp.warning
    assert list(ale.entangled) == ["x1"]
    assert ale.entangled["x1"] > 0.95


def test_an_effect_of_rare_rows_has_a_wide_interval(make_panel, normal):
    probe = probe_of(make_panel, normal, lambda x: x[:, 0] * x[:, 1])
    ale = accumulated_effect(probe, "x0", raw)
    assert np.all(ale.lower <= ale.upper)
    assert ale.lower[0] < 0.0 < ale.upper[0]  # x1 has mean 0: no effect on the whole
    assert partial_dependence(probe, "x0", raw).spread.max() > 1.0


def test_the_grid_lies_inside_the_data():
    values = np.random.default_rng(1).standard_normal(1000)
    grid = quantile_grid(values, EffectSettings(bins=10, margin=0.05))
    assert len(grid) == 11
    assert np.all(np.isin(grid, values))
    assert np.mean(values < grid[0]) == pytest.approx(0.05, abs=0.002)
    flag = (values > 2.5).astype(float)
    assert quantile_grid(flag, EffectSettings()).tolist() == [0.0, 1.0]


def test_what_has_no_effect_to_show_is_refused(make_panel, normal):
    values = normal.copy()
    values[:, 2] = 3.0
    probe = probe_of(make_panel, values, lambda x: x[:, 0])
    with pytest.raises(InputError, match="x2 does not vary"):
        accumulated_effect(probe, "x2", raw)
    with pytest.raises(InputError, match="no prepared column 'y'"):
        partial_dependence(probe, "y", raw)


def test_the_ensemble_answers_to_planted_momentum_in_raw_units(fitted):
    prepared = fitted.model.prepare(fitted.data, None)
    probe = Probe(prepared, fitted.test[::5], ensemble_odds(fitted.model), look_back=look_back(fitted.model))
    ale = accumulated_effect(probe, "return_5", fitted.model.preprocessor.to_raw)
    assert ale.value[-1] - ale.value[0] > 0.3
    assert ale.upper[0] < 0.0 < ale.lower[-1]
    own = fitted.data.features[fitted.test, fitted.data.names.index("return_5")]
    assert own.min() <= ale.raw[0] < 0.0 < ale.raw[-1] <= own.max()
    jump = ale.raw[1:][np.argmax(np.diff(ale.value))]
    assert abs(jump) < 0.03  # the planted rule is the sign of the trailing return
