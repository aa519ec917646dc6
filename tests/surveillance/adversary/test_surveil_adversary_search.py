"""The search finds what a toy model cannot see, tells it honestly, and finds the same again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core.errors import InputError, UsageError
from tradewind.surveillance.adversary import (
    EvasiveSet,
    Field,
    RedTeamSettings,
    Search,
    SearchSettings,
    VenueField,
    effect_of,
    look,
    perturb,
    red_team,
)
from tradewind.surveillance.adversary.evasive_set import Trial, worth_trying
from tradewind.surveillance.adversary.field import seeds_of
from tradewind.surveillance.adversary.search import at_shares, shares_of
from tradewind.surveillance.adversary.sight import nearness
from tradewind.surveillance.learning import SurveillanceModel
from tradewind.surveillance.planting import SETTINGS
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

pytestmark = pytest.mark.slow

WASH = Scheme.WASH_TRADING
SMALL = SearchSettings(grounds=1, fresh=2, ordinary=4, keep=3)


@pytest.fixture
def found(toy_field: Field, model: SurveillanceModel) -> EvasiveSet:
    return Search(toy_field, model, WASH, SMALL, seed=4).run(24)


def test_finds_the_slow_play_that_the_model_never_saw(found: EvasiveSet) -> None:
    assert found.ordinary.share > 0.8
    assert len(found.evasions) == 3
    for evasion in found.evasions:
        assert 45.0 <= evasion.parameters["pause"] <= 200.0
        assert evasion.effect >= 0.2
    assert found.recall.share < 0.1
    assert sum(found.recall.deeds) == 3 * 2 * 6


def test_the_front_is_beaten_by_no_trial(found: EvasiveSet) -> None:
    front = found.front()
    assert front
    for point in front:
        assert not any(t.suspicion < point.suspicion and t.effect > point.effect for t in found.trials)


def test_the_same_seed_finds_the_same_and_another_something_else(
    toy_field: Field, model: SurveillanceModel, found: EvasiveSet
) -> None:
    again = Search(toy_field, model, WASH, SMALL, seed=4).run(24)
    other = Search(toy_field, model, WASH, SMALL, seed=5).run(24)
    assert again.to_dict() == found.to_dict()
    assert [t.parameters for t in other.trials] != [t.parameters for t in found.trials]


def test_what_is_judged_is_played_on_markets_the_search_never_saw(toy_field: Any, model: SurveillanceModel) -> None:
    search = Search(toy_field, model, WASH, SMALL, seed=4)
    assert not set(search.grounds) & set(search.fresh)
    toy_field.plays.clear()
    search.run(6)
    assert set(toy_field.plays[:6]) == set(search.grounds)
    assert set(toy_field.plays[6:]) <= set(search.fresh)


def test_a_set_is_read_as_it_was_written(found: EvasiveSet, tmp_path: Path) -> None:
    assert EvasiveSet.read(found.write(tmp_path / "set.json")).to_dict() == found.to_dict()
    (tmp_path / "other.json").write_text('{"scheme": "spoofing"}')
    with pytest.raises(InputError, match="evasive set"):
        EvasiveSet.read(tmp_path / "other.json")


def test_a_scheme_the_model_does_not_know_cannot_be_searched(toy_field: Field, model: SurveillanceModel) -> None:
    with pytest.raises(UsageError, match="spoofing"):
        Search(toy_field, model, Scheme.SPOOFING, SMALL)
    with pytest.raises(UsageError, match="budget"):
        Search(toy_field, model, WASH, SMALL).run(0)


def test_ways_that_pay_too_little_are_never_kept() -> None:
    def trial(suspicion: float, effect: float, deeds: int = 3) -> Trial:
        return Trial(parameters={"pause": effect}, suspicion=suspicion, recall=0.0, effect=effect, deeds=deeds, begun=3)

    tried = [trial(0.0, 0.4), trial(0.3, 0.9), trial(0.1, 0.6), trial(0.0, 2.0, deeds=0), trial(0.3, 1.1)]
    assert [t.effect for t in worth_trying(tried, 0.5, 5)] == [0.6, 1.1, 0.9]


@given(st.sampled_from(list(Scheme)), st.integers(0, 2**32), st.booleans())
def test_settings_go_through_shares_and_back(scheme: Scheme, seed: int, evasive: bool) -> None:
    point = SETTINGS[scheme].sample(np.random.default_rng(seed), evasive=evasive)
    shares = shares_of(point)
    assert all(0.0 <= share <= 1.0 for share in shares.values())
    assert at_shares(type(point), shares).numbers() == pytest.approx(point.numbers(), rel=1e-9, abs=1e-12)


@given(st.floats(0.01, 0.99), st.lists(st.floats(0.0, 1.0), min_size=2, max_size=20))
def test_nearness_rises_with_the_score_and_is_a_half_at_the_bar(bar: float, scores: list[float]) -> None:
    near = nearness(np.sort(np.array([*scores, bar])), bar)
    assert (np.diff(near) >= 0).all()
    assert ((near >= 0) & (near <= 1)).all()
    assert nearness(np.array([bar]), bar)[0] == pytest.approx(0.5)
    assert not nearness(np.array(scores), 1.01).any()


def test_only_the_column_the_model_rests_on_loses_alerts(toy_field: Field, model: SurveillanceModel) -> None:
    play = Search(toy_field, model, WASH, SMALL, seed=4).ordinary_play.played
    told = perturb(model, WASH, play)
    assert told.alerts > 10
    assert told.shifts[0].name == "quick"
    assert told.shifts[0].step < 0
    assert told.shifts[0].lost > 0.4
    assert all(shift.lost <= 0.1 for shift in told.shifts[1:])


def test_a_deed_that_came_to_nothing_has_no_effect() -> None:
    facts = {"matches": 4.0, "size": 1.5}
    deed = Planted(scheme=WASH, symbol="X", accounts=("a",), start=0, end=1, parameters=facts)
    undone = Planted(scheme=WASH, symbol="X", accounts=("a",), start=0, end=1, parameters=facts, done=False)
    assert effect_of(deed) == 6.0
    assert effect_of(undone) == 0.0


def test_pressure_counts_only_in_cycles_that_paid() -> None:
    facts = {"cycles_won": 3.0, "levels": 4.0, "layer": 2.5, "pressure_to_genuine": 1e6}
    layered = Planted(scheme=Scheme.LAYERING, symbol="X", accounts=("a",), start=0, end=1, parameters=facts)
    assert effect_of(layered) == 30.0
    unpaid = Planted(
        scheme=Scheme.LAYERING, symbol="X", accounts=("a",), start=0, end=1, parameters={**facts, "cycles_won": 0.0}
    )
    assert effect_of(unpaid) == 0.0


def test_seeds_are_the_same_for_one_purpose_and_lie_beyond_those_of_training() -> None:
    assert seeds_of(1, 2, count=3) == seeds_of(1, 2, count=3)
    assert not set(seeds_of(1, 2, count=50)) & set(seeds_of(1, 3, count=50))
    assert min(seeds_of(1, 2, count=50)) > 2**32


def test_the_report_is_written_with_pictures_and_sets(
    toy_field: Field, model: SurveillanceModel, tmp_path: Path
) -> None:
    rules = RedTeamSettings(budget=12, search=SMALL, path=3, grounds=2, variants=3, seed=4)
    report = red_team(model, [WASH], rules, on=toy_field)
    page = report.write(tmp_path)
    text = page.read_text()
    assert "Wash trading" in text
    assert text.count("<svg") == 2
    assert EvasiveSet.read(tmp_path / "evasive" / "wash_trading.json").model == model.id
    path = report.schemes[WASH].path
    assert [step.evasiveness for step in path] == [0.0, 0.5, 1.0]
    assert path[0].recall.share > 0.8 > 0.2 > path[-1].recall.share
    assert report.variants.schemes[WASH].found < report.variants.schemes[WASH].planted / 2
    assert report.rows()[0]["scheme"] == "Wash trading"


@pytest.mark.parametrize("scheme", list(Scheme))
def test_the_venue_plays_every_scheme_the_same_way_twice(scheme: Scheme) -> None:
    field = VenueField(events=12_000, episodes=2)
    point = SETTINGS[scheme].sample(np.random.default_rng(1))
    one, two = field.play(point, 1 << 40), field.play(point, 1 << 40)
    assert one.table.markets == two.table.markets
    assert one.effect.tolist() == two.effect.tolist()
    assert len(one.effect) == len(one.table.markets[0].truth) <= one.begun <= 2
    assert (one.effect >= 0).all()


def test_what_is_seen_of_a_deed_is_its_best_candidate(model: SurveillanceModel, make_toy: Any) -> None:
    sight = look(model, make_toy([1.0, 100.0]))
    assert sight.found.tolist() == [True, False]
    assert sight.suspicion[0] >= 0.5 > sight.suspicion[1]
