"""The first look at candidates: what it asks, whom it lets through, and which negatives are learned from after it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.surveillance.learning import Balancing, CandidateTable, SchemeModelSettings, fit_scheme, make_folds
from tradewind.surveillance.learning.negatives import inclusion, thinned
from tradewind.surveillance.learning.scheme_model import SchemeModel, row_weights
from tradewind.surveillance.learning.settings import SieveSettings
from tradewind.surveillance.learning.sieve import ALL, Sieve, cheap_columns, least_odds
from tradewind.surveillance.learning.table import SchemeTable
from tradewind.surveillance.schemes import Scheme

QUICK = SchemeModelSettings(
    rounds=40, isolation_trees=20, balancing=Balancing.NONE, sieve=SieveSettings(dear="noise", rounds=20, lost=0.02)
)


@pytest.fixture(scope="module")
def part(make_table: Callable[..., CandidateTable]) -> SchemeTable:
    return make_table(seed=3, markets=20, each=120).schemes[Scheme.SPOOFING]


def test_a_sieve_never_reads_what_is_dear(part: SchemeTable) -> None:
    cheap = cheap_columns(part.names, "noise")
    assert "noise" not in [part.names[i] for i in cheap]
    assert len(cheap) == len(part.names) - 1
    sieve = Sieve.fit(part.values, part.label, row_weights(part), cheap, QUICK)
    other = part.values.copy()
    other[:, part.names.index("noise")] = np.nan
    np.testing.assert_array_equal(sieve.log_odds(other), sieve.log_odds(part.values))
    assert sieve.passes(part.values).all()  # no bar yet
    high = sieve.log_odds(part.values)
    assert np.median(high[part.label]) > np.quantile(high[~part.label], 0.8)


def test_what_a_sieve_holds_back_is_scored_nothing_and_little_that_is_true_is_held_back(part: SchemeTable) -> None:
    folds = make_folds(part, 4, 7)
    fitted = fit_scheme(part, folds, QUICK)
    model = fitted.model
    assert model.sieve.bar > ALL
    chance, pieces = model.score(part.values, part.rule)
    held = ~model.sieve.passes(part.values)
    assert held.sum() > 0.3 * len(part)
    assert not chance[held].any()
    assert not pieces[held].any()
    assert (chance[~held] > 0).all()
    assert not fitted.score[~fitted.passed].any()
    open_to_all = fit_scheme(
        part, folds, QUICK.model_copy(update={"sieve": QUICK.sieve.model_copy(update={"lost": 0.0})})
    )
    found = part.label & (open_to_all.score >= QUICK.sieve.heard)
    assert fitted.score[found].astype(bool).mean() >= 1.0 - QUICK.sieve.lost
    dear = part.values.copy()
    dear[held, part.names.index("noise")] = np.nan  # never asked for
    np.testing.assert_array_equal(model.score(dear, part.rule)[0], chance)


def test_a_model_comes_back_with_its_sieve(part: SchemeTable) -> None:
    fitted = fit_scheme(part, make_folds(part, 4, 7), QUICK).model
    again = SchemeModel.from_arrays(fitted.scheme, fitted.names, fitted.to_arrays())
    assert again.sieve.bar == fitted.sieve.bar
    np.testing.assert_array_equal(again.score(part.values, part.rule)[0], fitted.score(part.values, part.rule)[0])
    higher = replace(again, sieve=again.sieve.with_bar(1e9))
    assert not higher.score(part.values, part.rule)[0].any()


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 8), st.floats(-5, 5)), min_size=1, max_size=60),
    st.floats(0.0, 0.9),
)
def test_all_but_few_deeds_pass_with_a_row(rows: list[tuple[int, float]], lost: float) -> None:
    deed, odds = np.array([d for d, _ in rows]), np.array([o for _, o in rows])
    bar = least_odds(odds, deed, lost)
    kept = {d for d, o in rows if o >= bar}
    assert len(kept) >= (1 - lost) * len(set(deed.tolist())) - 1e-9


@settings(max_examples=100, deadline=None)
@given(st.lists(st.floats(1e-6, 1.0), min_size=3, max_size=200), st.floats(0.05, 0.95))
def test_chances_to_be_drawn_add_up_and_keep_their_proportion(share: list[float], part_of: float) -> None:
    given_, wanted = np.array(share), part_of * len(share)
    chance = inclusion(given_, wanted)
    assert chance.sum() == pytest.approx(wanted)
    assert (chance <= 1.0 + 1e-12).all()
    below = chance < 1.0 - 1e-9
    ratio = chance[below] / given_[below]
    assert np.allclose(ratio, ratio[:1])


def test_negatives_are_drawn_by_what_they_teach_and_still_stand_for_all() -> None:
    rng = np.random.default_rng(5)
    n = 40_000
    values = rng.normal(size=(n, 2)).astype(np.float32)
    label = rng.random(n) < 0.01
    worth = 1.0 / (1.0 + np.exp(-3.0 * (values[:, 0] - 2.0)))
    few = SchemeModelSettings(most_negatives=4_000)
    plain, drawn = (thinned(values, label, np.ones(n), few, one) for one in (None, worth))
    for found, classes, weight in (plain, drawn):
        assert classes.sum() == label.sum()
        assert 3_500 < (~classes).sum() < 4_500
        assert weight[~classes].sum() == pytest.approx((~label).sum())
        assert (weight[classes] == 1.0).all()
        mean = np.average(found[~classes], axis=0, weights=weight[~classes])
        np.testing.assert_allclose(mean, values[~label].mean(axis=0), atol=0.06)
    hard = [int((found[~classes, 0] > 2.0).sum()) for found, classes, _ in (plain, drawn)]
    assert hard[1] > 5 * hard[0]
