"""The simulated market keeps its promises: known probabilities, exact ceilings, consistent bars."""

from __future__ import annotations

import time
from datetime import date
from functools import lru_cache

import exchange_calendars
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tradewind.core import Panel, UsageError
from tradewind.core.panel import PRICE_FIELDS
from tradewind.data.corporate_actions import Dividend, Split, adjust_panel
from tradewind.data.simulator import (
    MarketKind,
    MarketSettings,
    Regime,
    SimulatedMarket,
    simulate,
)
from tradewind.data.simulator.actions import backward_adjusted

EVERYTHING = {
    "overlays": ("news", "cross_section"),
    "splits": 1.0,
    "dividends": 4.0,
    "late_listing": 0.4,
    "early_delisting": 0.4,
    "turnover_horizon": 300,
    "factor_share": 0.3,
}


@lru_cache(maxsize=32)
def market(kind: str, **values: object) -> SimulatedMarket:
    return simulate(MarketSettings(kind=MarketKind(kind), **{"n_symbols": 20, "n_days": 800, "seed": 5, **values}))


def trailing_sign(panel: Panel, bars: int) -> np.ndarray:
    """(n,) sign of the trailing return, from adjusted closes alone; 0 where it is not defined."""
    out = np.zeros(len(panel))
    for first, last in zip(panel.offsets[:-1], panel.offsets[1:], strict=True):
        close = panel.adj_close[first:last]
        out[first + bars : last] = np.sign(close[bars:] - close[:-bars])
    return out


def accuracy_and_margin(simulated: SimulatedMarket, guess: np.ndarray) -> tuple[float, float]:
    """Accuracy of guesses in {-1, 1}, and half of its 95 % interval under independence."""
    known = ~np.isnan(simulated.rise) & (guess != 0)
    hit = (guess[known] > 0) == (simulated.rise[known] == 1)
    return float(hit.mean()), float(1.96 * hit.std() / np.sqrt(known.sum()))


def returns(panel: Panel) -> np.ndarray:
    """(T - 1, S) log returns of a panel whose symbols all have every day."""
    return np.diff(np.log(panel.adj_close.reshape(panel.n_symbols, -1)), axis=1).T


class TestDeterminism:
    @pytest.mark.parametrize("kind", list(MarketKind))
    def test_same_seed_same_market(self, kind: str) -> None:
        make = MarketSettings(kind=MarketKind(kind), n_symbols=6, n_days=80, seed=3)
        one, two = simulate(make), simulate(make)
        assert one.panel.id == two.panel.id
        np.testing.assert_array_equal(one.probability, two.probability)
        other = simulate(make.model_copy(update={"seed": 4}))
        assert other.panel.id != one.panel.id

    @pytest.mark.slow
    @pytest.mark.parametrize("kind", list(MarketKind))
    @pytest.mark.parametrize("extra", [{}, EVERYTHING], ids=["plain", "everything"])
    def test_more_days_leave_the_beginning_as_it_is(self, kind: str, extra: dict[str, object]) -> None:
        short = simulate(MarketSettings(kind=MarketKind(kind), n_symbols=10, n_days=260, seed=1, **extra))
        long = simulate(MarketSettings(kind=MarketKind(kind), n_symbols=10, n_days=330, seed=1, **extra))
        early = long.panel.time <= short.panel.time.max()
        begin = long.panel.select(early)
        assert begin.symbols == short.panel.symbols
        for name in ("time", "known_at", "open", "high", "low", "close", "volume"):
            np.testing.assert_array_equal(getattr(begin, name), getattr(short.panel, name), err_msg=name)
        np.testing.assert_array_equal(long.regime[early], short.regime)
        for name in ("probability", "observer_probability"):
            was, now = getattr(short, name), getattr(long, name)[early]
            np.testing.assert_array_equal(now[~np.isnan(was)], was[~np.isnan(was)], err_msg=name)
        ratio = begin.adj_close / short.panel.adj_close
        for first, last in zip(begin.offsets[:-1], begin.offsets[1:], strict=True):
            np.testing.assert_allclose(ratio[first:last], ratio[first], rtol=1e-12)
        if short.news is not None and long.news is not None:
            before = long.news.published_at <= short.panel.known_at.max()
            np.testing.assert_array_equal(long.news.select(before).text, short.news.text)


