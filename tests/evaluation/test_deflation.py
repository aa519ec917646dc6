"""The best of many tries without skill is not called skilled; a planted signal is."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tradewind.core import Outcomes
from tradewind.evaluation import EvaluationSettings, SignificanceSettings, deflate, evaluate_outcomes, skill_verdict
from tradewind.evaluation.chance import effective_trials, sidak
from tradewind.evaluation.sharpe_inference import expected_best_sharpe

Maker = Callable[..., Outcomes]
TRIES, WALKS = 20, 150


def best_of(make_outcomes: Maker, walk: int) -> Outcomes:
    """Return the most significant of ``TRIES`` random forecasters."""
    tries = [make_outcomes(4, 63, seed=1000 * walk + k) for k in range(TRIES)]
    return min(tries, key=lambda found: skill_verdict(found).p_value)


@pytest.mark.slow
def test_the_best_of_many_random_forecasters_has_no_skill(make_outcomes: Maker) -> None:
    best = [best_of(make_outcomes, walk) for walk in range(WALKS)]
    naive = np.mean([skill_verdict(found).skill for found in best])
    deflated = np.mean([skill_verdict(found, trials=TRIES).skill for found in best])
    assert naive > 0.4  # without the correction the search finds "skill"
    assert deflated < 0.05 + 2 * np.sqrt(0.05 * 0.95 / WALKS)


def test_a_planted_signal_survives(make_outcomes: Maker) -> None:
    found = make_outcomes(10, 120, skill=0.3, seed=1)
    verdict = skill_verdict(found, trials=TRIES)
    assert verdict.skill
    assert f"best of {TRIES} variants" in verdict.words
    assert verdict.p_value < verdict.deflated_p_value < 0.05


@pytest.mark.slow
def test_expected_best_is_what_the_best_shows(make_outcomes: Maker) -> None:
    values, bars = [], []
    for walk in range(40):
        found = [
            deflate(make_outcomes(4, 63, seed=50_000 + 1000 * walk + k), trials=TRIES).accuracy for k in range(TRIES)
        ]
        best = max(found, key=lambda f: f.value - f.null)
        values.append(best.value - best.null)
        bars.append(np.mean([f.expected_best - f.null for f in found]))
    assert np.mean(values) == pytest.approx(np.mean(bars), rel=0.12)


def test_one_try_is_as_before(make_outcomes: Maker) -> None:
    found = make_outcomes(skill=0.1, seed=2)
    verdict = skill_verdict(found)
    assert verdict.trials == 1
    assert verdict.judged_p == verdict.p_value == verdict.deflated_p_value
    assert "variants" not in verdict.words
    one = deflate(found, trials=1).accuracy
    assert one.deflated == one.value
    assert one.deflated_p_value == pytest.approx(one.p_value) == pytest.approx(verdict.p_value)


def test_formulas() -> None:
    assert sidak(0.01, 1) == pytest.approx(0.01)
    assert sidak(0.01, 20) == pytest.approx(1 - 0.99**20)
    assert sidak(1.0, 20) == 1.0
    assert np.isnan(sidak(float("nan"), 20))
    assert effective_trials(20) == 20
    assert effective_trials(20, 1.0) == 1
    assert effective_trials(20, 0.5) == pytest.approx(10.5)
    assert expected_best_sharpe(1.2, 1.0) >= 0


def test_alike_variants_count_less(make_outcomes: Maker) -> None:
    found = make_outcomes(skill=0.1, seed=5)
    apart = skill_verdict(found, trials=50).deflated_p_value
    alike = skill_verdict(found, SignificanceSettings(trial_correlation=0.9), trials=50).deflated_p_value
    assert skill_verdict(found).p_value < alike < apart


def test_too_few_days(make_outcomes: Maker) -> None:
    found = deflate(make_outcomes(4, 5), trials=9)
    assert np.isnan(found.accuracy.deflated_p_value)
    assert "too few days" in found.words


def test_baselines_are_not_corrected_and_the_json_says_how_many_were_tried(make_outcomes: Maker) -> None:
    outcomes = {"model": make_outcomes(skill=0.2), "base": make_outcomes(seed=4, model="base")}
    found = evaluate_outcomes(outcomes, primary="model", baselines=["base"], settings=EvaluationSettings(trials=30))
    assert found.models["base"].verdict.trials == 1
    content = found.to_dict()
    assert content["deflation"]["trials"] == content["verdict"]["trials"] == 30
    assert "30 variants were tried; the best of 30 without skill would show" in content["deflation"]["words"]
    assert content["deflation"]["accuracy"]["deflated_p_value"] == pytest.approx(content["verdict"]["deflated_p_value"])
