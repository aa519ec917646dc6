"""The whole evaluation: contents, JSON, verdict words, odd inputs, and the public names."""

from __future__ import annotations

import json
import time
from dataclasses import replace

import numpy as np
import pytest

import tradewind.evaluation as public
from tradewind.core import Outcomes, OutputError
from tradewind.evaluation import Evaluation, EvaluationSettings, evaluate_outcomes, write_json


def run_of(make_outcomes, *, skill: float, n_symbols: int = 8, n_days: int = 160, seed: int = 0) -> dict[str, Outcomes]:
    """Two models and two baselines on the same market."""

    def made(name: str, **extra: float) -> Outcomes:
        return make_outcomes(n_symbols=n_symbols, n_days=n_days, seed=seed, model=name, **extra)

    return {
        "ensemble": made("ensemble", skill=skill),
        "forest": made("forest", skill=skill / 2),
        "always_up": made("always_up", constant=0.55),
        "logistic": made("logistic", skill=0.0),
    }


def evaluated(make_outcomes, **extra: float) -> Evaluation:
    return evaluate_outcomes(run_of(make_outcomes, **extra), primary="ensemble", baselines=["always_up", "logistic"])


def test_public_names_are_sorted_and_there() -> None:
    assert public.__all__ == sorted(public.__all__)
    assert all(hasattr(public, name) for name in public.__all__)


@pytest.mark.slow
def test_json_contract(make_outcomes, tmp_path) -> None:
    found = evaluated(make_outcomes, skill=0.3)
    write_json(found, tmp_path / "metrics.json", context={"data": "abc"})
    read = json.loads((tmp_path / "metrics.json").read_text())
    for name in ("accuracy", "mcc", "brier", "ic", "rank_ic", "n"):
        assert read[name] == pytest.approx(getattr(found.main.metrics, name))
        assert set(read["models"]) == {"ensemble", "forest", "always_up", "logistic"}
        assert all(name in model for model in read["models"].values())
    assert read["models"]["always_up"]["ic"] is None
    assert read["context"] == {"data": "abc"}
    with pytest.raises(OutputError):
        write_json(found, tmp_path / "metrics.json" / "below.json")


@pytest.mark.slow
def test_words_only_where_they_belong(make_outcomes) -> None:
    skilled, lucky = evaluated(make_outcomes, skill=0.3), evaluated(make_outcomes, skill=0.0, seed=4)
    assert skilled.verdict.skill
    assert "no skill" not in json.dumps(skilled.to_dict())
    assert not lucky.verdict.skill
    assert "no skill" in json.dumps(lucky.to_dict())


def test_table_rows(make_outcomes) -> None:
    rows = evaluated(make_outcomes, skill=0.3).table()
    assert [row["model"] for row in rows] == ["ensemble", "forest", "always_up", "logistic"]
    assert all(row.keys() == rows[0].keys() for row in rows)
    assert rows[0]["skill"].startswith("yes")
    assert rows[2]["skill"].startswith("no")


def test_comparisons_name_the_better(make_outcomes) -> None:
    found = evaluated(make_outcomes, skill=0.3)
    assert found.main.comparisons["logistic"]["brier"].p_value < 0.05
    assert found.models["logistic"].comparisons["always_up"]["brier"].p_value > 0.05
    assert "logistic" not in found.models["logistic"].comparisons


@pytest.mark.slow
def test_trials_count_the_models(make_outcomes) -> None:
    outcomes = run_of(make_outcomes, skill=0.3)
    few = evaluate_outcomes(outcomes, primary="ensemble", baselines=["always_up", "logistic"])
    many = evaluate_outcomes(
        outcomes, primary="ensemble", baselines=["always_up", "logistic"], settings=EvaluationSettings(trials=500)
    )
    assert few.settings.backtest.n_trials == 2
    assert many.main.portfolio.stats.deflated_sharpe < few.main.portfolio.stats.deflated_sharpe


@pytest.mark.slow
def test_seed_repeats(make_outcomes) -> None:
    assert evaluated(make_outcomes, skill=0.1).to_dict() == evaluated(make_outcomes, skill=0.1).to_dict()


def test_train_and_learning_curve(make_outcomes) -> None:
    outcomes = run_of(make_outcomes, skill=0.1)
    train = {"ensemble": make_outcomes(skill=0.9, seed=9), "logistic": outcomes["logistic"]}
    found = evaluate_outcomes(outcomes, primary="ensemble", baselines=["logistic"], train=train)
    assert found.overfit["ensemble"].overfits
    assert "logistic" not in found.overfit


@pytest.mark.parametrize("label", [0.0, 1.0, np.nan])
def test_one_class_or_none(make_outcomes, label: float) -> None:
    outcomes = {
        name: replace(found, direction=np.full(len(found), label))
        for name, found in run_of(make_outcomes, skill=0.2, n_days=30).items()
    }
    found = evaluate_outcomes(outcomes, primary="ensemble", baselines=["always_up"])
    assert not found.verdict.skill
    json.dumps(found.to_dict(), allow_nan=False)
    if not np.isnan(label):
        assert found.main.metrics.mcc == 0.0


@pytest.mark.parametrize("n_days", [0, 1, 2, 30])
def test_one_symbol_few_days(make_outcomes, n_days: int) -> None:
    outcomes = {
        name: found.select(np.arange(30) < n_days)
        for name, found in run_of(make_outcomes, skill=0.2, n_symbols=1, n_days=30).items()
    }
    found = evaluate_outcomes(outcomes, primary="ensemble", baselines=["always_up"])
    json.dumps(found.to_dict(), allow_nan=False)
    found.table()


def test_unknown_names_are_refused(make_outcomes) -> None:
    with pytest.raises(ValueError, match="stranger"):
        evaluate_outcomes(run_of(make_outcomes, skill=0.0, n_days=5), primary="stranger")


@pytest.mark.slow
def test_ten_models_of_thirty_thousand_rows_are_fast(make_outcomes) -> None:
    outcomes = {
        f"m{i}": make_outcomes(n_symbols=88, n_days=341, skill=0.02 * i, seed=i, model=f"m{i}") for i in range(10)
    }
    start = time.process_time()
    evaluate_outcomes(outcomes, primary="m9", baselines=["m0", "m1", "m2"])
    assert time.process_time() - start < 15