class TestRandomWalk:
    def test_every_move_is_a_fair_coin(self) -> None:
        walk = market("random_walk")
        known = ~np.isnan(walk.rise)
        assert walk.ceiling == walk.ceiling_known_regime == walk.planned_ceiling == 0.5
        assert set(walk.probability[known]) == {0.5}

    @pytest.mark.slow
    @pytest.mark.parametrize(("kind", "chance"), [("random_walk", 0.5), ("momentum", 0.7)])
    def test_counts_are_binomial_over_many_seeds(self, kind: str, chance: float) -> None:
        deviations = []
        for seed in range(80):
            made = simulate(MarketSettings(kind=MarketKind(kind), n_days=120, seed=seed, calendar=None))
            known = ~np.isnan(made.rise) & (np.maximum(made.probability, 1 - made.probability) == chance)
            hit = (made.probability[known] >= 0.5) == (made.rise[known] == 1)
            deviations.append((hit.mean() - chance) / np.sqrt(chance * (1 - chance) / known.sum()))
        spread = np.array(deviations)
        assert abs(spread.mean()) < 2.6 / np.sqrt(len(spread))
        assert 0.8 < spread.std() < 1.2
        assert (np.abs(spread) < 1.96).mean() > 0.87

    @pytest.mark.parametrize("lag", [1, 2, 5])
    def test_signs_are_not_autocorrelated(self, lag: int) -> None:
        sign = np.sign(returns(market("random_walk").panel))
        product = sign[lag:] * sign[:-lag]
        assert abs(product.mean()) < 2.6 / np.sqrt(product.size)

    def test_size_tells_nothing_about_sign_but_clusters(self) -> None:
        move = returns(market("random_walk").panel)
        size, sign = np.abs(move), np.sign(move)
        own = np.corrcoef(size.ravel(), sign.ravel())[0, 1]
        nxt = np.corrcoef(size[:-1].ravel(), sign[1:].ravel())[0, 1]
        assert max(abs(own), abs(nxt)) < 2.6 / np.sqrt(size.size)
        relative = size / size.mean(axis=0)
        assert np.corrcoef(relative[:-1].ravel(), relative[1:].ravel())[0, 1] > 0.03

    def test_factor_share_ties_the_coins_of_a_day_and_keeps_each_fair(self) -> None:
        alone, tied = returns(market("random_walk").panel), returns(market("random_walk", factor_share=0.5).panel)
        spread = [np.sign(move).mean(axis=1).std() for move in (alone, tied)]
        assert spread[0] == pytest.approx(1 / np.sqrt(20), rel=0.1)
        assert spread[1] > 1.8 * spread[0]
        fair = np.abs(np.sign(tied).mean(axis=0)) < 3.5 / np.sqrt(len(tied))
        assert fair.all()


