"""Shocks to the whole market: forecasts before and after are the model's, and the summary counts them right."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import UsageError
from tradewind.evaluation import backtest, stress_test
from tradewind.explain.attribution import Attribution
from tradewind.explain.what_if.shocks import market_move
from tradewind.explain.what_if.stress import ForecastStressSettings, stress_forecasts
from tradewind.features import row_slices
from tradewind.training import ENSEMBLE, build_dataset, to_outcomes


@pytest.fixture(scope="module")
def stress(fitted):
    """Return the shocks of the last day."""
    return stress_forecasts(fitted.model, fitted.data)


def test_a_shock_is_the_model_run_on_the_shocked_bars(fitted, stress):
    panel = market_move(fitted.data.panel, -0.10)
    rows = np.flatnonzero(panel.time == panel.times[-1])
    before = fitted.model.forecast(fitted.data, rows)[ENSEMBLE].probability
    after = fitted.model.forecast(build_dataset(panel, names=fitted.data.names), rows)[ENSEMBLE].probability
    (shock,) = [one for one in stress.shocks if one.name == "market -10% in a day"]
    assert shock.mean_before == pytest.approx(before.mean(), abs=1e-6)
    assert shock.mean_after == pytest.approx(after.mean(), abs=1e-6)
    assert shock.flips == int(((before > 0.5) != (after > 0.5)).sum())
    assert shock.flips == shock.to_fall + shock.to_rise
    first = int(np.argmax(np.abs(after - before)))
    assert shock.largest[0].symbol == panel.symbols[panel.symbol_code[rows[first]]]
    side = np.sign(before - 0.5)
    move = panel.adj_close[rows] / fitted.data.panel.adj_close[rows] - 1
    assert shock.held == pytest.approx(float((side * move).mean()))


def test_what_is_not_read_is_told(stress):
    (thin,) = [one for one in stress.shocks if one.name.startswith("volume")]
    assert thin.unread
    assert thin.flips == 0
    assert "no feature the model reads moves" in next(words for words in stress.words if words.startswith("volume"))


def test_later_days_play_no_part(fitted):
    day = fitted.data.panel.times[-30]
    few = ForecastStressSettings(falls=(-0.05,), wilder=(), thin=(), gaps=(), fear=())
    whole = stress_forecasts(fitted.model, fitted.data, day=day, settings=few)
    short = fitted.data.select(fitted.data.panel.time <= day)
    assert stress_forecasts(fitted.model, short, settings=few).to_dict() == whole.to_dict()
    assert whole.date == str(day)[:10]


def test_fear_is_shocked_where_there_is_an_index(fitted):
    panel = replace(fitted.data.panel, fear=np.full(len(fitted.data), 18.0))
    found = stress_forecasts(fitted.model, replace(fitted.data, panel=panel))
    assert found.shocks[-1].name == "fear index +20"


def test_groups_explain_the_mean_change(fitted):
    def explain(data, rows):
        names = ("rsi_14", "sma_ratio_5")
        inputs = data.features[rows][:, [data.names.index(name) for name in names]].astype(np.float64)
        values = inputs - 0.5
        return Attribution(
            rows=rows, names=names, inputs=inputs, base=0.5, probability=0.5 + values.sum(axis=1), values=values,
            base_log_odds=0.0, log_odds=values, members={},
        )  # fmt: skip

    few = ForecastStressSettings(falls=(-0.05,), wilder=(), thin=(), gaps=(), fear=())
    (shock,) = stress_forecasts(fitted.model, fitted.data, settings=few, explain=explain).shocks
    panel = market_move(fitted.data.panel, -0.05)
    rows = np.flatnonzero(panel.time == panel.times[-1])
    moved = build_dataset(panel, names=("rsi_14", "sma_ratio_5")).features[rows].astype(np.float64)
    now = build_dataset(fitted.data.panel, names=("rsi_14", "sma_ratio_5")).features[rows].astype(np.float64)
    expected = (moved - now).mean(axis=0)
    assert shock.groups["momentum"] == pytest.approx(expected[0], rel=1e-5)
    assert shock.groups["trend"] == pytest.approx(expected[1], rel=1e-5)


def test_a_portfolio_s_stress_stands_beside(fitted, stress):
    forecast = fitted.model.forecast(fitted.data, fitted.test)[ENSEMBLE]
    outcomes = to_outcomes(ENSEMBLE, forecast, fitted.data, row_slices(fitted.data.panel))
    beside = stress.beside(stress_test(outcomes, backtest(outcomes)))
    assert beside.to_dict()["portfolio"]["shocks"]
    assert beside.shocks == stress.shocks
    assert stress.to_dict()["portfolio"] is None


def test_a_day_without_bars_is_refused(fitted):
    with pytest.raises(UsageError, match="no symbol has a bar on 1999-01-01"):
        stress_forecasts(fitted.model, fitted.data, day=np.datetime64("1999-01-01", "us"))
