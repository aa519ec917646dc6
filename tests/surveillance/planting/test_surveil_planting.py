"""Planted schemes: each deed is measured in the events of its market, by code that knows nothing of the scripts."""

from __future__ import annotations

import functools

import numpy as np
import pytest

from tradewind.core.errors import UsageError
from tradewind.surveillance.book import TradeStyle, replay_all
from tradewind.surveillance.events import EventTable, Kind
from tradewind.surveillance.events.problems import Problems
from tradewind.surveillance.planting import (
    SETTINGS,
    Episode,
    Range,
    SchemeSettings,
    busy_market,
    make_market,
    sample_market,
    sample_markets,
    sample_plan,
)
from tradewind.surveillance.planting.markets import HIDING
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted
from tradewind.surveillance.venue import Market, sample_settings

ALL = list(Scheme)


@functools.cache
def market_of(scheme: Scheme, seed: int = 3, evasive: float = 0.0, family: str = "train") -> Market:
    return sample_market(
        seed,
        family=family,  # type: ignore[arg-type]
        schemes=[scheme],
        evasive=evasive,
        episodes=3,
        events=8_000,
    )


def deeds(scheme: Scheme, seeds: range = range(1, 4)) -> list[tuple[Market, Planted]]:
    return [(market, deed) for seed in seeds for market in [market_of(scheme, seed)] for deed in market.truth]


def own_rows(market: Market, deed: Planted) -> EventTable:
    """Return the rows of the deed's accounts in its symbol while it was done."""
    events = market.events
    codes = [events.accounts.find(name) for name in deed.accounts]
    return events.take(
        np.isin(events.account, codes)
        & (events.symbol == events.symbols.find(deed.symbol))
        & (events.time >= deed.start)
        & (events.time <= deed.end)
    )


def executions(market: Market, deed: Planted) -> list[tuple[int, str, str, int, int]]:
    """Return (time, buyer, seller, size, taker side) in the deed's symbol and span: the last to enter took."""
    events = market.events
    here = events.take(events.symbol == events.symbols.find(deed.symbol))
    found, arriving = [], -1
    for time, kind, account, side, size in zip(
        here.time.tolist(),
        here.kind.tolist(),
        here.account.tolist(),
        here.side.tolist(),
        here.size.tolist(),
        strict=True,
    ):
        if kind == Kind.NEW:
            arriving = account
        elif kind == Kind.TRADE and deed.start <= time <= deed.end:
            maker, taker = events.accounts[account], events.accounts[arriving]
            buyer, seller = (maker, taker) if side > 0 else (taker, maker)
            found.append((time, buyer, seller, size, -side))
    return found


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ALL)
@pytest.mark.parametrize("family", ["train", "unseen"])
def test_a_planted_scheme_happens_and_names_accounts_that_acted(scheme: Scheme, family: str) -> None:
    happened = 0
    for seed in (1, 2):
        market = market_of(scheme, seed, family=family)
        for deed in market.truth:
            assert deed.scheme == scheme
            assert deed.start <= deed.end
            rows = own_rows(market, deed)
            seen = {market.events.accounts[code] for code in rows.account.tolist()}
            assert seen == set(deed.accounts)
            assert market.events.time[0] <= deed.start
            assert deed.end <= market.events.time[-1]
            times = rows.time
            assert deed.start == times.min()
        happened += len(market.truth)
    assert happened >= 4


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ALL)
def test_the_same_seed_gives_the_same_market(scheme: Scheme) -> None:
    first = market_of(scheme, 2)
    second = sample_market(2, schemes=[scheme], episodes=3, events=8_000)
    assert first.truth == second.truth
    for name, column in first.events.columns().items():
        assert np.array_equal(column, second.events.columns()[name]), name


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ALL)
def test_a_market_with_a_scheme_replays_cleanly(scheme: Scheme) -> None:
    events = market_of(scheme, 1).events
    problems = Problems()
    tape = replay_all(events, problems=problems, style=TradeStyle.RESTING)
    assert len(tape) == len(events)
    assert not problems.counts()
    both = (tape.bid > 0) & (tape.ask > 0)
    assert np.all(tape.bid[both] < tape.ask[both])


@pytest.mark.slow
@pytest.mark.parametrize("scheme", [Scheme.SPOOFING, Scheme.LAYERING])
def test_pressure_is_cancelled_and_the_other_side_trades(scheme: Scheme) -> None:
    found = deeds(scheme)
    assert len(found) >= 5
    paid = 0
    for market, deed in found:
        rows = own_rows(market, deed)
        entered = rows.size[rows.kind == Kind.NEW].sum()
        cancelled = rows.size[rows.kind == Kind.CANCEL].sum()
        assert cancelled >= 0.5 * entered
        paid += deed.parameters["cycles_won"] > 0
        new = rows.take(rows.kind == Kind.NEW)
        largest = [np.max(new.size[new.side == side], initial=0) for side in (1, -1)]
        if deed.parameters["cycles_won"] == 1 and deed.parameters["decoy"] == 0:
            assert max(largest) > min(largest)
    assert paid >= 0.8 * len(found)