class TestTrends:
    @pytest.mark.slow
    @pytest.mark.parametrize(("kind", "bars", "side"), [("momentum", 5, 1.0), ("reversal", 1, -1.0)])
    @pytest.mark.parametrize("ceiling", [0.6, 0.7, 0.9])
    def test_the_rule_reaches_the_ceiling(self, kind: str, bars: int, side: float, ceiling: float) -> None:
        trend = market(kind, ceiling=ceiling)
        rule = side * trailing_sign(trend.panel, bars)
        known = ~np.isnan(trend.probability)
        np.testing.assert_allclose(trend.probability[known], 0.5 + (ceiling - 0.5) * rule[known])
        hit, margin = accuracy_and_margin(trend, rule)
        assert abs(hit - ceiling) < margin
        assert trend.ceiling == pytest.approx(np.maximum(trend.probability, 1 - trend.probability)[known].mean())
        assert trend.ceiling == pytest.approx(trend.planned_ceiling, abs=0.003)

    def test_lookback_is_a_setting(self) -> None:
        trend = market("momentum", lookback=10)
        known = ~np.isnan(trend.probability)
        np.testing.assert_allclose(trend.probability[known], 0.5 + 0.2 * trailing_sign(trend.panel, 10)[known])

    def test_size_does_not_tell_whether_the_rule_holds(self) -> None:
        panel = market("momentum").panel
        size = np.abs(returns(panel))[5:]
        rule = trailing_sign(panel, 5).reshape(panel.n_symbols, -1).T[5:-1]
        hit = rule * np.sign(returns(panel))[5:] > 0
        typical = size / size.mean(axis=0)
        gap = typical[hit].mean() - typical[~hit].mean()
        assert abs(gap) < 2.6 * typical.std() * np.sqrt(1 / hit.sum() + 1 / (~hit).sum())

    @pytest.mark.slow
    @pytest.mark.parametrize("splits", [0.0, 1.0])
    def test_prices_stay_in_range_in_a_market_that_trends_for_ever(self, splits: float) -> None:
        wild = market("momentum", n_days=3000, ceiling=1.0, volatility=0.6, splits=splits)
        assert wild.panel.close.min() >= 1.0
        assert wild.panel.close.max() <= 10_000.0
        hit, _ = accuracy_and_margin(wild, trailing_sign(wild.panel, 5))
        assert hit == 1.0


class TestRegimes:
    @pytest.mark.slow
    def test_ceilings_with_and_without_knowledge_of_the_regime(self) -> None:
        hidden = market("regimes", n_days=1500)
        assert 0.55 < hidden.ceiling < hidden.ceiling_known_regime < 0.7
        for probability, ceiling in (
            (hidden.observer_probability, hidden.ceiling),
            (hidden.probability, hidden.ceiling_known_regime),
        ):
            hit, margin = accuracy_and_margin(hidden, np.where(probability >= 0.5, 1.0, -1.0))
            assert abs(hit - ceiling) < margin

    def test_probability_follows_the_regime_in_force(self) -> None:
        hidden = market("regimes")
        panel, known = hidden.panel, ~np.isnan(hidden.probability)
        rule = np.select(
            [hidden.regime == Regime.MOMENTUM, hidden.regime == Regime.REVERSAL],
            [trailing_sign(panel, 5), -trailing_sign(panel, 1)],
            0.0,
        )
        np.testing.assert_allclose(hidden.probability[known], 0.5 + 0.2 * rule[known])
        assert set(hidden.regime) == {0, 1, 2}

    def test_the_observer_is_calibrated(self) -> None:
        hidden = market("regimes", n_days=1500)
        known = ~np.isnan(hidden.rise)
        believed, rise = hidden.observer_probability[known], hidden.rise[known]
        for low, high in ((0.3, 0.4), (0.4, 0.5), (0.5, 0.6), (0.6, 0.71)):
            inside = (believed >= low) & (believed < high)
            assert abs(believed[inside].mean() - rise[inside].mean()) < 2.6 * 0.5 / np.sqrt(inside.sum())

    def test_a_quiet_regime_has_small_moves(self) -> None:
        hidden = market("regimes", regime_volatility=(0.3, 1.0, 1.0))
        size = np.abs(returns(hidden.panel)).mean(axis=1)
        state = hidden.regime.reshape(20, -1)[0, :-1]
        assert size[state == 0].mean() < 0.5 * size[state == 1].mean()


