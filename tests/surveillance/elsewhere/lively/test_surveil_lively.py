"""Lively markets: the same by seed, clean to the book, and every deed is what its name says."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from tradewind.surveillance.book import replay_all
from tradewind.surveillance.elsewhere.lively import lively_market
from tradewind.surveillance.elsewhere.lively.settings import draw_settings
from tradewind.surveillance.elsewhere.market import ToldMarket
from tradewind.surveillance.events import EventTable, Kind, Problems
from tradewind.surveillance.learning import collect
from tradewind.surveillance.reading import Surveyor
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

SECOND = 1_000_000_000


@pytest.fixture(scope="module")
def market() -> ToldMarket:
    return lively_market(105)


def rows_of(events: EventTable, deed: Planted) -> np.ndarray:
    codes = [events.accounts.find(name) for name in deed.accounts]
    inside = (events.time >= deed.start) & (events.time <= deed.end)
    return np.isin(events.account, codes) & inside & (events.symbol == events.symbols.find(deed.symbol))


@pytest.mark.slow
def test_the_same_seed_gives_the_same_market(market: ToldMarket) -> None:
    again = lively_market(105)
    for name, column in market.events.columns().items():
        np.testing.assert_array_equal(column, again.events.columns()[name])
    assert market.truth == again.truth


@pytest.mark.slow
@pytest.mark.parametrize(
    ("told", "bare", "same_id"),
    [("resting", False, True), ("both", True, True), ("arriving", False, False)],
)
def test_the_book_can_use_every_row_however_the_venue_tells_it(told: str, bare: bool, same_id: bool) -> None:
    def fits(seed: int) -> bool:
        drawn = draw_settings(seed)
        alike = (drawn.told, drawn.market_orders, drawn.same_id) == (told, bare, same_id)
        return alike and drawn.replaces > 0 and drawn.events < 30_000

    market = lively_market(next(seed for seed in range(200, 1_000) if fits(seed)))
    problems = Problems()
    tape = replay_all(market.events, problems=problems)
    assert not problems.counts()
    booked = (tape.bid > 0) & (tape.ask > 0)
    assert booked.mean() > 0.8
    assert np.all(tape.bid[booked] < tape.ask[booked])
    assert np.all(np.diff(market.events.time) >= 0)


@pytest.mark.slow
def test_each_scheme_occurs_and_its_accounts_act_in_its_time_and_hours() -> None:
    found: Counter[Scheme] = Counter()
    for seed in range(12):
        market = lively_market(seed)
        assert 8_000 < len(market.events) < 200_000
        for deed in market.truth:
            found[deed.scheme] += 1
            assert deed.start <= deed.end
            day = market.sessions.index(np.array([deed.start]))[0]
            assert deed.start >= market.sessions.opens[day]
            assert deed.end <= market.sessions.closes[-1] + SECOND
            acting = {market.events.accounts[code] for code in market.events.account[rows_of(market.events, deed)]}
            assert acting == {*deed.accounts}, deed
    assert min(found[scheme] for scheme in Scheme) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("scheme", [Scheme.SPOOFING, Scheme.LAYERING, Scheme.QUOTE_STUFFING])
def test_much_is_taken_back_beside_what_its_accounts_trade_honestly(scheme: Scheme) -> None:
    market = lively_market(11, episodes=2, schemes=(scheme,))
    assert market.truth
    for deed in market.truth:
        mine = rows_of(market.events, deed)
        new = market.events.size[mine & (market.events.kind == Kind.NEW)].sum()
        cancelled = market.events.size[mine & (market.events.kind == Kind.CANCEL)].sum()
        assert cancelled > 0.4 * new


@pytest.mark.slow
def test_washing_trades_within_the_ring() -> None:
    market = lively_market(3, episodes=3, schemes=(Scheme.WASH_TRADING,))
    tape = replay_all(market.events)
    assert market.truth
    for deed in market.truth:
        codes = [tape.accounts.find(name) for name in deed.accounts]
        inside = (tape.time >= deed.start) & (tape.time <= deed.end) & (tape.kind == Kind.TRADE)
        inside &= tape.symbol == tape.symbols.find(deed.symbol)
        both = inside & np.isin(tape.account, codes) & np.isin(tape.taker, codes)
        assert both.sum() >= 2


@pytest.mark.slow
def test_the_close_is_marked_shortly_before_it() -> None:
    market = lively_market(4, episodes=4, schemes=(Scheme.MARKING_THE_CLOSE,))
    assert market.truth
    for deed in market.truth:
        day = market.sessions.index(np.array([deed.end]))[0]
        length = market.sessions.closes[day] - market.sessions.opens[day]
        assert deed.start >= market.sessions.closes[day] - 0.16 * length


@pytest.mark.slow
def test_a_market_without_deeds_is_lively_all_the_same() -> None:
    market = lively_market(8, episodes=0)
    assert market.truth == market.attempts == ()
    kinds = Counter(market.events.kind.tolist())
    assert min(kinds[kind] for kind in (Kind.NEW, Kind.CANCEL, Kind.TRADE)) > 500


@pytest.mark.slow
def test_candidates_reach_most_deeds() -> None:
    done = reached = 0
    for seed in (102, 105):
        market = lively_market(seed)
        table = collect(market, Surveyor(), name=f"lively-{seed}")
        done += len(market.truth)
        for part in table.schemes.values():
            reached += len({*part.planted[part.label].tolist()})
            assert len(part.label) < 10 or part.label.mean() < 0.9
    assert reached >= 0.6 * done
