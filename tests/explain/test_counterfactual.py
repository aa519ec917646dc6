"""Every claimed flip is a flip, every move is plausible, and nothing later is read."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from tradewind.core import InputError
from tradewind.core.panel import PRICE_FIELDS
from tradewind.explain.counterfactual import (
    BarSettings,
    FeatureSettings,
    Plausible,
    bar_counterfactuals,
    feature_counterfactuals,
)
from tradewind.explain.counterfactual.moves import INPUTS, moves_of
from tradewind.explain.what_if.bar import Bar, with_bars
from tradewind.explain.what_if.replay import Replay
from tradewind.features import REGISTRY, Group
from tradewind.training import ENSEMBLE, build_dataset

pytestmark = pytest.mark.slow

ROWS = (5, 400, 900, 1200)


@pytest.fixture(scope="module")
def searches(fitted):
    """Return (replay, search among bars) of a few rows."""
    replays = [Replay(fitted.model, fitted.data, int(fitted.test[i])) for i in ROWS]
    return [(replay, bar_counterfactuals(replay)) for replay in replays]


@pytest.fixture(scope="module")
def among_features(fitted):
    """Return (replay, search among features) of a few rows."""
    replays = [Replay(fitted.model, fitted.data, int(fitted.test[i])) for i in (100, 400, 1200)]
    return [(replay, feature_counterfactuals(replay)) for replay in replays]


def test_each_claimed_flip_is_a_flip_of_a_model_run_on_bars_alone(fitted, searches):
    found = [(replay, one) for replay, search in searches for one in search.found]
    assert len(found) >= 2
    for replay, one in found:
        panel = fitted.data.panel.until(replay.time)
        row = panel.rows_of(replay.symbol).stop - 1
        built = build_dataset(with_bars(panel, np.array([row]), [one.bar]), names=fitted.data.names)
        again = fitted.model.forecast(built, np.array([row]))[ENSEMBLE].probability[0]
        assert again == pytest.approx(one.probability, abs=1e-6)
        assert (again > 0.5) != (replay.probability > 0.5)
        assert one.verified


def test_only_the_rows_own_bar_changes_and_stays_a_bar(searches):
    for _, search in searches:
        for one in (*search.found, *([search.nearest] if search.nearest else [])):
            bar = one.bar
            assert 0 < bar.low <= min(bar.open, bar.close) <= max(bar.open, bar.close) <= bar.high
            assert bar.volume >= 0
            named = {change.name for change in one.changes}
            assert len(named) <= 3


def test_moves_are_within_what_the_past_shows(searches):
    for replay, search in searches:
        rows = slice(replay.row - 250, replay.row)
        past = moves_of(replay.panel, slice(max(rows.start, replay.history.start), rows.stop))
        low, high = np.nanquantile(past, (0.005, 0.995), axis=0)
        for one in search.found:
            changed = moves_of(
                with_bars(replay.panel, np.array([replay.row]), [one.bar]), slice(replay.row, replay.row + 1)
            )
            for change in one.changes:
                i = INPUTS.index(change.name)
                now = np.log1p(change.move_before)
                assert min(low[i], now) - 1e-9 <= changed[0, i] <= max(high[i], now) + 1e-9
                assert 0 <= change.percentile <= 100
            assert one.plausibility >= 0.3


def test_where_none_is_found_it_says_so_and_how_far_it_came(searches):
    none = [search for _, search in searches if not search.found]
    assert none
    for search in none:
        assert search.nearest is not None
        assert "none found within plausible moves" in search.words
        assert (search.nearest.probability > 0.5) == (search.probability > 0.5)
        assert f"{search.nearest.probability:.3f}" in search.words


def test_a_smaller_move_of_the_single_input_does_not_turn_it(fitted, searches):
    single = [(r, one) for r, s in searches for one in s.found if len(one.changes) == 1]
    assert single
    for replay, one in single:
        change = one.changes[0]
        now, then = np.log1p(change.move_before), np.log1p(change.move_after)
        plausible = Plausible.of(replay.panel, replay.row)
        half = plausible.bar_of({change.name: now + 0.5 * (then - now)})
        assert (replay.whole(replay.with_bar(half)) > 0.5) == (replay.probability > 0.5)


def test_future_bars_do_not_change_the_result(fitted, searches):
    replay, first = searches[1]
    panel = fitted.data.panel
    later = panel.time > replay.time
    columns = {name: getattr(panel, name).copy() for name in PRICE_FIELDS}
    for name, column in columns.items():
        column[later] *= 1.7 if name != "volume" else 3.0
    other = build_dataset(replace(panel, **columns), names=fitted.data.names)
    row = int(fitted.test[ROWS[1]])
    again = bar_counterfactuals(Replay(fitted.model, other, row))
    assert again.to_dict() == first.to_dict()
    same = feature_counterfactuals(Replay(fitted.model, fitted.data, row))
    assert feature_counterfactuals(Replay(fitted.model, other, row)).to_dict() == same.to_dict()


def test_the_same_seed_gives_the_same_result(searches):
    replay, search = searches[0]
    assert bar_counterfactuals(replay).to_dict() == search.to_dict()


def test_another_target_is_crossed(fitted):
    replay = Replay(fitted.model, fitted.data, int(fitted.test[ROWS[1]]))
    search = bar_counterfactuals(replay, BarSettings(target=0.6))
    assert replay.probability > 0.6
    assert search.found
    assert all(one.probability < 0.6 for one in search.found)
    easier = bar_counterfactuals(replay).found[0]
    assert search.found[0].distance < easier.distance


def test_two_inputs_are_tried_where_one_is_not_enough(fitted, monkeypatch):
    """The forecast is replaced by a rule that needs the gap and the volume to move at once."""
    replay = Replay(fitted.model, fitted.data, int(fitted.test[ROWS[1]]))
    plausible = Plausible.of(replay.panel, replay.row)

    def share(bar: Bar, name: str) -> float:
        move = moves_of(with_bars(replay.panel, np.array([replay.row]), [bar]), slice(replay.row, replay.row + 1))[0]
        i = INPUTS.index(name)
        return float(abs(move[i] - plausible.now[i]) / (plausible.high[i] - plausible.low[i]))

    def rule(bar: Bar) -> float:
        return 0.7 - 0.3 * min(share(bar, "open"), 0.5) - 0.3 * min(share(bar, "volume"), 0.5)

    monkeypatch.setattr(replay, "bar_probabilities", lambda bars: np.array([rule(bar) for bar in bars]))
    monkeypatch.setattr(replay, "probability", 0.7)
    monkeypatch.setattr(replay, "whole", lambda data: rule(Bar.at(data.panel, replay.row)))
    search = bar_counterfactuals(replay, BarSettings(target=0.5))
    assert search.found
    assert {change.name for change in search.found[0].changes} == {"open", "volume"}


def test_a_young_symbol_is_refused(fitted):
    early = int(fitted.data.panel.offsets[0]) + 30
    with pytest.raises(InputError, match="too few to say which moves are plausible"):
        bar_counterfactuals(Replay(fitted.model, fitted.data, early))


def test_moves_and_bars_are_inverse(fitted):
    panel, row = fitted.data.panel, int(fitted.test[50])
    plausible = Plausible.of(panel, row)
    same = plausible.bar_of({})
    for field in fields(Bar):
        assert getattr(same, field.name) == pytest.approx(getattr(plausible.bar, field.name), rel=1e-9)
    for name, move in (("close", -0.02), ("open", 0.01), ("high", 0.015), ("low", 0.02), ("volume", 0.7)):
        changed = with_bars(panel, np.array([row]), [plausible.bar_of({name: move})])
        got = moves_of(changed, slice(row, row + 1))[0, INPUTS.index(name)]
        assert got == pytest.approx(move, abs=1e-5)


def test_few_features_turn_it_within_training_values_and_near_real_rows(fitted, among_features):
    found = [(replay, one) for replay, search in among_features for one in search.found]
    assert len(found) >= 3
    for replay, one in found:
        assert 1 <= len(one.changes) <= 4
        assert one.nearest_distance <= one.near_limit
        low, high = replay.bounds
        values = replay.features.copy()
        for change in one.changes:
            i = replay.names.index(change.name)
            assert low[i] - 1e-6 <= change.after <= high[i] + 1e-6
            assert REGISTRY.get(change.name).group != Group.CALENDAR
            values[i] = np.float32(change.after)
        table = fitted.data.features.copy()
        row = fitted.data.panel.rows_of(replay.symbol).start + int(
            np.searchsorted(fitted.data.panel.time[fitted.data.panel.rows_of(replay.symbol)], replay.time)
        )
        for i, name in enumerate(replay.names):
            table[row, fitted.data.names.index(name)] = values[i]
        again = fitted.model.forecast(fitted.data.with_features(table, fitted.data.names), np.array([row]))
        assert again[ENSEMBLE].probability[0] == pytest.approx(one.probability, abs=1e-6)
        assert (one.probability > 0.5) != (replay.probability > 0.5)
        assert one.verified


def test_the_set_is_diverse(among_features):
    for _, search in among_features:
        sets = [frozenset(change.name for change in one.changes) for one in search.found]
        assert len(set(sets)) == len(sets)


def test_unlike_neighbours_are_earlier_bars_of_the_other_side(among_features):
    for replay, search in among_features:
        assert search.neighbours
        for one in search.neighbours:
            assert np.datetime64(one.date) < replay.time
            assert (one.probability > 0.5) != (replay.probability > 0.5)
        distances = [one.distance for one in search.neighbours]
        assert distances == sorted(distances)


def test_with_too_few_changes_allowed_it_says_none(fitted):
    replay = Replay(fitted.model, fitted.data, int(fitted.test[5]))
    search = feature_counterfactuals(replay, FeatureSettings(most=1))
    assert not search.found
    assert "None found with at most 1 feature changed" in search.words
    assert search.furthest <= 0.5
