"""Spoofing, layering and quote stuffing: found where they are played, not where trading is honest."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.surveillance.book import replay_all
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors.orders import (
    LayeringDetector,
    PretenceTracker,
    SpoofingDetector,
    StuffingDetector,
)
from tradewind.surveillance.detectors.protocol import Candidate, Detector
from tradewind.surveillance.events.table import EventTable, Kind, Names

SECOND = 1_000_000_000
DETECTORS = {"spoofing": SpoofingDetector, "layering": LayeringDetector, "stuffing": StuffingDetector}


@dataclass
class Day:
    """Events written by hand, sorted by time when done."""

    rows: list[tuple[int, int, int, str, int, int, int]] = field(default_factory=list)
    orders: int = 0

    def new(self, at: float, account: str, side: int, price: int, size: int) -> int:
        self.orders += 1
        self.rows.append((int(at * SECOND), Kind.NEW, self.orders, account, side, price, size))
        return self.orders

    def cancel(self, at: float, order: int, size: int = 0) -> None:
        account, side, price = self.rows_of(order)
        self.rows.append((int(at * SECOND), Kind.CANCEL, order, account, side, price, size))

    def trade(self, at: float, order: int, size: int) -> None:
        account, side, price = self.rows_of(order)
        self.rows.append((int(at * SECOND), Kind.TRADE, order, account, side, price, size))

    def rows_of(self, order: int) -> tuple[str, int, int]:
        row = next(row for row in self.rows if row[1] == Kind.NEW and row[2] == order)
        return row[3], row[4], row[5]

    def tape(self) -> Tape:
        rows = sorted(self.rows, key=lambda row: row[0])
        accounts = Names()
        columns = list(zip(*rows, strict=True))
        return replay_all(
            EventTable(
                time=np.array(columns[0], np.int64) + 1_700_000_000 * SECOND,
                symbol=np.zeros(len(rows), np.int32),
                seq=np.arange(len(rows), dtype=np.int64),
                kind=np.array(columns[1], np.int8),
                order=np.array(columns[2], np.int64),
                account=np.array([accounts.code(name) for name in columns[3]], np.int32),
                side=np.array(columns[4], np.int8),
                price=np.array(columns[5], np.int64),
                size=np.array(columns[6], np.int64),
                symbols=Names(("X",)),
                accounts=accounts,
            )
        )


def crowd(day: Day, seconds: int, seed: int = 0, accounts: int = 20) -> None:
    """Fill a day with small orders of many accounts, some cancelled, about 10.00."""
    rng = np.random.default_rng(seed)
    for at in np.sort(rng.uniform(0, seconds, 4 * seconds)):
        side = int(rng.choice([-1, 1]))
        price = 100_000 - side * 100 * int(rng.integers(1, 6))
        order = day.new(float(at), f"crowd{rng.integers(accounts)}", side, price, int(rng.integers(50, 200)))
        if rng.random() < 0.7:
            day.cancel(float(at + rng.exponential(20)), order)


def press(day: Day, at: float, account: str, levels: int = 1, trader: str | None = None) -> None:
    """Play one cycle: a small buy order trades while large sell orders rest, which are then taken back."""
    genuine = day.new(at, trader or account, 1, 99_950, 100)
    sells = [day.new(at + 0.1 + 0.01 * k, account, -1, 100_200 + 100 * k, 2000) for k in range(levels)]
    day.new(at + 3.0, "crowd1", -1, 99_950, 100)
    day.trade(at + 3.0001, genuine, 100)
    for k, order in enumerate(sells):
        day.cancel(at + 3.2 + 0.01 * k, order)


def stuff(day: Day, at: float, account: str, messages: int = 300) -> None:
    """Enter and cancel far from the best price, two hundred times a second."""
    for k in range(messages):
        order = day.new(at + 0.01 * k, account, 1, 99_000, 100)
        day.cancel(at + 0.01 * k + 0.005, order)


@cache
def played() -> Tape:
    day = Day()
    crowd(day, 600)
    for k in range(5):
        press(day, 200 + 20 * k, "spoofer")
        press(day, 210 + 20 * k, "layerer", levels=5)
    stuff(day, 450, "stuffer")
    stuff(day, 450.002, "stuffer2")
    return day.tape()


def all_of(detector: Detector, tape: Tape, cuts: list[int] | None = None) -> list[Candidate]:
    edges = [0, *sorted(cuts or []), len(tape)]
    found = [c for low, high in pairwise(edges) for c in detector.update(tape.rows(low, high))]
    return found + list(detector.finish())


def named(tape: Tape, candidates: list[Candidate], account: str) -> list[Candidate]:
    code = tape.accounts.find(account)
    return [c for c in candidates if code in c.accounts]


def told(candidates: list[Candidate]) -> list[tuple[object, ...]]:
    return [
        (c.scheme, c.episode, c.revision, c.accounts, c.start, c.end, c.row, c.rule, c.features.tobytes(), c.evidence)
        for c in candidates
    ]


def value(detector: Detector, candidate: Candidate, name: str) -> float:
    return float(candidate.features[detector.feature_names.index(name)])


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "account"), [("spoofing", "spoofer"), ("layering", "layerer")])
def test_each_scheme_is_found_with_its_account_and_a_clear_rule(kind: str, account: str) -> None:
    tape = played()
    detector = DETECTORS[kind]()
    candidates = all_of(detector, tape)
    best = max(candidates, key=lambda c: c.rule)
    assert tape.accounts[best.accounts[0]] == account
    mine = named(tape, candidates, account)
    assert max(c.rule for c in mine) > 0.5
    last = mine[-1]
    assert value(detector, last, "traded_share") == 1.0
    assert value(detector, last, "cancelled_share") == pytest.approx(1.0)
    assert value(detector, last, "levels_most") == (1.0 if kind == "spoofing" else 5.0)
    assert value(detector, last, "lifetime_s") == pytest.approx(np.log10(3.1), abs=0.02)
    assert [c.revision for c in mine if c.episode == last.episode] == list(range(last.revision + 1))
    kinds = dict(zip(tape.seq.tolist(), tape.kind.tolist(), strict=True))
    assert {kinds[seq] for seq in last.evidence} == {Kind.NEW, Kind.CANCEL, Kind.TRADE}


@pytest.mark.slow
@pytest.mark.parametrize(("levels", "layering"), [(1, False), (2, False), (3, True)])
def test_one_or_two_prices_at_once_are_spoofing_and_three_are_layering(levels: int, layering: bool) -> None:
    day = Day()
    crowd(day, 500)
    for k in range(5):
        press(day, 200 + 20 * k, "presser", levels=levels)
    tape = day.tape()
    assert bool(named(tape, all_of(DETECTORS["layering"](), tape), "presser")) is layering
    assert bool(named(tape, all_of(DETECTORS["spoofing"](), tape), "presser")) is not layering


@pytest.mark.slow
def test_stuffing_is_found_and_accounts_of_the_same_moments_are_named_together() -> None:
    tape = played()
    detector = StuffingDetector()
    candidates = all_of(detector, tape)
    mine = named(tape, candidates, "stuffer")
    assert {tape.accounts[a] for a in mine[-1].accounts} == {"stuffer", "stuffer2"}
    assert mine[-1].variant == "split"
    assert mine[-1].rule > 0.8
    assert value(detector, mine[-1], "round_trips") == pytest.approx(0.5, abs=0.02)
    assert not [c for c in candidates if c.rule > 0.3 and c not in named(tape, candidates, "stuffer2") + mine]


@pytest.mark.slow
def test_a_trade_by_another_account_each_time_makes_the_split_variant() -> None:
    day = Day()
    crowd(day, 600)
    for k in range(6):
        press(day, 200 + 20 * k, "presser", trader="earner")
    tape = day.tape()
    split = [c for c in all_of(SpoofingDetector(), tape) if c.variant == "split"]
    assert split
    assert [tape.accounts[a] for a in split[-1].accounts] == ["presser", "earner"]


@pytest.mark.slow
@pytest.mark.parametrize(("apart", "together"), [(0.0, True), (2.0, False)])
def test_rungs_of_one_ladder_under_two_names_are_layering_where_they_come_and_go_together(
    apart: float, together: bool
) -> None:
    day = Day()
    crowd(day, 700)
    for k in range(5):
        at = 200 + 30 * k
        press(day, at, "one", levels=2, trader="earner")
        rungs = [day.new(at + 0.15 + apart + 0.01 * n, "other", -1, 100_400 + 100 * n, 2000) for n in range(2)]
        for n, order in enumerate(rungs):
            day.cancel(at + 3.3 + 4.0 * apart + 0.01 * n, order)
    tape = day.tape()
    detector = LayeringDetector()
    found = named(tape, all_of(detector, tape), "other")
    assert bool(found) is together
    if found:
        last = found[-1]
        assert {tape.accounts[a] for a in last.accounts} >= {"one", "other"}
        assert value(detector, last, "levels_most") == value(detector, last, "group_levels") == 4.0
        assert value(detector, last, "levels_mean") == 2.0
        assert value(detector, last, "comrade_share") == 1.0
        assert value(detector, last, "company_size") == pytest.approx(1.0)  # log2 of twice its own


def test_pieces_of_a_cancel_make_one_cycle() -> None:
    day = Day()
    crowd(day, 300)
    genuine = day.new(200, "piecemeal", 1, 99_950, 100)
    order = day.new(200.1, "piecemeal", -1, 100_200, 2000)
    day.new(203, "crowd1", -1, 99_950, 100)
    day.trade(203.0001, genuine, 100)
    for k in range(100):
        day.cancel(203.2 + 0.001 * k, order, 20)
    tape = day.tape()
    detector = SpoofingDetector()
    last = named(tape, all_of(detector, tape), "piecemeal")[-1]
    assert value(detector, last, "cycles") == 0.0  # log2 of one
    assert value(detector, last, "orders_per_cycle") == 1.0
    assert value(detector, last, "cancelled_share") == pytest.approx(1.0)


@pytest.mark.slow
def test_honest_trading_scores_low() -> None:
    day = Day()
    crowd(day, 900)
    rng = np.random.default_rng(5)
    for k in range(200):  # a maker: both sides, three levels, renewed together
        at, quotes = 10 + 4 * k, []
        for level in range(3):
            quotes += [day.new(at, "maker", side, 100_000 - side * (50 + 100 * level), 300) for side in (-1, 1)]
        for order in quotes:
            day.cancel(at + 3.9, order)
    for k in range(5):  # a large order cancelled without a trade
        order = day.new(100 + 150 * k, "block", -1, 100_300, 1500)
        day.cancel(150 + 150 * k + float(rng.uniform(0, 40)), order)
    tape = day.tape()
    for detector in (SpoofingDetector(), LayeringDetector(), StuffingDetector()):
        candidates = all_of(detector, tape)
        assert max((c.rule for c in candidates), default=0.0) < 0.35
        assert len(candidates) < 0.01 * len(tape)


@settings(max_examples=15, deadline=None)
@given(cuts=st.lists(st.integers(0, 3000), max_size=8), kind=st.sampled_from(sorted(DETECTORS)))
def test_the_cut_of_the_tape_does_not_matter(cuts: list[int], kind: str) -> None:
    tape = played()
    whole = all_of(DETECTORS[kind](), tape)
    assert len(whole) > 3
    assert told(all_of(DETECTORS[kind](), tape, [min(cut, len(tape)) for cut in cuts])) == told(whole)


@pytest.mark.parametrize("kind", sorted(DETECTORS))
def test_nothing_later_than_its_row_is_in_a_candidate(kind: str) -> None:
    tape = played()
    candidates = DETECTORS[kind]().update(tape)
    assert [c.row for c in candidates] == sorted(c.row for c in candidates)
    for candidate in candidates[:: max(len(candidates) // 8, 1)]:
        early = DETECTORS[kind]().update(tape.rows(0, candidate.row + 1))
        assert told([candidate])[0] in told(early)


def test_one_tracker_serves_both_detectors() -> None:
    tape = played()
    tracker = PretenceTracker()
    spoofing, layering = SpoofingDetector(tracker), LayeringDetector(tracker)
    shared: list[Candidate] = []
    other: list[Candidate] = []
    for low in range(0, len(tape), 500):
        shared += spoofing.update(tape.rows(low, low + 500))
        other += layering.update(tape.rows(low, low + 500))
    assert told(shared + spoofing.finish()) == told(all_of(SpoofingDetector(), tape))
    assert told(other + layering.finish()) == told(all_of(LayeringDetector(), tape))


@pytest.mark.slow
def test_state_is_bounded_whatever_the_number_of_accounts() -> None:
    day = Day()
    crowd(day, 600, accounts=100_000)
    for k in range(4):
        press(day, 300 + 20 * k, "spoofer")
    stuff(day, 450, "stuffer")
    tape = day.tape()
    tracker, stuffing = PretenceTracker(slots=64), StuffingDetector(slots=64)
    assert len(tape.accounts) > 2000
    assert named(tape, all_of(SpoofingDetector(tracker), tape), "spoofer")
    assert named(tape, all_of(stuffing, tape), "stuffer")
    assert len(tracker._state.pairs) == 64
    assert len(stuffing._state.pairs) == 64


def test_numbers_do_not_depend_on_the_units_of_price_and_size() -> None:
    tape = played()
    larger = {name: getattr(tape, name) * 7 for name in ("size", "order_size", "order_left", "bid_depth", "ask_depth")}
    larger |= {name: getattr(tape, name) * 3 for name in ("price", "bid", "ask")}
    scaled = Tape(**{**tape.__dict__, **larger})
    for make in DETECTORS.values():
        first, second = all_of(make(), tape), all_of(make(), scaled)
        assert [(c.accounts, c.row) for c in first] == [(c.accounts, c.row) for c in second]
        for a, b in zip(first, second, strict=True):
            np.testing.assert_allclose(a.features, b.features, rtol=1e-3, atol=1e-3)
