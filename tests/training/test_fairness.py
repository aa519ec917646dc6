"""Groups are told apart, weighed alike and penalised, and nothing changes where nothing is asked for."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import Dataset, UsageError
from tradewind.core.arrays import IntArray
from tradewind.data import MarketSettings, simulate
from tradewind.evaluation import parity_curve_record
from tradewind.features import SelectionSettings
from tradewind.models import EnsembleSettings, ModelSettings
from tradewind.training import (
    FairnessSettings,
    Job,
    TrainingSettings,
    build_dataset,
    fairness_curve,
    fit_model,
    with_parity,
)
from tradewind.training.fairness import MOST, group_names, reweighed, with_groups
from tradewind.validation import Split, holdout

QUICK = TrainingSettings(
    models=("xgboost", "logistic"),
    baselines=("always_up",),
    selection=SelectionSettings(n_features=8),
    ensemble=EnsembleSettings(inner_folds=2),
)


@pytest.fixture(scope="module")
def market() -> tuple[Dataset, Split]:
    """Two sectors; "Up" rises on 70 % of days, which a feature gives away, and both follow a signal."""
    panel = simulate(MarketSettings(kind="news", n_symbols=8, n_days=420, ceiling=0.8, seed=1)).panel
    panel = replace(panel, sectors=tuple("Up" if i % 2 else "Down" for i in range(panel.n_symbols)))
    data = build_dataset(panel, None)
    rng = np.random.default_rng(0)
    up = panel.symbol_code % 2
    signal = rng.normal(size=len(panel))
    rise = rng.random(len(panel)) < 1 / (1 + np.exp(-(0.8 * signal + np.where(up == 1, 0.8, -0.8))))
    direction = np.where(np.isnan(data.labels.direction), np.nan, rise.astype(np.float64))
    features = np.stack([signal, up + 0.3 * rng.normal(size=len(panel))], axis=1).astype(np.float32)
    data = replace(data.with_features(features, ("signal", "trait")), labels=replace(data.labels, direction=direction))
    times = panel.times
    split = holdout(
        data.labels.start, data.labels.end,
        train_end=str(times[300])[:10], test_start=str(times[301])[:10], test_end=str(times[-2])[:10],
    )  # fmt: skip
    return data, split


def fitted(data: Dataset, rows: IntArray, fairness: FairnessSettings) -> dict[str, np.ndarray]:
    model = fit_model(data, rows, QUICK.model_copy(update={"fairness": fairness}))
    return {name: f.probability for name, f in model.forecast(data, np.arange(len(data))).items()}


@given(seed=st.integers(0, 2**31), groups=st.integers(2, 5))
@settings(max_examples=25, deadline=None)
def test_weights_make_group_and_direction_independent(market: tuple[Dataset, Split], seed: int, groups: int) -> None:
    data, split = market
    rng = np.random.default_rng(seed)
    share = rng.dirichlet(np.full(groups, 2.0))
    data = replace(data, group=rng.choice(groups, size=len(data), p=share))
    weighed = reweighed(data, split.train)
    known = data.labelled(split.train)
    assert weighed.weight is not None
    assert data.group is not None
    weight, code, rise = weighed.weight[known], data.group[known], data.labels.direction[known]
    present = [g for g in range(groups) if 0 < rise[code == g].sum() < (code == g).sum()]
    shares = [float(weight[(code == g) & (rise == 1)].sum() / weight[code == g].sum()) for g in present]
    np.testing.assert_allclose(shares, rise.mean(), rtol=1e-9)
    sizes = np.array([(code == g).sum() for g in present])
    totals = np.array([weight[code == g].sum() for g in present])
    plenty = sizes * MOST * len(np.unique(code)) > len(known)
    if len(present) == len(np.unique(code)):
        np.testing.assert_allclose(totals[plenty], len(known) / len(present), rtol=1e-9)


def test_only_training_rows_are_weighed(market: tuple[Dataset, Split]) -> None:
    data, split = market
    data = with_groups(data, "sector")
    outside = np.setdiff1d(np.arange(len(data)), split.train)
    weighed = reweighed(data, split.train)
    labels = data.labels.direction.copy()
    labels[outside] = 1 - labels[outside]
    turned = reweighed(replace(data, labels=replace(data.labels, direction=labels)), split.train)
    assert weighed.weight is not None
    assert turned.weight is not None
    np.testing.assert_array_equal(weighed.weight, turned.weight)
    assert (weighed.weight[outside] == 1).all()


@pytest.mark.slow
def test_off_changes_no_bit_and_each_part_changes_the_forecast(market: tuple[Dataset, Split]) -> None:
    data, split = market
    off = fitted(data, split.train, FairnessSettings())
    by_size = fitted(data, split.train, FairnessSettings(by="size_bucket"))
    for name, values in off.items():
        np.testing.assert_array_equal(values, by_size[name])
    penalised = fitted(data, split.train, FairnessSettings(parity=5.0))
    assert not np.array_equal(penalised["xgboost"], off["xgboost"])
    np.testing.assert_array_equal(penalised["logistic"], off["logistic"])  # it has no penalty
    weighed = fitted(data, split.train, FairnessSettings(reweight=True))
    assert not np.array_equal(weighed["logistic"], off["logistic"])
    np.testing.assert_array_equal(weighed["always_up"], off["always_up"])


@pytest.mark.slow
def test_a_stronger_penalty_narrows_the_gap_and_costs_accuracy(market: tuple[Dataset, Split]) -> None:
    data, split = market
    points = fairness_curve(Job(data=data, settings=QUICK), split, strengths=(0.0, 2.0, 50.0))
    curve = parity_curve_record(points, "sector")
    penalty = [p for p in curve.points if not p.reweight]
    gaps = [p.gap.value for p in penalty]
    assert gaps[0] > 0.3
    assert gaps[2] < 0.5 * gaps[0]
    assert all(later < earlier + 0.05 for earlier, later in pairwise(gaps))
    assert penalty[-1].accuracy < penalty[0].accuracy
    weighed = next(p for p in curve.points if p.reweight and p.strength == 0)
    assert weighed.gap.value < gaps[0]
    assert "accuracy" in curve.words


@pytest.mark.slow
def test_the_curve_sees_no_test_label(market: tuple[Dataset, Split]) -> None:
    data, split = market
    labels = data.labels.direction.copy()
    labels[split.test] = 1 - labels[split.test]
    turned = replace(data, labels=replace(data.labels, direction=labels))
    one, other = (fairness_curve(Job(data=d, settings=QUICK), split, strengths=(2.0,))[1] for d in (data, turned))
    np.testing.assert_array_equal(one.outcomes.probability, other.outcomes.probability)


def test_groups_that_are_not_known_are_refused(market: tuple[Dataset, Split]) -> None:
    data, split = market
    panel = replace(data.panel, sectors=("unknown",) * data.panel.n_symbols)
    with pytest.raises(UsageError, match="--universe"):
        group_names(panel, "sector")
    with pytest.raises(UsageError, match="--universe"):
        group_names(panel, "both")
    assert {"small", "mid", "large"} <= set(group_names(panel, "size_bucket"))
    alone = QUICK.model_copy(update={"models": ("logistic",), "fairness": FairnessSettings(parity=1.0)})
    with pytest.raises(UsageError, match="--reweight"):
        fit_model(data, split.train, alone)


def test_both_names_pairs(market: tuple[Dataset, Split]) -> None:
    names = set(group_names(market[0].panel, "both"))
    assert "Up, small" in names or "Down, small" in names
    assert "unknown" in names


def test_parity_reaches_every_model_that_has_it() -> None:
    members = with_parity(ModelSettings(), 0.7)
    assert members.xgboost.parity == 0.7
    assert members.lstm.parity == 0.7
    assert members.logistic == ModelSettings().logistic
