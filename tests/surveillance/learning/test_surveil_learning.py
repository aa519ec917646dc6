"""Models of schemes: folds, members, stacking, bars, training, saving."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from tradewind.core.errors import InputError, LeakageError, UsageError
from tradewind.surveillance.detectors import Candidate
from tradewind.surveillance.learning import (
    Balancing,
    CandidateTable,
    Described,
    Fold,
    LearningSettings,
    SchemeModelSettings,
    SurveillanceModel,
    balanced,
    check_fold,
    entity_folds,
    fit_scheme,
    joined,
    judge,
    make_folds,
    market_folds,
    threshold_for_cost,
    threshold_for_precision,
    train_on,
)
from tradewind.surveillance.learning import scheme_model as scheme_model_module
from tradewind.surveillance.learning.forest import Forest, read_isolation
from tradewind.surveillance.learning.members import Members, fit_trees
from tradewind.surveillance.learning.scaling import Scaler
from tradewind.surveillance.learning.stacking import Stack
from tradewind.surveillance.learning.threshold import lower_bound
from tradewind.surveillance.schemes import Scheme

Make = Callable[..., CandidateTable]
QUICK = SchemeModelSettings(rounds=40, isolation_trees=20, balancing=Balancing.NONE)


# Folds


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


# Balancing


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
        patch.setattr(scheme_model_module, "row_weights", lambda _: weights)
        other = fit_scheme(replace(part, label=turned), folds, options)
    np.testing.assert_array_equal(plain.arguments[first.test], other.arguments[first.test])


def test_cost_weighs_positives_up_and_nothing_else(make_table: Make) -> None:
    part = make_table().schemes[Scheme.SPOOFING]
    weight = np.full(len(part), 2.0)
    values, label, weights = balanced(part.values, part.label, weight, Balancing.COST, 3)
    assert values is part.values
    assert (weights[~label] == 2.0).all()
    assert weights[label] == pytest.approx(2.0 * np.sqrt((~label).sum() / label.sum()))


# Members


def test_trees_as_arrays_say_what_xgboost_says_with_missing_numbers() -> None:
    import xgboost

    rng = np.random.default_rng(4)
    values = rng.normal(size=(600, 5)).astype(np.float32)
    label = values[:, 0] + rng.normal(size=600) > 0.5
    values[rng.random(values.shape) < 0.3] = np.nan
    settings_ = SchemeModelSettings(rounds=30)
    forest = fit_trees(values, label, np.ones(600), (1, 0, 0, 0, 0), settings_)
    base = float(np.clip(label.mean(), 1e-4, 1 - 1e-4))
    parameters = {
        "objective": "binary:logistic", "base_score": base, "tree_method": "hist", "max_bin": 128, "max_depth": 4,
        "learning_rate": 0.06, "min_child_weight": 3.0, "subsample": 0.8, "colsample_bytree": 0.4, "lambda": 5.0,
        "monotone_constraints": (1, 0, 0, 0, 0), "seed": 7, "nthread": 1,
    }  # fmt: skip
    booster = xgboost.train(parameters, xgboost.DMatrix(values, label=label), 30)
    fresh = rng.normal(size=(200, 5)).astype(np.float32)
    fresh[rng.random(fresh.shape) < 0.3] = np.nan
    expected = booster.predict(xgboost.DMatrix(fresh), output_margin=True)
    np.testing.assert_allclose(forest.output(fresh), expected, atol=2e-5)
    rising = np.full((50, 5), np.nan, dtype=np.float32)
    rising[:, 0] = np.linspace(-3, 3, 50)
    assert (np.diff(forest.output(rising)) >= -1e-9).all()


def test_the_isolation_forest_as_arrays_ranks_as_scikit_learn_does() -> None:
    from sklearn.ensemble import IsolationForest

    rng = np.random.default_rng(5)
    values = rng.normal(size=(400, 4)).astype(np.float32)
    fitted = IsolationForest(n_estimators=25, max_samples=128, random_state=1).fit(values)
    path = read_isolation(fitted).output(values)
    reference = fitted.score_samples(values)  # -2 ** (-mean path / c)
    c = float(np.log(2) / 1) and -np.log2(-reference)
    np.testing.assert_allclose(path / path.mean(), c / c.mean(), rtol=1e-5)


def test_a_forest_comes_back_from_its_arrays() -> None:
    rng = np.random.default_rng(6)
    values = rng.normal(size=(200, 3)).astype(np.float32)
    forest = fit_trees(values, values[:, 1] > 0, np.ones(200), (0, 0, 0), SchemeModelSettings(rounds=5))
    again = Forest.from_arrays(forest.to_arrays())
    np.testing.assert_array_equal(forest.output(values), again.output(values))
    assert len(forest) == 5


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60), st.lists(st.floats(-2e6, 2e6), max_size=20))
def test_ranks_rise_with_values_and_stay_within_what_was_seen(seen: list[float], asked: list[float]) -> None:
    scaler = Scaler.fit(np.array(seen, dtype=np.float32)[:, None])
    ordered = np.sort(np.array([*asked, *seen], dtype=np.float32))[:, None]
    ranks = scaler.ranks(scaler.clipped(ordered))[:, 0]
    assert (np.diff(ranks) >= -1e-9).all()
    assert ((ranks >= -1) & (ranks <= 1)).all()


def test_a_number_that_is_missing_or_never_varied_ranks_in_the_middle() -> None:
    scaler = Scaler.fit(np.array([[1.0, np.nan], [1.0, np.nan]], dtype=np.float32))
    ranks = scaler.ranks(scaler.clipped(np.array([[1.0, 5.0], [np.nan, np.nan]], dtype=np.float32)))
    np.testing.assert_allclose(ranks, 0.0, atol=1e-9)
    assert np.isnan(scaler.clipped(np.array([[np.nan, np.inf]], dtype=np.float32))[0, 0])


# Stacking and calibration


def test_the_stack_never_turns_a_member_round_and_its_probabilities_hold_on_fresh_rows() -> None:
    rng = np.random.default_rng(8)

    def draw(n: int) -> tuple[np.ndarray, np.ndarray]:
        truth = rng.normal(size=n) - 0.5
        label = rng.random(n) < expit(2.0 * truth)
        told = np.stack([truth + rng.normal(size=n) * 0.3, rng.normal(size=n), -truth], axis=1)
        return told, label

    told, label = draw(6000)
    stack = Stack.fit(told, label, np.ones(len(label)))
    assert (stack.weight >= 0).all()
    assert stack.weight[2] == pytest.approx(0.0, abs=1e-6)
    assert stack.weight[0] > 5 * stack.weight[1]
    fresh, truth = draw(40_000)
    odds = stack.log_odds(fresh)
    chance = expit(odds)
    for low, high in ((0.0, 0.05), (0.05, 0.3), (0.3, 0.6), (0.6, 0.9), (0.9, 1.0)):
        bin_ = (chance >= low) & (chance < high)
        assert truth[bin_].mean() == pytest.approx(chance[bin_].mean(), abs=0.04)
    np.testing.assert_allclose(stack.pieces(fresh).sum(axis=1), odds, atol=1e-9)
    order = np.argsort(fresh @ stack.weight)
    assert (np.diff(odds[order]) >= 0).all()


# Thresholds


def test_the_lower_bound_is_scipys_exact_one() -> None:
    from scipy.stats import binomtest

    true, kept = np.array([0, 5, 19, 20]), np.array([3, 9, 20, 20])
    found = lower_bound(true, kept, 0.9)
    for t, k, f in zip(true, kept, found, strict=True):
        exact = binomtest(int(t), int(k), alternative="greater").proportion_ci(0.9, "exact").low
        assert f == pytest.approx(exact)


def test_a_bar_set_on_some_rows_holds_its_precision_on_others() -> None:
    rng = np.random.default_rng(11)
    held, recalls = [], []
    for _ in range(60):
        label = rng.random(1500) < 0.2
        score = expit(rng.normal(size=1500) + 3.5 * label - 2)
        bar = threshold_for_precision(score, label, target=0.95, confidence=0.9)
        assert bar.reached
        fresh = rng.random(20_000) < 0.2
        again = expit(rng.normal(size=20_000) + 3.5 * fresh - 2)
        kept = again >= bar.score
        held.append(fresh[kept].mean() >= 0.95)
        recalls.append(kept[fresh].mean())
    assert np.mean(held) >= 0.75  # the lowest of many bars is chosen, which costs some of the confidence
    assert np.mean(recalls) > 0.75


def test_a_bar_no_row_can_earn_is_said_so() -> None:
    rng = np.random.default_rng(12)
    score, label = rng.random(200), rng.random(200) < 0.3
    bar = threshold_for_precision(score, label, target=0.95)
    assert not bar.reached
    assert bar.kept >= 1
    nothing = threshold_for_precision(score, np.zeros(200, dtype=bool))
    assert nothing.score > 1
    assert not (score >= nothing.score).any()
    with pytest.raises(UsageError, match="target"):
        threshold_for_precision(score, label, target=1.0)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.booleans()), max_size=30), st.floats(0.1, 20))
def test_the_bar_by_cost_is_the_cheapest_there_is(rows: list[tuple[int, bool]], missed: float) -> None:
    score = np.array([s / 10 for s, _ in rows])
    label = np.array([t for _, t in rows], dtype=bool)
    bar = threshold_for_cost(score, label, missed=missed, false_alert=1.0)

    def cost(at: float) -> float:
        return float((~label[score >= at]).sum() + missed * label[score < at].sum())

    assert cost(bar.score) == pytest.approx(min(cost(at) for at in [1.01, *score]))


# Tables


def test_a_table_comes_back_whole_and_joins(make_table: Make, tmp_path: Path) -> None:
    first, second = make_table(1, markets=3, each=20), make_table(2, markets=2, each=20)
    both = joined([first, second])
    assert len(both.markets) == 5
    part = both.schemes[Scheme.SPOOFING]
    assert sorted(set(part.market.tolist())) == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(part.values[60:], second.schemes[Scheme.SPOOFING].values)
    assert part.accounts[65] == second.schemes[Scheme.SPOOFING].accounts[5]
    again = CandidateTable.load(both.save(tmp_path / "table.npz"))
    assert again.markets == both.markets
    for scheme, one in both.schemes.items():
        other = again.schemes[scheme]
        assert (one.names, one.monotone, one.variants) == (other.names, other.monotone, other.variants)
        np.testing.assert_array_equal(one.values, other.values)
        np.testing.assert_array_equal(one.planted, other.planted)
        assert one.evidence[7] == other.evidence[7]
        taken = one.take(np.array([7, 3]))
        assert taken.evidence[0] == one.evidence[7]
        assert taken.candidate(1).start == one.candidate(3).start
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    with pytest.raises(InputError, match="no table"):
        CandidateTable.load(tmp_path / "bad.npz")
    odd = replace(second.schemes[Scheme.SPOOFING], names=("x",) * 8)
    with pytest.raises(UsageError, match="different columns"):
        joined([first, CandidateTable(markets=second.markets, schemes={Scheme.SPOOFING: odd})])


# Training


@pytest.fixture(scope="module")
def trained(make_table: Make):  # type: ignore[no-untyped-def]
    """A model of two schemes and the table it was fitted on."""
    table = make_table(skill=3.0, markets=20)
    options = LearningSettings(scheme=QUICK, folds=4, precision=0.9, most_false_per_million=1000.0)
    return table, train_on(table, options)


def test_training_reports_what_unseen_markets_earned(trained, make_table: Make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    _, done = trained
    assert done.left_out == {}
    overall = done.evaluation.overall
    assert overall.precision.value >= 0.9
    assert overall.recall.value >= 0.6
    fresh = make_table(99, skill=3.0, markets=20)
    scores = {s: done.model.models[s].score(t.values, t.rule)[0] for s, t in fresh.schemes.items()}
    from tradewind.surveillance.evaluation import evaluate_alerts

    found = evaluate_alerts(judge(fresh, scores, done.model.thresholds))
    assert found.overall.precision.value >= 0.85
    assert found.overall.recall.value == pytest.approx(overall.recall.value, abs=0.15)
    done.write(tmp_path)
    report = json.loads((tmp_path / "training.json").read_text())
    assert report["schemes"]["spoofing"]["target_reached"] is True
    assert next(iter(report["schemes"]["spoofing"]["uses"])) in {"size", "speed", "rule"}
    assert (tmp_path / "evaluation.json").exists()
    assert (tmp_path / "precision_recall.svg").exists()


def test_the_same_seed_gives_the_same_model(trained) -> None:  # type: ignore[no-untyped-def]
    table, done = trained
    options = LearningSettings(scheme=QUICK, folds=4, precision=0.9, most_false_per_million=1000.0)
    assert train_on(table, options).model.id == done.model.id


def test_a_model_comes_back_equal_and_refuses_what_was_changed(trained, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    table, done = trained
    folder = done.model.save(tmp_path / "model")
    assert sorted(p.suffix for p in folder.iterdir()) == [".json", ".npz"]
    again = SurveillanceModel.load(folder)
    assert again.id == done.model.id
    assert again.thresholds == done.model.thresholds
    part = table.schemes[Scheme.WASH_TRADING]
    for mine, theirs in zip(
        done.model.models[Scheme.WASH_TRADING].score(part.values, part.rule),
        again.models[Scheme.WASH_TRADING].score(part.values, part.rule),
        strict=True,
    ):
        np.testing.assert_array_equal(mine, theirs)
    content = bytearray((folder / "arrays.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "arrays.npz").write_bytes(content)
    with pytest.raises(InputError, match="SHA-256"):
        SurveillanceModel.load(folder)


def described(table: CandidateTable, rows: int) -> Described:
    candidates: list[Candidate] = []
    for part in table.schemes.values():
        for row in range(rows):
            one = part.candidate(row)
            candidates.append(replace(one, features=part.values[row, :4]))
    candidates.sort(key=lambda c: c.row)
    views = np.zeros((len(candidates), 1), dtype=np.float32)
    return Described(candidates=candidates, known_at=np.zeros(len(candidates), dtype=np.int64), views=views)


def test_scores_do_not_depend_on_the_batch_and_pieces_sum_to_them(trained) -> None:  # type: ignore[no-untyped-def]
    table, done = trained
    all_at_once = described(table, 40)
    whole = done.model.score(all_at_once)
    assert [s.candidate for s in whole] == list(all_at_once.candidates)
    for place in range(80):
        one = Described(
            candidates=[all_at_once.candidates[place]],
            known_at=all_at_once.known_at[[place]],
            views=all_at_once.views[[place]],
        )
        (alone,) = done.model.score(one)
        assert alone.score == whole[place].score
        assert alone.score == pytest.approx(expit(alone.pieces.sum()))
        assert len(alone.names) == len(alone.values)


def test_columns_the_model_was_not_fitted_on_are_refused(trained) -> None:  # type: ignore[no-untyped-def]
    _, done = trained

    class Source:
        schemes = (Scheme.SPOOFING,)
        view_names: tuple[str, ...] = ("market_move",)

        def feature_names(self, scheme: Scheme) -> tuple[str, ...]:
            return ("size", "speed", "noise", "gap")

    done.model.check(Source())  # type: ignore[arg-type]
    Source.view_names = ("market_mood",)
    with pytest.raises(UsageError, match="market_mood"):
        done.model.check(Source())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="8 columns"):
        done.model.models[Scheme.SPOOFING].score(np.zeros((2, 3), dtype=np.float32), np.zeros(2))


def test_a_scheme_with_nothing_to_learn_from_is_left_out_and_said(make_table: Make) -> None:
    table = make_table(skill=3.0)
    part = table.schemes[Scheme.WASH_TRADING]
    empty = replace(part, label=np.zeros(len(part), dtype=bool))
    done = train_on(
        CandidateTable(markets=table.markets, schemes={**table.schemes, Scheme.WASH_TRADING: empty}),
        LearningSettings(scheme=QUICK, folds=3),
    )
    assert list(done.model.models) == [Scheme.SPOOFING]
    assert "0 true ones" in done.left_out[Scheme.WASH_TRADING]
    with pytest.raises(UsageError, match="no scheme"):
        train_on(CandidateTable(markets=table.markets, schemes={Scheme.WASH_TRADING: empty}))


@pytest.mark.slow
def test_a_batch_of_five_hundred_is_scored_in_milliseconds(trained) -> None:  # type: ignore[no-untyped-def]
    table, done = trained
    part = table.schemes[Scheme.SPOOFING]
    model = done.model.models[Scheme.SPOOFING]
    rows = np.arange(500) % len(part)
    model.score(part.values[rows], part.rule[rows])
    begin = perf_counter()
    for _ in range(20):
        model.score(part.values[rows], part.rule[rows])
    assert (perf_counter() - begin) / 20 < 0.05  # about 1 ms on a free core