def test_layering_stands_on_more_levels_than_spoofing() -> None:
    levels = {}
    for scheme in (Scheme.SPOOFING, Scheme.LAYERING):
        counts = []
        for market, deed in deeds(scheme):
            rows = own_rows(market, deed)
            live: dict[int, tuple[int, int]] = {}
            most = 0
            for kind, order, price, side in zip(
                rows.kind.tolist(), rows.order.tolist(), rows.price.tolist(), rows.side.tolist(), strict=True
            ):
                if kind == Kind.NEW:
                    live[order] = (side, price)
                elif kind == Kind.CANCEL:
                    live.pop(order, None)
                for way in (1, -1):
                    most = max(most, len({p for s, p in live.values() if s == way}))
            counts.append(most)
        levels[scheme] = float(np.median(counts))
    assert levels[Scheme.LAYERING] >= 4
    assert levels[Scheme.LAYERING] > levels[Scheme.SPOOFING]


@pytest.mark.slow
def test_stuffing_sends_far_more_than_the_symbol_usually_sees_and_hardly_trades() -> None:
    for market, deed in deeds(Scheme.QUOTE_STUFFING):
        rows = own_rows(market, deed)
        new, traded = (rows.kind == Kind.NEW).sum(), (rows.kind == Kind.TRADE).sum()
        assert new >= 50
        assert traded <= 0.1 * new
        assert (rows.kind == Kind.CANCEL).sum() >= 0.8 * new
        here = market.events.symbol == market.events.symbols.find(deed.symbol)
        opened = float((market.sessions.closes - market.sessions.opens).sum()) / 1e9
        usual = (here.sum() - len(rows)) / opened
        hundred = np.sort(rows.time)
        fastest = 100 / (np.min(hundred[99:] - hundred[:-99]) / 1e9)
        assert fastest > 4 * usual


def test_wash_trades_leave_everybody_with_about_what_they_had() -> None:
    shares = []
    for market, deed in deeds(Scheme.WASH_TRADING):
        inside = total = 0
        for _, buyer, seller, size, _ in executions(market, deed):
            hands = (buyer in deed.accounts) + (seller in deed.accounts)
            inside += size * (hands == 2)
            total += size * (hands > 0)
        assert inside > 0
        shares.append(inside / total)
    assert len(shares) >= 5
    assert np.median(shares) > 0.5


def test_closes_are_marked_in_the_last_eighth_of_a_session() -> None:
    moves = []
    for market, deed in deeds(Scheme.MARKING_THE_CLOSE):
        to_close = market.sessions.to_close(np.array([deed.start, deed.end]))
        day = market.sessions.index(np.array([deed.start]))
        length = int(market.sessions.closes[day][0] - market.sessions.opens[day][0])
        assert 0 <= to_close[1] <= to_close[0] <= length / 8
        bought = sum(
            size * ((buyer in deed.accounts) - (seller in deed.accounts))
            for _, buyer, seller, size, _ in executions(market, deed)
        )
        assert bought != 0
        prices = market.events.take(
            (market.events.symbol == market.events.symbols.find(deed.symbol)) & (market.events.kind == Kind.TRADE)
        )
        before = prices.price[prices.time < deed.start]
        after = prices.price[(prices.time >= deed.start) & (prices.time <= deed.end)]
        moves.append(np.sign(bought) * np.sign(after[-1] - before[-1]))
    assert len(moves) >= 5
    assert np.mean(np.array(moves) > 0) >= 0.6


def test_ignition_moves_the_price_and_ends_flat() -> None:
    found = deeds(Scheme.MOMENTUM_IGNITION)
    assert len(found) >= 5
    for market, deed in found:
        signed = gross = 0
        for _, buyer, seller, size, _ in executions(market, deed):
            way = (buyer in deed.accounts) - (seller in deed.accounts)
            signed += way * size
            gross += abs(way) * size
        assert gross > 0
        assert abs(signed) <= 0.5 * gross
        assert deed.parameters["move_in_spreads"] >= 1.0


@pytest.mark.slow
def test_a_pump_rises_and_is_sold() -> None:
    found = deeds(Scheme.PUMP_AND_DUMP)
    assert len(found) >= 4
    for market, deed in found:
        path = np.cumsum(
            [
                size * ((buyer in deed.accounts) - (seller in deed.accounts))
                for _, buyer, seller, size, _ in executions(market, deed)
            ]
        )
        top = np.max(np.abs(path))
        assert top > 0
        assert abs(path[-1]) <= 0.6 * top
        prices = [p for p in own_rows(market, deed).price.tolist() if p]
        assert max(prices) > min(prices)


