"""Wash trading and coordinated accounts on small tapes made by hand, and on random ones cut at random."""

from __future__ import annotations

import itertools
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors import Candidate
from tradewind.surveillance.detectors.owners import CoordinationDetector, WashDetector
from tradewind.surveillance.events.table import Names

SECOND = 1_000_000_000
NEW, CANCEL, TRADE = 1, 2, 3
DTYPES = {
    "symbol": np.int32,
    "account": np.int32,
    "level": np.int32,
    "taker": np.int32,
    "pair": np.int32,
    "taker_pair": np.int32,
    "kind": np.int8,
    "side": np.int8,
    "taker_side": np.int8,
}
COLUMNS = (
    "time",
    "symbol",
    "seq",
    "kind",
    "order",
    "account",
    "side",
    "price",
    "size",
    "bid",
    "ask",
    "bid_size",
    "ask_size",
    "bid_depth",
    "ask_depth",
    "order_size",
    "order_left",
    "order_time",
    "level",
    "taker",
    "taker_order",
    "taker_side",
    "pair",
    "taker_pair",
)


def tape_of(rows: list[dict[str, Any]], accounts: int) -> Tape:
    """Return a tape of rows; what a row does not give is a calm book at 100.00 to 100.10 and nobody else."""
    filled = []
    for i, row in enumerate(sorted(rows, key=lambda r: r["time"])):
        full = dict.fromkeys(COLUMNS, 0)
        full |= {"taker": -1, "pair": -1, "taker_pair": -1, "bid": 1_000_000, "ask": 1_001_000, "price": 1_000_000}
        full |= {"bid_size": 500, "ask_size": 500, "order_time": row["time"], "seq": i + 1, "order": i + 1} | row
        full["order_size"] = full["order_size"] or full["size"]
        full["order_left"] = full["order_left"] or full["size"]
        full["pair"] = full["account"]
        full["taker_pair"] = full["taker"]
        filled.append(full)
    table: dict[str, Any] = {c: np.array([r[c] for r in filled], dtype=DTYPES.get(c, np.int64)) for c in COLUMNS}
    return Tape(first_row=0, symbols=Names(("S",)), accounts=Names(tuple(f"a{i}" for i in range(accounts))), **table)


def background(rng: np.random.Generator, n: int, accounts: int, seconds: float) -> list[dict[str, Any]]:
    """Return orders and trades of accounts that meet by chance, two of them makers who are in half of all trades."""
    rows: list[dict[str, Any]] = []
    for _ in range(n):
        time, side = int(rng.uniform(0, seconds) * SECOND) + SECOND, int(rng.choice([-1, 1]))
        size = int(rng.integers(1, 30)) * 10
        one = int(rng.integers(2, accounts))
        if rng.random() < 0.5:
            rows.append({"time": time, "kind": NEW, "account": one, "side": side, "size": size})
        else:
            maker = int(rng.integers(0, 2)) if rng.random() < 0.7 else int(rng.integers(2, accounts))
            if maker != one:
                deal = {"account": maker, "taker": one, "side": -side, "taker_side": side, "taker_order": 1}
                age = int(rng.exponential(30.0) * SECOND)
                rows.append({"time": time, "kind": TRADE, "size": size, "order_time": time - age} | deal)
    return rows


