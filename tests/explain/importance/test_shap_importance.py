"""Importance from Shapley values: sums, signs, intervals over days."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.explain.attribution import Attribution
from tradewind.explain.importance import ImportanceSettings, shap_importance

NAMES = ("return_5", "return_5_missing", "rsi_14", "realised_volatility_20")
DAYS = np.repeat(np.arange("2020-01-01", "2020-03-01", dtype="datetime64[D]"), 5).astype("datetime64[us]")


def attribution_of(values: np.ndarray, inputs: np.ndarray | None = None) -> Attribution:
    shown = np.zeros_like(values, dtype=np.float32) if inputs is None else inputs.astype(np.float32)
    return Attribution(
        rows=np.arange(len(values)), names=NAMES, inputs=shown, base=0.5, probability=0.5 + values.sum(axis=1),
        values=values, base_log_odds=0.0, log_odds=4.0 * values, members={},
    )  # fmt: skip


@pytest.fixture
def values() -> np.ndarray:
    return np.random.default_rng(1).normal(0.0, [0.04, 0.005, 0.02, 0.01], size=(len(DAYS), 4))


def test_importance_is_the_mean_absolute_contribution_largest_first(values):
    found = shap_importance(attribution_of(values), DAYS)
    expected = np.abs(values).mean(axis=0)
    assert [part.name for part in found.columns] == [NAMES[i] for i in np.argsort(-expected)]
    for part in found.columns:
        i = NAMES.index(part.name)
        assert part.importance.value == pytest.approx(expected[i])
        assert part.mean == pytest.approx(values[:, i].mean())
        assert part.importance.lower < part.importance.value < part.importance.upper
        assert part.share.lower < part.share.value < part.share.upper
    assert sum(part.share.value for part in found.columns) == pytest.approx(1.0)
    assert (found.rows, found.days) == (len(DAYS), len(np.unique(DAYS)))


def test_a_flag_counts_to_its_feature_and_features_to_their_group(values):
    values[:, 1] = -values[:, 0]  # the flag takes back what the feature gives
    found = shap_importance(attribution_of(values), DAYS)
    features = {part.name: part.importance.value for part in found.features}
    assert set(features) == {"return_5", "rsi_14", "realised_volatility_20"}
    assert features["return_5"] == pytest.approx(0.0, abs=1e-12)
    groups = {part.name: part.importance.value for part in found.groups}
    assert groups["momentum"] == pytest.approx(np.abs(values[:, 2]).mean())
    assert groups["volatility"] == pytest.approx(np.abs(values[:, 3]).mean())


def test_trend_says_which_way_a_column_pushes(values):
    inputs = np.column_stack([values[:, 0], -values[:, 1], np.ones(len(values)), np.abs(values[:, 3])])
    trend = {part.name: part.trend for part in shap_importance(attribution_of(values, inputs), DAYS).columns}
    assert trend["return_5"] == pytest.approx(1.0, abs=1e-6)
    assert trend["return_5_missing"] == pytest.approx(-1.0, abs=1e-6)
    assert np.isnan(trend["rsi_14"])  # the input does not vary
    assert abs(trend["realised_volatility_20"]) < 0.5


def test_intervals_count_days_not_rows():
    rng = np.random.default_rng(0)
    of_day = rng.lognormal(-4.0, 0.8, size=60)
    together = np.zeros((300, 4))
    together[:, 0] = np.repeat(of_day, 5)  # five symbols that move as one
    alone = np.zeros((300, 4))
    alone[:, 0] = rng.permutation(together[:, 0])
    settings = ImportanceSettings(block=1)

    def width(table: np.ndarray) -> float:
        part = shap_importance(attribution_of(table), DAYS, settings).columns[0]
        return part.importance.upper - part.importance.lower

    assert width(together) > 1.6 * width(alone)


def test_times_must_fit_the_rows(values):
    with pytest.raises(ValueError, match="one for each"):
        shap_importance(attribution_of(values), DAYS[:-1])
