"""Bars of schemes that are taken for each other are moved together."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tradewind.core.arrays import FloatArray
from tradewind.surveillance.evaluation.matching import match
from tradewind.surveillance.learning import CandidateTable, LearningSettings
from tradewind.surveillance.learning.bars import given_bars, set_bars
from tradewind.surveillance.learning.joint_bars import move_together
from tradewind.surveillance.learning.judging import judge
from tradewind.surveillance.schemes import Scheme

PUMP, IGNITION = Scheme.PUMP_AND_DUMP, Scheme.MOMENTUM_IGNITION
SETTINGS = LearningSettings(most_false_per_million=100.0)


def confused(table: CandidateTable) -> dict[Scheme, FloatArray]:
    """Return scores in which a pump looks sure or half sure, and every ignition looks a little like a pump."""
    pump, ignition = table.schemes[PUMP], table.schemes[IGNITION]
    rng = np.random.default_rng(3)
    sure = np.where(rng.random(len(pump)) < 0.5, 0.9, 0.6)
    return {
        PUMP: np.where(pump.label, sure, np.where(ignition.label, 0.7, 0.01)),
        IGNITION: np.where(ignition.label, 0.95, 0.01),
    }


def counts(table: CandidateTable, scores: dict[Scheme, FloatArray], bars: dict[Scheme, float]) -> tuple[int, int, int]:
    """Return alerts, true ones and episodes found."""
    kept = true = found = 0
    for one in judge(table, scores, bars):
        met = match(one.alerts, one.truth)
        kept, true, found = kept + len(one.alerts), true + int(met.true.sum()), found + int(met.found.sum())
    return kept, true, found


@pytest.fixture(scope="module")
def table(make_table: Callable[..., CandidateTable]) -> CandidateTable:
    """Return pumps and ignitions by the same accounts at the same times, never both at once."""
    made = make_table(seed=5, schemes=(PUMP, IGNITION))
    both = made.schemes[PUMP].label & made.schemes[IGNITION].label
    return CandidateTable(
        markets=made.markets,
        schemes={scheme: part.take(np.flatnonzero(~both)) for scheme, part in made.schemes.items()},
    )


@pytest.mark.slow
def test_a_bar_falls_where_the_other_scheme_claims_what_it_got_wrong(table: CandidateTable) -> None:
    scores = confused(table)
    alone = set_bars(table, scores, SETTINGS)
    moved = move_together(table, scores, alone, SETTINGS)
    assert alone[PUMP].score > 0.7 >= 0.6 >= moved[PUMP].score
    assert moved[PUMP].reached
    before = counts(table, scores, {s: bar.score for s, bar in alone.items()})
    after = counts(table, scores, {s: bar.score for s, bar in moved.items()})
    assert after[2] > before[2]
    assert after[1] >= 0.96 * after[0]


@pytest.mark.slow
def test_what_is_told_of_a_bar_is_what_the_book_raises(table: CandidateTable) -> None:
    scores = confused(table)
    moved = move_together(table, scores, set_bars(table, scores, SETTINGS), SETTINGS)
    kept, true, _ = counts(table, scores, {s: bar.score for s, bar in moved.items()})
    assert (kept, true) == (sum(bar.kept for bar in moved.values()), sum(bar.true for bar in moved.values()))


def test_bars_stay_where_nothing_is_confused(make_table: Callable[..., CandidateTable]) -> None:
    table = make_table(seed=6, schemes=(PUMP, Scheme.WASH_TRADING))
    scores = {scheme: np.where(part.label, 0.9, 0.1) for scheme, part in table.schemes.items()}
    alone = set_bars(table, scores, SETTINGS)
    moved = move_together(table, scores, alone, SETTINGS)
    assert {s: bar.score for s, bar in moved.items()} == {s: bar.score for s, bar in alone.items()}


@pytest.mark.slow
def test_a_silent_scheme_stays_silent(table: CandidateTable) -> None:
    scores = confused(table)
    scores[PUMP] = np.random.default_rng(1).random(len(scores[PUMP]))
    alone = set_bars(table, scores, SETTINGS)
    assert alone[PUMP].score > 1.0
    assert move_together(table, scores, alone, SETTINGS)[PUMP] == alone[PUMP]


def test_bars_that_are_given_stay_and_tell_what_they_earn(table: CandidateTable) -> None:
    scores, bars = confused(table), {PUMP: 0.65, IGNITION: 0.5}
    told = given_bars(table, scores, bars, SETTINGS)
    kept, true, _ = counts(table, scores, bars)
    assert {scheme: bar.score for scheme, bar in told.items()} == bars
    assert (sum(bar.kept for bar in told.values()), sum(bar.true for bar in told.values())) == (kept, true)
    assert 0 < true <= kept
    for bar in told.values():
        assert bar.bound < bar.true / bar.kept <= 1.0
        assert bar.reached == (bar.bound >= SETTINGS.precision)