def sale(time: float, seller: int, buyer: int, size: int) -> dict[str, Any]:
    """Return a trade in which the seller's order rested for a tenth of a second, alone at its price."""
    at = int(time * SECOND) + SECOND
    deal = {"account": seller, "taker": buyer, "side": -1, "taker_side": 1, "taker_order": 1, "ask_size": size}
    return {"time": at, "kind": TRADE, "size": size, "order_time": at - SECOND // 10} | deal


def entry(time: float, account: int, side: int, size: int) -> dict[str, Any]:
    at = int(time * SECOND) + SECOND
    return {"time": at, "kind": NEW, "account": account, "side": side, "size": size, "level": -1}


def washed(seed: int, ring: list[int], *, accounts: int = 60, uneven: float = 0.0) -> Tape:
    """Return a market in which shares go round a ring eight times within a quarter of an hour."""
    rng = np.random.default_rng(seed)
    rows = background(rng, 3000, accounts, 3600.0)
    for lap in range(8):
        for k, seller in enumerate(ring):
            size = max(int(170 * np.exp(uneven * rng.standard_normal())), 1)
            rows.append(sale(1500 + 100 * lap + 7 * k, seller, ring[(k + 1) % len(ring)], size))
    return tape_of(rows, accounts)


def conspired(seed: int, group: list[int], *, accounts: int = 60, jitter: float = 0.1) -> Tape:
    """Return a market in which a group acts together twelve times, now buying, now selling."""
    rng = np.random.default_rng(seed)
    rows = background(rng, 3000, accounts, 3600.0)
    for moment in range(12):
        at, side = 900 + 150 * moment + rng.uniform(0, 30), int(rng.choice([-1, 1]))
        rows += [entry(at + rng.exponential(jitter), account, side, 120) for account in group]
    return tape_of(rows, accounts)


def told(candidates: list[Candidate]) -> list[tuple[Any, ...]]:
    """Return everything a candidate says, in a form that can be compared bit for bit."""
    return [
        (c.episode, c.revision, c.symbol, c.accounts, c.start, c.end, c.row, c.rule, c.features.tobytes(), c.evidence)
        for c in candidates
    ]


def run(detector: WashDetector | CoordinationDetector, tape: Tape, cuts: list[int]) -> list[Candidate]:
    bounds = [0, *sorted(cuts), len(tape)]
    found = []
    for low, high in itertools.pairwise(bounds):
        found += detector.update(tape.rows(low, high))
    return found + detector.finish()


@pytest.mark.slow
@pytest.mark.parametrize(("ring", "variant"), [([5], "self"), ([5, 9], "pair"), ([5, 9, 23, 41], "ring")])
def test_wash_trades_are_found_with_all_who_took_part(ring: list[int], variant: str) -> None:
    best = max(WashDetector().update(washed(1, ring)), key=lambda c: c.rule)
    assert best.variant == variant
    assert set(best.accounts) == set(ring)
    assert best.rule > 0.5
    assert best.start >= 1500 * SECOND
    assert len(best.evidence) == len(set(best.evidence)) <= 64


def test_uneven_volumes_are_still_found() -> None:
    best = max(WashDetector().update(washed(2, [7, 30, 31], uneven=0.6)), key=lambda c: c.rule)
    assert set(best.accounts) == {7, 30, 31}


def test_makers_who_meet_everybody_are_no_wash_traders() -> None:
    tape = tape_of(background(np.random.default_rng(3), 6000, 60, 3600.0), 60)
    found = WashDetector().update(tape)
    assert len(found) < 300 * len(tape) / 100_000 + 3
    assert max((c.rule for c in found), default=0.0) < 0.5


@pytest.mark.parametrize("common", [False, True])
def test_matched_orders_one_way_are_heard_where_few_other_trades_match(common: bool) -> None:
    rows = background(np.random.default_rng(4), 3000, 60, 3600.0)
    for row in rows:
        row["order_size"] = row["size"] * (1 if common else 2)
    rows += [sale(1500 + 100 * lap, 5, 9, 170) | {"order_size": 170} for lap in range(8)]
    found = [c for c in WashDetector().update(tape_of(rows, 60)) if set(c.accounts) == {5, 9}]
    best = max(found, key=lambda c: c.rule)
    assert best.features[WashDetector.feature_names.index("balance")] < 0.15
    assert best.rule == 0.0 if common else 0.3 < best.rule <= 0.5


@pytest.mark.parametrize("closed", [True, False])
def test_a_club_whose_pairs_met_once_each_is_heard_as_a_whole(closed: bool) -> None:
    rng = np.random.default_rng(8)
    rows, club = background(rng, 2000, 200, 3600.0), [50, 60, 70, 80, 90]
    pairs = list(itertools.combinations(club, 2)) if closed else [(one, 100 + one) for one in club for _ in range(2)]
    for k, (one, two) in enumerate(pairs):  # sizes that follow no ring
        seller, buyer = (one, two) if rng.random() < 0.5 else (two, one)
        rows.append(sale(2000 + 60 * k, seller, buyer, int(rng.integers(5, 40)) * 10))
    found = [c for c in WashDetector().update(tape_of(rows, 200)) if set(c.accounts) <= set(club)]
    assert bool(found) is closed
    if found:
        assert {len(c.accounts) for c in found} >= {5}


def test_an_unknown_taker_is_left_out() -> None:
    tape = washed(1, [5, 9])
    tape.taker[:] = -1
    tape.taker_pair[:] = -1
    assert WashDetector().update(tape) == []


def test_surprise_of_a_pair_is_that_of_a_plain_count() -> None:
    """The golden figure: trades of the pair against the configuration model, with nothing faded yet."""
    ring = [5, 9]
    tape = washed(1, ring)
    last = WashDetector().update(tape)[-1]
    upto = tape.rows(0, last.row + 1)
    trades = upto.kind == TRADE
    maker, taker = Counter(upto.account[trades].tolist()), Counter(upto.taker[trades].tolist())
    met = sum(
        1 for m, t in zip(upto.account[trades].tolist(), upto.taker[trades].tolist(), strict=True) if {m, t} == {5, 9}
    )
    chance = ((maker[5] + 0.5) * (taker[9] + 0.5) + (maker[9] + 0.5) * (taker[5] + 0.5)) / trades.sum()
    excess = float(last.features[WashDetector.feature_names.index("excess")])
    assert set(last.accounts) == set(ring)
    assert excess == pytest.approx(np.log((met + 0.5) / (chance + 0.5)), abs=0.35)


def test_a_group_that_acts_as_one_is_found() -> None:
    group = [11, 12, 13, 44, 45]
    best = max(CoordinationDetector().update(conspired(4, group)), key=lambda c: c.rule)
    assert len(set(best.accounts) & set(group)) >= 4
    assert len(set(best.accounts) - set(group)) <= 1
    assert best.rule > 0.3


def test_two_accounts_together_are_found() -> None:
    found = CoordinationDetector().update(conspired(5, [20, 21]))
    assert any(set(c.accounts) == {20, 21} for c in found)


def test_chance_meetings_are_no_conspiracy() -> None:
    tape = tape_of(background(np.random.default_rng(6), 6000, 60, 3600.0), 60)
    found = CoordinationDetector().update(tape)
    assert len(found) < 300 * len(tape) / 100_000 + 5
    assert max((c.rule for c in found), default=0.0) < 0.4


def test_a_crowd_that_reacts_to_the_same_moments_says_less_than_a_group_of_its_own() -> None:
    """Everybody acts in the group's moments too: what chance gives rises with the crowd."""
    group = [11, 12, 13]
    alone, crowded = conspired(7, group), conspired(7, list(range(2, 60)))

    def strongest(tape: Tape) -> float:
        return max((c.rule for c in CoordinationDetector().update(tape)), default=0.0)

    assert strongest(crowded) < strongest(alone)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [WashDetector, CoordinationDetector])
