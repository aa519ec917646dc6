"""Stability of importance and its drift."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from tradewind.core import InputError, UsageError
from tradewind.explain.importance import ImportanceSettings, importance_drift, stability
from tradewind.explain.importance.stability import concordance, top_overlap

NAMES = tuple("abcdefgh")
DAYS = np.arange("2020-01-01", "2020-10-01", dtype="datetime64[D]").astype("datetime64[us]")
TIME = np.repeat(DAYS, 4)
SIZE = np.linspace(0.02, 0.001, len(NAMES))


def drawn(size: np.ndarray = SIZE, seed: int = 0) -> np.ndarray:
    """Contributions whose size lingers from day to day, as volatility does."""
    rng = np.random.default_rng(seed)
    level = np.zeros((len(DAYS), len(size)))
    for day in range(1, len(DAYS)):
        level[day] = 0.8 * level[day - 1] + 0.2 * rng.standard_normal(len(size))
    of_row = np.exp(np.repeat(level, 4, axis=0))
    return rng.standard_normal((len(TIME), len(size))) * size * of_row


def test_an_order_that_never_changes_is_stable():
    values = np.tile(SIZE, (len(TIME), 1))
    found = stability(values, NAMES, TIME)
    assert found.periods == tuple(f"2020-0{m}" for m in range(1, 10))
    assert found.concordance == pytest.approx(1.0)
    assert found.chance < 1e-6
    assert found.successive == pytest.approx([1.0] * 8)
    assert found.overlap == pytest.approx([1.0] * 8)
    assert found.importance == pytest.approx(np.tile(SIZE, (9, 1)))
    assert "is stable" in found.verdict


def test_an_order_of_chance_is_not():
    rng = np.random.default_rng(0)
    month = TIME.astype("datetime64[M]").astype(int)
    values = rng.random((month.max() + 1, len(NAMES)))[month]
    found = stability(values, NAMES, TIME, ImportanceSettings(top=3))
    assert found.concordance < 0.35
    assert "not stable" in found.verdict
    assert np.mean(found.overlap) < 0.8


def test_quarters_and_short_periods():
    found = stability(drawn(), NAMES, TIME, ImportanceSettings(period="quarter"))
    assert found.periods == ("2020-01", "2020-04", "2020-07")
    one = stability(drawn()[:8], NAMES, TIME[:8])
    assert one.periods == ()
    assert one.verdict == "too few periods to say"
    with pytest.raises(InputError, match="no explained rows"):
        stability(np.empty((0, 8)), NAMES, TIME[:0])


@pytest.mark.parametrize("digits", [8, 1])
def test_concordance_is_friedmans_statistic(digits: int):
    table = np.round(np.random.default_rng(2).random((6, 5)), digits)  # one digit: ties
    w, p = concordance(table)
    expected = stats.friedmanchisquare(*table.T)
    assert 6 * 4 * w == pytest.approx(expected.statistic)
    assert p == pytest.approx(expected.pvalue)


def test_concordance_of_no_order_is_not_known():
    assert np.isnan(concordance(np.ones((4, 5)))).all()
    assert np.isnan(concordance(np.ones((1, 5)))).all()
    assert top_overlap(np.array([3.0, 2.0, 0.0]), np.array([0.0, 2.0, 3.0]), 2) == 0.5


def test_importance_that_moves_has_drifted_and_says_where():
    values = drawn()
    current = np.datetime64("2020-06-01") <= TIME
    values[current, 0] *= 0.2
    values[current, 7] *= 20.0
    found = importance_drift(values, NAMES, TIME, current)
    assert found.verdict == "importance has drifted"
    assert found.distance > 0.2
    assert found.p <= 0.01
    assert {part.name for part in found.parts[:2]} == {"a", "h"}
    assert all(part.p <= 0.05 for part in found.parts[:2])
    assert found.days == (152, 122)
    assert found.agreement < 0.7


def test_a_small_change_is_told_from_a_large_one():
    rng = np.random.default_rng(0)
    values = np.tile(SIZE, (len(TIME), 1)) * (1.0 + 0.01 * rng.standard_normal((len(TIME), len(NAMES))))
    current = np.datetime64("2020-06-01") <= TIME
    values[current, 0] *= 1.05
    found = importance_drift(values, NAMES, TIME, current)
    assert found.p <= 0.05
    assert not found.drifted
    assert found.verdict == "importance moved beyond chance, but little"


def test_days_that_resemble_their_neighbours_are_not_called_drift():
    settings = ImportanceSettings(permutations=99, drift_size=0.0)
    current = np.datetime64("2020-06-01") <= TIME
    p = [importance_drift(drawn(seed=seed), NAMES, TIME, current, settings).p for seed in range(60)]
    assert np.mean(np.array(p) <= 0.05) <= 0.12
    assert np.mean(p) > 0.3


def test_too_few_days_give_no_verdict_and_one_period_is_refused():
    values = drawn()
    late = np.datetime64("2020-09-20") <= TIME
    found = importance_drift(values, NAMES, TIME, late)
    assert np.isnan(found.p)
    assert not found.drifted
    assert "too few days" in found.verdict
    with pytest.raises(UsageError, match="both periods"):
        importance_drift(values, NAMES, TIME, np.zeros(len(TIME), dtype=bool))
