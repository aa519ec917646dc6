"""Scenarios: what is understood, what changes, and that the parts of a change sum to it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Panel, UsageError
from tradewind.explain.what_if.due_to import REST
from tradewind.explain.what_if.replay import Replay
from tradewind.explain.what_if.scenario import crossing, run_scenarios
from tradewind.explain.what_if.scenario_text import Scenario
from tradewind.explain.what_if.shocks import (
    at_closes,
    day_betas,
    fear_moved,
    gap_move,
    last_rows,
    market_move,
    thinner,
    wilder,
)
from tradewind.models.past import past_return
from tradewind.training import ENSEMBLE

NAMES = ("return_1", "rsi_14", "sma_ratio_5", "sma_ratio_10")


@pytest.mark.parametrize(
    ("text", "name", "relation", "value", "unit"),
    [
        ("rsi_14=28", "rsi_14", "=", 28.0, ""),
        ("rsi_14 < 30", "rsi_14", "<", 30.0, ""),
        ("If RSI falls below 30", "rsi_14", "<", 30.0, ""),
        ("rsi rises above 70", "rsi_14", ">", 70.0, ""),
        ("return_1=-5%", "return_1", "=", -0.05, "share"),
        ("return_1 - 25bp", "return_1", "+", -0.0025, "share"),
        ("return_1 + 2sd", "return_1", "+", 2.0, "sd"),
        ("sma_ratio_5 x2", "sma_ratio_5", "x", 2.0, ""),
        ("volume doubles", "volume", "x", 2.0, ""),
        ("volume halves", "volume", "x", 0.5, ""),
        ("volume +50%", "volume", "+", 0.5, "share"),
        ("market falls 3 % today", "market", "+", -0.03, "share"),
        ("VIX +10", "vix", "+", 10.0, ""),
        ("vix=40", "vix", "=", 40.0, ""),
        ("price -5 % today", "price", "+", -0.05, "share"),
        ("close=98.5", "price", "=", 98.5, ""),
        ("gap -3%", "gap", "+", -0.03, "share"),
        ("volatility x3", "volatility", "x", 3.0, ""),
        ("if the price falls by 5 percent", "price", "+", -0.05, "share"),
        ("VIX rises to 40", "vix", "=", 40.0, ""),
        ("rsi_14<.3", "rsi_14", "<", 0.3, ""),
    ],
)
def test_texts_are_understood(text, name, relation, value, unit):
    one = Scenario.parse(text, NAMES)
    assert (one.name, one.relation, one.unit) == (name, relation, unit)
    assert one.value == pytest.approx(value)
    assert one.text == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rsi14<30", "did you mean rsi_14"),
        ("rsi_21<30", "does not read 'rsi_21'|not known.*rsi_14"),
        ("sma_ratio=1", "sma_ratio_5, sma_ratio_10"),
        ("realised_volatility_20=1", "does not read"),
        ("nonsense", "cannot be understood"),
        ("market -3", "lacks a unit.*market -3%"),
        ("price -120%", "out of reach"),
        ("volume +5", "lacks a unit"),
        ("volume x-2", "multiplies by -2"),
        ("volume<3", "has no meaning"),
        ("volatility +2", "has no meaning"),
        ("rsi_14=2sd", "uses sd"),
        ("vix + 2sd", "uses sd"),
        ("vix +10%", "moves by points"),
        ("price=-100%", "out of reach"),
        ("market falls -3%", "two signs"),
        ("volume=50%", r"write volume \+50%"),
        ("volume -150%", "fewer shares than none"),
        ("volume=-5", "fewer shares than none"),
    ],
)
def test_what_is_not_understood_is_told_with_a_way_out(text, message):
    with pytest.raises(UsageError, match=message):
        Scenario.parse(text, NAMES)


@pytest.fixture(scope="module")
def replay(fitted):
    """Return a row to ask about."""
    return Replay(fitted.model, fitted.data, int(fitted.test[400]))


def ask(replay: Replay, *texts: str):
    """Return the results of scenarios."""
    return run_scenarios(replay, [Scenario.parse(text, replay.names) for text in texts])


def test_parts_of_a_change_sum_to_it(replay):
    texts = ("rsi_14<30", "return_1=-5%", "market -3%", "price -5%", "gap -3%", "volatility x2", "volume x2")
    results = ask(replay, *texts)
    assert len(results) == len(texts) + 1  # and all together
    for one in results:
        assert sum(one.due_to.values()) == pytest.approx(one.change, abs=1e-12)
        assert one.before == replay.probability
    assert any(abs(one.change) > 0.05 for one in results)


def test_setting_a_feature_is_the_model_run_on_that_feature(fitted, replay):
    (one,) = ask(replay, "return_5=-4%")
    table = fitted.data.features.copy()
    row = int(fitted.test[400])
    table[row, fitted.data.names.index("return_5")] = -0.04
    again = fitted.model.forecast(fitted.data.with_features(table, fitted.data.names), np.array([row]))
    assert one.after == pytest.approx(again[ENSEMBLE].probability[0], abs=1e-6)
    assert list(one.due_to) == ["momentum"]
    assert [shift.name for shift in one.features] == ["return_5"]


def test_price_moves_to_the_day_s_return_asked_for(replay):
    (one,) = ask(replay, "price -5%")
    shift = {f.name: f.after for f in one.features}
    assert shift["return_1"] == pytest.approx(-0.05, abs=1e-6)
    assert "return_1" in one.outside  # five per cent is beyond its training range
    assert "Beyond training values" in one.words
    assert one.turns
    assert "turns the forecast" in one.words


def test_a_scenario_that_holds_already_changes_nothing(replay):
    (one,) = ask(replay, "rsi_14>30")
    assert replay.features[replay.names.index("rsi_14")] > 30
    assert one.already
    assert one.after == one.before
    assert "holds already" in one.words


def test_what_the_model_does_not_read_moves_nothing(replay):
    (one,) = ask(replay, "volume x3")
    assert one.after == one.before
    assert "moves nothing the model reads" in one.words


def test_earlier_bars_have_a_line_of_their_own(replay):
    (one,) = ask(replay, "volatility x2")
    assert REST in one.due_to  # the LSTM also reads the bars before


def test_the_close_that_brings_a_feature_there_does(fitted, replay):
    (one,) = ask(replay, "rsi_14<50")
    assert one.by_price is not None
    assert one.by_price.value < 50
    (again,) = ask(replay, f"price={one.by_price.close!r}")
    assert again.after == pytest.approx(one.by_price.probability, abs=1e-6)
    assert 0 <= one.by_price.percentile <= 100


@pytest.mark.slow
def test_a_crossing_is_where_the_side_changes(fitted):
    found = 0
    probability = fitted.model.forecast(fitted.data, fitted.test)[ENSEMBLE].probability
    near = fitted.test[np.abs(probability - 0.5) < 0.03]
    for row in near[:: len(near) // 6]:
        replay = Replay(fitted.model, fitted.data, int(row))
        for name in ("return_5", "sma_ratio_5", "return_1"):
            for down in (True, False):
                one = crossing(replay, name, down=down)
                if one.value is None:
                    assert one.turns == 0
                    continue
                found += 1
                at = replay.names.index(name)
                values = np.tile(replay.features, (2, 1))
                values[0, at] = one.value
                values[1, at] = one.value + (1 if down else -1) * abs(one.end - one.start) / 200
                beyond, before = replay.probabilities(values) > 0.5
                assert beyond != before
                assert before == (replay.probability > 0.5)
    assert found


def test_a_monotone_rule_has_its_threshold_found(replay, monkeypatch):
    at = replay.names.index("rsi_14")
    monkeypatch.setattr(replay, "probabilities", lambda values: np.where(values[:, at] < 30.0, 0.2, 0.8))
    monkeypatch.setattr(replay, "whole", lambda data: 0.2)
    one = crossing(replay, "rsi_14", down=True)
    assert one.value == pytest.approx(30.0, abs=1e-3)
    assert one.turns == 1
    assert crossing(replay, "rsi_14", down=False).value is None


def test_a_market_move_is_the_mean_of_the_symbols(make_panel):
    panel = make_panel(8, 200, seed=4, gaps=True)
    day = panel.times[-1]
    shocked = market_move(panel, -0.07)
    rows = last_rows(panel)
    assert past_return(shocked, 1)[rows].mean() == pytest.approx(-0.07, abs=1e-12)
    assert day_betas(panel, rows).mean() == pytest.approx(1.0)
    before = panel.time < day
    for name in ("open", "high", "low", "close", "adj_close", "volume"):
        np.testing.assert_array_equal(getattr(shocked, name)[before], getattr(panel, name)[before])
    assert np.all(shocked.low <= np.minimum(shocked.open, shocked.close) + 1e-12)
    assert np.all(shocked.high >= np.maximum(shocked.open, shocked.close) - 1e-12)


def test_betas_are_those_of_least_squares(make_panel):
    panel = make_panel(5, 120, seed=1)
    rows = last_rows(panel)
    returns = past_return(panel, 1).reshape(5, 120)[:, 1:-1]
    market = returns.mean(axis=0)
    expected = np.array([np.polyfit(market, one, 1)[0] for one in returns])
    np.testing.assert_allclose(day_betas(panel, rows), expected / expected.mean(), rtol=1e-9)


def test_a_gap_moves_the_whole_bar(make_panel):
    panel = make_panel(3, 80)
    rows = last_rows(panel)
    shocked = gap_move(panel, rows, -0.04)
    opened = shocked.open[rows] * (panel.adj_close / panel.close)[rows] / panel.adj_close[rows - 1]
    np.testing.assert_allclose(opened, 0.96)
    np.testing.assert_allclose(shocked.high[rows] / shocked.open[rows], panel.high[rows] / panel.open[rows])


def test_wilder_days_double_the_deviations_and_keep_the_return(make_panel):
    panel = make_panel(3, 80)
    shocked = wilder(panel, 2.0, 20)
    for s in range(3):
        part = slice(int(panel.offsets[s + 1]) - 21, int(panel.offsets[s + 1]))
        old, new = (np.diff(np.log(one.adj_close[part])) for one in (panel, shocked))
        assert new.std() == pytest.approx(2 * old.std())
        assert new.sum() == pytest.approx(old.sum())
    assert np.all(shocked.low <= np.minimum(shocked.open, shocked.close) * (1 + 1e-12))
    assert np.all(shocked.high >= np.maximum(shocked.open, shocked.close) * (1 - 1e-12))


def test_volume_and_fear(make_panel):
    panel: Panel = make_panel(3, 80)
    rows = last_rows(panel)
    np.testing.assert_allclose(thinner(panel, 0.5, 1).volume[rows], np.round(panel.volume[rows] * 0.5))
    with pytest.raises(UsageError, match="without a fear index"):
        fear_moved(panel, add=10)
    feared = replace(panel, fear=np.full(len(panel), 15.0))
    assert np.all(fear_moved(feared, add=10).fear[rows] == 25.0)
    assert np.all(fear_moved(feared, to=40).fear[rows] == 40.0)
    assert (fear_moved(feared, add=10).fear != 15.0).sum() == len(rows)


def test_a_close_widens_the_range(make_panel):
    panel = make_panel(2, 30)
    rows = last_rows(panel)
    shocked = at_closes(panel, rows, panel.high[rows] * 1.1)
    np.testing.assert_allclose(shocked.high[rows], panel.high[rows] * 1.1)
    np.testing.assert_allclose(shocked.adj_close[rows] / shocked.close[rows], panel.adj_close[rows] / panel.close[rows])


def test_a_feature_that_is_not_known_can_still_be_set_by_a_bound(fitted):
    row = int(fitted.test[400])
    table = fitted.data.features.copy()
    table[row, fitted.data.names.index("rsi_14")] = np.nan
    (one,) = ask(Replay(fitted.model, fitted.data.with_features(table, fitted.data.names), row), "rsi_14<30")
    assert one.crossing is None
    assert not one.already
    assert one.features[0].after < 30
