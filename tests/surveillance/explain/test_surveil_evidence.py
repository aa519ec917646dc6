"""Evidence of alerts: numbers in the chain equal those counted in the events, for every scheme."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from tradewind.core.errors import UsageError
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.book import Tape, Window, depth_series, replay_all
from tradewind.surveillance.events import EventTable, Kind, Names
from tradewind.surveillance.explain import EvidenceChain, EvidenceStore, doubts
from tradewind.surveillance.explain.extract import Extract, Span, clock, lasted, price
from tradewind.surveillance.explain.store import MOMENTS
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.venue import Market

pytestmark = pytest.mark.slow

SEEDS = {scheme: 100 + number for number, scheme in enumerate(Scheme)}


def planted(scheme: Scheme) -> Market:
    """Return a small market in which the scheme took place."""
    for seed in range(SEEDS[scheme], SEEDS[scheme] + 20):
        market = sample_market(seed, schemes=[scheme], episodes=2, events=12_000)
        if market.truth:
            return market
    raise AssertionError(f"no seed plants {scheme}")


def alerts_of(market: Market) -> list[Alert]:
    return [
        Alert(
            id=f"{number:016x}",
            scheme=deed.scheme,
            symbol=deed.symbol,
            accounts=deed.accounts,
            start=deed.start,
            end=deed.end,
            known_at=deed.end,
            score=0.97,
            tier=Tier.HIGH,
        )
        for number, deed in enumerate(market.truth)
    ]


@pytest.fixture(scope="module")
def chains() -> Mapping[Scheme, tuple[Market, Tape, EvidenceChain]]:
    found = {}
    for scheme in Scheme:
        market = planted(scheme)
        extract = EvidenceStore(market.events).cut(alerts_of(market)[:1])[0]
        found[scheme] = (market, replay_all(market.events), EvidenceChain.of(extract))
    return found


def rows_of(tape: Tape, alert: Alert) -> np.ndarray:
    """Return which rows of a whole tape lie in the alert's time and symbol."""
    here = tape.symbol == tape.symbols.find(alert.symbol)
    return here & (tape.time >= alert.start) & (tape.time <= alert.end)


@pytest.mark.parametrize("scheme", list(Scheme))
def test_what_each_account_did_is_what_the_events_say(scheme: Scheme, chains) -> None:
    _, tape, chain = chains[scheme]
    rows = rows_of(tape, chain.alert)
    trade = rows & np.isin(tape.kind, (Kind.TRADE, Kind.HIDDEN))
    for one in chain.doings:
        own = tape.account == one.account
        taken = trade & (tape.taker == one.account)
        rested = trade & own
        assert one.orders == int((rows & own & (tape.kind == Kind.NEW)).sum())
        assert one.cancelled == int(tape.size[rows & own & (tape.kind == Kind.CANCEL)].sum())
        bought = tape.size[taken & (tape.taker_side > 0)].sum() + tape.size[rested & (tape.side > 0)].sum()
        sold = tape.size[taken & (tape.taker_side < 0)].sum() + tape.size[rested & (tape.side < 0)].sum()
        assert (one.bought, one.sold) == (int(bought), int(sold))
        paid = (tape.price * tape.size * tape.taker_side)[taken].sum() + (tape.price * tape.size * tape.side)[
            rested
        ].sum()
        assert one.cash == pytest.approx(-float(paid) / 10_000)
        assert one.worth == pytest.approx(one.cash + one.net * chain.extract.outline.mid_at(chain.alert.end))
    assert chain.profit == pytest.approx(sum(one.worth for one in chain.doings))


@pytest.mark.parametrize("scheme", list(Scheme))
def test_every_scheme_has_a_summary_steps_in_order_and_a_part_for_each_account(scheme: Scheme, chains) -> None:
    _, tape, chain = chains[scheme]
    story = chain.story
    assert story.steps
    assert all(said.endswith(".") for said in story.summary)
    assert [step.time for step in story.steps] == sorted(step.time for step in story.steps)
    assert set(story.roles) == set(chain.alert.accounts)
    assert "model's reading" not in " ".join(story.summary)
    known = {(int(t), int(s)) for t, s in zip(tape.time, tape.seq, strict=True)}
    for step in story.steps:
        assert step.seq < 0 or (step.time, step.seq) in known
    assert set(chain.order_ids) <= set(tape.order.tolist()) | set(tape.taker_order.tolist())


