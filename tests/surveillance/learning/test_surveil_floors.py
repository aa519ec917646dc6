"""Floors: what the textbook does not describe raises nothing, however sure the model is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.surveillance.learning import CandidateTable, bundled_model, joined
from tradewind.surveillance.learning.floors import above, rule_floors
from tradewind.surveillance.learning.table import Ragged
from tradewind.surveillance.schemes import Scheme


@pytest.fixture
def table(make_table: Callable[..., CandidateTable]) -> CandidateTable:
    return make_table()


def test_a_floor_is_reached_by_all_but_the_share_asked_for(table: CandidateTable) -> None:
    for share in (0.0, 0.2, 0.5):
        floors = rule_floors([table], share)
        for scheme, part in table.schemes.items():
            episodes = {(m, p) for m, p, hit in zip(part.market, part.planted, part.label, strict=True) if hit}
            best = [max(part.rule[(part.market == m) & (part.planted == p)]) for m, p in sorted(episodes)]
            reached = np.mean(np.array(best) >= floors[scheme] - 1e-12)
            assert 1 - share - 1 / len(best) <= reached <= 1 - share + 1 / len(best)


def test_scores_below_the_floor_are_nothing_and_others_stay(table: CandidateTable) -> None:
    scores = {scheme: np.full(len(part), 0.9) for scheme, part in table.schemes.items()}
    floors = {scheme: float(np.median(part.rule)) for scheme, part in table.schemes.items()}
    for scheme, kept in above(table, scores, floors).items():
        np.testing.assert_array_equal(kept > 0, table.schemes[scheme].rule >= floors[scheme])
        assert set(kept[kept > 0].tolist()) <= {0.9}


def test_floors_of_tables_apart_are_those_of_the_tables_joined(make_table: Callable[..., CandidateTable]) -> None:
    one, other = make_table(), make_table(seed=5)
    assert rule_floors([one, other], 0.2) == rule_floors([joined([one, other])], 0.2)


def test_what_is_clear_keeps_its_rows_as_they_were(table: CandidateTable) -> None:
    floors = {scheme: float(np.median(part.rule)) for scheme, part in table.schemes.items()}
    for scheme, part in table.clear(floors).schemes.items():
        whole = table.schemes[scheme]
        rows = np.flatnonzero(whole.rule >= floors[scheme])
        assert 0 < len(part) < len(whole)
        np.testing.assert_array_equal(part.values, whole.values[rows])
        assert [part.accounts[i] for i in range(len(part))] == [whole.accounts[int(row)] for row in rows]
        assert [part.evidence[i] for i in range(len(part))] == [whole.evidence[int(row)] for row in rows]
    for scheme, part in table.without_evidence().schemes.items():
        assert {part.evidence[i] for i in range(len(part))} == {()}
        np.testing.assert_array_equal(part.label, table.schemes[scheme].label)


@given(st.lists(st.lists(st.integers(0, 99), max_size=4), min_size=1, max_size=9), st.data())
def test_lists_are_taken_as_they_are_in_any_order(lists: list[list[int]], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.integers(0, len(lists) - 1), max_size=12))
    taken = Ragged.of(lists).take(np.array(rows, dtype=np.int64))
    assert [taken[i] for i in range(len(taken))] == [tuple(lists[row]) for row in rows]


def test_the_bundled_model_has_floors_that_its_name_depends_on() -> None:
    model = bundled_model()
    assert set(model.floors) == set(Scheme)
    assert all(0.0 <= floor < 1.0 for floor in model.floors.values())
    assert replace(model, floors={}).id != model.id
