"""Incidents change what they name, inside their span alone, and tell the truth about it."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.monitoring.replay.incidents import INCIDENTS, IncidentKind, Stage, Truth
from tradewind.monitoring.replay.world import VERSIONS, World
from tradewind.monitoring.sources import Observed

pytestmark = pytest.mark.slow
ROOM = 100


def planted(world: World, kind: IncidentKind, seed: int = 1) -> tuple[Stage, Truth, Observed]:
    first = world.settings.replay_starts + 20
    stage, truth = INCIDENTS[kind].plant(world.stage, first, ROOM, np.random.default_rng(seed))
    return stage, truth, world.observed(stage)


def test_there_are_twelve_kinds_and_each_is_planted_by_its_own() -> None:
    assert set(INCIDENTS) == set(IncidentKind)
    assert all(INCIDENTS[kind].kind is kind for kind in IncidentKind)


@pytest.mark.parametrize("kind", list(IncidentKind))
def test_nothing_before_an_incident_tells_of_it(world: World, kind: IncidentKind) -> None:
    """The future must not reach back: every slice before the first session is the clean world's."""
    _, truth, seen = planted(world, kind)
    days = world.stage.days
    before = days[truth.first - 1]
    clean, broken = world.observed().slices(days[240], before), seen.slices(days[240], before)
    for one, other in zip(clean, broken, strict=True):
        assert one.symbol.tolist() == other.symbol.tolist()
        np.testing.assert_array_equal(one.features, other.features)
        np.testing.assert_array_equal(one.bars.close, other.bars.close)
        for mine, theirs in zip(one.served, other.served, strict=True):
            np.testing.assert_array_equal(mine.probability, theirs.probability)
        assert (one.labels is None) == (other.labels is None)
        if one.labels is not None and other.labels is not None:
            np.testing.assert_array_equal(one.labels.forward_return, other.labels.forward_return)


@pytest.mark.parametrize("kind", list(IncidentKind))
def test_the_same_seed_plants_the_same_incident_and_leaves_the_world_alone(world: World, kind: IncidentKind) -> None:
    first = world.settings.replay_starts + 20
    kept = world.stage.panel.close.copy()
    truths = [INCIDENTS[kind].plant(world.stage, first, ROOM, np.random.default_rng(4))[1] for _ in range(2)]
    assert truths[0] == truths[1]
    assert truths[0].kind is kind
    assert first == truths[0].first <= truths[0].last < first + ROOM
    np.testing.assert_array_equal(world.stage.panel.close, kept)


def test_a_feed_that_stops_brings_no_bar(world: World) -> None:
    _, truth, seen = planted(world, IncidentKind.FEED_STOPS)
    for one in seen.slices(world.stage.days[truth.first], world.stage.days[truth.last]):
        assert truth.subject["feed"] not in one.feed
        assert len(one.expected) == 12
    after = next(iter(seen.slices(world.stage.days[truth.last + 1])))
    assert truth.subject["feed"] in after.feed


def test_a_label_that_is_late_comes_later_and_once(world: World) -> None:
    _, truth, seen = planted(world, IncidentKind.LABEL_DELAY)
    days = world.stage.days
    arrived = [
        (at, symbol, when)
        for at, one in enumerate(seen.slices())
        if one.labels is not None
        for symbol, when in zip(one.labels.symbol.tolist(), one.labels.time.tolist(), strict=True)
    ]
    assert len({(symbol, when) for _, symbol, when in arrived}) == len(arrived)
    place = {when: at for at, when in enumerate(days.tolist())}
    delays = {place[when] + 1: at - place[when] - 1 for at, _, when in arrived}
    assert delays[truth.first] >= 8
    assert delays[truth.first - 1] == 0
    assert delays[truth.last] == delays[truth.first]


def test_a_wrong_version_answers_while_the_registry_names_the_champion(world: World) -> None:
    _, truth, seen = planted(world, IncidentKind.WRONG_MODEL_VERSION)
    one = next(iter(seen.slices(world.stage.days[truth.first])))
    assert one.champion == VERSIONS[-1]
    assert [served.version for served in one.served] == [VERSIONS[0]]


def test_a_slow_dependency_slows_the_answers(world: World) -> None:
    stage, truth, _ = planted(world, IncidentKind.SLOW_DEPENDENCY)
    name = truth.subject["dependency"]
    usual, slow = world.stage.service[truth.first], stage.service[truth.first]
    assert slow.dependencies[name] > 3.9 * usual.dependencies[name]
    assert slow.latency_p99 > usual.latency_p99


def test_made_up_news_reach_the_features_of_their_symbol(world: World) -> None:
    _, truth, seen = planted(world, IncidentKind.ADVERSARIAL_NEWS)
    one = next(iter(seen.slices(world.stage.days[truth.first])))
    clean = next(iter(world.observed().slices(world.stage.days[truth.first])))
    assert one.news is not None
    assert clean.news is not None
    assert len(one.news) >= len(clean.news) + 8
    changed = one.symbol[(~np.isclose(one.features, clean.features, equal_nan=True)).any(axis=1)]
    assert set(truth.subject["symbol"].split("|")) <= set(changed.tolist())