def test_pretence_counts_what_was_shown_and_taken_back(chains) -> None:
    for scheme in (Scheme.SPOOFING, Scheme.LAYERING):
        _, tape, chain = chains[scheme]
        facts = chain.story.facts
        rows = rows_of(tape, chain.alert)
        entries = [s.seq for s in chain.story.steps if s.why.startswith("Bait") and s.what.startswith("Entered")]
        new = rows & np.isin(tape.seq, entries) & (tape.kind == Kind.NEW)
        assert new.sum() == len(entries)
        assert facts["bait_shares"] >= tape.size[new].sum() > 0
        assert facts["bait_cancelled_share"] >= 0.8
        assert facts["bait_cancelled_shares"] + facts["bait_filled_shares"] <= facts["bait_shares"]
        assert 0 < facts["genuine_shares"] <= sum(one.traded for one in chain.doings)
        assert f"{facts['bait_shares']:,.0f} shares" in chain.story.summary[0]


def test_wash_trades_are_those_with_both_sides_among_the_accounts(chains) -> None:
    _, tape, chain = chains[Scheme.WASH_TRADING]
    codes = chain.extract.accounts
    both = rows_of(tape, chain.alert) & (tape.kind == Kind.TRADE)
    both &= np.isin(tape.account, codes) & np.isin(tape.taker, codes)
    facts = chain.story.facts
    assert facts["inside_trades"] == both.sum() > 0
    assert facts["inside_shares"] == tape.size[both].sum()
    assert facts["self_trades"] == (both & (tape.account == tape.taker)).sum()
    pairs = chain.story.grids[0]
    assert sum(int(row[2].replace(",", "")) for row in pairs.rows) == both.sum()


def test_stuffing_counts_messages_and_their_share(chains) -> None:
    _, tape, chain = chains[Scheme.QUOTE_STUFFING]
    rows = rows_of(tape, chain.alert)
    own = rows & np.isin(tape.account, chain.extract.accounts) & np.isin(tape.kind, (Kind.NEW, Kind.CANCEL))
    facts = chain.story.facts
    assert facts["messages"] == own.sum()
    assert facts["share_of_events"] == pytest.approx(own.sum() / rows.sum())
    assert facts["bursts"] >= 1
    assert facts["peak_rate"] > facts["others_rate"]


def test_a_swing_is_built_and_closed(chains) -> None:
    for scheme in (Scheme.PUMP_AND_DUMP, Scheme.MOMENTUM_IGNITION, Scheme.FRONT_RUNNING):
        _, _, chain = chains[scheme]
        position = np.cumsum([e.side * e.size for e in chain.record.own_executions])
        assert chain.story.facts["built_shares"] == np.abs(position).max()
        assert chain.story.facts["closed_shares"] == pytest.approx(
            np.abs(position).max() - np.sign(position[np.argmax(np.abs(position))]) * position[-1]
        )


def test_marking_names_the_last_price_and_the_share_of_the_volume(chains) -> None:
    _, tape, chain = chains[Scheme.MARKING_THE_CLOSE]
    trade = rows_of(tape, chain.alert) & np.isin(tape.kind, (Kind.TRADE, Kind.HIDDEN))
    facts = chain.story.facts
    assert facts["price_last"] == tape.price[np.flatnonzero(trade)[-1]] / 10_000
    own = trade & (np.isin(tape.account, chain.extract.accounts) | np.isin(tape.taker, chain.extract.accounts))
    assert facts["volume_share"] == pytest.approx(tape.size[own].sum() / tape.size[trade].sum())


def test_moments_hold_two_accounts_on_one_side(chains) -> None:
    _, _, chain = chains[Scheme.COORDINATED_ACCOUNTS]
    facts = chain.story.facts
    assert facts["moments"] >= 3
    assert facts["accounts_a_moment"] >= 2
    assert facts["lateness_s"] <= 10


def test_one_pass_for_many_alerts_gives_what_each_alone_gives() -> None:
    market = sample_market(11, episodes=4, events=12_000)
    alerts = alerts_of(market)
    assert len(alerts) > 1
    together = EvidenceStore(market.events).cut(alerts)
    for alert, extract in zip(alerts, together, strict=True):
        (alone,) = EvidenceStore(market.events).cut([alert])
        assert same(alone, extract)


def test_chunks_do_not_matter() -> None:
    market = planted(Scheme.SPOOFING)
    alert = alerts_of(market)[0]
    (whole,) = EvidenceStore(market.events).cut([alert])
    rng = np.random.default_rng(3)
    cuts = [0, *sorted(rng.choice(np.arange(3_000, len(market.events)), 40, replace=False).tolist()), None]

    def chunks():
        return (market.events.take(slice(a, b)) for a, b in itertools.pairwise(cuts))

    (cut,) = EvidenceStore(chunks).cut([alert])
    assert same(whole, cut)


