"""Sketched markets: the same by seed, clean to the book, unlike each other, deeds carried through among look-alikes."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tradewind.surveillance.book import replay_all
from tradewind.surveillance.elsewhere.market import ToldMarket
from tradewind.surveillance.elsewhere.sketched import sketched_market
from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.honest import HONEST
from tradewind.surveillance.elsewhere.sketched.markets import run_sketch
from tradewind.surveillance.elsewhere.sketched.sketch import draw_sketch
from tradewind.surveillance.events import Kind, Problems
from tradewind.surveillance.schemes import Scheme

pytestmark = pytest.mark.slow
SEEDS = [seed for seed in range(90) if draw_sketch(seed).events < 40_000][:10]
"""Ten of the smaller markets."""


@pytest.fixture(scope="module")
def played() -> list[tuple[ToldMarket, list[Act]]]:
    return [run_sketch(seed, episodes=9, schemes=tuple(Scheme)) for seed in SEEDS]


def test_the_same_seed_gives_the_same_market(played: list[tuple[ToldMarket, list[Act]]]) -> None:
    again = sketched_market(SEEDS[7])
    for name, column in played[7][0].events.columns().items():
        np.testing.assert_array_equal(column, again.events.columns()[name])
    assert played[7][0].truth == again.truth
    assert played[7][0].attempts == again.attempts


def test_the_book_can_use_every_row_and_is_never_crossed(played: list[tuple[ToldMarket, list[Act]]]) -> None:
    for market, _ in played:
        problems = Problems()
        tape = replay_all(market.events, problems=problems)
        assert not problems.counts()
        booked = (tape.bid > 0) & (tape.ask > 0)
        assert booked.mean() > 0.95
        assert np.all(tape.bid[booked] < tape.ask[booked])


def test_prices_lie_on_ticks_and_sizes_are_lots(played: list[tuple[ToldMarket, list[Act]]]) -> None:
    for seed, (market, _) in zip(SEEDS, played, strict=True):
        sketch, events = draw_sketch(seed), market.events
        assert np.all(np.diff(events.time) >= 0)
        told = events.kind != Kind.NEWS
        assert np.all(events.size[told] > 0)
        ticks = np.array([paper.tick for paper in sketch.papers])[events.symbol]
        assert np.all(events.price % ticks == 0)
        assert np.all(events.price[events.kind == Kind.TRADE] > 0)
        assert np.all(events.size[events.kind == Kind.NEW] % sketch.lot == 0)


def test_no_order_gives_more_than_it_has_and_both_sides_of_a_trade_match(
    played: list[tuple[ToldMarket, list[Act]]],
) -> None:
    both = [market.events for seed, (market, _) in zip(SEEDS, played, strict=True) if draw_sketch(seed).told == "both"]
    assert both
    for events in both:
        left: dict[int, int] = {}
        for kind, order, size in zip(events.kind.tolist(), events.order.tolist(), events.size.tolist(), strict=True):
            if kind == Kind.NEW:
                assert not left.get(order)
                left[order] = size
            elif kind in (Kind.CANCEL, Kind.TRADE):
                left[order] -= size
                assert left[order] >= 0
        trades = np.flatnonzero(events.kind == Kind.TRADE).reshape(-1, 2)
        first, second = trades[:, 0], trades[:, 1]
        assert np.all(events.price[first] == events.price[second])
        assert np.all(events.size[first] == events.size[second])
        assert np.all(events.side[first] == -events.side[second])


def test_each_scheme_is_carried_through_in_most_of_its_episodes(played: list[tuple[ToldMarket, list[Act]]]) -> None:
    done = Counter(deed.scheme for market, _ in played for deed in market.truth)
    begun = done + Counter(deed.scheme for market, _ in played for deed in market.attempts)
    assert {*begun} == {*Scheme}
    for scheme in Scheme:
        assert done[scheme] > 0.5 * begun[scheme], scheme


def test_the_accounts_of_a_deed_act_in_its_time(played: list[tuple[ToldMarket, list[Act]]]) -> None:
    for market, _ in played:
        events = market.events
        for deed in market.truth:
            inside = (events.time >= deed.start) & (events.time <= deed.end)
            inside &= events.symbol == events.symbols.find(deed.symbol)
            acting = {events.accounts[code] for code in np.unique(events.account[inside])}
            assert {*deed.accounts} <= acting
            assert np.isin([deed.start, deed.end], events.time[inside]).all()
            day = market.sessions.index(np.array([deed.start, deed.end]))
            assert np.all(np.array([deed.start, deed.end]) <= market.sessions.closes[day])


def test_washing_meets_its_own_accounts_and_the_close_is_near(played: list[tuple[ToldMarket, list[Act]]]) -> None:
    for market, _ in played:
        tape = replay_all(market.events)
        for deed in market.truth:
            if deed.scheme is Scheme.WASH_TRADING:
                codes = [tape.accounts.find(name) for name in deed.accounts]
                own = np.isin(tape.account, codes) & np.isin(tape.taker, codes) & (tape.kind == Kind.TRADE)
                assert (own & (tape.time >= deed.start) & (tape.time <= deed.end)).sum() >= 2
            if deed.scheme is Scheme.MARKING_THE_CLOSE:
                left = market.sessions.to_close(np.array([deed.start]))[0]
                assert left <= 0.11 * (market.sessions.closes - market.sessions.opens)[0]


def test_look_alikes_are_as_many_as_deeds_and_names_tell_nothing(played: list[tuple[ToldMarket, list[Act]]]) -> None:
    kinds = Counter(act.name for _, honest in played for act in honest if act.first >= 0)
    assert len(kinds) >= len(HONEST) - 3
    for market, honest in played:
        assert sum(act.first >= 0 for act in honest) >= 6
        accounts = market.events.accounts.all()
        assert len({len(name) for name in accounts}) == 1
    deeds = sum(len(market.truth) for market, _ in played)
    assert kinds.total() >= deeds


def test_no_two_markets_are_alike(played: list[tuple[ToldMarket, list[Act]]]) -> None:
    counts = [len(market.events) for market, _ in played]
    assert min(counts) > 30_000
    assert max(counts) < 115_000
    paces = [draw_sketch(seed).pace for seed in range(60)]
    assert min(paces) < 2
    assert max(paces) > 40
    assert {draw_sketch(seed).told for seed in range(30)} == {"resting", "arriving", "both"}


def test_a_market_without_deeds_is_lively_all_the_same() -> None:
    market, honest = run_sketch(12, episodes=0, schemes=tuple(Scheme))
    assert market.truth == market.attempts == ()
    assert any(act.first >= 0 for act in honest)
    kinds = Counter(market.events.kind.tolist())
    assert min(kinds[kind] for kind in (Kind.NEW, Kind.CANCEL, Kind.TRADE)) > 500