class TestCrossSection:
    def test_followers_follow_their_leader(self) -> None:
        led = market("cross_section")
        sign = np.sign(returns(led.panel))
        sector = np.arange(20) % 5
        today, tomorrow = sign[:-1][:, sector], sign[1:]
        followers = np.arange(20) >= 5
        agree = (today == tomorrow)[:, followers].mean(axis=1)  # one figure a day: coins of a day are tied
        assert abs(agree.mean() - 0.7) < 1.96 * agree.std() / np.sqrt(len(agree))
        assert led.planned_ceiling == pytest.approx(0.5 + 0.2 * 15 / 20)
        assert led.ceiling == pytest.approx(led.planned_ceiling, abs=0.002)

    def test_sector_mates_move_together(self) -> None:
        move = returns(market("cross_section", lead_lag=False, n_days=1500).panel)
        table = np.corrcoef(move.T)
        sector = np.arange(20) % 5
        mates = (sector[:, None] == sector) & ~np.eye(20, dtype=bool)
        others = sector[:, None] != sector
        assert table[mates].mean() > table[others].mean() + 0.05
        assert table[others].mean() == pytest.approx(0.4 * 2 / 3, abs=0.06)

    def test_few_symbols_have_few_sectors(self) -> None:
        assert len(set(market("cross_section", n_symbols=3, n_days=20).universe.sectors)) == 3

    def test_universe_names_sectors_and_leaders(self) -> None:
        led = market("cross_section")
        assert led.universe.symbols == led.panel.symbols
        assert led.universe.sectors == led.panel.sectors
        assert len(set(led.universe.sectors)) == 5
        assert led.universe.market_caps[:5].min() > led.universe.market_caps[5:].max()


class TestCorporateActions:
    def test_quoted_closes_jump_and_adjusted_closes_do_not(self) -> None:
        split = market("momentum", splits=1.0, dividends=4.0)
        assert {type(action) for action in split.actions} == {Split, Dividend}
        quoted = np.abs(np.diff(np.log(split.panel.close.reshape(20, -1)), axis=1))
        assert np.abs(returns(split.panel)).max() < 0.2 < quoted.max()
        days = {action.ex_date for action in split.actions if isinstance(action, Split)}
        jumps = split.panel.time.reshape(20, -1)[0, 1:][(quoted > 0.4).any(axis=0)]
        assert {day.astype("datetime64[D]").item() for day in jumps} == days

    def test_adjusted_closes_follow_from_the_actions(self) -> None:
        split = market("random_walk", splits=1.0, dividends=4.0, late_listing=0.5, early_delisting=0.5)
        again = adjust_panel(split.panel, split.actions)
        np.testing.assert_allclose(again.adj_close, split.panel.adj_close, rtol=1e-9)
        assert len(split.actions) > 100

    def test_adjustment_by_hand(self) -> None:
        close = np.array([[100.0], [49.0], [50.0]])
        ratio, cash = np.array([[1.0], [2.0], [1.0]]), np.array([[0.0], [0.0], [0.98]])
        np.testing.assert_allclose(backward_adjusted(close, ratio, cash)[:, 0], [100 / 2 * 0.98, 49 * 0.98, 50.0])

    def test_listing_and_delisting(self) -> None:
        ragged = market("momentum", late_listing=0.5, early_delisting=0.5)
        panel = ragged.panel
        first, last = panel.time[panel.offsets[:-1]], panel.time[panel.offsets[1:] - 1]
        assert (first > panel.times[0]).any()
        assert (last < panel.times[-1]).any()
        assert (first[:5] == panel.times[0]).all()
        assert np.isnan(ragged.probability[panel.offsets[1:] - 1]).all()
        assert np.isnan(ragged.probability).sum() == panel.n_symbols
        assert (ragged.probability[panel.offsets[:-1]] == 0.5).all()
        known = ~np.isnan(ragged.probability)
        np.testing.assert_allclose(ragged.probability[known], 0.5 + 0.2 * trailing_sign(panel, 5)[known])


