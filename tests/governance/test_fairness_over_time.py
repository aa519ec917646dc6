"""Fairness figures equal fairlearn's; a planted bias is found in the whole span and in the periods it lies in."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from tradewind.core import InputError, Outcomes
from tradewind.evaluation import BootstrapSettings
from tradewind.governance.fairness import fairness_report, periods_of, write_fairness

FEW = BootstrapSettings(draws=200)


def forecasts(bias: float = 0.0, *, since: str = "2014-01-01", n_days: int = 500, seed: int = 0) -> Outcomes:
    """Ten symbols of two sectors; from ``since`` on, forecasts of Tech are moved up by ``bias`` log odds."""
    rng = np.random.default_rng(seed)
    days = np.arange(np.datetime64("2014-01-01"), np.datetime64("2017-01-01"))
    days = days[np.is_busday(days)][:n_days].astype("datetime64[us]")
    n = n_days * 10
    symbol = np.tile(np.arange(10), n_days)
    time = np.repeat(days, 10)
    sector = np.where(symbol % 2 == 0, "Tech", "Energy")
    odds = rng.normal(0.0, 1.0, n) + bias * ((sector == "Tech") & (time >= np.datetime64(since)))
    moves = 0.01 * rng.normal(size=n)
    return Outcomes(
        model="biased",
        symbol=np.array([f"S{s}{'.L' if s < 5 else '.DE'}" for s in range(10)])[symbol],
        time=time,
        probability=1.0 / (1.0 + np.exp(-odds)),
        expected_return=np.zeros(n),
        lower=np.full(n, np.nan),
        upper=np.full(n, np.nan),
        direction=(moves > 0).astype(np.float64),
        forward_return=moves,
        close=np.full(n, 10.0),
        sector=sector,
        size_bucket=np.where(symbol < 5, "small", "large"),
        volatility_regime=np.full(n, "normal"),
    )


@pytest.mark.slow
def test_figures_equal_fairlearn() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the library's own imports
        from fairlearn import metrics

    outcomes = forecasts(0.7)
    report = fairness_report(outcomes, bootstrap=FEW)
    said, truth = outcomes.predicted_direction, outcomes.direction
    for kind, feature in ((report.kinds[0], outcomes.sector), (report.kinds[1], outcomes.size_bucket)):
        ratio = metrics.demographic_parity_ratio(truth, said, sensitive_features=feature)
        gap = metrics.demographic_parity_difference(truth, said, sensitive_features=feature)
        hits = metrics.equal_opportunity_difference(truth, said, sensitive_features=feature)
        assert kind.whole.ratio["rise"].value == pytest.approx(ratio, abs=1e-12)
        assert kind.whole.gap["rise"].value == pytest.approx(gap, abs=1e-12)
        assert kind.whole.gap["true_positive"].value == pytest.approx(hits, abs=1e-12)


def test_a_planted_bias_breaks_the_rule_and_chance_does_not() -> None:
    fair, biased = (fairness_report(forecasts(bias), bootstrap=FEW) for bias in (0.0, 1.2))
    assert not any(kind.broken or kind.suspected for kind in fair.kinds)
    sector, size, place = biased.kinds
    assert sector.broken
    assert sector.persistent == "Energy"
    assert "breaks the four-fifths rule" in sector.words
    assert not size.broken
    assert not place.broken
    assert {g.group for g in place.whole.groups} == {"London", "Germany"}


def test_a_bias_that_begins_late_shows_in_its_periods() -> None:
    sector = fairness_report(forecasts(1.5, since="2015-01-01"), every="quarter", bootstrap=FEW).kinds[0]
    early = [p for p in sector.periods if p.period < "2015"]
    late = [p for p in sector.periods if p.period >= "2015"]
    assert len(early) == 4
    assert late
    assert not any(p.broken for p in early)
    assert all(p.broken for p in late)
    assert sum(p.rows for p in sector.periods) == 5000


def test_periods_begin_with_their_first_month() -> None:
    days = np.array(["2015-01-01", "2015-03-31", "2015-04-01", "2015-12-31"], dtype="datetime64[us]")
    assert list(periods_of(days, "quarter")) == ["2015-01", "2015-01", "2015-04", "2015-10"]
    assert list(periods_of(days, "year")) == ["2015-01"] * 4
    assert list(periods_of(days, "month")) == ["2015-01", "2015-03", "2015-04", "2015-12"]


@pytest.mark.slow
def test_the_page_shows_the_figures_and_escapes_names(tmp_path) -> None:
    outcomes = forecasts(1.2, n_days=120)
    risky = np.where(outcomes.sector == "Tech", "<b>Tech", "Energy")
    report = fairness_report(Outcomes(**{**vars(outcomes), "sector": risky}), bootstrap=FEW)
    text = write_fairness(report, tmp_path / "fairness.html").read_text()
    assert f"{report.kinds[0].whole.ratio['rise'].value:.2f}" in text
    assert "<b>Tech" not in text
    assert "&lt;b&gt;Tech" in text


def test_no_forecasts() -> None:
    with pytest.raises(InputError, match="no forecasts"):
        fairness_report(forecasts().select(np.zeros(5000, dtype=bool)))


def small_groups(rate: np.ndarray, seed: int, n_days: int = 21) -> Outcomes:
    """Five symbols of each of G sectors, forecast to rise on a share ``rate`` (G,) of days."""
    base = forecasts(n_days=n_days).select(np.arange(1))
    n = n_days * 5 * len(rate)
    days = np.arange("2014-01-01", "2016-01-01", dtype="datetime64[D]")
    symbol = np.tile(np.arange(5 * len(rate)), n_days)
    rise = np.random.default_rng(seed).random(n) < rate[symbol // 5]
    one = {name: np.repeat(value, n) for name, value in vars(base).items() if isinstance(value, np.ndarray)}
    return Outcomes(
        **{
            **one,
            "model": "m",
            "symbol": np.char.add("S", symbol.astype(str)),
            "time": np.repeat(days[np.is_busday(days)][:n_days].astype("datetime64[us]"), 5 * len(rate)),
            "probability": np.where(rise, 0.6, 0.4),
            "sector": np.char.add("sector ", (symbol // 5).astype(str)),
        }
    )


def test_many_small_equal_groups_do_not_break_the_rule_and_an_unequal_one_does() -> None:
    equal = [
        fairness_report(small_groups(np.full(9, 0.3), seed), kinds=("sector",), bootstrap=FEW).kinds[0]
        for seed in range(12)
    ]
    assert sum(kind.whole.ratio["rise"].upper < 0.8 for kind in equal) >= 6  # the interval alone would call them so
    assert sum(kind.broken for kind in equal) <= 1  # 2.5 % are meant
    assert all("may break" in kind.words for kind in equal if kind.suspected and not kind.broken)
    rate = np.full(9, 0.5)
    rate[3] = 0.15
    unequal = fairness_report(small_groups(rate, 0), kinds=("sector",), bootstrap=FEW).kinds[0]
    assert unequal.broken
    assert unequal.periods[0].low == "sector 3"


def test_a_group_never_forecast_to_rise_breaks_the_rule_and_no_forecast_of_a_rise_is_alike() -> None:
    never = fairness_report(small_groups(np.array([1.0, 0.0]), 0), kinds=("sector",), bootstrap=FEW).kinds[0]
    assert never.whole.ratio["rise"].value == 0.0
    assert never.broken
    assert "breaks the four-fifths rule" in never.words
    alike = fairness_report(small_groups(np.zeros(3), 0), kinds=("sector",), bootstrap=FEW).kinds[0]
    assert not alike.broken
    assert (alike.periods[0].low, alike.periods[0].high) == ("", "")
    assert alike.words == "sector: no rise is forecast for any group by sector: they are forecast alike"
