"""Planned shocks change what they name, from their first session on, and nothing before it."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from tradewind.core import Panel
from tradewind.data import MarketSettings, MarketShock, simulate
from tradewind.data.simulator import SimulatedMarket

BASE = MarketSettings(kind="momentum", n_symbols=20, n_days=400, factor_share=0.5, ceiling=0.7, seed=4)
FIRST, LAST = 200, 299


def shocked(kind: str, size: float) -> SimulatedMarket:
    shock = MarketShock(kind=kind, first=FIRST, last=LAST, size=size)  # type: ignore[arg-type]
    return simulate(BASE.model_copy(update={"shocks": (shock,)}))


def moves(panel: Panel) -> np.ndarray:
    """(S, T - 1) log returns; every symbol has every session."""
    return np.diff(np.log(panel.adj_close.reshape(panel.n_symbols, -1)), axis=1)


@pytest.fixture(scope="module")
def plain() -> SimulatedMarket:
    return simulate(BASE)


@pytest.mark.parametrize(("kind", "size"), [("volatility", 2.5), ("correlation", 1.0), ("rotation", 0.3), ("fade", 2)])
def test_sessions_before_a_shock_are_as_without_it(plain: SimulatedMarket, kind: str, size: float) -> None:
    before, after = moves(plain.panel), moves(shocked(kind, size).panel)
    np.testing.assert_array_equal(before[:, : FIRST - 1], after[:, : FIRST - 1])
    assert not np.array_equal(before[:, FIRST - 1 :], after[:, FIRST - 1 :])


def test_a_volatility_shock_multiplies_the_moves(plain: SimulatedMarket) -> None:
    before, after = moves(plain.panel), moves(shocked("volatility", 2.5).panel)
    inside = slice(FIRST - 1, LAST)
    assert after[:, inside].std() / before[:, inside].std() == pytest.approx(2.5, rel=0.15)


@pytest.mark.parametrize(("size", "low", "high"), [(1.0, -0.3, -0.08), (-1.0, 0.08, 0.5)])
def test_a_correlation_shock_changes_correlation_and_not_volatility(
    plain: SimulatedMarket, size: float, low: float, high: float
) -> None:
    before, after = moves(plain.panel), moves(shocked("correlation", size).panel)
    inside = slice(FIRST - 1, LAST)
    off = ~np.eye(len(after), dtype=bool)
    usual = np.corrcoef(before[:, inside])[off].mean()
    assert low < np.corrcoef(after[:, inside])[off].mean() - usual < high
    assert after[:, inside].std() / before[:, inside].std() == pytest.approx(1.0, rel=0.2)


def test_a_rotation_lifts_one_sector_and_lowers_another() -> None:
    market = shocked("rotation", 0.3)
    rise = market.rise.reshape(20, -1)[:, FIRST - 1 : LAST]
    sector = np.arange(20) % 5
    truth = market.probability.reshape(20, -1)[:, FIRST - 1 : LAST]
    assert (truth[sector == 0] == 0.8).all()
    assert rise[sector == 0].mean() == pytest.approx(0.8, abs=0.07)
    assert rise[sector == 1].mean() == pytest.approx(0.2, abs=0.07)


def test_a_fade_turns_the_rule_round_slowly_and_lastingly() -> None:
    market = shocked("fade", 2.0)
    truth = np.abs(market.probability.reshape(20, -1) - 0.5)
    assert truth[:, FIRST - 2].max() == pytest.approx(0.2)
    assert truth[:, (FIRST + LAST) // 2].max() < 0.01
    assert truth[:, LAST:-1].max() == pytest.approx(0.2)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"last": 5}, "before it begins"),
        ({"size": 7.0, "kind": "rotation"}, "size from 0 to 0.5"),
        ({"kind": "rotation", "size": 0.2, "up": 2, "down": 2}, "two sectors"),
    ],
)
def test_a_shock_that_makes_no_sense_is_refused(change: dict[str, object], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        MarketShock.model_validate({"kind": "volatility", "first": 10, "last": 20, "size": 2.0, **change})


def test_a_rotation_of_a_sector_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError, match="names sector 9"):
        MarketSettings(shocks=(MarketShock(kind="rotation", first=1, last=2, size=0.1, up=9),))