class TestBars:
    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(
        kind=st.sampled_from(list(MarketKind)),
        n_symbols=st.integers(1, 8),
        n_days=st.integers(3, 90),
        ceiling=st.floats(0.5, 1.0),
        factor_share=st.none() | st.floats(0.0, 0.6),
        volatility=st.floats(0.01, 1.0),
        splits=st.sampled_from([0.0, 2.0]),
        dividends=st.sampled_from([0.0, 4.0, 12.0]),
        overlay=st.sampled_from([(), ("news",), ("cross_section",)]),
        seed=st.integers(0, 2**32),
    )
    def test_bars_are_consistent(
        self, kind: MarketKind, n_symbols: int, overlay: tuple[MarketKind, ...], **values: object
    ) -> None:
        made = simulate(MarketSettings(kind=kind, n_symbols=n_symbols, overlays=overlay, **values))
        panel = made.panel
        for name in PRICE_FIELDS:
            assert (getattr(panel, name) > 0).all(), name
        assert (panel.low < np.minimum(panel.open, panel.close)).all()
        assert (panel.high > np.maximum(panel.open, panel.close)).all()
        assert (panel.close >= 1.0).all()
        assert (panel.close <= 10_000.0).all()
        known = ~np.isnan(made.probability)
        assert ((made.probability[known] >= 0) & (made.probability[known] <= 1)).all()
        assert 0.5 <= made.ceiling <= made.ceiling_known_regime + 1e-12 <= 1.0 + 1e-12
        inside = panel.symbol_code[1:] == panel.symbol_code[:-1]
        assert (np.diff(panel.adj_close)[inside] != 0).all()

    def test_volume_rises_with_the_move(self) -> None:
        panel = market("random_walk").panel
        size, volume = np.abs(returns(panel)), np.log(panel.volume.reshape(20, -1).T[1:])
        pairs = [np.corrcoef(size[:, i], volume[:, i])[0, 1] for i in range(20)]
        assert min(pairs) > 0.2


class TestCalendar:
    @pytest.mark.filterwarnings("ignore:Series.values:DeprecationWarning")  # exchange_calendars under pandas 3.1
    def test_sessions_and_closes_are_the_exchange_s(self) -> None:
        panel = market("random_walk", n_days=260, start=date(2014, 1, 1)).panel
        with_holidays = exchange_calendars.get_calendar("XNYS", start="2014-01-01", end="2015-12-31").schedule
        expected = with_holidays.iloc[:260]
        np.testing.assert_array_equal(panel.times, expected.index.to_numpy().astype("datetime64[us]"))
        rows = panel.rows_of("SIM000")
        np.testing.assert_array_equal(
            panel.known_at[rows], expected["close"].dt.tz_convert(None).to_numpy().astype("datetime64[us]")
        )

    def test_without_calendar_every_weekday_trades(self) -> None:
        panel = market("random_walk", n_days=260, start=date(2014, 1, 4), calendar=None).panel
        assert panel.times[0] == np.datetime64("2014-01-06")
        assert np.is_busday(panel.times.astype("datetime64[D]")).all()
        assert np.datetime64("2014-12-25") in panel.times
        assert (panel.known_at - panel.time == np.timedelta64(21, "h")).all()

    def test_unknown_calendar(self) -> None:
        with pytest.raises(UsageError, match="XNIX"):
            simulate(MarketSettings(n_days=20, calendar="XNIX"))


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"ceiling": 0.4}, "greater than or equal to 0.5"),
        ({"n_symbols": 3, "sectors": 4}, "sectors need at least"),
        ({"overlays": ("momentum",)}, "on top of another"),
        ({"regime_volatility": (1.0, 0.0, 1.0)}, "must be positive"),
        ({"late_listing": 0.5, "n_days": 100}, "n_days must be at least"),
        ({"celing": 0.6}, "Extra inputs"),
    ],
)
def test_settings_refuse_what_does_not_fit(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        MarketSettings(**values)


def test_planned_ceiling_with_overlays() -> None:
    both = MarketSettings(kind=MarketKind.RANDOM_WALK, overlays=EVERYTHING["overlays"], news_rate=0.4)
    assert both.planned_ceiling == pytest.approx(0.5 + 0.2 * (0.4 + 0.6 * 0.75))
    made = simulate(both)
    assert made.ceiling == pytest.approx(both.planned_ceiling, abs=0.004)


@pytest.mark.slow
def test_a_large_market_takes_seconds() -> None:
    began = time.process_time()
    made = simulate(MarketSettings(kind=MarketKind.MOMENTUM, n_symbols=500, n_days=2500, splits=0.1, dividends=4))
    assert len(made.panel) == 500 * 2500
    assert time.process_time() - began < 15