@settings(max_examples=12, deadline=None)
@given(cuts=st.lists(st.integers(0, 3000), max_size=6), seed=st.integers(0, 3))
def test_cuts_change_nothing(kind: type[WashDetector | CoordinationDetector], cuts: list[int], seed: int) -> None:
    tape = washed(seed, [5, 9, 23]) if kind is WashDetector else conspired(seed, [11, 12, 13])
    whole = run(kind(), tape, [])
    assert whole
    assert told(run(kind(), tape, [min(cut, len(tape)) for cut in cuts])) == told(whole)


@pytest.mark.parametrize("kind", [WashDetector, CoordinationDetector])
def test_nothing_after_its_row_matters(kind: type[WashDetector | CoordinationDetector]) -> None:
    tape = washed(2, [5, 9, 23]) if kind is WashDetector else conspired(2, [11, 12, 13])
    whole = kind().update(tape)
    for candidate in whole[:: max(len(whole) // 4, 1)]:
        known = kind().update(tape.rows(0, candidate.row + 1))
        assert told(known) == told([c for c in whole if c.row <= candidate.row])
        assert all(c.start <= c.end <= int(tape.time[c.row]) for c in known)


@pytest.mark.parametrize("kind", [WashDetector, CoordinationDetector])
def test_the_scale_of_sizes_and_prices_means_nothing(kind: type[WashDetector | CoordinationDetector]) -> None:
    tape = washed(3, [5, 9, 23]) if kind is WashDetector else conspired(3, [11, 12, 13])
    larger = tape.columns()
    for column in ("price", "bid", "ask"):
        larger[column] = larger[column] * 7
    scaled = Tape(first_row=0, symbols=tape.symbols, accounts=tape.accounts, **larger)
    for one, other in zip(kind().update(tape), kind().update(scaled), strict=True):
        np.testing.assert_allclose(one.features, other.features, rtol=1e-5)


@pytest.mark.parametrize("kind", [WashDetector, CoordinationDetector])
def test_memory_is_bounded_by_pairs_not_by_accounts(kind: type[WashDetector | CoordinationDetector]) -> None:
    rng = np.random.default_rng(8)
    detector = kind(pairs=1024)
    rows = background(rng, 4000, 3000, 600.0)
    detector.update(tape_of(rows, 3000))
    state = detector._memory.arrays
    assert len(state.net.keys) == 1024
    assert np.count_nonzero(state.net.keys) <= 1024


@pytest.mark.parametrize("kind", [WashDetector, CoordinationDetector])
def test_feature_names_fit_the_features(kind: type[WashDetector | CoordinationDetector]) -> None:
    tape = washed(1, [5, 9]) if kind is WashDetector else conspired(1, [11, 12, 13])
    for candidate in kind().update(tape):
        assert candidate.features.dtype == np.float32
        assert candidate.features.shape == (len(kind.feature_names),)
        assert len(set(kind.feature_names)) == len(kind.feature_names)
        assert 0.0 <= candidate.rule <= 1.0