@pytest.mark.slow
def test_insiders_trade_before_the_news_and_gain_on_average() -> None:
    gains, clients = [], 0
    for _, deed in deeds(Scheme.FRONT_RUNNING, range(1, 5)):
        if deed.parameters["variant"]:
            gains.append(deed.parameters["gain_in_spreads"])
        else:
            clients += 1
            assert len(deed.accounts) == 1
    assert len(gains) >= 3
    assert clients >= 3
    assert np.mean(gains) > 0


def test_coordinated_accounts_meet_on_one_side() -> None:
    agreed = []
    for market, deed in deeds(Scheme.COORDINATED_ACCOUNTS):
        rows = own_rows(market, deed)
        new = rows.take(rows.kind == Kind.NEW)
        assert len(set(new.account.tolist())) >= 2
        order = np.argsort(new.time, kind="stable")
        gaps = np.diff(new.time[order])
        same = new.side[order][1:] == new.side[order][:-1]
        other = new.account[order][1:] != new.account[order][:-1]
        together = other & (gaps <= np.median(gaps))
        agreed.append(float(same[together].mean()))
    assert len(agreed) >= 5
    assert np.median(agreed) > 0.8


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ALL)
def test_evasive_play_differs_and_is_said_to(scheme: Scheme) -> None:
    market = market_of(scheme, 1, evasive=1.0)
    assert all(deed.evasive for deed in market.truth)
    plain, sly = (SETTINGS[scheme].space("train", evasive=evasive) for evasive in (False, True))
    assert set(plain) == set(sly)
    assert any(plain[name] != sly[name] for name in plain)


@pytest.mark.parametrize("scheme", ALL)
def test_spaces_name_every_parameter_and_families_differ_in_tactics(scheme: Scheme) -> None:
    kind: type[SchemeSettings] = SETTINGS[scheme]
    rng = np.random.default_rng(0)
    train, unseen = kind.space("train"), kind.space("unseen")
    apart = [name for name in train if unseen[name].low >= train[name].high or train[name].low >= unseen[name].high]
    assert apart, "no tactic of the unseen family lies outside the train family's range"
    for family in ("train", "unseen"):
        numbers = kind.sample(rng, family).numbers()  # type: ignore[arg-type]
        assert set(numbers) == set(kind.space(family))  # type: ignore[arg-type]
        for name, value in numbers.items():
            range_ = kind.space(family)[name]  # type: ignore[arg-type]
            assert range_.low <= value <= range_.high


def test_settings_outside_their_range_are_refused() -> None:
    kind = SETTINGS[Scheme.SPOOFING]
    values = kind.sample(np.random.default_rng(0)).numbers()
    with pytest.raises(UsageError, match="patience"):
        kind(**{**values, "patience": 1e9})  # type: ignore[arg-type]
    assert kind.of({**values, "patience": 1e9}).numbers()["patience"] == kind.full_space()["patience"].high


def test_a_range_covers_what_it_says() -> None:
    rng = np.random.default_rng(0)
    whole = Range(1, 4, whole=True)
    assert {whole.draw(rng) for _ in range(200)} == {1, 2, 3, 4}
    steep = Range(0.01, 100.0, log=True)
    drawn = np.array([steep.draw(rng) for _ in range(2000)])
    assert drawn.min() >= 0.01
    assert drawn.max() <= 100
    assert abs(np.median(np.log10(drawn))) < 0.15
    assert (steep.at(0.0), steep.at(1.0)) == pytest.approx((0.01, 100.0))


def test_a_clean_plan_leaves_a_clean_market() -> None:
    settings = sample_settings(5, events=5_000)
    assert sample_plan(np.random.default_rng(0), settings, episodes=0) == ()
    assert make_market(settings, ()).truth == ()


def test_crews_play_several_schemes_with_the_same_people() -> None:
    settings = sample_settings(7, events=8_000)
    rng = np.random.default_rng(1)
    plan = [
        Episode(settings=SETTINGS[scheme].sample(rng), begin=0.2 + 0.3 * i, crew=1, seed=i)
        for i, scheme in enumerate((Scheme.SPOOFING, Scheme.COORDINATED_ACCOUNTS))
    ]
    truth = make_market(settings, plan).truth
    assert len(truth) == 2
    assert set(truth[0].accounts) & set(truth[1].accounts)


def test_markets_come_in_the_order_of_their_seeds_and_reject_bad_wishes() -> None:
    markets = list(sample_markets([3, 4], schemes=[Scheme.SPOOFING], events=4_000))
    again = sample_market(4, schemes=[Scheme.SPOOFING], events=4_000)
    assert np.array_equal(markets[1].events.time, again.events.time)
    with pytest.raises(UsageError, match="evasive"):
        sample_market(1, evasive=2.0, events=4_000)
    with pytest.raises(UsageError, match="scheme"):
        sample_market(1, schemes=[], events=4_000)


def test_a_busy_market_holds_many_deeds_of_what_hides_best() -> None:
    market = busy_market(500_000)
    deeds = (*market.truth, *market.attempts)
    assert len(deeds) >= 8
    assert {deed.scheme for deed in deeds} <= set(HIDING)
