"""Brokered markets: the same by seed, clean to the book, and every deed is what its name says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tradewind.surveillance.book import replay_all
from tradewind.surveillance.elsewhere.brokered import brokered_market
from tradewind.surveillance.elsewhere.brokered.act import Act
from tradewind.surveillance.elsewhere.brokered.book import SECOND
from tradewind.surveillance.elsewhere.brokered.honest_crowds import CROWDS
from tradewind.surveillance.elsewhere.brokered.honest_hands import HANDS
from tradewind.surveillance.elsewhere.brokered.markets import run_stage
from tradewind.surveillance.elsewhere.brokered.setting import draw_setting
from tradewind.surveillance.elsewhere.brokered.stage import Stage
from tradewind.surveillance.elsewhere.market import ToldMarket
from tradewind.surveillance.events import EventTable, Kind, Problems
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

SMALL = [seed for seed in range(400) if draw_setting(seed).events < 38_000]
CHOSEN = [next(s for s in SMALL if draw_setting(s).told == told) for told in ("resting", "arriving")]


def brief(seed: int, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> tuple[Stage, list[Act]]:
    """Run a market with half of its events in half of its time."""
    drawn = draw_setting(seed)
    return run_stage(replace(drawn, events=drawn.events // 2, seconds=drawn.seconds / 2), seed, episodes, schemes)


def rows_of(events: EventTable, deed: Planted) -> np.ndarray:
    codes = [events.accounts.find(name) for name in deed.accounts]
    inside = (events.time >= deed.start) & (events.time <= deed.end)
    return np.isin(events.account, codes) & inside & (events.symbol == events.symbols.find(deed.symbol))


@pytest.fixture(scope="module")
def markets() -> list[ToldMarket]:
    return [brokered_market(seed) for seed in CHOSEN]


@pytest.mark.slow
def test_the_same_seed_gives_the_same_market(markets: list[ToldMarket]) -> None:
    one, two = markets[0], brokered_market(CHOSEN[0])
    for name, column in one.events.columns().items():
        np.testing.assert_array_equal(column, two.events.columns()[name])
    assert (one.truth, one.attempts) == (two.truth, two.attempts)


@pytest.mark.slow
def test_the_book_can_use_every_row_however_trades_are_told(markets: list[ToldMarket]) -> None:
    for market in markets:
        problems = Problems()
        tape = replay_all(market.events, problems=problems)
        assert not problems.counts()
        booked = (tape.bid > 0) & (tape.ask > 0)
        assert booked.mean() > 0.9
        assert np.all(tape.bid[booked] < tape.ask[booked])
        assert np.all(np.diff(market.events.time) >= 0)
        assert np.all(market.events.size[market.events.kind != Kind.NEWS] > 0)


@pytest.mark.slow
def test_cancels_and_trades_meet_live_orders_at_their_prices_in_order_of_time() -> None:
    stage, _ = brief(SMALL[1])
    live: dict[int, list[int]] = {}
    for row in stage.venue.rows:
        if row.kind == Kind.NEW:
            assert row.size > 0
            assert row.price >= 0
            live[row.order] = [row.size, row.price, row.side]
        elif row.kind == Kind.CANCEL:
            live[row.order][0] -= row.size
            assert live[row.order][0] >= 0
        elif row.kind == Kind.TRADE:
            taker, maker = live[row.taker_order], live[row.order]
            assert maker[1] == row.price
            assert maker[2] == -taker[2] == row.side
            assert not taker[1] or taker[2] * (taker[1] - row.price) >= 0
            for held in (taker, maker):
                held[0] -= row.size
                assert held[0] >= 0


@pytest.mark.slow
def test_prices_are_on_ticks(markets: list[ToldMarket]) -> None:
    for seed, market in zip(CHOSEN, markets, strict=True):
        for code, paper in enumerate(draw_setting(seed).papers):
            assert np.all(market.events.price[market.events.symbol == code] % paper.tick == 0)


@pytest.mark.slow
def test_the_accounts_of_a_deed_act_in_its_time_and_in_open_hours(markets: list[ToldMarket]) -> None:
    for market in markets:
        assert 30_000 <= len(market.events) <= 110_000
        for deed in (*market.truth, *market.attempts):
            assert deed.start <= deed.end
            day = market.sessions.index(np.array([deed.start]))[0]
            assert market.sessions.opens[day] <= deed.start
            assert deed.end <= market.sessions.closes[-1]
            acting = {market.events.accounts[code] for code in market.events.account[rows_of(market.events, deed)]}
            assert acting == {*deed.accounts}


@pytest.mark.slow
def test_each_scheme_is_mostly_carried_through_over_ten_seeds() -> None:
    done: Counter[Scheme] = Counter()
    tried: Counter[Scheme] = Counter()
    for seed in SMALL[2:12]:
        _, acts = brief(seed)
        for act in acts:
            assert act.scheme
            tried[act.scheme] += 1
            done[act.scheme] += act.done
    for scheme in Scheme:
        assert tried[scheme] == 10
        assert done[scheme] > 5, scheme


@pytest.mark.slow
def test_there_are_about_as_many_honest_look_alikes_as_deeds() -> None:
    stage, acts = brief(SMALL[0])
    assert 0.6 * len(acts) <= stage.played.total() <= 2 * len(acts)
    assert len(stage.played) >= 6


@pytest.mark.slow
def test_every_honest_plan_trades_or_quotes() -> None:
    stage = Stage(draw_setting(SMALL[0]), 1)
    for side in (1, -1):
        for away in range(1, 40):
            stage.venue.submit("m", (0, side), 500, round(stage.moods[0].value) - side * away)
    for play in (*HANDS, *CROWDS):
        before = len(stage.venue.rows)
        for _, delay in zip(range(60), play(Act(stage, 0)), strict=False):
            stage.venue.now += min(delay, 5)
        if play.__name__ not in {"stop_run", "followers", "sliced_by_volume"}:  # They wait for others to trade.
            assert len(stage.venue.rows) > before, play.__name__


@pytest.mark.slow
def test_washing_crosses_own_accounts_and_false_orders_are_taken_back(markets: list[ToldMarket]) -> None:
    _, acts = brief(SMALL[3], 4, (Scheme.WASH_TRADING,))
    assert any(act.done for act in acts)
    for act in acts:
        assert not act.done or act.crossed()[0] >= 3
    false = {Scheme.SPOOFING, Scheme.LAYERING}
    deeds = [(market, deed) for market in markets for deed in market.truth if deed.scheme in false]
    assert deeds
    for market, deed in deeds:
        mine = rows_of(market.events, deed)
        new = market.events.size[mine & (market.events.kind == Kind.NEW)].sum()
        assert market.events.size[mine & (market.events.kind == Kind.CANCEL)].sum() > 0.4 * new


@pytest.mark.slow
def test_the_close_is_marked_shortly_before_it() -> None:
    stage, acts = brief(SMALL[5], 3, (Scheme.MARKING_THE_CLOSE,))
    assert any(act.done for act in acts)
    for act in acts:
        assert not act.accounts or act.first / SECOND % stage.setting.seconds > 0.9 * stage.setting.seconds


@pytest.mark.slow
def test_a_market_without_deeds_has_none() -> None:
    _, acts = brief(SMALL[0], 0)
    assert not acts
