"""Floors: what the textbook does not describe raises nothing, however sure the model is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tradewind.surveillance.learning import CandidateTable, bundled_model
from tradewind.surveillance.learning.floors import above, rule_floors
from tradewind.surveillance.schemes import Scheme


@pytest.fixture
def table(make_table: Callable[..., CandidateTable]) -> CandidateTable:
    return make_table()


def test_a_floor_is_reached_by_all_but_the_share_asked_for(table: CandidateTable) -> None:
    for share in (0.0, 0.2, 0.5):
        floors = rule_floors(table, share)
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


def test_the_bundled_model_has_floors_that_its_name_depends_on() -> None:
    model = bundled_model()
    assert set(model.floors) == set(Scheme)
    assert all(0.0 <= floor < 1.0 for floor in model.floors.values())
    assert replace(model, floors={}).id != model.id