def same(first: Extract, second: Extract) -> bool:
    """Say whether two extracts hold the same rows, outline and depth."""
    columns = zip(first.tape.columns().values(), second.tape.columns().values(), strict=True)
    if not all(np.array_equal(a, b) for a, b in columns):
        return False
    for one, other in ((first.outline, second.outline), (first.depth, second.depth)):
        for name, value in vars(one).items():
            if not np.array_equal(value, getattr(other, name)):
                return False
    return True


def test_depth_is_the_book_at_each_moment() -> None:
    market = planted(Scheme.LAYERING)
    alert = alerts_of(market)[0]
    (extract,) = EvidenceStore(market.events).cut([alert])
    times = extract.depth.time
    assert len(times) == MOMENTS + 1
    symbol = market.events.symbols.find(alert.symbol)
    for place in (0, 40, MOMENTS):
        moment = int(times[place])
        told = depth_series(market.events, symbol, Window(start=moment, end=moment, step=1), levels=8)
        np.testing.assert_array_equal(told.bid[0], extract.depth.bid[place])
        np.testing.assert_array_equal(told.ask_size[0], extract.depth.ask_size[place])


def test_events_after_the_span_change_nothing() -> None:
    market = planted(Scheme.WASH_TRADING)
    alert = alerts_of(market)[0]
    end = int(np.searchsorted(market.events.time, Span.around(alert).end, side="right"))
    (whole,) = EvidenceStore(market.events).cut([alert])
    (early,) = EvidenceStore(market.events.take(slice(0, end))).cut([alert])
    np.testing.assert_array_equal(whole.tape.seq, early.tape.seq)
    assert EvidenceChain.of(whole).story.facts == EvidenceChain.of(early).story.facts


def test_an_alert_that_the_events_do_not_bear_out_says_so() -> None:
    market = planted(Scheme.WASH_TRADING)
    alert = alerts_of(market)[0]
    idle = next(name for name in market.events.accounts.all() if name not in alert.accounts)
    for scheme in (Scheme.WASH_TRADING, Scheme.SPOOFING, Scheme.PUMP_AND_DUMP, Scheme.COORDINATED_ACCOUNTS):
        other = replace(alert, scheme=scheme, accounts=(idle, "nobody at all"), end=alert.start + 1, start=alert.start)
        (extract,) = EvidenceStore(market.events).cut([other])
        chain = EvidenceChain.of(extract)
        assert "model's reading" in chain.story.summary[0]
        assert any("evidence is thin" in said for said in doubts(chain))


def test_a_symbol_that_no_event_names_is_refused() -> None:
    market = planted(Scheme.SPOOFING)
    alert = replace(alerts_of(market)[0], symbol="NOWHERE")
    with pytest.raises(UsageError, match="NOWHERE"):
        EvidenceStore(market.events).cut([alert])


def test_a_file_without_orders_is_told_from_its_trades() -> None:
    names = Names(("A", "B", "C"))
    second = 1_000_000_000
    count = 60
    events = EventTable(
        time=np.arange(1, count + 1, dtype=np.int64) * second,
        symbol=np.zeros(count, dtype=np.int32),
        seq=np.arange(count, dtype=np.int64),
        kind=np.full(count, Kind.TRADE, dtype=np.int8),
        order=np.zeros(count, dtype=np.int64),
        account=(np.arange(count) % 2).astype(np.int32),
        side=np.where(np.arange(count) % 2, 1, -1).astype(np.int8),
        price=np.full(count, 100_000, dtype=np.int64),
        size=np.full(count, 10, dtype=np.int64),
        symbols=Names(("S",)),
        accounts=names,
        contra=(1 - np.arange(count) % 2).astype(np.int32),
        contra_order=np.zeros(count, dtype=np.int64),
    )
    alert = Alert(
        id="1", scheme=Scheme.WASH_TRADING, symbol="S", accounts=("A", "B"), start=10 * second, end=50 * second,
        known_at=50 * second, score=0.9, tier=Tier.LOW,
    )  # fmt: skip
    (extract,) = EvidenceStore(events).cut([alert])
    chain = EvidenceChain.of(extract)
    assert chain.story.facts["inside_shares"] == 41 * 10
    assert chain.story.facts["inside_share_of_volume"] == pytest.approx(1.0)


def test_times_and_prices_are_written_plainly() -> None:
    assert clock(1_000_000_000 * 3600 + 999_999_999, 3) == "01:00:00.999"
    assert lasted(1_500) == "1.5 µs"
    assert lasted(2_500_000) == "2.5 ms"
    assert lasted(90e9) == "90 s"
    assert lasted(3 * 3600e9) == "3 h"
    assert price(123_400) == "12.34"
    assert price(27_840) == "2.784"
    assert price(100_000) == "10.00"
    assert price(12_345) == "1.2345"
    assert price(12_000_000) == "1,200.00"
