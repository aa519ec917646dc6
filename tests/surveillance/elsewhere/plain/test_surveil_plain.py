"""Plain markets: the same by seed, clean to the book, and every deed is what its name says."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.surveillance.book import replay_all
from tradewind.surveillance.elsewhere.market import ToldMarket
from tradewind.surveillance.elsewhere.plain import plain_market
from tradewind.surveillance.events import EventTable, Kind, Problems
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def market() -> ToldMarket:
    return plain_market(7)


def rows_of(events: EventTable, deed: Planted) -> np.ndarray:
    codes = [events.accounts.find(name) for name in deed.accounts]
    inside = (events.time >= deed.start) & (events.time <= deed.end)
    return np.isin(events.account, codes) & inside & (events.symbol == events.symbols.find(deed.symbol))


def test_the_same_seed_gives_the_same_market(market: ToldMarket) -> None:
    again = plain_market(7)
    for name, column in market.events.columns().items():
        np.testing.assert_array_equal(column, again.events.columns()[name])
    assert market.truth == again.truth


def test_the_book_can_use_every_row(market: ToldMarket) -> None:
    problems = Problems()
    tape = replay_all(market.events, problems=problems)
    assert not problems.counts()
    booked = (tape.bid > 0) & (tape.ask > 0)
    assert booked.mean() > 0.9
    assert np.all(tape.bid[booked] < tape.ask[booked])
    assert np.all(np.diff(market.events.time) >= 0)


def test_every_deed_lies_inside_the_session(market: ToldMarket) -> None:
    assert len(market.truth) >= 6
    for deed in market.truth:
        assert market.sessions.opens[0] <= deed.start < deed.end <= market.sessions.closes[0] + 10**9
        assert rows_of(market.events, deed).any(), deed


@pytest.mark.parametrize("scheme", [Scheme.SPOOFING, Scheme.LAYERING, Scheme.QUOTE_STUFFING])
def test_pretended_orders_are_taken_back(scheme: Scheme) -> None:
    market = plain_market(11, episodes=2, schemes=(scheme,))
    for deed in market.truth:
        mine = rows_of(market.events, deed)
        new = market.events.size[mine & (market.events.kind == Kind.NEW)].sum()
        cancelled = market.events.size[mine & (market.events.kind == Kind.CANCEL)].sum()
        assert cancelled > 0.6 * new


def test_washing_leaves_the_ring_with_what_it_had() -> None:
    market = plain_market(3, episodes=2, schemes=(Scheme.WASH_TRADING,))
    tape = replay_all(market.events)
    for deed in market.truth:
        codes = [tape.accounts.find(name) for name in deed.accounts]
        inside = (tape.time >= deed.start) & (tape.time <= deed.end) & (tape.kind == Kind.TRADE)
        inside &= tape.symbol == tape.symbols.find(deed.symbol)
        both = inside & np.isin(tape.account, codes) & np.isin(tape.taker, codes)
        assert both.sum() >= 4


def test_makers_flicker_in_two_markets_of_three_and_it_is_no_deed() -> None:
    def shortest_lives(seed: int) -> np.ndarray:
        """Return lives in seconds of what makers took back."""
        events = plain_market(seed, episodes=0).events
        makers = [events.accounts.find(name) for name in ("MM0", "MM1")]
        mine = np.isin(events.account, makers)
        new, gone = mine & (events.kind == Kind.NEW), mine & (events.kind == Kind.CANCEL)
        entered = dict(zip(events.order[new].tolist(), events.time[new].tolist(), strict=True))
        pairs = zip(events.order[gone].tolist(), events.time[gone].tolist(), strict=True)
        return np.array([time - entered[order] for order, time in pairs if order in entered]) / 1e9

    assert (shortest_lives(8) < 0.2).sum() > 100
    assert (shortest_lives(9) < 0.2).sum() < 100
    assert plain_market(8, episodes=0).truth == ()
