"""Parity against rates counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from tradewind.core import Outcomes
from tradewind.evaluation import (
    evaluate_outcomes,
    group_parity,
    parity_curve_record,
    render_report,
    with_parity_measured,
)
from tradewind.evaluation.parity import groups_of

Maker = Callable[..., Outcomes]


@dataclass(frozen=True)
class Point:
    strength: float
    reweight: bool
    outcomes: Outcomes


def test_hand_counted(make_outcomes: Maker) -> None:
    base = make_outcomes(n_symbols=2, n_days=4)
    sector = np.array(["A", "B"] * 4)
    found = group_parity(
        replace(
            base,
            sector=sector,
            probability=np.array([0.9, 0.9, 0.9, 0.1, 0.9, 0.1, 0.1, 0.1]),
            direction=np.array([1.0, 1.0, 0.0, 1.0, np.nan, 0.0, 0.0, 0.0]),
        ),
        "sector",
        least=1,
    )
    a, b = found.groups
    assert (a.rise.value, b.rise.value) == (0.75, 0.25)
    assert (a.true_positive.value, b.true_positive.value) == (1.0, 0.5)
    assert (a.false_positive.value, b.false_positive.value) == (0.5, 0.0)
    assert a.accuracy.value == pytest.approx(2 / 3)
    assert b.accuracy.value == 0.75
    assert found.gap["rise"].value == 0.5
    assert found.ratio["rise"].value == pytest.approx(1 / 3)
    assert found.gap["true_positive"].value == 0.5
    assert "breaks the four-fifths rule" in found.words


def test_gap_and_ratio_are_those_of_the_formula(make_outcomes: Maker) -> None:
    """Demographic parity difference and ratio, and equal opportunity, computed the plain way."""
    outcomes = make_outcomes(skill=0.2, seed=3)
    found = group_parity(outcomes, "sector", least=1)
    said = outcomes.predicted_direction
    rates = [said[outcomes.sector == name].mean() for name in np.unique(outcomes.sector)]
    chances = [said[(outcomes.sector == n) & (outcomes.direction == 1)].mean() for n in np.unique(outcomes.sector)]
    assert found.gap["rise"].value == pytest.approx(max(rates) - min(rates))
    assert found.ratio["rise"].value == pytest.approx(min(rates) / max(rates))
    assert found.gap["true_positive"].value == pytest.approx(max(chances) - min(chances))
    for rates_of in found.groups:
        assert rates_of.rise.lower <= rates_of.rise.value <= rates_of.rise.upper


def test_small_and_unknown_groups_are_not_compared(make_outcomes: Maker) -> None:
    outcomes = make_outcomes(n_symbols=6, n_days=60)
    sector = np.where(outcomes.symbol == "S000", "unknown", outcomes.sector)
    found = group_parity(replace(outcomes, sector=sector), "sector", least=100)
    assert {g.group: g.small for g in found.groups} == {
        "Energy": True, "Health": False, "Tech": False, "unknown": True,
    }  # fmt: skip
    alone = group_parity(replace(outcomes, sector=np.full(len(outcomes), "Tech")), "sector")
    assert np.isnan(alone.gap["rise"].value)
    assert "fewer than two" in alone.words


def test_no_forecast_at_all(make_outcomes: Maker) -> None:
    outcomes = make_outcomes()
    found = group_parity(replace(outcomes, probability=np.full(len(outcomes), np.nan)), "sector")
    assert found.groups == ()


def test_both(make_outcomes: Maker) -> None:
    assert set(groups_of(make_outcomes(), "both")) == {
        f"{sector}, {size}" for sector in ("Energy", "Health", "Tech") for size in ("small", "large")
    }


@pytest.mark.slow
def test_the_report_shows_table_and_curve(make_outcomes: Maker) -> None:
    outcomes = make_outcomes(skill=0.2)
    points = [Point(s, w, make_outcomes(skill=0.2, seed=int(s) + w)) for s in (0.0, 1.0) for w in (False, True)]
    plain = evaluate_outcomes({"model": outcomes}, primary="model")
    assert plain.to_dict()["parity"] is None
    found = with_parity_measured(plain, {"model": outcomes}, "sector", points)
    page = render_report(found, {"model": outcomes}, title="t")
    assert 'id="parity"' in page
    assert "What parity costs" in page
    assert found.to_dict()["parity_curve"]["points"][0]["strength"] == 0
    assert 'id="parity"' not in render_report(plain, {"model": outcomes}, title="t")
    assert "too few" in parity_curve_record(points[:1], "sector").words
