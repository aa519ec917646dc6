"""Folds share nothing; synthetic rows stay inside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tradewind.core.errors import LeakageError, UsageError
from tradewind.surveillance.learning import (
    Balancing,
    CandidateTable,
    Fold,
    SchemeModelSettings,
    balanced,
    check_fold,
    entity_folds,
    fit_scheme,
    make_folds,
    market_folds,
)
from tradewind.surveillance.learning import scheme_model as scheme_model_module
from tradewind.surveillance.learning.members import Members
from tradewind.surveillance.schemes import Scheme

Make = Callable[..., CandidateTable]
QUICK = SchemeModelSettings(rounds=40, isolation_trees=20, balancing=Balancing.NONE)


def test_market_folds_test_every_row_once_and_share_no_market(make_table: Make) -> None:
    part = make_table().schemes[Scheme.SPOOFING]
    folds = list(market_folds(part, 4))
    assert sorted(np.concatenate([f.test for f in folds]).tolist()) == list(range(len(part)))
    for fold in folds:
        assert not set(part.market[fold.train]) & set(part.market[fold.test])
        assert part.label[fold.test].sum() > 0
    loads = [int(part.label[f.test].sum()) for f in folds]
    assert max(loads) - min(loads) <= 6
    again = list(market_folds(part, 4))
    assert all((a.test == b.test).all() for a, b in zip(folds, again, strict=True))


def test_folds_over_venues_test_none_that_was_seen(make_table: Make) -> None:
    table = make_table()
    part = table.schemes[Scheme.SPOOFING]
    venues = np.arange(len(table.markets)) % 5
    folds = make_folds(part, 4, venues=venues)
    assert sorted(np.concatenate([f.test for f in folds]).tolist()) == list(range(len(part)))
    for fold in folds:
        assert not set(venues[part.market[fold.train]]) & set(venues[part.market[fold.test]])


def test_venues_that_are_alike_count_as_one(make_table: Make) -> None:
    table = make_table()
    named = [replace(market, venue="abc"[i % 3]) for i, market in enumerate(table.markets)]
    number = replace(table, markets=tuple(named)).venues_of({"b": "a"})
    assert len(set(number)) == 2
    assert (number[::3] == number[1::3][: len(number[::3])]).all()


def test_folds_of_one_market_share_no_account_and_no_time(make_table: Make) -> None:
    part = make_table(markets=1, each=300).schemes[Scheme.SPOOFING]
    rng = np.random.default_rng(2)
    part = replace(part, accounts=type(part.accounts).of([tuple(rng.integers(0, 60, 2).tolist()) for _ in part.rule]))
    folds = list(entity_folds(part, 4, embargo_ns=120_000_000_000))
    assert sorted(np.concatenate([f.test for f in folds]).tolist()) == list(range(len(part)))
    for fold in folds:
        check_fold(part, fold)
        ends = part.end[fold.test].max()
        later = part.start[fold.train][part.start[fold.train] > ends]
        assert (later > ends + 120_000_000_000).all()
    assert any(len(f.train) for f in folds)


def test_a_fold_that_leaks_is_refused(make_table: Make) -> None:
    part = make_table(markets=1, each=10).schemes[Scheme.SPOOFING]
    rows = np.arange(10)
    with pytest.raises(LeakageError, match="row"):
        check_fold(part, Fold(rows[:6], rows[5:]))
    same = replace(part, accounts=type(part.accounts).of([(1,)] * 10))
    with pytest.raises(LeakageError, match="account"):
        check_fold(same, Fold(rows[:5], rows[5:]))
    long = replace(part, end=part.end + 3600 * 10**9)
    with pytest.raises(LeakageError, match="overlap"):
        check_fold(long, Fold(rows[:5], rows[5:]))


def test_too_few_markets_are_cut_by_time_and_accounts(make_table: Make) -> None:
    part = make_table(markets=2, each=200).schemes[Scheme.SPOOFING]
    folds = make_folds(part, 4)
    assert len(folds) == 4
    for fold in folds:
        check_fold(part, fold)
    with pytest.raises(UsageError, match="markets"):
        list(market_folds(part, 4))


@pytest.mark.slow
def test_smote_is_shown_training_rows_alone_and_leaves_them_as_they_are(make_table: Make) -> None:
    part = make_table().schemes[Scheme.SPOOFING]
    weight = np.ones(len(part))
    values, label, weights = balanced(part.values, part.label, weight, Balancing.SMOTE, 3)
    n = len(part)
    assert len(values) > n
    np.testing.assert_array_equal(values[:n], part.values)
    assert label[n:].all()
    assert (~np.isnan(values[n:])).all()
    positives = part.values[part.label]
    low, high = np.nanmin(positives, axis=0), np.nanmax(positives, axis=0)
    assert ((values[n:] >= low - 0.5) & (values[n:] <= high + 0.5)).all()
    assert weights[n:].sum() < weight[~part.label].sum()


@pytest.mark.slow
def test_no_row_that_is_scored_reaches_smote_or_any_fit(make_table: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    part = make_table().schemes[Scheme.SPOOFING]
    marked = part.values.copy()
    marked[:, 2] = np.arange(len(part))  # each row carries its number
    part = replace(part, values=marked)
    seen: list[set[int]] = []
    real = Members.fit

    def watched(values: np.ndarray, *rest: object, **named: object) -> Members:
        seen.append({int(v) for v in values[:, 2]})
        return real(values, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(scheme_model_module.Members, "fit", watched)
    folds = make_folds(part, 4)
    fit_scheme(part, folds, QUICK.model_copy(update={"balancing": Balancing.SMOTE}))
    assert len(seen) == len(folds) + 1
    for fold, rows in zip(folds, seen, strict=False):
        assert rows == set(fold.train.tolist())
        assert not rows & set(fold.test.tolist())


@pytest.mark.slow
def test_out_of_fold_scores_ignore_what_the_tested_rows_are_labelled(make_table: Make) -> None:
    part = make_table().schemes[Scheme.SPOOFING]
    folds = make_folds(part, 4)
    first = folds[0]
    turned = part.label.copy()
    turned[first.test] = ~turned[first.test]
    options = QUICK.model_copy(update={"balancing": Balancing.SMOTE})
    plain = fit_scheme(part, folds, options)
    # Weights depend on labels; the same are given to both, so that only what is learnt can differ.
    weights = scheme_model_module.row_weights(part)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scheme_model_module, "row_weights", lambda *_: weights)
        other = fit_scheme(replace(part, label=turned), folds, options)
    np.testing.assert_array_equal(plain.arguments[first.test], other.arguments[first.test])


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0])
def test_venues_are_brought_to_one_weight_among_positives_and_among_negatives(make_table: Make, level: float) -> None:
    part = make_table().schemes[Scheme.SPOOFING]
    venues = (np.arange(part.market.max() + 1) >= 2).astype(np.int64)  # one venue has two markets, the other the rest
    plain, weight = (scheme_model_module.row_weights(part, venues, at) for at in (0.0, level))
    assert weight.mean() == pytest.approx(1.0)
    for rows in (part.label, ~part.label):
        assert weight[rows].sum() == pytest.approx(plain[rows].sum())
        before, after = (np.bincount(venues[part.market[rows]], one[rows]) for one in (plain, weight))
        assert after[1] / after[0] == pytest.approx((before[1] / before[0]) ** (1.0 - level))
    np.testing.assert_array_equal(scheme_model_module.row_weights(part), plain)


def test_cost_weighs_positives_up_and_nothing_else(make_table: Make) -> None:
    part = make_table().schemes[Scheme.SPOOFING]
    weight = np.full(len(part), 2.0)
    values, label, weights = balanced(part.values, part.label, weight, Balancing.COST, 3)
    assert values is part.values
    assert (weights[~label] == 2.0).all()
    assert weights[label] == pytest.approx(2.0 * np.sqrt((~label).sum() / label.sum()))
